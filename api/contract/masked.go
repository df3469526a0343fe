package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	// maskedMax bounds what is kept of a body, in bytes.
	maskedMax = 4096
	// maskedItems is how many items of a list are kept.
	maskedItems = 20
	// maskedDepth is how deep a body is looked into.
	maskedDepth = 8
)

var identifier = regexp.MustCompile(`^[a-z]{3,4}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)

// IsIdentifier tells whether a text is the identifier of a thing, and so says nothing of anybody.
func IsIdentifier(text string) bool { return identifier.MatchString(text) }

// Masked is what may be kept of a body that was sent to the operation: numbers, identifiers, times, and values that the
// contract lists. Of every other text only the length stays, and of what the contract marks as sensitive, or does not
// know, nothing. It is nil for what is no JSON. What is not known to be harmless is left out, so a field that somebody
// forgot to mark gives nothing away.
func (o *Operation) Masked(body []byte) []byte {
	if o.shape == nil || len(body) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	out, err := json.Marshal(mask(o.shape, v, maskedDepth))
	if err != nil || len(out) > maskedMax {
		return fmt.Appendf(nil, `{"…":"%d bytes"}`, len(body))
	}
	return out
}

func mask(ref *openapi3.SchemaRef, v any, depth int) any {
	if ref == nil || ref.Value == nil || depth == 0 || sensitive(ref) {
		return "…"
	}
	s := ref.Value
	switch v := v.(type) {
	case string:
		return maskText(s, v)
	case []any:
		out := make([]any, 0, min(len(v), maskedItems)+1)
		for _, item := range v[:min(len(v), maskedItems)] {
			out = append(out, mask(s.Items, item, depth-1))
		}
		if more := len(v) - maskedItems; more > 0 {
			out = append(out, fmt.Sprintf("… %d more", more))
		}
		return out
	case map[string]any:
		out, unknown := map[string]any{}, 0
		for name, value := range v {
			if p := property(s, name, maskedDepth); p != nil {
				out[name] = mask(p, value, depth-1)
			} else {
				unknown++
			}
		}
		if unknown > 0 {
			out["…"] = unknown
		}
		return out
	}
	if n, ok := v.(json.Number); ok {
		// Not a telephone number where a text belongs, and nothing that jsonb cannot hold, such as 1e999999999.
		if _, err := n.Int64(); err != nil || !s.Type.Includes("integer") {
			return "…"
		}
	}
	return v
}

// sensitive tells whether a class of sensitive data is named, where the schema is used or where it stands.
func sensitive(ref *openapi3.SchemaRef) bool {
	for _, name := range []string{"x-sensitive", "x-secret"} {
		if ref.Extensions[name] != nil || ref.Value.Extensions[name] != nil {
			return true
		}
	}
	return false
}

// maskText keeps identifiers, times and listed values.
func maskText(s *openapi3.Schema, text string) string {
	if _, err := time.Parse(time.RFC3339, text); err == nil || IsIdentifier(text) || inEnum(s, text, maskedDepth) {
		return text
	}
	return fmt.Sprintf("… %d", utf8.RuneCountInString(text))
}

func inEnum(s *openapi3.Schema, text string, depth int) bool {
	if slices.Contains(s.Enum, any(text)) {
		return true
	}
	for _, inner := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		if depth > 0 && inner.Value != nil && inEnum(inner.Value, text, depth-1) {
			return true
		}
	}
	return false
}

// property is the schema of a property, also in one of several schemas.
func property(s *openapi3.Schema, name string, depth int) *openapi3.SchemaRef {
	if p := s.Properties[name]; p != nil {
		return p
	}
	for _, inner := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		if depth > 0 && inner.Value != nil {
			if p := property(inner.Value, name, depth-1); p != nil {
				return p
			}
		}
	}
	return nil
}
