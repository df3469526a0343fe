package contract

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/internal/fault"
	"zhitong/internal/text"
)

// texts tells the class of every text in a value: the extension x-text of its schema. A schema that several places
// share is compiled for each.
type texts struct {
	class  text.Class // "" for what is no text, or is one of a few words or of a pattern
	fields map[string]*texts
	others *texts // values of further fields, whose names a pattern holds
	items  *texts
}

// newTexts reads the classes of a schema, and refuses a string that has none: each is one of a list of words, of a
// pattern, of a format that says which characters it has, or of a class.
func newTexts(s *openapi3.Schema) (*texts, error) { return textsAt(s, 0) }

func textsAt(s *openapi3.Schema, depth int) (t *texts, err error) {
	if depth > depthMax {
		return nil, errors.New("a schema of a request contains itself")
	}
	t = &texts{fields: map[string]*texts{}}
	if s.Type.Includes("string") {
		if t.class, err = classOf(s); err != nil {
			return nil, err
		}
	}
	for _, ref := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
		if ref.Value.Type.Is("null") {
			continue
		}
		inner, err := textsAt(ref.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if err := t.join(inner); err != nil {
			return nil, err
		}
	}
	for name, p := range s.Properties {
		if t.fields[name], err = textsAt(p.Value, depth+1); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if s.Items != nil {
		if t.items, err = textsAt(s.Items.Value, depth+1); err != nil {
			return nil, fmt.Errorf("items: %w", err)
		}
	}
	if s.AdditionalProperties.Schema != nil {
		if t.others, err = textsAt(s.AdditionalProperties.Schema.Value, depth+1); err != nil {
			return nil, fmt.Errorf("further fields: %w", err)
		}
	}
	return t, nil
}

// join takes in what another schema says of the same value.
func (t *texts) join(o *texts) error {
	if t.class != "" && o.class != "" || t.items != nil && o.items != nil || t.others != nil && o.others != nil {
		return errors.New("a value has the classes of two schemas")
	}
	t.class = cmp.Or(t.class, o.class)
	t.items, t.others = cmp.Or(t.items, o.items), cmp.Or(t.others, o.others)
	maps.Copy(t.fields, o.fields)
	return nil
}

func classOf(s *openapi3.Schema) (text.Class, error) {
	said, _ := s.Extensions["x-text"].(string)
	class := text.Class(said)
	narrow := len(s.Enum) > 0 || s.Const != nil || s.Pattern != "" ||
		slices.Contains([]string{"uuid", "date", "date-time", "binary"}, s.Format)
	switch {
	case narrow && said == "":
		return "", nil
	case narrow:
		return "", errors.New("x-text beside an enum, a pattern or a format that says it all")
	case !class.Known():
		return "", fmt.Errorf("a string needs an enum, a pattern, or x-text: %s, %s, %s or %s",
			text.Line, text.Lines, text.Key, text.Exact)
	}
	return class, nil
}

// cleaner puts texts into the form in which they are kept.
type cleaner struct {
	*report
	changed bool
}

// clean gives the value with its texts as they are kept, and reports those that are not fit. The value itself stays.
func (c *cleaner) clean(t *texts, v any, at []string) any {
	if t == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		if t.class == "" {
			return v
		}
		kept, err := t.class.Clean(v)
		if e, ok := errors.AsType[*text.Error](err); ok {
			c.fault(pointer(at), e)
			return v
		}
		c.changed = c.changed || kept != v
		return kept
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = c.clean(t.items, inner, append(slices.Clip(at), strconv.Itoa(i)))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			of, ok := t.fields[name]
			if !ok {
				of = t.others
			}
			out[name] = c.clean(of, inner, append(slices.Clip(at), name))
		}
		return out
	}
	return v
}

// fault reports what is wrong with a text of which nothing was said before.
func (c *cleaner) fault(at string, e *text.Error) {
	if !slices.ContainsFunc(c.fields, func(f fault.Field) bool { return f.Pointer == c.root+at }) {
		c.add(at, string(e.Reason), wordsOf(e))
	}
}

func wordsOf(e *text.Error) string {
	switch e.Reason {
	case text.Blank:
		return "Must have a character that can be seen."
	case text.Broken:
		return "Is not UTF-8."
	case text.Unseen:
	}
	return fmt.Sprintf("Character %d is %U, which cannot be seen or may not stand there.", e.At, e.Rune)
}

// loneSurrogate tells whether a JSON string, as it was written, has half of a character: an escape \ud800 to \udfff
// that is not one of a pair. Decoders put U+FFFD there, so that what is stored is not what was sent.
func loneSurrogate(raw string) bool {
	for {
		at := strings.IndexByte(raw, '\\')
		if at < 0 || at+1 >= len(raw) {
			return false
		}
		if raw[at+1] != 'u' {
			raw = raw[at+2:]
			continue
		}
		unit := escaped(raw[at:])
		raw = raw[at+len(`\u0000`):]
		switch {
		case unit>>10 == 0xdc00>>10:
			return true
		case unit>>10 == 0xd800>>10:
			if !strings.HasPrefix(raw, `\u`) || escaped(raw)>>10 != 0xdc00>>10 {
				return true
			}
			raw = raw[len(`\u0000`):]
		}
	}
}

// escaped is the number of an escape that JSON has found to be one.
func escaped(raw string) uint64 {
	unit, _ := strconv.ParseUint(raw[2:6], 16, 16)
	return unit
}
