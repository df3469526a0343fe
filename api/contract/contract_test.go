package contract_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"zhitong/api/contract"
	"zhitong/internal/fault"
)

func load(t testing.TB) (*contract.Contract, *openapi3.T) {
	t.Helper()
	doc, err := contract.Document()
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c, doc
}

func words(fields []fault.Field) (out []string) {
	for _, f := range fields {
		out = append(out, f.Pointer+" "+f.Code)
	}
	slices.Sort(out)
	return out
}

const product = `"product_id":"prd_01jftt0q4tfk29tara3d4ydvn1"`

func TestBody(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	orders, products := c.Operation("POST", "/v1/orders"), c.Operation("POST", "/v1/products")
	endpoint, update := c.Operation("POST", "/v1/webhook_endpoints"), c.Operation("PATCH", "/v1/products/{product_id}")
	ok := []string(nil)
	for _, row := range []struct {
		name string
		op   *contract.Operation
		body string
		want []string
	}{
		{"smallest", orders, `{"items":[{` + product + `,"quantity":1}]}`, ok},
		{"spaces and escapes", orders,
			" {\n\"it\\u0065ms\" : [ {\t" + product + ` , "quantity" : 1000 } ] , "reference":"\u4f60" } `, ok},
		{"upper-case id", orders, `{"items":[{"product_id":"0193F5A0-5C7E-7CC4-9D2B-0A1B2C3D4E5F","quantity":1}]}`,
			[]string{"/items/0/product_id format"}},
		{"empty", orders, ``, []string{" required"}},
		{"no JSON", orders, `{"items"`, []string{" invalid_json"}},
		{"text after the value", orders, `{"items":[{` + product + `,"quantity":1}]} {}`, []string{" invalid_json"}},
		{"deep", orders, strings.Repeat("[", 20000) + strings.Repeat("]", 20000), []string{" invalid_json"}},
		{"deep where nothing is expected", orders,
			`{"items":[{` + product + `,"quantity":1}],"reference":` + strings.Repeat("[", 9000) + strings.Repeat("]",
				9000) + `}`, []string{" invalid_json"}},
		{"as deep as may be", orders,
			`{"items":[{` + product + `,"quantity":1}],"reference":` + strings.Repeat("[", 32) +
				strings.Repeat("]", 32) +
				`}`, []string{"/reference type"}},
		{"deeper", orders, `{"items":[{` + product + `,"quantity":1}],"reference":` + strings.Repeat("[", 33) +
			strings.Repeat("]", 33) + `}`, []string{" invalid_json"}},
		{"another type", orders, `[]`, []string{" type"}},
		{"null", orders, `null`, []string{" type"}},
		{"nothing", orders, `{}`, []string{"/items required"}},
		{"no items", orders, `{"items":[]}`, []string{"/items min_items"}},
		{"too many items", orders, `{"items":[` + strings.Repeat(`{`+product+`,"quantity":1},`, 20) + `{}]}`,
			[]string{"/items max_items"}},
		{"own price, status, tenant", orders,
			`{"items":[{` + product + `,"quantity":1,"unit_price_fen":1}],"status":"paid","tenant_id":"x"}`,
			[]string{"/items/0/unit_price_fen unknown_field", "/status unknown_field", "/tenant_id unknown_field"}},
		{"case of a field", orders, `{"Items":[{` + product + `,"quantity":1}]}`,
			[]string{"/Items unknown_field", "/items required"}},
		{"pointer is escaped", orders, `{"items":[{` + product + `,"quantity":1}],"a/b~c":1}`,
			[]string{"/a~1b~0c unknown_field"}},
		{"everything at once", orders,
			`{"items":[{"product_id":"x","quantity":-2},{"quantity":"1"}],"reference":1,"currency":"USD"}`,
			[]string{"/currency enum", "/items/0/product_id format", "/items/0/quantity minimum",
				"/items/1/product_id required", "/items/1/quantity type", "/reference type"}},
		{"repeated field", orders, `{"items":[{` + product + `,"quantity":1}],"reference":"a","reference":"b"}`,
			[]string{"/reference duplicate"}},
		{"quantity zero", orders, `{"items":[{` + product + `,"quantity":0}]}`, []string{"/items/0/quantity minimum"}},
		{"quantity 9e18", orders, `{"items":[{` + product + `,"quantity":9000000000000000000}]}`,
			[]string{"/items/0/quantity maximum"}},
		{"quantity beyond int64", orders, `{"items":[{` + product + `,"quantity":99999999999999999999}]}`,
			[]string{"/items/0/quantity maximum"}},
		{"quantity below int64", orders, `{"items":[{` + product + `,"quantity":-99999999999999999999}]}`,
			[]string{"/items/0/quantity minimum"}},
		{"quantity 1.5", orders, `{"items":[{` + product + `,"quantity":1.5}]}`, []string{"/items/0/quantity type"}},
		{"quantity 1.0", orders, `{"items":[{` + product + `,"quantity":1.0}]}`, []string{"/items/0/quantity type"}},
		{"quantity 1e2", orders, `{"items":[{` + product + `,"quantity":1e2}]}`, []string{"/items/0/quantity type"}},
		{"NUL", orders, `{"items":[{` + product + `,"quantity":1}],"reference":"a\u0000"}`,
			[]string{"/reference nul_character"}},
		{"not UTF-8", orders, `{"items":[{` + product + `,"quantity":1}],"reference":"` + "\xff" + `"}`,
			[]string{"/reference invalid_json"}},
		{"65 Chinese characters", orders,
			`{"items":[{` + product + `,"quantity":1}],"reference":"` + strings.Repeat("单", 65) + `"}`,
			[]string{"/reference max_length"}},
		{"64 Chinese characters", orders,
			`{"items":[{` + product + `,"quantity":1}],"reference":"` + strings.Repeat("单", 64) + `"}`, ok},
		{"negative price", products,
			`{"name":"x","price_fen":-1,"supplier_id":"mer_01jftt0q4tfk29tara3d4ydvn1",
			"merchant_of_record_id":"mer_01jftt0q4tfk29tara3d4ydvn1","split_rule_id":"spr_01jftt0q4tfk29tara3d4ydvn1"}`,
			[]string{"/price_fen minimum"}},
		{"price above the largest payment", update, `{"price_fen":10000000001}`, []string{"/price_fen maximum"}},
		{"empty update", update, `{}`, []string{" min_properties"}},
		{"no address", endpoint, `{"url":"example.com"}`, []string{"/url format"}},
		{"type twice", endpoint, `{"url":"https://example.com/x","event_types":["order.paid", "order\u002epaid"]}`,
			[]string{"/event_types/1 unique_items"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := words(row.op.CheckBody([]byte(row.body))); !slices.Equal(got, row.want) {
				t.Errorf("have %q, want %q", got, row.want)
			}
		})
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	keys := strings.Repeat(`"",`, 4999) + `""`
	if n := len(c.Operation("POST",
		"/v1/products/{product_id}/card_keys").CheckBody([]byte(`{"card_keys":[` + keys + `]}`))); n != 50 {
		t.Errorf("%d faults", n)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	for _, row := range []struct {
		name, method, path, query, id string
		header                        http.Header
		want                          []string
	}{
		{"plain list", "GET", "/v1/orders", "", "", nil, nil},
		{"all filters", "GET", "/v1/orders", "limit=100&status=paid&reference=x&cursor=ord_01jftt0q4tfk29tara3d4ydvn1",
			"", nil, nil},
		{"limit 0", "GET", "/v1/orders", "limit=0", "", nil, []string{"limit minimum"}},
		{"limit 101", "GET", "/v1/orders", "limit=101", "", nil, []string{"limit maximum"}},
		{"limit x", "GET", "/v1/orders", "limit=x", "", nil, []string{"limit type"}},
		{"limit twice", "GET", "/v1/orders", "limit=1&limit=2", "", nil, []string{"limit duplicate"}},
		{"unknown", "GET", "/v1/orders", "sort=total_fen%3Bdrop", "", nil, []string{"sort unknown_parameter"}},
		{"SQL in a filter", "GET", "/v1/orders", "status=paid%27--", "", nil, []string{"status/0 enum"}},
		{"several values", "GET", "/v1/orders", "status=paid,delivered", "", nil, nil},
		{"several values, one unknown", "GET", "/v1/orders", "status=paid,x", "", nil, []string{"status/1 enum"}},
		{"NUL in a filter", "GET", "/v1/orders", "reference=a%00", "", nil, []string{"reference nul_character"}},
		{"malformed", "GET", "/v1/orders", "reference=%zz", "", nil, []string{" invalid_query"}},
		{"id", "GET", "/v1/orders/{order_id}", "", "ord_01jftt0q4tfk29tara3d4ydvn1", nil, nil},
		{"no id", "GET", "/v1/orders/{order_id}", "", "..%2f", nil, []string{"order_id format"}},
		{"bare UUID", "GET", "/v1/orders/{order_id}", "", "0193f5a0-5c7e-7cc4-9d2b-0a1b2c3d4e5f", nil,
			[]string{"order_id format"}},
		{"id of another kind", "GET", "/v1/orders/{order_id}", "", "mer_01jftt0q4tfk29tara3d4ydvn1", nil,
			[]string{"order_id format"}},
		{"key missing", "POST", "/v1/orders", "", "", nil, []string{"Idempotency-Key required"}},
		{"key twice", "POST", "/v1/orders", "", "", http.Header{"Idempotency-Key": {"a", "b"}},
			[]string{"Idempotency-Key duplicate"}},
		{"key with a space", "POST", "/v1/orders", "", "", http.Header{"Idempotency-Key": {"a b"}},
			[]string{"Idempotency-Key pattern"}},
		{"key too long", "POST", "/v1/orders", "", "", http.Header{"Idempotency-Key": {strings.Repeat("k", 256)}},
			[]string{"Idempotency-Key max_length"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(row.method, "http://example.com/x?"+row.query, nil)
			r.Header = row.header
			got := words(c.Operation(row.method, row.path).CheckParameters(r, func(string) string { return row.id }))
			if !slices.Equal(got, row.want) {
				t.Errorf("have %q, want %q", got, row.want)
			}
		})
	}
}

// one makes a contract of one operation that takes the schema.
func one(t *testing.T, schema string) (*contract.Contract, error) {
	t.Helper()
	doc, err := openapi3.NewLoader().
		LoadFromData([]byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},
		"paths":{"/x":{"post":{"operationId":"x",
		"requestBody":{"required":true,"content":{"application/json":{"schema":` + schema + `}}},
		"responses":{"default":{"$ref":"#/components/responses/Problem"}}}}},
		"components":{"responses":{"Problem":{"description":"x"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return contract.New(doc)
}

// TestWithoutEffectRefused shows that what a schema would say without effect stops the program.
func TestWithoutEffectRefused(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]string{
		"format": `{"type":"string","format":"ipv9"}`,
		"format further inside": `{"type":"array","items":{"oneOf":[{"type":"object",
			"properties":{"a":{"type":"string","format":"phone"}}}]}}`,
		"number":                 `{"type":"number"}`,
		"integer without bounds": `{"type":"integer","minimum":1}`,
		"pattern":                `{"type":"string","pattern":"("}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := one(t, schema); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestOtherKeywords shows that what openapi.yaml does not use today has effect as well.
func TestOtherKeywords(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		schema, good, bad string
		want              []string
	}{
		{`{"not":{"type":"string"}}`, `1`, `"x"`, []string{" invalid"}},
		{`{"oneOf":[{"type":"string","x-text":"line"},{"type":"boolean"}]}`, `true`, `null`, []string{" invalid"}},
		{`{"allOf":[{"type":"string","x-text":"line","minLength":2},{"maxLength":3}]}`, `"abc"`, `"a"`,
			[]string{" min_length"}},
		{`{"type":["string","null"],"x-text":"line"}`, `null`, `1`, []string{" type"}},
		{`{"type":"object","maxProperties":1}`, `{"a":1}`, `{"a":1,"b":2}`, []string{" max_properties"}},
		{`{"type":"object","propertyNames":{"pattern":"^[a-z]{1,2}$"},
			"additionalProperties":{"type":"string","x-text":"line"}}`,
			`{"ab":"x"}`, `{"a":"x","abc":"x","":"x","b":1}`,
			[]string{"/ unknown_field", "/abc unknown_field", "/b type"}},
		{`{"type":"object","additionalProperties":{"type":"string","x-text":"line"}}`, `{"a":"b"}`, `{"a":1}`,
			[]string{"/a type"}},
		{`{"const":"x"}`, `"x"`, `"y"`, []string{" enum"}},
		{`{"type":"string","format":"date"}`, `"2026-02-28"`, `"2026-02-30"`, []string{" format"}},
		{`{"type":"string","format":"date-time"}`, `"2026-02-28T10:00:00Z"`, `"2026-02-28 10:00"`, []string{" format"}},
	} {
		c, err := one(t, row.schema)
		if err != nil {
			t.Errorf("%s: %v", row.schema, err)
			continue
		}
		op := c.Operation("POST", "/x")
		if got := op.CheckBody([]byte(row.good)); len(got) > 0 {
			t.Errorf("%s refuses %s: %v", row.schema, row.good, got)
		}
		if got := words(op.CheckBody([]byte(row.bad))); !slices.Equal(got, row.want) {
			t.Errorf("%s: %s gives %q, want %q", row.schema, row.bad, got, row.want)
		}
	}
}

// TestWhatCosts shows that a body which is cheap to send is cheap to refuse.
func TestWhatCosts(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	op := c.Operation("POST", "/v1/orders")
	for _, row := range []struct{ name, body, want string }{
		{"an exponent", `{"items":[{` + product + `,"quantity":1e999999999}]}`, "/items/0/quantity type"},
		{"an exponent elsewhere", `{"items":[],"reference":1e999999999}`, "/items min_items,/reference type"},
		{"a million digits", `{"items":[{` + product + `,"quantity":` + strings.Repeat("9", 1_000_000) + `}]}`,
			"/items/0/quantity maximum"},
		{"too many values", `{"items":[` + strings.Repeat("0,", 20_000) + `0]}`, " max_items"},
	} {
		if got := strings.Join(words(op.CheckBody([]byte(row.body))), ","); got != row.want {
			t.Errorf("%s: have %q, want %q", row.name, got, row.want)
		}
	}
}

// TestNothingIsRepeated puts a secret wherever a body of any operation may hold something, and finds it in no fault.
func TestNothingIsRepeated(t *testing.T) {
	t.Parallel()
	c, doc := load(t)
	const secret = "hunter2\u0001"
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := c.Operation(method, path)
			if !o.HasJSONBody() {
				continue
			}
			body := map[string]any{}
			for name := range op.RequestBody.Value.Content["application/json"].Schema.Value.Properties {
				for _, v := range []any{secret, []any{secret, secret}, map[string]any{"x": secret}} {
					body[name] = v
					for _, f := range o.CheckBody(marshal(body)) {
						if strings.Contains(f.Detail, "hunter2") || strings.Contains(f.Pointer, "hunter2") {
							t.Errorf("%s repeats: %+v", o.ID, f)
						}
					}
				}
			}
		}
	}
}

// FuzzBody holds a body to the contract: it never panics, and what is accepted is JSON that kin-openapi accepts as
// well.
func FuzzBody(f *testing.F) {
	c, doc := load(f)
	schema := doc.Components.Schemas["OrderCreate"].Value
	for _, seed := range []string{`{"items":[{` + product + `,"quantity":1}]}`, `{"items":[{}],"a":1,"a":2}`,
		`[1e9,{"\u0000":"\ud800"}]`, "{\"\xff\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	op := c.Operation("POST", "/v1/orders")
	f.Fuzz(func(t *testing.T, body []byte) {
		faults := op.CheckBody(body)
		if len(faults) > 50 {
			t.Fatalf("%d faults", len(faults))
		}
		if len(faults) > 0 {
			return
		}
		if err := schema.VisitJSON(unmarshal(body)); err != nil {
			t.Fatalf("we accept %q, they say: %v", body, err)
		}
	})
}

// TestSameVerdictAsKinOpenAPI compares with the general validator on generated bodies of every operation: what it
// refuses, we refuse.
func TestSameVerdictAsKinOpenAPI(t *testing.T) {
	t.Parallel()
	c, doc := load(t)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := c.Operation(method, path)
			if !o.HasJSONBody() {
				continue
			}
			t.Run(o.ID, func(t *testing.T) {
				t.Parallel()
				schema := op.RequestBody.Value.Content["application/json"].Schema.Value
				rapid.Check(t, func(t *rapid.T) {
					v := generate(t, schema, 0)
					body := marshal(v)
					theirs := schema.VisitJSON(unmarshal(body), openapi3.MultiErrors())
					ours := o.CheckBody(body)
					if theirs != nil && len(ours) == 0 {
						t.Fatalf("we accept %s, they say: %v", body, theirs)
					}
					if theirs == nil && len(ours) > 0 && !slices.ContainsFunc(ours, func(f fault.Field) bool {
						return f.Code == "format" || f.Code == "type" || f.Code == "nul_character"
					}) {
						t.Fatalf("we refuse %s for %v, they accept it", body, ours)
					}
				})
			})
		}
	}
}

func BenchmarkCreateOrder(b *testing.B) {
	c, _ := load(b)
	op := c.Operation("POST", "/v1/orders")
	body := []byte(`{"items":[{` + product + `,"quantity":2}],"reference":"x","buyer_contact":"13800000000"}`)
	r := httptest.NewRequest("POST", "/v1/orders", nil)
	r.Header.Set("Idempotency-Key", "k-1")
	b.ReportAllocs()
	for b.Loop() {
		if f := append(op.CheckParameters(r, nil), op.CheckBody(body)...); len(f) > 0 {
			b.Fatal(f)
		}
	}
}
