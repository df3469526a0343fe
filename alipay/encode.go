package alipay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhitong/internal/money"
)

// Requests are plain structs. The json tag is the field's name on the wire; the rule tag holds what the documentation
// says about it:
//
//	required   must be set; an amount must be above zero
//	own        a number we make: 1 to 32 of 0-9 A-Z a-z _ (fits every limit the tables print)
//	max=N      at most N characters
//	zero       sent even when zero
//	text       a boolean as the string "true" or "false"
//	date, day  a time as its day in Beijing
//	month      a time as its month in Beijing
//	json       an object sent as JSON text
//	one        of the fields with this rule, at least one must be set
//
// A param tag makes the field a parameter beside biz_content. A zero value is not sent. A file field (type File)
// travels as a multipart part.

// File is an upload: its bytes are not signed, its name's extension must agree with its type.
type File struct {
	Name        string
	ContentType string
	Content     []byte
}

// encoded is a request ready to be signed.
type encoded struct {
	biz    []byte            // JSON object, nil when the request has no field for it
	params map[string]string // beside biz_content
	files  map[string]File
}

// fieldError is a request that breaks a rule before it was sent.
type fieldError struct{ field, problem string }

func (e *fieldError) Error() string { return e.field + " " + e.problem }

var (
	typeFen  = reflect.TypeFor[money.Fen]()
	typeTime = reflect.TypeFor[time.Time]()
	typeFile = reflect.TypeFor[File]()
)

// encodeRequest checks a request struct and writes its JSON. The error is a *fieldError.
func encodeRequest(req any) (*encoded, error) {
	e := &encoded{params: map[string]string{}, files: map[string]File{}}
	v := reflect.Indirect(reflect.ValueOf(req))
	var b bytes.Buffer
	fields, err := e.object(&b, v, "", true)
	if err != nil {
		return nil, err
	}
	if fields {
		e.biz = b.Bytes()
	}
	return e, nil
}

type rules struct {
	required, own, zero, text, date, month, json, one bool
	max                                               int
}

func parseRules(tag string) (r rules) {
	for part := range strings.SplitSeq(tag, ",") {
		switch name, arg, _ := strings.Cut(part, "="); name {
		case "required":
			r.required = true
		case "own":
			r.own = true
		case "zero":
			r.zero = true
		case "text":
			r.text = true
		case "date", "day":
			r.date = true
		case "month":
			r.month = true
		case "json":
			r.json = true
		case "one":
			r.one = true
		case "max":
			r.max, _ = strconv.Atoi(arg)
		}
	}
	return r
}

// object writes a struct; fields tells whether it has any field that belongs into biz_content, set or not.
func (e *encoded) object(b *bytes.Buffer, v reflect.Value, path string, top bool) (fields bool, err error) {
	b.WriteByte('{')
	first, alternatives, chosen := true, []string(nil), false
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		r := parseRules(f.Tag.Get("rule"))
		name, at := f.Tag.Get("json"), v.Field(i)
		if param := f.Tag.Get("param"); top && param != "" {
			if err := e.param(param, at, r); err != nil {
				return false, err
			}
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		fields = true
		where := join(path, name)
		if echoed(name) && at.Kind() == reflect.String && heldField(at.String(), signedNames()) != "" {
			return false, &fieldError{where, "holds a parameter of Alipay's; its notification would not be believed"}
		}
		if r.one {
			alternatives = append(alternatives, where)
			chosen = chosen || !at.IsZero()
		}
		text, err := e.value(at, r, where)
		if err != nil {
			return false, err
		}
		if text == nil {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.WriteString(quote(name) + ":")
		b.Write(text)
	}
	b.WriteByte('}')
	if len(alternatives) > 0 && !chosen {
		return false, &fieldError{alternatives[0], "or " + strings.Join(alternatives[1:], " or ") + " must be set"}
	}
	return fields, nil
}

// echoed names the fields whose text Alipay repeats in its notifications (see uncut).
func echoed(name string) bool {
	return name == "subject" || name == "body" || name == "passback_params"
}

// param takes a field that travels beside biz_content.
func (e *encoded) param(name string, v reflect.Value, r rules) error {
	if v.Type() == typeFile {
		f := v.Interface().(File)
		if r.required && len(f.Content) == 0 {
			return &fieldError{name, "is required"}
		}
		if len(f.Content) > 0 {
			e.files[name] = f
		}
		return nil
	}
	text, err := e.value(v, r, name)
	if err != nil || text == nil {
		return err
	}
	s := string(text)
	if v.Kind() == reflect.String {
		s = v.String()
	}
	e.params[name] = s
	return nil
}

// value writes one value, or nil when it is not to be sent.
func (e *encoded) value(v reflect.Value, r rules, path string) ([]byte, error) {
	if v.IsZero() && !r.zero {
		if r.required {
			return nil, &fieldError{path, "is required"}
		}
		return nil, nil
	}
	if v.Kind() == reflect.Pointer {
		return e.value(v.Elem(), rules{zero: true, own: r.own, max: r.max, text: r.text, json: r.json}, path)
	}
	switch v.Type() {
	case typeFen:
		f := v.Interface().(money.Fen)
		if f < 0 || f > money.Max {
			return nil, &fieldError{path, "is not an amount Alipay takes"}
		}
		return []byte(quote(f.Yuan())), nil
	case typeTime:
		layout := layoutTime
		if r.date {
			layout = layoutDate
		} else if r.month {
			layout = layoutMonth
		}
		return []byte(quote(v.Interface().(time.Time).In(beijing()).Format(layout))), nil
	}
	switch v.Kind() {
	case reflect.String:
		return e.text(v.String(), r, path)
	case reflect.Bool:
		s := strconv.FormatBool(v.Bool())
		if r.text {
			s = quote(s)
		}
		return []byte(s), nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		s := strconv.FormatInt(v.Int(), 10)
		if r.text {
			s = quote(s)
		}
		return []byte(s), nil
	case reflect.Slice:
		return e.list(v, r, path)
	case reflect.Struct:
		var b bytes.Buffer
		if _, err := e.object(&b, v, path, false); err != nil {
			return nil, err
		}
		if r.json {
			return e.text(b.String(), rules{max: r.max}, path)
		}
		return b.Bytes(), nil
	}
	return nil, &fieldError{path, fmt.Sprintf("has the unsupported type %s", v.Type())}
}

func (e *encoded) text(s string, r rules, path string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, &fieldError{path, "is not valid UTF-8"}
	}
	if r.max > 0 && utf8.RuneCountInString(s) > r.max {
		return nil, &fieldError{path, fmt.Sprintf("is longer than %d characters", r.max)}
	}
	if r.own && !isOwnNumber(s) {
		return nil, &fieldError{path, "is not 1 to 32 letters, digits or underscores"}
	}
	return []byte(quote(s)), nil
}

func (e *encoded) list(v reflect.Value, r rules, path string) ([]byte, error) {
	if r.max > 0 && v.Len() > r.max {
		return nil, &fieldError{path, fmt.Sprintf("has more than %d elements", r.max)}
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			b.WriteByte(',')
		}
		text, err := e.value(v.Index(i), rules{zero: true}, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// isOwnNumber tells whether s fits every limit the documentation prints for numbers the caller makes.
func isOwnNumber(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}

// quote writes a JSON string without HTML escapes: Alipay shows subjects to people.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
