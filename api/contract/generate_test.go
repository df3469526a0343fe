package contract_test

import (
	"encoding/json"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// generate makes a value that mostly fits the schema and now and then does not.
func generate(t *rapid.T, s *openapi3.Schema, depth int) any {
	if rapid.IntRange(0, 19).Draw(t, "mutate") == 0 {
		return rapid.SampledFrom([]any{nil, true, -1, 0, 1, "", "x", strings.Repeat("长", 200), []any{}, []any{1, 1},
			map[string]any{}, map[string]any{"x": 1}, int64(9e18), 0.5}).
			Draw(t, "wrong")
	}
	switch {
	case s.Type.Is("object"):
		out := map[string]any{}
		for name, p := range s.Properties {
			if contains(s.Required, name) || rapid.Bool().Draw(t, "optional") {
				out[name] = generate(t, p.Value, depth+1)
			}
		}
		return out
	case s.Type.Is("array"):
		n := rapid.IntRange(0, 4).Draw(t, "items")
		out := make([]any, n)
		for i := range out {
			out[i] = generate(t, s.Items.Value, depth+1)
		}
		return out
	case s.Type.Is("integer"):
		return rapid.SampledFrom([]int64{-1, 0, 1, 2, 999, 1000, 1001, 10000, 10001, 10000000000, 10000000001}).
			Draw(t, "integer")
	case s.Type.Is("boolean"):
		return rapid.Bool().Draw(t, "boolean")
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(t, "enum")
	case strings.HasSuffix(s.Pattern, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"):
		return s.Example
	case s.Format == "email":
		return "a@example.cn"
	case s.Format == "uri":
		return "https://example.cn/x"
	}
	return rapid.SampledFrom([]string{"", "a", "B5555", "330100", "2088000000000001", "2021000000000001",
		"ICBC", "名称"}).
		Draw(t, "string")
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func unmarshal(b []byte) (v any) {
	if err := json.Unmarshal(b, &v); err != nil {
		panic(err)
	}
	return v
}
