package contract

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

type kind uint8

const (
	kindAny kind = iota
	kindString
	kindInteger
	kindBoolean
	kindArray
	kindObject
)

// schema is a compiled schema.
type schema struct {
	kind             kind
	enum             []string
	minLength        int
	maxLength        int // -1: none
	pattern          *regexp.Regexp
	format           string
	minimum, maximum int64
	items            *schema
	minItems         int
	maxItems         int // -1: none
	uniqueItems      bool
	properties       map[string]*schema
	required         []string
	closed           bool // additionalProperties: false
	minProperties    int
}

// understood are the keywords that compile deals with, or that say nothing about what is valid.
func understood(keyword string) bool {
	switch keyword {
	case "type", "enum", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "items", "minItems", "maxItems", "uniqueItems",
		"properties", "required", "additionalProperties", "minProperties",
		"description", "title", "example", "examples", "default", "deprecated", "readOnly", "writeOnly":
		return true
	}
	return strings.HasPrefix(keyword, "x-")
}

func compile(ref *openapi3.SchemaRef) (*schema, error) {
	in := ref.Value
	if err := onlyUnderstood(in); err != nil {
		return nil, err
	}
	s := &schema{minLength: int(in.MinLength), maxLength: -1, minItems: int(in.MinItems), maxItems: -1, uniqueItems: in.UniqueItems,
		format: in.Format, required: in.Required, minProperties: int(in.MinProps), minimum: -1 << 63, maximum: 1<<63 - 1}
	if in.MaxLength != nil {
		s.maxLength = int(*in.MaxLength)
	}
	if in.MaxItems != nil {
		s.maxItems = int(*in.MaxItems)
	}
	if err := s.setKind(in); err != nil {
		return nil, err
	}
	if err := s.setText(in); err != nil {
		return nil, err
	}
	err := s.setChildren(in)
	return s, err
}

func onlyUnderstood(in *openapi3.Schema) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	var keywords map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keywords); err != nil {
		return err
	}
	for k := range keywords {
		if !understood(k) {
			return fmt.Errorf("keyword %q is not understood", k)
		}
	}
	return nil
}

func (s *schema) setKind(in *openapi3.Schema) error {
	if in.Type == nil || len(*in.Type) == 0 {
		return nil
	}
	if len(*in.Type) != 1 {
		return fmt.Errorf("several types are not understood")
	}
	kinds := map[string]kind{"string": kindString, "integer": kindInteger, "boolean": kindBoolean, "array": kindArray, "object": kindObject}
	k, ok := kinds[(*in.Type)[0]]
	if !ok {
		return fmt.Errorf("type %q is not understood", (*in.Type)[0])
	}
	s.kind = k
	if s.kind == kindInteger && s.format == "int32" {
		s.minimum, s.maximum = -1<<31, 1<<31-1
	}
	for _, bound := range []struct {
		in *float64 //nolint:forbidigo // the specification's own type; checked to be whole
		to *int64
	}{{in.Min, &s.minimum}, {in.Max, &s.maximum}} {
		if bound.in == nil {
			continue
		}
		if *bound.to = int64(*bound.in); float64(*bound.to) != *bound.in { //nolint:forbidigo // as above
			return fmt.Errorf("bound %v is not a whole number", *bound.in)
		}
	}
	return nil
}

func (s *schema) setText(in *openapi3.Schema) (err error) {
	switch s.format {
	case "", "uuid", "email", "uri", "int32", "int64", "binary", "date-time":
	default:
		return fmt.Errorf("format %q is not understood", s.format)
	}
	if in.Pattern != "" {
		if s.pattern, err = regexp.Compile(in.Pattern); err != nil {
			return err
		}
	}
	for _, v := range in.Enum {
		word, ok := v.(string)
		if !ok {
			return fmt.Errorf("an enum of something else than strings is not understood")
		}
		s.enum = append(s.enum, word)
	}
	return nil
}

func (s *schema) setChildren(in *openapi3.Schema) (err error) {
	if in.Items != nil {
		if s.items, err = compile(in.Items); err != nil {
			return fmt.Errorf("items: %w", err)
		}
	}
	if len(in.Properties) > 0 {
		s.properties = make(map[string]*schema, len(in.Properties))
	}
	for name, p := range in.Properties {
		if s.properties[name], err = compile(p); err != nil {
			return fmt.Errorf("property %s: %w", name, err)
		}
	}
	if a := in.AdditionalProperties; a.Schema != nil {
		return fmt.Errorf("additionalProperties with a schema is not understood")
	} else if a.Has != nil {
		s.closed = !*a.Has
	}
	return nil
}

// checkText checks a parameter, which arrives as text whatever its type.
func (s *schema) checkText(f *report, pointer, v string) {
	if s.kind == kindInteger {
		s.checkInteger(f, pointer, v)
		return
	}
	if !utf8.ValidString(v) {
		f.add(pointer, "format", "Is not UTF-8.")
		return
	}
	s.checkString(f, pointer, v)
}

func (s *schema) checkInteger(f *report, pointer, v string) {
	digits := strings.TrimPrefix(v, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" || (len(digits) > 1 && digits[0] == '0') {
		f.add(pointer, "type", "Must be an integer.")
		return
	}
	n, err := strconv.ParseInt(v, 10, 64)
	switch {
	case n < s.minimum || (err != nil && v[0] == '-'):
		f.add(pointer, "minimum", "Must be at least "+strconv.FormatInt(s.minimum, 10)+".")
	case n > s.maximum || err != nil:
		f.add(pointer, "maximum", "Must be at most "+strconv.FormatInt(s.maximum, 10)+".")
	}
}

func (s *schema) checkString(f *report, pointer, v string) {
	if strings.IndexByte(v, 0) >= 0 {
		f.add(pointer, "nul_character", "May not contain U+0000.")
		return
	}
	if s.enum != nil {
		if !slices.Contains(s.enum, v) {
			f.add(pointer, "enum", "Must be one of: "+strings.Join(s.enum, ", ")+".")
		}
		return
	}
	if s.minLength > 0 || s.maxLength >= 0 {
		switch n := utf8.RuneCountInString(v); {
		case n < s.minLength:
			f.add(pointer, "min_length", fmt.Sprintf("Must have at least %d characters.", s.minLength))
			return
		case s.maxLength >= 0 && n > s.maxLength:
			f.add(pointer, "max_length", fmt.Sprintf("May have at most %d characters.", s.maxLength))
			return
		}
	}
	if s.pattern != nil && !s.pattern.MatchString(v) {
		f.add(pointer, "pattern", "Must match "+s.pattern.String()+".")
		return
	}
	if !ofFormat(s.format, v) {
		f.add(pointer, "format", "Must be a valid "+s.format+".")
	}
}

func ofFormat(format, v string) bool {
	switch format {
	case "uuid":
		return isUUID(v)
	case "email":
		a, err := mail.ParseAddress(v)
		return err == nil && a.Address == v && a.Name == ""
	case "uri":
		u, err := url.Parse(v)
		return err == nil && u.Scheme != "" && u.Host != ""
	}
	return true
}

// isUUID accepts the canonical form in either case.
func isUUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := range len(v) {
		c := v[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return true
}
