package contract

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// walker goes once through a text that is known to be valid JSON. It descends only where the schema does, so the depth of the stack is the schema's.
type walker struct {
	data []byte
	at   int
	*report
}

// place is where the walker is, linked outwards; a pointer is only built when there is a fault to report.
type place struct {
	outer *place
	name  string
	index int // used when name is ""
}

func (p *place) pointer() string {
	if p == nil {
		return ""
	}
	step := p.name
	if step == "" {
		step = strconv.Itoa(p.index)
	} else {
		step = strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(step))
	}
	return p.outer.pointer() + "/" + step
}

func (w *walker) fault(p *place, code, detail string) { w.add(p.pointer(), code, detail) }

// check checks the value at the walker and moves past it.
func (w *walker) check(s *schema, p *place) {
	w.space()
	switch c := w.data[w.at]; {
	case s.kind == kindAny:
		w.skip()
	case c == '{' && s.kind == kindObject:
		w.object(s, p)
	case c == '[' && s.kind == kindArray:
		w.array(s, p)
	case c == '"' && s.kind == kindString:
		w.string(s, p)
	case (c == '-' || c >= '0' && c <= '9') && s.kind == kindInteger:
		start := w.at
		w.skip()
		if v := string(w.data[start:w.at]); len(w.fields) < faultsMax {
			s.checkPlaced(w.report, p, v)
		}
	case (c == 't' || c == 'f') && s.kind == kindBoolean:
		w.skip()
	default:
		w.fault(p, "type", "Must be "+kindName(s.kind)+".")
		w.skip()
	}
}

func kindName(k kind) string {
	return [...]string{"anything", "a string", "an integer", "a boolean", "an array", "an object"}[k]
}

// checkPlaced is checkInteger with a pointer that is built on a fault only.
func (s *schema) checkPlaced(f *report, p *place, v string) {
	before := len(f.fields)
	s.checkInteger(f, "", v)
	for i := before; i < len(f.fields); i++ {
		f.fields[i].Pointer = p.pointer()
	}
}

func (w *walker) string(s *schema, p *place) {
	v, ok := w.text()
	if !ok {
		w.fault(p, "invalid_json", "Is not UTF-8.")
		return
	}
	before := len(w.fields)
	s.checkString(w.report, "", v)
	for i := before; i < len(w.fields); i++ {
		w.fields[i].Pointer = p.pointer()
	}
}

func (w *walker) object(s *schema, p *place) {
	var seenBuf [32]string
	seen := seenBuf[:0]
	w.at++ // {
	for w.space(); w.data[w.at] != '}'; w.space() {
		if w.data[w.at] == ',' {
			w.at++
			w.space()
		}
		name, ok := w.text()
		here := &place{outer: p, name: name}
		w.space()
		w.at++ // :
		switch member := s.properties[name]; {
		case !ok:
			w.fault(p, "invalid_json", "A field's name is not UTF-8.")
			w.space()
			w.skip()
		case slices.Contains(seen, name):
			w.fault(here, "duplicate", "May be given once.")
			w.space()
			w.skip()
		case member != nil:
			seen = append(seen, name)
			w.check(member, here)
		default:
			if s.closed {
				w.fault(here, "unknown_field", "Is not part of the contract.")
			}
			w.space()
			w.skip()
		}
	}
	w.at++ // }
	for _, name := range s.required {
		if !slices.Contains(seen, name) {
			w.fault(&place{outer: p, name: name}, "required", "Is missing.")
		}
	}
	if len(seen) < s.minProperties {
		w.fault(p, "min_properties", "Must have at least "+strconv.Itoa(s.minProperties)+" fields.")
	}
}

func (w *walker) array(s *schema, p *place) {
	n := 0
	var values map[string]bool
	if s.uniqueItems {
		values = map[string]bool{}
	}
	w.at++ // [
	for w.space(); w.data[w.at] != ']'; w.space() {
		if w.data[w.at] == ',' {
			w.at++
			w.space()
		}
		here := &place{outer: p, index: n}
		start := w.at
		if s.maxItems >= 0 && n >= s.maxItems || s.items == nil {
			w.skip()
		} else {
			w.check(s.items, here)
		}
		if n++; values != nil {
			if v := canonical(w.data[start:w.at]); values[v] {
				w.fault(here, "unique_items", "Is given twice.")
			} else {
				values[v] = true
			}
		}
	}
	w.at++ // ]
	switch {
	case n < s.minItems:
		w.fault(p, "min_items", "Must have at least "+strconv.Itoa(s.minItems)+" items.")
	case s.maxItems >= 0 && n > s.maxItems:
		w.fault(p, "max_items", "May have at most "+strconv.Itoa(s.maxItems)+" items.")
	}
}

// canonical is a form in which equal values are equal texts.
func canonical(raw []byte) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return string(raw)
	}
	return string(out)
}

func (w *walker) space() {
	for w.at < len(w.data) {
		switch w.data[w.at] {
		case ' ', '\t', '\n', '\r':
			w.at++
		default:
			return
		}
	}
}

// text reads the string at the walker. It is false when the string is not UTF-8.
func (w *walker) text() (string, bool) {
	start := w.at
	w.skip()
	raw := w.data[start:w.at]
	if !utf8.Valid(raw) {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	var v string
	return v, json.Unmarshal(raw, &v) == nil
}

// skip moves past the value at the walker.
func (w *walker) skip() {
	depth := 0
	for w.at < len(w.data) {
		switch w.data[w.at] {
		case '{', '[':
			depth++
			w.at++
		case '}', ']':
			if depth == 0 {
				return
			}
			depth--
			w.at++
		case '"':
			w.skipString()
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return
			}
			w.at++
			continue
		default: // a number or a word
			for w.at < len(w.data) && !strings.ContainsRune(",:{}[] \t\n\r", rune(w.data[w.at])) {
				w.at++
			}
		}
		if depth == 0 {
			return
		}
	}
}

func (w *walker) skipString() {
	for w.at++; w.data[w.at] != '"'; w.at++ {
		if w.data[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
}
