package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/api/contract"
	"zhitong/internal/fault"
)

// badTexts are JSON strings that no name, reference or reason may be, with the code that says so.
var badTexts = []struct{ raw, code string }{
	{`"  "`, "blank"},
	{`"\u3000\ufeff"`, "blank"},
	{`"a\u202eb"`, "invisible_character"},
	{`"a\u2067b"`, "invisible_character"},
	{`"a\u200bb"`, "invisible_character"},
	{`"\u3164"`, "invisible_character"},
	{`"a\u0007b"`, "invisible_character"},
	{`"a\u2028b"`, "invisible_character"},
}

// brokenTexts are what no string of a body may be, whatever it is for.
var brokenTexts = []struct{ raw, code string }{
	{`"\ud800"`, "lone_surrogate"},
	{`"a\uDFFFb"`, "lone_surrogate"},
	{`"\ud800\u0041"`, "lone_surrogate"},
	{`"\ud83d\ud83d\ude00"`, "lone_surrogate"},
	{"\"a\xffb\"", "invalid_json"},
	{"\"\xed\xa0\x80\"", "invalid_json"},
	{`"a\u0000b"`, "nul_character"},
}

// TestEveryTextOfEveryBody goes through all strings of all bodies of the contract. Control: the same body with the
// example in that place, or with a rare character, is good.
func TestEveryTextOfEveryBody(t *testing.T) {
	t.Parallel()
	c, doc := load(t)
	seen := map[string]int{}
	for _, o := range c.Operations() {
		if !o.HasJSONBody() {
			continue
		}
		schema := bodyOf(doc, o)
		for _, leaf := range leaves(schema, "") {
			body := func(raw string) []byte {
				const hole = "hole-of-the-test"
				v, err := json.Marshal(sample(schema, leaf.at, "", hole))
				if err != nil || bytes.Count(v, []byte(`"`+hole+`"`)) != 1 {
					t.Fatalf("%s %s: %s, %v", o.ID, leaf.at, v, err)
				}
				return bytes.Replace(v, []byte(`"`+hole+`"`), []byte(raw), 1)
			}
			class, _ := leaf.schema.Extensions["x-text"].(string)
			seen[class]++
			for _, bad := range brokenTexts {
				wantFault(t, o, body(bad.raw), leaf.at, bad.code)
			}
			if class == "line" || class == "lines" {
				for _, bad := range badTexts {
					wantFault(t, o, body(bad.raw), leaf.at, bad.code)
				}
				if class == "line" {
					wantFault(t, o, body(`"a\nb"`), leaf.at, "invisible_character")
				}
			}
			good := []string{string(marshal(sample(leaf.schema, "", "", "")))}
			if class != "" && leaf.schema.Format == "" && (leaf.schema.MaxLength == nil || *leaf.schema.MaxLength > 5) {
				good = append(good, `"𠮷·\ud83d\ude00"`, `"  ab  "`)
			}
			if class == "lines" {
				good = append(good, `"a\r\nb"`)
			}
			for _, raw := range good {
				if f := o.CheckBody(body(raw)); len(f) > 0 {
					t.Errorf("%s %s refuses %s: %v", o.ID, leaf.at, raw, f)
				}
			}
		}
	}
	for class, least := range map[string]int{"": 30, "line": 50, "lines": 5, "key": 1, "exact": 5} {
		if seen[class] < least {
			t.Errorf("only %d strings of class %q", seen[class], class)
		}
	}
}

// TestEveryBodyIsOneJSON holds every operation's body to one JSON value: no member twice, nothing after it, no half
// characters in names.
func TestEveryBodyIsOneJSON(t *testing.T) {
	t.Parallel()
	c, doc := load(t)
	for _, o := range c.Operations() {
		if !o.HasJSONBody() {
			continue
		}
		schema := bodyOf(doc, o)
		body := string(marshal(sample(schema, "", "", "")))
		if f := o.CheckBody([]byte(body)); len(f) > 0 {
			t.Errorf("%s refuses %s: %v", o.ID, body, f)
		}
		for _, more := range []string{" {}", "x", ",", "\x00", "\ufeff"} {
			wantFault(t, o, []byte(body+more), "", "invalid_json")
		}
		wantFault(t, o, []byte("\ufeff"+body), "", "invalid_json")
		inside, _ := strings.CutPrefix(body, "{")
		for name, raw := range unmarshal([]byte(body)).(map[string]any) {
			wantFault(t, o, []byte(fmt.Sprintf(`{%q:%s,`, name, marshal(raw))+inside), "/"+name, "duplicate")
		}
		wantFault(t, o, []byte(`{"\ud800":1`+comma(inside)+inside), "", "lone_surrogate")
	}
}

func comma(rest string) string {
	if rest == "}" {
		return ""
	}
	return ","
}

// TestEveryTextOfEveryQuery goes through the parameters in the query and in headers. Control: with its example each is
// good.
func TestEveryTextOfEveryQuery(t *testing.T) {
	t.Parallel()
	c, doc := load(t)
	texts := 0
	for _, o := range c.Operations() {
		for _, ref := range doc.Paths.Value(o.Path).GetOperation(o.Method).Parameters {
			p := ref.Value
			check := func(value string) []fault.Field {
				r := httptest.NewRequest(o.Method, "/", nil)
				switch p.In {
				case "query":
					r.URL.RawQuery = url.Values{p.Name: {value}}.Encode()
				case "header":
					r.Header[http.CanonicalHeaderKey(p.Name)] = []string{value}
				}
				return slices.DeleteFunc(o.CheckParameters(r, func(string) string { return value }),
					func(f fault.Field) bool { return !strings.HasPrefix(f.Pointer, p.Name) })
			}
			for _, bad := range []string{"a\x00b", "a\xffb", "\xed\xa0\x80", "a\u202eb", "a\u200bb", " \u3000 "} {
				if len(check(bad)) == 0 {
					t.Errorf("%s takes %q as %s", o.ID, bad, p.Name)
				}
			}
			if p.Schema.Value.Extensions["x-text"] == nil {
				continue
			}
			texts++
			if f := check("𠮷·"); len(f) > 0 {
				t.Errorf("%s refuses a good %s: %v", o.ID, p.Name, f)
			}
		}
	}
	if texts < 4 {
		t.Errorf("only %d texts in queries", texts)
	}
}

