package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// valuesMax is how many values a body may consist of: more than any operation takes, and few enough to report the
// faults of each.
const valuesMax = 20_000

// depthMax is how deep the values of a body may be nested: several times what any operation takes, and little enough
// to tell the place of each.
const depthMax = 32

var (
	errTooMany = errors.New("too many values")
	errTooDeep = errors.New("nested too deeply")
)

// reader builds the value of a body and reports what JSON Schema has no word for: repeated fields, U+0000, half
// characters and text that is not UTF-8.
type reader struct {
	*json.Decoder
	*report
	body   []byte
	values int
	err    error
}

// read reads one JSON value that is all of body. It is false when there is no value to hold to a schema; the report
// says why.
func read(body []byte, f *report) (any, bool) {
	if !json.Valid(body) {
		f.add("", "invalid_json", "The body is not one JSON value.")
		return nil, false
	}
	r := &reader{Decoder: json.NewDecoder(bytes.NewReader(body)), report: f, body: body}
	r.UseNumber()
	v := r.value(nil)
	switch {
	case errors.Is(r.err, errTooDeep):
		f.add("", "invalid_json", "The body is nested too deeply.")
	case r.err != nil:
		f.add("", "max_items", "The body has too many values.")
	}
	return v, r.err == nil
}

// token reads a token, and what it was written like.
func (r *reader) token() (json.Token, []byte) {
	start := r.InputOffset()
	t, err := r.Token()
	if r.values++; err == nil && r.values > valuesMax {
		err = errTooMany
	}
	r.err = errors.Join(r.err, err)
	return t, r.body[start:r.InputOffset()]
}

func (r *reader) value(at []string) any {
	if len(at) > depthMax {
		r.err = errors.Join(r.err, errTooDeep)
		return nil
	}
	t, raw := r.token()
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			return r.object(at)
		}
		return r.array(at)
	case json.Number:
		return number(v)
	case string:
		if !utf8.Valid(raw) {
			r.add(pointer(at), "invalid_json", "Is not UTF-8.")
		} else if loneSurrogate(string(raw)) {
			r.add(pointer(at), "lone_surrogate", "Has half of a character: \\ud800 to \\udfff stand in pairs.")
		} else if strings.IndexByte(v, 0) >= 0 {
			r.add(pointer(at), "nul_character", "May not contain U+0000.")
		}
	}
	return t
}

func (r *reader) object(at []string) map[string]any {
	out := map[string]any{}
	for r.err == nil && r.More() {
		t, raw := r.token()
		name, _ := t.(string)
		here := append(slices.Clip(at), name)
		v := r.value(here)
		if !utf8.Valid(raw) {
			r.add(pointer(at), "invalid_json", "A field's name is not UTF-8.")
		} else if loneSurrogate(string(raw)) {
			r.add(pointer(at), "lone_surrogate", "A field's name has half of a character.")
		} else if _, ok := out[name]; ok {
			r.add(pointer(here), "duplicate", "May be given once.")
		} else {
			out[name] = v
		}
	}
	r.token()
	return out
}

func (r *reader) array(at []string) []any {
	out := []any{}
	for r.err == nil && r.More() {
		out = append(out, r.value(append(slices.Clip(at), strconv.Itoa(len(out)))))
	}
	r.token()
	return out
}

// number makes a number fit for the schemas, in which all numbers are bounded integers. What is not written as an
// integer becomes a fraction, so that it has the wrong type; very long ones become shorter ones that are as much out of
// bounds. (1e1000000000 would otherwise be written out by the comparison.)
func number(n json.Number) json.Number {
	const longest = 20
	s := n.String()
	if strings.ContainsAny(s, ".eE") {
		return "0.5"
	}
	return json.Number(s[:min(len(s), longest)])
}
