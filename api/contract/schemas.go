package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// specification is the name under which the document is known to the schema compiler.
const specification = "https://zhitong.invalid/openapi.json"

// schemas compiles schemas of one document, by their place in it.
type schemas struct{ compiler *jsonschema.Compiler }

func newSchemas(doc *openapi3.T) (*schemas, error) {
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write the document as JSON: %w", err)
	}
	values, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read the document as JSON: %w", err)
	}
	if err := nameKeys(values); err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020) // what OpenAPI 3.1 is written in
	c.AssertFormat()
	if err := c.AddResource(specification, values); err != nil {
		return nil, fmt.Errorf("add the document: %w", err)
	}
	return &schemas{compiler: c}, nil
}

// nameKeys writes propertyNames as patternProperties, which say the same. Of a name that does not match, the compiler's
// library reports a place that it goes on to overwrite.
func nameKeys(v any) error {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			if err := nameKeys(inner); err != nil {
				return err
			}
		}
	case map[string]any:
		if names, ok := v["propertyNames"].(map[string]any); ok {
			pattern, ok := names["pattern"].(string)
			values, some := v["additionalProperties"]
			if !ok || !some || len(names) != 1 || v["patternProperties"] != nil {
				return errors.New("propertyNames: want a pattern, beside additionalProperties")
			}
			v["patternProperties"], v["additionalProperties"] = map[string]any{pattern: values}, false
			delete(v, "propertyNames")
		}
		for _, inner := range v {
			if err := nameKeys(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// compile compiles the schema at a place: the steps to what holds it, which may itself be a reference.
func (s *schemas) compile(ref *openapi3.SchemaRef, holder string, steps ...string) (*jsonschema.Schema, error) {
	if ref == nil || ref.Value == nil {
		return nil, errors.New("has no schema")
	}
	if err := sound(ref.Value, map[*openapi3.Schema]bool{}); err != nil {
		return nil, err
	}
	at := holder
	if at == "" {
		at = "#" + pointer(steps)
	}
	return s.compiler.Compile(specification + at + "/schema")
}

// sound refuses what a schema of a request may say without effect: a format that nobody asserts, and numbers whose
// range the checks do not bound.
func sound(s *openapi3.Schema, seen map[*openapi3.Schema]bool) error {
	if s == nil || seen[s] {
		return nil
	}
	seen[s] = true
	switch {
	case s.Type.Includes("number"):
		return errors.New("type number is not understood: amounts are integers")
	case s.Type.Includes("integer") && (s.Min == nil || s.Max == nil):
		return errors.New("an integer needs a minimum and a maximum")
	case !slices.Contains([]string{"", "int32", "int64", "uuid", "email", "uri", "date", "date-time",
		"binary"}, s.Format):
		return fmt.Errorf("format %q is not understood", s.Format)
	}
	inner := slices.Concat(s.AllOf, s.AnyOf, s.OneOf,
		openapi3.SchemaRefs{s.Not, s.Items, s.PropertyNames, s.AdditionalProperties.Schema})
	for _, p := range s.Properties {
		inner = append(inner, p)
	}
	for _, i := range inner {
		if i == nil {
			continue
		}
		if err := sound(i.Value, seen); err != nil {
			return err
		}
	}
	return nil
}

// pointer joins steps to a JSON pointer. Steps that the caller made up are bounded.
func pointer(steps []string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(step)))
	}
	return b.String()
}