// TestTextsAreKeptClean shows what reaches a handler, and that what was asked is as it was sent.
func TestTextsAreKeptClean(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	body := []byte(`{"name":"  cafe\u0301 ","metadata":{"a.b":" x\ny "},"receiver":null}`)
	got, faults := c.Operation("PATCH", "/v1/merchants/{merchant_id}").ReadBody(body)
	want := `{"metadata":{"a.b":"x\ny"},"name":"café","receiver":null}`
	if len(faults) > 0 || string(got.Kept) != want ||
		!strings.Contains(string(marshal(got.Asked)), "\"  cafe\u0301 \"") {
		t.Errorf("kept %s, asked %s, %v", got.Kept, marshal(got.Asked), faults)
	}
	same := []byte(`{"name": "x"}`)
	if got, _ := c.Operation("PATCH", "/v1/merchants/{merchant_id}").ReadBody(same); &got.Kept[0] != &same[0] {
		t.Error("a clean body is written anew")
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/orders?limit=2&reference=+cafe%CC%81%E3%80%80", nil)
	query, faults := c.Operation("GET", "/v1/orders").ReadParameters(r, nil)
	if query != "limit=2&reference=caf%C3%A9" || len(faults) > 0 {
		t.Errorf("the query becomes %s, %v", query, faults)
	}
}

// TestEveryTextHasAClass shows that a string which says nothing of its characters is not accepted.
func TestEveryTextHasAClass(t *testing.T) {
	t.Parallel()
	for schema, good := range map[string]bool{
		`{"type":"string","x-text":"line"}`:                                                            true,
		`{"type":"string","pattern":"^a$"}`:                                                            true,
		`{"type":"string","enum":["a"]}`:                                                               true,
		`{"type":"string"}`:                                                                            false,
		`{"type":"string","x-text":"any"}`:                                                             false,
		`{"type":"string","format":"uri"}`:                                                             false,
		`{"type":"string","x-text":"line","enum":["a"]}`:                                               false,
		`{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}}}}`:              false,
		`{"type":"object","properties":{"a":{"oneOf":[{"type":"null"},{"type":"string"}]}}}`:           false,
		`{"type":"object","propertyNames":{"pattern":"^a$"},"additionalProperties":{"type":"string"}}`: false,
	} {
		if _, err := one(t, schema); (err == nil) != good {
			t.Errorf("%s: %v", schema, err)
		}
	}
}

// bodyOf is the schema of an operation's body.
func bodyOf(doc *openapi3.T, o *contract.Operation) *openapi3.Schema {
	body := doc.Paths.Value(o.Path).GetOperation(o.Method).RequestBody
	return body.Value.Content["application/json"].Schema.Value
}

func wantFault(t *testing.T, o *contract.Operation, body []byte, at, code string) {
	t.Helper()
	faults := o.CheckBody(body)
	for _, f := range faults {
		byPattern := code != "lone_surrogate" && code != "nul_character" && isNarrow(f.Code)
		if f.Pointer == at && (f.Code == code || byPattern) {
			return
		}
	}
	t.Errorf("%s %s: %.200q: %v, want %s", o.ID, at, body, faults, code)
}

// isNarrow tells whether the code is of a pattern or a list of words, which say it all.
func isNarrow(code string) bool { return code == "pattern" || code == "enum" || code == "format" }

type leaf struct {
	at     string
	schema *openapi3.Schema
}

// leaves are all strings of a schema.
func leaves(s *openapi3.Schema, at string) (out []leaf) {
	s = present(s)
	switch {
	case s.Type.Includes("string"):
		return []leaf{{at, s}}
	case s.Type.Is("array"):
		return leaves(s.Items.Value, at+"/0")
	}
	for name, p := range s.Properties {
		out = append(out, leaves(p.Value, at+"/"+name)...)
	}
	if s.AdditionalProperties.Schema != nil {
		out = append(out, leaves(s.AdditionalProperties.Schema.Value, at+"/k")...)
	}
	return out
}

// present is the schema of a value that is there, of one that may be null.
func present(s *openapi3.Schema) *openapi3.Schema {
	for _, ref := range slices.Concat(s.OneOf, s.AllOf) {
		if !ref.Value.Type.Is("null") {
			return present(ref.Value)
		}
	}
	return s
}

// sample is a value of all fields of a schema, with put at one place.
func sample(s *openapi3.Schema, at, here, put string) any {
	s = present(s)
	switch {
	case at != "" && at == here || put != "" && at == here:
		return put
	case s.Type.Is("object"):
		out := map[string]any{}
		for name, p := range s.Properties {
			out[name] = sample(p.Value, at, here+"/"+name, put)
		}
		if s.AdditionalProperties.Schema != nil {
			out["k"] = sample(s.AdditionalProperties.Schema.Value, at, here+"/k", put)
		}
		return out
	case s.Type.Is("array"):
		return []any{sample(s.Items.Value, at, here+"/0", put)}
	case s.Example != nil:
		return s.Example
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Includes("integer"):
		return *s.Min
	case s.Type.Is("boolean"):
		return true
	}
	return "x"
}
