package apitest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"zhitong/tenants"
)

var update = flag.Bool("update", false, "write the golden files of apitest again")

// Scenario is one request and what must come back.
type Scenario struct {
	Name   string
	As     tenants.Role // empty: without a key
	Method string
	Path   string // with {order_id} and the like, replaced by the tenant's
	// Body is nil, a string sent as it is, or anything else sent as JSON. Strings in it may have placeholders too.
	Body    any
	Headers []string // names and values in turn
	// Prepare makes what the request needs; what it returns replaces the tenant's identifiers.
	Prepare func(t testing.TB, w *World, p *Tenant) map[string]string
	Status  int
	Code    string // of the problem
	// Field is "pointer code" of a faulty field that must be named.
	Field string
	// Has and Lacks are texts in the answer.
	Has, Lacks []string
	// Golden is a file in testdata that the answer must equal, numbers and times of this run replaced.
	Golden string
	// After looks at the answer.
	After func(t testing.TB, w *World, p *Tenant, a Answer)
}

// Run sends the scenario's request for the tenant.
func (s Scenario) Run(t *testing.T, w *World, p *Tenant) {
	t.Helper()
	if s.Prepare != nil {
		p = p.With(s.Prepare(t, w, p))
	}
	a := w.Do(t, p.Keys[s.As], s.Method, p.Fill(s.Path), p.FillBody(t, s.Body), s.Headers...)
	if a.Status != s.Status || a.Code() != s.Code {
		t.Fatalf("have %d %s, want %d %s: %s", a.Status, a.Code(), s.Status, s.Code, a.Body)
	}
	if s.Field != "" {
		hasField(t, a, s.Field)
	}
	for _, text := range s.Has {
		if text = p.Fill(text); !strings.Contains(string(a.Body), text) {
			t.Errorf("the answer lacks %q: %s", text, a.Body)
		}
	}
	for _, text := range s.Lacks {
		if text = p.Fill(text); strings.Contains(string(a.Body), text) {
			t.Errorf("the answer has %q: %s", text, a.Body)
		}
	}
	if s.Golden != "" {
		golden(t, s.Golden, a.Body)
	}
	if s.After != nil {
		s.After(t, w, p, a)
	}
}

// Fill replaces placeholders by the tenant's identifiers.
func (p *Tenant) Fill(text string) string {
	for name, v := range p.IDs {
		text = strings.ReplaceAll(text, "{"+name+"}", v)
	}
	return strings.NewReplacer("{supplier_id}", p.Supplier, "{distributor_id}", p.Distributor).Replace(text)
}

// FillBody is Fill for a body of any kind.
func (p *Tenant) FillBody(t testing.TB, body any) any {
	t.Helper()
	switch b := body.(type) {
	case nil:
		return nil
	case []byte:
		return b
	case string:
		return p.Fill(b)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return p.Fill(string(raw))
}

func hasField(t testing.TB, a Answer, want string) {
	t.Helper()
	var p struct {
		Errors []struct{ Pointer, Code string }
	}
	a.Into(t, &p)
	for _, f := range p.Errors {
		if f.Pointer+" "+f.Code == want {
			return
		}
	}
	t.Errorf("no field %q: %s", want, a.Body)
}

var varying = regexp.MustCompile(
	`\b[a-z]{3,4}_[0-7][0-9a-hjkmnp-tv-z]{25}\b|http://127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[0-9:.]+Z`,
)

// golden compares an answer with a file; -update writes the file.
func golden(t testing.TB, name string, body []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	pretty, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got := append(varying.ReplaceAll(pretty, []byte("…")), '\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("differs from %s:\n%s", path, got)
	}
}

// SamePath tells whether a path of a scenario is one of the template.
func SamePath(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != have[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}
