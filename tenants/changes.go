package tenants

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// Change is one field of something that was changed, as the audit log keeps it for ever: no secrets, and what is
// personal only [Masked]. Before or After is empty when there was nothing, or is nothing now.
type Change struct {
	Field  string `json:"field"` // as the API names it
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Changes are the fields that were changed.
type Changes []Change

// Add adds the field unless its value is the same before and after. Zero values are nothing.
func (c Changes) Add(field string, before, after any) Changes {
	b, a := shown(before), shown(after)
	if b == a {
		return c
	}
	return append(c, Change{field, b, a})
}

// JSON is the list as audit_log.changes has it.
func (c Changes) JSON() ([]byte, error) {
	if len(c) == 0 {
		return []byte("[]"), nil
	}
	raw, err := json.Marshal(c)
	if err != nil { // three strings: cannot happen
		return nil, fmt.Errorf("write the changes for the audit log: %w", err)
	}
	return raw, nil
}

// shown is a value as people read it.
func shown(v any) string {
	if v == nil || reflect.ValueOf(v).IsZero() {
		return ""
	}
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ", ")
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case *time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// Masked shows enough of a personal text to tell it from another: its first and last two characters, of a short one
// none.
func Masked(text string) string {
	const least = 8
	if text == "" {
		return ""
	}
	if utf8.RuneCountInString(text) < least {
		return "…"
	}
	r := []rune(text)
	return string(r[:2]) + "…" + string(r[len(r)-2:])
}
