package contract_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

// TestLabels holds the names that people see to visible text on one line.
func TestLabels(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	for _, name := range []string{
		"星河点券 100 元", "x", "Steam £20", "👨‍👩‍👧 卡", "（限时）", "a  b", "\ufffd",
	} {
		if f := c.Operation("POST", "/v1/merchants").CheckBody(merchantNamed(t, name)); len(f) > 0 {
			t.Errorf("%q: %v", name, f)
		}
	}
	for _, name := range []string{
		" ", "\u3000", "\u00a0 ", "a\u202eb", "\u200b", "a\u200bb", "\ufeffa", "a\uffffb", "a\nb", "a\tb", "a\u0007",
		"a\u2028b",
		"\u2066a", "a\u00adb", "\ufdd0", "\U0001fffe", "a\u0085b",
	} {
		f := c.Operation("POST", "/v1/merchants").CheckBody(merchantNamed(t, name))
		if len(f) != 1 || f[0].Pointer != "/name" || f[0].Code != "format" {
			t.Errorf("%q: %v", name, f)
		}
	}
	for _, path := range []string{"POST /v1/tenants", "POST /v1/products", "POST /v1/split_rules", "POST /v1/api_keys",
		"POST /v1/members", "PATCH /v1/products/{product_id}", "PATCH /v1/merchants/{merchant_id}"} {
		var method, at string
		if _, err := fmt.Sscan(path, &method, &at); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range c.Operation(method, at).CheckBody([]byte(`{"name":"a\u202eb"}`)) {
			found = found || f.Pointer == "/name" && f.Code == "format"
		}
		if !found {
			t.Errorf("%s takes a name that reads backwards", path)
		}
	}
}

func merchantNamed(t *testing.T, name string) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]string{"kind": "supplier", "name": name})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
