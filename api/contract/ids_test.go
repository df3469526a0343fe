package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"zhitong/internal/id"
)

// TestIDs: every schema of an identifier is that of its kind, with an example; nothing in the contract is a bare UUID.
func TestIDs(t *testing.T) {
	t.Parallel()
	_, doc := load(t)
	seen := 0
	for name, s := range doc.Components.Schemas {
		if s.Value.Format == "uuid" {
			t.Errorf("%s is a bare UUID", name)
		}
		for field, p := range s.Value.Properties {
			if p.Value.Format == "uuid" {
				t.Errorf("%s.%s is a bare UUID", name, field)
			}
			if field == "id" && (p.Ref == "" || !strings.HasSuffix(p.Ref, "Id")) {
				t.Errorf("%s.id is not the id of a kind: %+v", name, p.Ref)
			}
		}
		if !strings.HasSuffix(name, "Id") {
			continue
		}
		seen++
		k, ok := id.ByPattern(s.Value.Pattern)
		if !ok {
			t.Errorf("%s: %q is not the pattern of a kind", name, s.Value.Pattern)
			continue
		}
		if !strings.EqualFold(strings.ReplaceAll(k.Name, "_", ""), strings.TrimSuffix(name, "Id")) {
			t.Errorf("%s has the pattern of %s", name, k.Name)
		}
		if example, _ := s.Value.Example.(string); example == "" {
			t.Errorf("%s has no example", name)
		} else if _, err := k.Parse(example); err != nil {
			t.Errorf("the example of %s: %v", name, err)
		}
	}
	if seen < 15 {
		t.Errorf("only %d schemas of identifiers were found", seen)
	}
}

// TestWrongID: the fault says which id belongs there, and what was sent in its place when that is known.
func TestWrongID(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	op := c.Operation("GET", "/v1/orders/{order_id}")
	for given, want := range map[string]string{
		"mer_01jftt0q4tfk29tara3d4ydvn1": "This is the id of a merchant (mer_…); the id of an order begins " +
			"with ord_.",
		"0193f5a0-5c7e-7cc4-9d2b-0a1b2c3d4e5f": "The id of an order is ord_ and 26 characters.",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		f := op.CheckParameters(r, func(string) string { return given })
		if len(f) != 1 || f[0].Pointer != "order_id" || f[0].Code != "format" || f[0].Detail != want {
			t.Errorf("%s: %+v", given, f)
		}
	}
}
