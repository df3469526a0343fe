package alipay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"zhitong/internal/money"
)

// Answers are decoded tolerantly where the documentation contradicts itself and strictly where money is concerned: an
// amount may be a string or a number but must be one; a boolean may be true, "true", "T" or "Y"; a list may be a single
// object or JSON text; unknown fields are ignored and unknown enum values kept as they are. An unreadable time becomes
// the zero time, because no decision rests on one.

// decodeNode fills out (a pointer to a struct) from a verified node.
func decodeNode(raw []byte, out any) error {
	v, err := parseJSON(raw)
	if err != nil {
		return err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("node is not an object")
	}
	return assign(reflect.ValueOf(out).Elem(), m, "")
}

func parseJSON(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("parse JSON: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("parse JSON: more than one value")
	}
	return v, nil
}

func assign(dst reflect.Value, src any, path string) error {
	if src == nil || src == "" {
		return nil
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		return assign(dst.Elem(), src, path)
	}
	switch dst.Type() {
	case typeFen:
		return assignFen(dst, src, path)
	case typeTime:
		if s, ok := src.(string); ok {
			t, _ := parseWireTime(s)
			dst.Set(reflect.ValueOf(t))
		}
		return nil
	}
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(scalarText(src))
		return nil
	case reflect.Bool:
		switch strings.ToUpper(scalarText(src)) {
		case "TRUE", "T", "Y", "1":
			dst.SetBool(true)
		}
		return nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, err := strconv.ParseInt(scalarText(src), 10, 64)
		if err != nil || dst.OverflowInt(n) {
			return fmt.Errorf("%s is not an integer", path)
		}
		dst.SetInt(n)
		return nil
	case reflect.Slice:
		return assignSlice(dst, src, path)
	case reflect.Struct:
		return assignStruct(dst, src, path)
	}
	return fmt.Errorf("%s has the unsupported type %s", path, dst.Type())
}

func assignFen(dst reflect.Value, src any, path string) error {
	s := scalarText(src)
	f, err := answerFen(s)
	if err != nil {
		return fmt.Errorf("%s is not an amount", path)
	}
	dst.SetInt(int64(f))
	return nil
}

// answerFen reads an amount of an answer. Documented samples print 10.00 unquoted, and a JSON writer may drop its
// zeros: "10", "10.5". Balances and limits may have more digits than an order's amount.
func answerFen(s string) (money.Fen, error) {
	whole, cents, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 13 || point && cents == "" || len(cents) > 2 {
		return 0, money.ErrSyntax
	}
	n, err := strconv.ParseUint(whole+(cents + "00")[:2], 10, 62)
	if err != nil {
		return 0, money.ErrSyntax
	}
	return money.Fen(n), nil
}

func assignSlice(dst reflect.Value, src any, path string) error {
	src, err := unwrapText(src, path)
	if err != nil {
		return err
	}
	list, ok := src.([]any)
	if !ok {
		list = []any{src} // a list of one, sent as the one
	}
	out := reflect.MakeSlice(dst.Type(), len(list), len(list))
	for i, item := range list {
		if err := assign(out.Index(i), item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	dst.Set(out)
	return nil
}

func assignStruct(dst reflect.Value, src any, path string) error {
	src, err := unwrapText(src, path)
	if err != nil {
		return err
	}
	m, ok := src.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is not an object", path)
	}
	t := dst.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if name == "" || name == "-" {
			continue
		}
		v, found := m[name]
		if alias := f.Tag.Get("alias"); !found && alias != "" {
			v = m[alias]
		}
		if err := assign(dst.Field(i), v, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// unwrapText opens a list or object that came as JSON text, as notifications and some answers send them.
func unwrapText(src any, path string) (any, error) {
	s, ok := src.(string)
	if !ok || !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
		return src, nil
	}
	v, err := parseJSON([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

func scalarText(src any) string {
	switch x := src.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	b, _ := json.Marshal(src) // built by parseJSON, so it marshals
	return string(b)
}
