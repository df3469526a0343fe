package contract_test

import (
	"strings"
	"testing"

	"zhitong/api/contract"
)

// TestMasked: of a body stays what says nothing of anybody.
func TestMasked(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	const item = `prd_01jftt0q77fk29tara3d13bf43`
	for _, row := range []struct{ operation, body, want string }{
		{"createOrder", `{"items":[{"product_id":"` + item + `","quantity":2}],"channel":"qr",` +
			`"buyer_contact":"13800004711","metadata":{"name":"王小明"},"reference":"XH-2026"}`, ""},
		{"createOrder", `{"buyer_contact":13800004711,"138":"00004711","items":"13800004711"}`, ""},
		{"importCardKeys", `{"card_keys":["CANARY-1","CANARY-2"]}`, ""},
		{"createAPIKey", `{"name":"CANARY-1","role":"support"}`, `{"name":"… 8","role":"support"}`},
		{"createAPIKey", `{"role":"CANARY-1"}`, `{"role":"… 8"}`},
		{"putAlipayConnection", `{"private_key":"CANARY-1","gateway":"simulator"}`, ""},
		{"createOrder", `{"items":[` + strings.Repeat(`{"quantity":1},`, 400) + `{"quantity":1}]}`, ""},
		{"createOrder", `{"items":[{"quantity":1e999999999}]}`, `{"items":[{"quantity":"…"}]}`}, // no jsonb takes it
		{"createOrder", `{`, ""},
		{"listOrders", `{}`, ""},
	} {
		have := string(c.ByID(row.operation).Masked([]byte(row.body)))
		for _, never := range []string{"4711", "王小明", "CANARY", "XH-2026"} {
			if strings.Contains(have, never) {
				t.Errorf("%s keeps %q: %s", row.operation, never, have)
			}
		}
		if row.want != "" && have != row.want {
			t.Errorf("%s: %s, want %s", row.operation, have, row.want)
		}
		if strings.Contains(row.body, item) &&
			(!strings.Contains(have, item) || !strings.Contains(have, `"quantity":2`)) {
			t.Errorf("%s keeps too little: %s", row.operation, have)
		}
	}
}
