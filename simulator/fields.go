package simulator

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

// kind is the type of a business field.
type kind uint8

const (
	kString  kind = iota // JSON string; a number's digits are taken too, as the live gateway does
	kAmount              // yuan, at most two decimals, string or number
	kInt                 // integer, number or digits
	kBool                // true/false, as JSON or as text
	kTime                // yyyy-MM-dd HH:mm:ss, Beijing
	kObject              // object, checked by Fields
	kArray               // array of objects, each checked by Fields
	kStrings             // array of strings
	kAny                 // anything (passed through)
)

// field is one row of a method's table in the documentation.
type field struct {
	Name     string
	Kind     kind
	Required bool
	Max      int      // characters of a text, items of an array; 0: no limit
	Enum     []string // allowed values of a text
	Form     func(string) bool
	Fields   []field
}

// object is a JSON object whose fields have been checked, so its getters cannot fail.
type object map[string]any

const maxJSONDepth = 16

// parseObject reads one JSON object; a repeated key anywhere, trailing data or deep nesting is an error.
func parseObject(data []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("data after the JSON value")
	}
	o, ok := v.(object)
	if !ok {
		return nil, errShape
	}
	return o, nil
}

// errShape: valid JSON, but not an object.
var errShape = errors.New("not a JSON object")

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
	o := object{}
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

// fieldError names the field that breaks its row.
type fieldError struct{ path, why string }

func (e *fieldError) Error() string { return e.path + " " + e.why }

// check compares an object with its table. An empty string counts as absent.
func check(o object, table []field, path string, strict bool) *fieldError {
	for i := range table {
		f := &table[i]
		v, ok := o[f.Name]
		if !ok || v == nil || v == "" {
			if f.Required {
				return &fieldError{path + f.Name, "不能为空"}
			}
			continue
		}
		if err := f.check(v, path+f.Name, strict); err != nil {
			return err
		}
	}
	if strict {
		for name := range o {
			if !slices.ContainsFunc(table, func(f field) bool { return f.Name == name }) {
				return &fieldError{path + name, "不是该接口的参数"}
			}
		}
	}
	return nil
}

func (f *field) check(v any, path string, strict bool) *fieldError {
	switch f.Kind {
	case kObject:
		o, ok := v.(object)
		if !ok {
			return &fieldError{path, "类型错误，应为对象"}
		}
		return check(o, f.Fields, path+".", strict)
	case kArray, kStrings:
		return f.checkList(v, path, strict)
	case kAny:
		return nil
	case kBool:
		if b := scalar(v); b != "true" && b != "false" {
			return &fieldError{path, "应为 true 或 false"}
		}
		return nil
	default:
		return f.checkText(v, path)
	}
}

func (f *field) checkList(v any, path string, strict bool) *fieldError {
	list, ok := v.([]any)
	if !ok {
		return &fieldError{path, "类型错误，应为数组"}
	}
	if f.Required && len(list) == 0 {
		return &fieldError{path, "不能为空"}
	}
	if f.Max > 0 && len(list) > f.Max {
		return &fieldError{path, "超过 " + strconv.Itoa(f.Max) + " 条"}
	}
	for i, item := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		o, isObject := item.(object)
		_, isText := item.(string)
		switch {
		case f.Kind == kStrings && !isText, f.Kind == kArray && !isObject:
			return &fieldError{at, "类型错误"}
		case f.Kind == kArray:
			if err := check(o, f.Fields, at+".", strict); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *field) checkText(v any, path string) *fieldError {
	switch v.(type) {
	case string, json.Number:
	default:
		return &fieldError{path, "类型错误，应为字符串"}
	}
	s := scalar(v)
	if f.Max > 0 && utf8.RuneCountInString(s) > f.Max {
		return &fieldError{path, "超过最大长度 " + strconv.Itoa(f.Max)}
	}
	if len(f.Enum) > 0 && !slices.Contains(f.Enum, s) {
		return &fieldError{path, "取值错误"}
	}
	if f.Form != nil && !f.Form(s) {
		return &fieldError{path, "格式错误"}
	}
	var err error
	switch f.Kind {
	case kAmount:
		_, err = parseAmount(s)
	case kInt:
		_, err = strconv.ParseInt(s, 10, 64)
	case kTime:
		_, err = time.ParseInLocation(time.DateTime, s, beijingZone())
	default: // any text
	}
	if err != nil {
		return &fieldError{path, "格式错误"}
	}
	return nil
}

// parseAmount reads yuan with up to two decimals; the live gateway takes "88", "88.8" and "88.80".
func parseAmount(s string) (money.Fen, error) {
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

// str is the field's text, "" when absent.
func (o object) str(name string) string { return scalar(o[name]) }

// has reports whether the field was sent and is not empty.
func (o object) has(name string) bool {
	v, ok := o[name]
	return ok && v != nil && v != ""
}

// fen is the field's amount, 0 when absent.
func (o object) fen(name string) money.Fen {
	v, _ := parseAmount(o.str(name))
	return v
}

// num is the field's integer, or def when absent.
func (o object) num(name string, def int) int {
	if v, err := strconv.Atoi(o.str(name)); err == nil {
		return v
	}
	return def
}

// is reports whether a boolean field is true.
func (o object) is(name string) bool { return o.str(name) == "true" }

// obj is the field's object, empty when absent.
func (o object) obj(name string) object {
	v, _ := o[name].(object)
	return v
}

// list is the field's array of objects.
func (o object) list(name string) []object {
	items, _ := o[name].([]any)
	out := make([]object, 0, len(items))
	for _, it := range items {
		if v, ok := it.(object); ok {
			out = append(out, v)
		}
	}
	return out
}

// strs is the field's array of strings.
func (o object) strs(name string) []string {
	items, _ := o[name].([]any)
	out := make([]string, 0, len(items))
	for _, it := range items {
		if v, ok := it.(string); ok {
			out = append(out, v)
		}
	}
	return out
}

// at is the field's Beijing time, zero when absent.
func (o object) at(name string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, o.str(name), beijingZone())
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// token is the form of out_trade_no and out_request_no: letters, digits, underscore. The hyphen is not in it.
func token(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// digits is a text of ASCII digits.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
