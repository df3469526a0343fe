package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhitong/internal/money"
)

// Kind is the type of a business field.
type Kind uint8

const (
	KindString  Kind = iota // JSON string; a number's digits are taken too, as the live gateway does
	KindAmount              // yuan, at most two decimals, string or number
	KindInt                 // integer, number or digits
	KindBool                // true/false, as JSON or as text
	KindTime                // yyyy-MM-dd HH:mm:ss, Beijing
	KindObject              // object, checked by Fields
	KindArray               // array of objects, each checked by Fields
	KindStrings             // array of strings
	KindAny                 // anything (passed through)
)

// Field is one row of a method's table in the documentation.
type Field struct {
	Name     string
	Kind     Kind
	Required bool
	Max      int      // characters of a text, items of an array; 0: no limit
	Enum     []string // allowed values of a text
	Form     func(string) bool
	Fields   []Field
}

// Object is a JSON object whose fields have been checked, so its getters cannot fail.
type Object map[string]any

const maxJSONDepth = 16

// ParseObject reads one JSON object; a repeated key anywhere, trailing data or deep nesting is an error.
func ParseObject(data []byte) (Object, error) {
	v, err := parseOne(data)
	if err != nil {
		return nil, err
	}
	o, ok := v.(Object)
	if !ok {
		return nil, ErrShape
	}
	return o, nil
}

// parseOne reads one JSON value and nothing after it.
func parseOne(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("data after the JSON value")
	}
	return v, nil
}

// ErrShape: valid JSON, but not an object.
var ErrShape = errors.New("not a JSON object")

func parseValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, errors.New("nested too deeply")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	d, ok := tok.(json.Delim)
	if !ok {
		return tok, nil
	}
	if d == '[' {
		list := []any{}
		for dec.More() {
			v, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	o := Object{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if _, seen := o[name]; seen {
			return nil, fmt.Errorf("key %q repeated", name)
		}
		if o[name], err = parseValue(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err = dec.Token()
	return o, err
}

// OpenTexts replaces, in place, texts that hold JSON where the table wants an object or a list. What is no JSON stays a
// text.
func OpenTexts(o Object, table []Field) {
	for i := range table {
		f := &table[i]
		if f.Kind != KindObject && f.Kind != KindArray && f.Kind != KindStrings {
			continue
		}
		if text, ok := o[f.Name].(string); ok {
			if v, err := parseOne([]byte(text)); err == nil {
				o[f.Name] = v
			}
		}
		switch v := o[f.Name].(type) {
		case Object:
			OpenTexts(v, f.Fields)
		case []any:
			for _, item := range v {
				if inner, ok := item.(Object); ok {
					OpenTexts(inner, f.Fields)
				}
			}
		}
	}
}

// FieldError names the field that breaks its row.
type FieldError struct{ Path, Why string }

func (e *FieldError) Error() string { return e.Path + " " + e.Why }

// Check compares an object with its table. An empty string counts as absent.
func Check(o Object, table []Field, path string, strict bool) *FieldError {
	for i := range table {
		f := &table[i]
		v, ok := o[f.Name]
		if !ok || v == nil || v == "" {
			if f.Required {
				return &FieldError{path + f.Name, "不能为空"}
			}
			continue
		}
		if err := f.check(v, path+f.Name, strict); err != nil {
			return err
		}
	}
	if strict {
		for name := range o {
			if !slices.ContainsFunc(table, func(f Field) bool { return f.Name == name }) {
				return &FieldError{path + name, "不是该接口的参数"}
			}
		}
	}
	return nil
}

func (f *Field) check(v any, path string, strict bool) *FieldError {
	switch f.Kind {
	case KindObject:
		o, ok := v.(Object)
		if !ok {
			return &FieldError{path, "类型错误，应为对象"}
		}
		return Check(o, f.Fields, path+".", strict)
	case KindArray, KindStrings:
		return f.checkList(v, path, strict)
	case KindAny:
		return nil
	case KindBool:
		if b := scalar(v); b != "true" && b != "false" {
			return &FieldError{path, "应为 true 或 false"}
		}
		return nil
	default:
		return f.checkText(v, path)
	}
}

func (f *Field) checkList(v any, path string, strict bool) *FieldError {
	list, ok := v.([]any)
	if !ok {
		return &FieldError{path, "类型错误，应为数组"}
	}
	if f.Required && len(list) == 0 {
		return &FieldError{path, "不能为空"}
	}
	if f.Max > 0 && len(list) > f.Max {
		return &FieldError{path, "超过 " + strconv.Itoa(f.Max) + " 条"}
	}
	for i, item := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		o, isObject := item.(Object)
		_, isText := item.(string)
		switch {
		case f.Kind == KindStrings && !isText, f.Kind == KindArray && !isObject:
			return &FieldError{at, "类型错误"}
		case f.Kind == KindArray:
			if err := Check(o, f.Fields, at+".", strict); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Field) checkText(v any, path string) *FieldError {
	switch v.(type) {
	case string, json.Number:
	default:
		return &FieldError{path, "类型错误，应为字符串"}
	}
	s := scalar(v)
	if f.Max > 0 && utf8.RuneCountInString(s) > f.Max {
		return &FieldError{path, "超过最大长度 " + strconv.Itoa(f.Max)}
	}
	if len(f.Enum) > 0 && !slices.Contains(f.Enum, s) {
		return &FieldError{path, "取值错误"}
	}
	if f.Form != nil && !f.Form(s) {
		return &FieldError{path, "格式错误"}
	}
	var err error
	switch f.Kind {
	case KindAmount:
		_, err = ParseAmount(s)
	case KindInt:
		_, err = strconv.ParseInt(s, 10, 64)
	case KindTime:
		_, err = time.ParseInLocation(time.DateTime, s, BeijingZone())
	default: // any text
	}
	if err != nil {
		return &FieldError{path, "格式错误"}
	}
	return nil
}

// ParseAmount reads yuan with up to two decimals; the live gateway takes "88", "88.8" and "88.80".
func ParseAmount(s string) (money.Fen, error) {
	whole, dec, point := strings.Cut(s, ".")
	if point && (dec == "" || len(dec) > 2) {
		return 0, money.ErrSyntax
	}
	return money.ParseYuan(whole + "." + (dec + "00")[:2])
}

// scalar is the text of a string, number or boolean.
func scalar(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// Str is the field's text, "" when absent.
func (o Object) Str(name string) string { return scalar(o[name]) }

// Has reports whether the field was sent and is not empty.
func (o Object) Has(name string) bool {
	v, ok := o[name]
	return ok && v != nil && v != ""
}

// Fen is the field's amount, 0 when absent.
func (o Object) Fen(name string) money.Fen {
	v, _ := ParseAmount(o.Str(name))
	return v
}

// Num is the field's integer, or def when absent.
func (o Object) Num(name string, def int) int {
	if v, err := strconv.Atoi(o.Str(name)); err == nil {
		return v
	}
	return def
}

// Is reports whether a boolean field is true.
func (o Object) Is(name string) bool { return o.Str(name) == "true" }

// Obj is the field's object, empty when absent.
func (o Object) Obj(name string) Object {
	v, _ := o[name].(Object)
	return v
}

// List is the field's array of objects.
func (o Object) List(name string) []Object {
	items, _ := o[name].([]any)
	out := make([]Object, 0, len(items))
	for _, it := range items {
		if v, ok := it.(Object); ok {
			out = append(out, v)
		}
	}
	return out
}

// Strs is the field's array of strings.
func (o Object) Strs(name string) []string {
	items, _ := o[name].([]any)
	out := make([]string, 0, len(items))
	for _, it := range items {
		if v, ok := it.(string); ok {
			out = append(out, v)
		}
	}
	return out
}

// At is the field's Beijing time, zero when absent.
func (o Object) At(name string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, o.Str(name), BeijingZone())
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// IsOrderNo is the form of out_trade_no: a token, or one with hyphens. The table has none, but the documentation's own
// sample of a paid notification has 0719141034-6418.
func IsOrderNo(s string) bool { return IsToken(strings.ReplaceAll(s, "-", "")) }

// IsToken is the form of out_request_no and out_merge_no: letters, digits, underscore. The hyphen is not in it.
func IsToken(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// IsDigits is a text of ASCII digits.
func IsDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
