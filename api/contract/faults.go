package contract

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"zhitong/internal/fault"
	"zhitong/internal/id"
)

// report collects faulty fields. The first word about a place is the last: what is not even text is not told its
// length.
type report struct {
	fields []fault.Field
	root   string // the name of the parameter; "" in a body
}

func (f *report) add(at, code, detail string) {
	f.fields = append(f.fields, fault.Field{Pointer: f.root + at, Code: code, Detail: detail})
}

// first are the reported faults in order, up to faultsMax.
func (f *report) first() []fault.Field {
	slices.SortStableFunc(f.fields, func(a, b fault.Field) int {
		return cmp.Or(strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Code, b.Code))
	})
	return f.fields[:min(len(f.fields), faultsMax)]
}

// hold holds v to the schema, and reports faults in places that had none before.
func (f *report) hold(s *jsonschema.Schema, v any) {
	err := s.Validate(v)
	if err == nil {
		return
	}
	known := map[string]bool{}
	for _, k := range f.fields {
		known[k.Pointer] = true
	}
	found := report{root: f.root}
	if failed, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		found.failed(failed)
	} else {
		found.add("", "invalid", "Is not as the contract says.")
	}
	for _, k := range found.fields {
		if !known[k.Pointer] {
			f.fields = append(f.fields, k)
		}
	}
}

// failed puts what the validator found into our words, which never repeat a value.
func (f *report) failed(e *jsonschema.ValidationError) {
	at := pointer(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		f.causes(e.Causes)
	case *kind.OneOf, *kind.AnyOf:
		f.choice(at, e)
	case *kind.Required:
		for _, name := range k.Missing {
			f.add(at+pointer([]string{name}), "required", "Is missing.")
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			f.add(at+pointer([]string{name}), "unknown_field", "Is not part of the contract.")
		}
	case *kind.UniqueItems:
		f.add(fmt.Sprintf("%s/%d", at, k.Duplicates[1]), "unique_items", "Is given twice.")
	default:
		code, detail := words(e.ErrorKind)
		f.add(at, code, detail)
	}
}

// choice reports what fits none of several schemas: of a schema or null, what is wrong with the value.
func (f *report) choice(at string, e *jsonschema.ValidationError) {
	rest := slices.DeleteFunc(slices.Clone(e.Causes), isNull)
	if len(rest) == 1 {
		f.failed(rest[0])
		return
	}
	code, detail := words(e.ErrorKind)
	f.add(at, code, detail)
}

// isNull tells whether the fault is that a value is not null.
func isNull(e *jsonschema.ValidationError) bool {
	for len(e.Causes) == 1 {
		e = e.Causes[0]
	}
	k, ok := e.ErrorKind.(*kind.Type)
	return ok && slices.Equal(k.Want, []string{"null"})
}

// causes reports several faults of one value. The items of a list that is too long are not gone through.
func (f *report) causes(all []*jsonschema.ValidationError) {
	for _, c := range all {
		if _, long := c.ErrorKind.(*kind.MaxItems); long {
			f.failed(c)
			return
		}
	}
	for _, c := range all {
		f.failed(c)
	}
}

// words are the code and the sentence for a fault of one value.
func words(k jsonschema.ErrorKind) (code, detail string) {
	switch k := k.(type) {
	case *kind.Type:
		return "type", "Must be " + strings.Join(named(k.Want), " or ") + "."
	case *kind.Enum:
		return "enum", "Must be one of: " + listed(k.Want) + "."
	case *kind.Const:
		return "enum", "Must be one of: " + listed([]any{k.Want}) + "."
	case *kind.Minimum:
		return "minimum", "Must be at least " + whole(k.Want) + "."
	case *kind.Maximum:
		return "maximum", "Must be at most " + whole(k.Want) + "."
	case *kind.MinLength:
		return "min_length", fmt.Sprintf("Must have at least %d characters.", k.Want)
	case *kind.MaxLength:
		return "max_length", fmt.Sprintf("May have at most %d characters.", k.Want)
	case *kind.Pattern:
		if of, ok := id.ByPattern(k.Want); ok {
			_, err := of.Parse(k.Got)
			return "format", sentence(err)
		}
		return "pattern", "Must match " + k.Want + "."
	case *kind.Format:
		return "format", "Must be a valid " + k.Want + "."
	case *kind.MinItems:
		return "min_items", fmt.Sprintf("Must have at least %d items.", k.Want)
	case *kind.MaxItems:
		return "max_items", fmt.Sprintf("May have at most %d items.", k.Want)
	case *kind.MinProperties:
		return "min_properties", fmt.Sprintf("Must have at least %d fields.", k.Want)
	case *kind.MaxProperties:
		return "max_properties", fmt.Sprintf("May have at most %d fields.", k.Want)
	}
	return "invalid", "Is not as the contract says."
}

func named(types []string) (out []string) {
	for _, t := range types {
		article := "a "
		if strings.ContainsRune("aio", rune(t[0])) {
			article = "an "
		}
		out = append(out, article+t)
	}
	return out
}

func listed(values []any) string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}

// sentence is what an error of package id says, as a sentence.
func sentence(err error) string {
	if err == nil {
		return "Is not as the contract says."
	}
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func whole(r *big.Rat) string { return r.RatString() }
