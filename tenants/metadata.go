package tenants

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"zhitong/internal/fault"
)

// Limits of metadata, as the contract has them.
const (
	MetadataKeysMax  = 20
	MetadataValueMax = 500 // characters
)

var metadataKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// Metadata is what a tenant's own programs keep with a thing. The product reads nothing in it. It is never nil once it
// is [NewMetadata].
type Metadata map[string]string

// NewMetadata is the metadata of a new thing, a copy of what was given; nil gives an empty one. It returns
// invalid_request.
func NewMetadata(given map[string]string) (Metadata, error) {
	m := make(Metadata, len(given))
	maps.Copy(m, given)
	return m, m.check()
}

// MetadataChange is what to change of metadata, as a JSON Merge Patch says it. The zero value changes nothing.
type MetadataChange struct {
	Clear bool               // takes every key away
	Keys  map[string]*string // nil takes the key away
}

// Merge is m after the change; m stays as it is. It returns invalid_request when the result is too large.
func (m Metadata) Merge(c MetadataChange) (Metadata, error) {
	out := Metadata{}
	if !c.Clear {
		maps.Copy(out, m)
	}
	for key, value := range c.Keys {
		if value == nil {
			delete(out, key)
		} else {
			out[key] = *value
		}
	}
	return out, out.check()
}

// check returns invalid_request for what is no metadata.
func (m Metadata) check() error {
	refuse := func(at, code, detail string) error {
		return fault.New(CodeInvalidRequest, "The metadata cannot be kept.").At("/metadata"+at, code, detail)
	}
	if len(m) > MetadataKeysMax {
		return refuse("", "max_properties", fmt.Sprintf("May have at most %d keys.", MetadataKeysMax))
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		switch value := m[key]; {
		case !metadataKey.MatchString(key):
			return refuse("", "unknown_field", "Keys have 1 to 40 letters, digits, underscores, dots and hyphens.")
		case utf8.RuneCountInString(value) > MetadataValueMax:
			return refuse("/"+key, "max_length", fmt.Sprintf("May have at most %d characters.", MetadataValueMax))
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			return refuse("/"+key, "format", "Must be text without U+0000.")
		}
	}
	return nil
}

// AddMetadata adds each key whose value is not the same before and after.
func (c Changes) AddMetadata(before, after Metadata) Changes {
	keys := maps.Clone(before)
	if keys == nil {
		keys = Metadata{}
	}
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		c = c.Add("metadata."+key, before[key], after[key])
	}
	return c
}
