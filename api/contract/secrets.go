package contract

import "github.com/getkin/kin-openapi/openapi3"

// answersSecret tells whether an answer has a property marked `x-secret: true`.
func answersSecret(responses *openapi3.Responses) bool {
	for _, r := range responses.Map() {
		for _, m := range r.Value.Content {
			if m.Schema != nil && hasSecret(m.Schema.Value, map[*openapi3.Schema]bool{}) {
				return true
			}
		}
	}
	return false
}

func hasSecret(s *openapi3.Schema, seen map[*openapi3.Schema]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	if marked, _ := s.Extensions["x-secret"].(bool); marked {
		return true
	}
	for _, p := range s.Properties {
		if hasSecret(p.Value, seen) {
			return true
		}
	}
	return s.Items != nil && hasSecret(s.Items.Value, seen)
}
