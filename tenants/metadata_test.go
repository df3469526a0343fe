package tenants_test

import (
	"errors"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"zhitong/internal/fault"
	"zhitong/tenants"
)

// full is metadata with n keys.
func full(n int) tenants.Metadata {
	m := tenants.Metadata{}
	for i := range n {
		m["k"+strconv.Itoa(i)] = "v"
	}
	return m
}

// refused is "pointer code" of the faulty field; empty when there is none.
func refused(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != tenants.CodeInvalidRequest || len(f.Fields) != 1 {
		t.Fatalf("%v: want an invalid_request with one field", err)
	}
	return f.Fields[0].Pointer + " " + f.Fields[0].Code
}

func TestNewMetadata(t *testing.T) {
	t.Parallel()
	if m, err := tenants.NewMetadata(nil); m == nil || len(m) != 0 || err != nil {
		t.Errorf("nothing given: %#v %v", m, err)
	}
	given := map[string]string{"shop": "七"}
	m, err := tenants.NewMetadata(given)
	if given["shop"] = "other"; err != nil || m["shop"] != "七" {
		t.Errorf("it is no copy: %v %v", m, err)
	}
	for _, row := range []struct {
		name  string
		given tenants.Metadata
		want  string
	}{
		{"20 keys", full(20), ""},
		{"21 keys", full(21), "/metadata max_properties"},
		{"the longest key", tenants.Metadata{strings.Repeat("k", 40): ""}, ""},
		{"every kind of character", tenants.Metadata{"aZ09_.-": "line\nline \u202e"}, ""},
		{"a key of 41", tenants.Metadata{strings.Repeat("k", 41): ""}, "/metadata unknown_field"},
		{"an empty key", tenants.Metadata{"": "x"}, "/metadata unknown_field"},
		{"a key with a space", tenants.Metadata{"a b": "x"}, "/metadata unknown_field"},
		{"a key in Chinese", tenants.Metadata{"店铺": "x"}, "/metadata unknown_field"},
		{"a key with a line break", tenants.Metadata{"a\n": "x"}, "/metadata unknown_field"},
		{"the longest value", tenants.Metadata{"k": strings.Repeat("长", 500)}, ""},
		{"a value of 501", tenants.Metadata{"k": strings.Repeat("长", 501)}, "/metadata/k max_length"},
		{"U+0000", tenants.Metadata{"k": "a\x00"}, "/metadata/k format"},
		{"not UTF-8", tenants.Metadata{"k": "\xff"}, "/metadata/k format"},
	} {
		if _, err := tenants.NewMetadata(row.given); refused(t, err) != row.want {
			t.Errorf("%s: %q, want %q", row.name, refused(t, err), row.want)
		}
	}
}

func TestMetadataMerge(t *testing.T) {
	t.Parallel()
	type keys = map[string]*string
	text := func(s string) *string { return &s }
	twenty := keys{}
	for i := range 20 {
		twenty["n"+strconv.Itoa(i)] = text("v")
	}
	for _, row := range []struct {
		name   string
		before tenants.Metadata
		change tenants.MetadataChange
		want   tenants.Metadata
		fault  string
	}{
		{"nothing", tenants.Metadata{"a": "1"}, tenants.MetadataChange{}, tenants.Metadata{"a": "1"}, ""},
		{"of nothing", nil, tenants.MetadataChange{}, tenants.Metadata{}, ""},
		{"keys merge", tenants.Metadata{"a": "1", "b": "2"},
			tenants.MetadataChange{Keys: keys{"b": text("3"), "c": text("")}},
			tenants.Metadata{"a": "1", "b": "3", "c": ""}, ""},
		{"null takes away", tenants.Metadata{"a": "1", "b": "2"},
			tenants.MetadataChange{Keys: keys{"a": nil, "x": nil}}, tenants.Metadata{"b": "2"}, ""},
		{"clear", tenants.Metadata{"a": "1"}, tenants.MetadataChange{Clear: true}, tenants.Metadata{}, ""},
		{"the 20th", full(19), tenants.MetadataChange{Keys: keys{"x": text("v")}}, with(full(19), "x"), ""},
		{"the 21st", full(20), tenants.MetadataChange{Keys: keys{"x": text("v")}}, nil, "/metadata max_properties"},
		{"one for another", full(20), tenants.MetadataChange{Keys: keys{"x": text("v"), "k19": nil}},
			with(full(19), "x"), ""},
		{"too many", full(1), tenants.MetadataChange{Keys: twenty}, nil, "/metadata max_properties"},
		{"a long value", nil, tenants.MetadataChange{Keys: keys{"k": text(strings.Repeat("x", 501))}}, nil,
			"/metadata/k max_length"},
	} {
		untouched := maps.Clone(row.before)
		have, err := row.before.Merge(row.change)
		if refused(t, err) != row.fault || err == nil && !reflect.DeepEqual(have, row.want) {
			t.Errorf("%s: %v %v, want %v %s", row.name, have, err, row.want, row.fault)
		}
		if !reflect.DeepEqual(row.before, untouched) {
			t.Errorf("%s: what was there before became %v", row.name, row.before)
		}
	}
}

// with is m and one key more.
func with(m tenants.Metadata, key string) tenants.Metadata {
	m[key] = "v"
	return m
}

// Each key is a change of its own.
func TestChangesOfMetadata(t *testing.T) {
	t.Parallel()
	have := tenants.Changes{}.AddMetadata(tenants.Metadata{"a": "1", "b": "2", "c": "3"},
		tenants.Metadata{"a": "1", "b": "x", "d": "4"})
	want := tenants.Changes{{"metadata.b", "2", "x"}, {"metadata.c", "3", ""}, {"metadata.d", "", "4"}}
	if !reflect.DeepEqual(have, want) {
		t.Errorf("%v, want %v", have, want)
	}
	if made := (tenants.Changes{}).AddMetadata(nil, tenants.Metadata{"a": "1"}); len(made) != 1 {
		t.Errorf("of a new thing: %v", made)
	}
}
