package docs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"zhitong/api"
	"zhitong/api/contract"
	"zhitong/api/docs"
	"zhitong/internal/vocabulary"
)

// serve is the served contract of each language, as values. It is made once for all tests, which only read it.
func serve(t *testing.T) map[docs.Lang]map[string]any {
	t.Helper()
	all, err := served()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var served = sync.OnceValues(func() (map[docs.Lang]map[string]any, error) {
	c, err := contract.Load()
	if err != nil {
		return nil, err
	}
	catalogue, err := api.Catalogue()
	if err != nil {
		return nil, err
	}
	out := map[docs.Lang]map[string]any{}
	for _, lang := range docs.Langs() {
		s, err := docs.Served(lang, c, catalogue)
		if err != nil {
			return nil, err
		}
		for name, text := range map[string][]byte{"YAML": s.YAML, "JSON": s.JSON} {
			d, err := openapi3.NewLoader().LoadFromData(text)
			if err == nil {
				err = d.Validate(context.Background())
			}
			if err != nil {
				return nil, fmt.Errorf("%s in %s: %w", name, lang, err)
			}
		}
		var v map[string]any
		if err := json.Unmarshal(s.JSON, &v); err != nil {
			return nil, err
		}
		out[lang] = v
	}
	return out, nil
})

// walk visits every object below v, with where it is.
func walk(v any, at string, visit func(at string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for name, c := range v {
			walk(c, at+"/"+name, visit)
		}
	case []any:
		for i, c := range v {
			walk(c, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

var sample = regexp.MustCompile(`/(example|examples|default|x-extensible-enum|enum)(/|$)`)

// TestNothingOfOurs shows that the served contract names nothing of our code and has no leftovers of its making.
func TestNothingOfOurs(t *testing.T) {
	t.Parallel()
	for lang, doc := range serve(t) {
		walk(doc, "", func(at string, m map[string]any) {
			for name, v := range m {
				text, _ := v.(string)
				if strings.HasPrefix(name, "x-go") || strings.HasSuffix(name, "-zh") ||
					strings.Contains(text, "zhitong/internal") {
					t.Errorf("%s: %s/%s is served", lang, at, name)
				}
				if name == "x-extensible" || name == "x-events" || name == "x-example" {
					t.Errorf("%s: %s/%s is served", lang, at, name)
				}
			}
		})
	}
}

var han = regexp.MustCompile(`\p{Han}`)

// TestEverythingIsDescribed walks the contract: operations, properties, parameters, answers, headers and tags say what
// they are, in Chinese when Chinese is asked for.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for lang, doc := range serve(t) {
		walk(doc, "", func(at string, m map[string]any) {
			if sample.MatchString(at) || strings.HasSuffix(at, "/servers/0") {
				return
			}
			texts := []string{}
			_, operation := m["operationId"]
			_, property := m["$ref"]
			parent := at[:strings.LastIndex(at+"/", "/")]
			switch {
			case operation:
				texts = append(texts, "summary", "description")
			case regexp.MustCompile(`/properties/[^/]+$`).MatchString(at) &&
				!strings.HasSuffix(parent, "/properties/properties"):
				texts = append(texts, "description")
			case regexp.MustCompile(`^/components/(schemas|parameters|responses|headers)/[^/]+$`).MatchString(at),
				regexp.MustCompile(`^/tags/\d+$`).MatchString(at),
				regexp.MustCompile(`/(responses|parameters)/[^/]+$`).MatchString(at) && !property:
				texts = append(texts, "description")
			}
			for _, name := range texts {
				text, _ := m[name].(string)
				text, _, _ = strings.Cut(text, "\n\n|") // not the table of the codes
				if webhook := strings.HasPrefix(at, "/webhooks/"); webhook && (name == "summary" || property) {
					continue // the type of the event is its name; its id is described where it stands
				}
				if text == "" || lang == docs.Chinese && !han.MatchString(text) ||
					lang == docs.English && chineseText(text) {
					t.Errorf("%s: %s has no %s: %q", lang, at, name, text)
				}
			}
		})
	}
}

// chineseText tells whether a text is Chinese rather than English that names something of Alipay's.
func chineseText(text string) bool {
	return strings.Contains(text, "。") || strings.Contains(text, "，")
}

// TestEveryExampleIsValid holds the example of every request and answer to its schema; each has one.
func TestEveryExampleIsValid(t *testing.T) {
	t.Parallel()
	doc := serve(t)[docs.English]
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	values, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	const name = "https://zhitong.invalid/served.json"
	if err := compiler.AddResource(name, values); err != nil {
		t.Fatal(err)
	}
	count := 0
	walk(doc, "", func(at string, m map[string]any) {
		content := regexp.MustCompile(`/content/[^/]+$`)
		place := strings.ReplaceAll(at, "application/", "application~1")
		if strings.Contains(at, "/schemas/") || !strings.Contains(at, "/content/") ||
			!content.MatchString(strings.ReplaceAll(at, "application/", "application~1")) {
			return
		}
		if strings.Contains(at, "image/*") || strings.Contains(at, "octet-stream") {
			return
		}
		example, ok := m["example"]
		if !ok {
			t.Errorf("%s has no example", at)
			return
		}
		count++
		place = escaped(place)
		s, err := compiler.Compile(name + "#" + place + "/schema")
		if err != nil {
			t.Errorf("%s: %v", at, err)
			return
		}
		text, _ := json.Marshal(example)
		v, _ := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", at, err, text)
		}
	})
	if count < 80 {
		t.Errorf("only %d examples were found", count)
	}
}

// escaped makes a JSON pointer of a place whose path contains slashes.
func escaped(at string) string {
	if rest, ok := strings.CutPrefix(at, "/paths/"); ok {
		for _, method := range []string{"/get/", "/post/", "/put/", "/patch/", "/delete/"} {
			if path, below, ok := strings.Cut(rest, method); ok {
				path = strings.ReplaceAll(path, "/", "~1")
				path = strings.NewReplacer("{", "%7B", "}", "%7D").Replace(path)
				return "/paths/" + path + method + below
			}
		}
	}
	return at
}

// TestExamplesAreCoherent looks at what a reader would stumble over.
func TestExamplesAreCoherent(t *testing.T) {
	t.Parallel()
	doc := serve(t)[docs.English]
	order, _ := dig(doc, "paths", "/v1/orders/{order_id}", "get", "responses", "200", "content", "application/json",
		"example").(map[string]any)
	switch {
	case order["status"] != "delivered" || order["paid_at"] == nil || order["delivered_at"] == nil:
		t.Errorf("a delivered order was paid and delivered: %v", order)
	case order["refunded_fen"] != 0.0 || order["closed_at"] != nil:
		t.Errorf("a delivered order is neither refunded nor closed: %v", order)
	case order["total_fen"] != dig(order, "items", 0, "amount_fen"):
		t.Errorf("the items are not the total: %v", order)
	}
	split, _ := dig(doc, "paths", "/v1/orders/{order_id}/split", "get", "responses", "200", "content",
		"application/json", "example").(map[string]any)
	part, _ := dig(split, "parts", 0, "amount_fen").(float64)
	kept, _ := split["kept_fen"].(float64)
	if settled := dig(split, "settlement", "amount_fen"); settled != part+kept {
		t.Errorf("the parts and what is kept are not what is settled: %v", split)
	}
}

func dig(v any, steps ...any) any {
	for _, s := range steps {
		switch at := v.(type) {
		case map[string]any:
			name, _ := s.(string)
			v = at[name]
		case []any:
			i, _ := s.(int)
			v = at[i]
		}
	}
	return v
}

// TestEveryEventHasAWebhook holds the types of events, the contract's list and the webhooks together.
func TestEveryEventHasAWebhook(t *testing.T) {
	t.Parallel()
	hooks, _ := serve(t)[docs.English]["webhooks"].(map[string]any)
	for _, kind := range vocabulary.EventTypes() {
		if hooks[string(kind)] == nil {
			t.Errorf("%s has no webhook: name it in x-events of EventType", kind)
		}
		delete(hooks, string(kind))
	}
	for kind := range hooks {
		t.Errorf("%s is a webhook and no type of event", kind)
	}
}

// TestEnumerationsAreOpenInAnswers shows that a client of today survives a value of tomorrow, and that a request is
// held to the values of today.
func TestEnumerationsAreOpenInAnswers(t *testing.T) {
	t.Parallel()
	doc := serve(t)[docs.English]
	for _, name := range []string{"EventType", "OrderStatus", "RefundStatus", "ApplicationStatus",
		"MerchantStatus", "Role"} {
		s, _ := dig(doc, "components", "schemas", name).(map[string]any)
		if s["enum"] != nil || s["x-extensible-enum"] == nil ||
			!strings.Contains(fmt.Sprint(s["description"]), "More values may come.") {
			t.Errorf("%s is closed: %v", name, s)
		}
	}
	for place, steps := range map[string][]any{
		"the filter of orders": {"components", "parameters", "OrderStatusQuery", "schema", "items", "enum"},
		"the types to send": {"components", "schemas", "WebhookEndpointCreate", "properties", "event_types",
			"items", "enum"},
		"the role of a new key": {"components", "schemas", "APIKeyCreate", "properties", "role", "enum"},
	} {
		if dig(doc, steps...) == nil {
			t.Errorf("%s is open", place)
		}
	}
}

// TestCodesAreTold shows that an operation's description has each of its error codes.
func TestCodesAreTold(t *testing.T) {
	t.Parallel()
	for lang, doc := range serve(t) {
		op, _ := dig(doc, "paths", "/v1/orders", "post").(map[string]any)
		text, _ := op["description"].(string)
		codes, _ := op["x-error-codes"].([]any)
		if len(codes) < 15 {
			t.Errorf("%s: only the codes %v", lang, codes)
		}
		for _, code := range codes {
			if !strings.Contains(text, fmt.Sprintf("[`%s`](/docs/errors#%s)", code, code)) {
				t.Errorf("%s: the description does not tell of %s", lang, code)
			}
		}
	}
}
