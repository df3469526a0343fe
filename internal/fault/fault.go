// Package fault is the one kind of error that leaves a use case on purpose: a stable code that a program can act on, a
// sentence for a person, and the fields it is about. Everything else that reaches the edge is an internal error, and
// its text stays in the log.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Code is a stable snake_case word of the contract, for example card_keys_sold_out. Codes are never renamed.
type Code string

// Definition is what a code means; docs/errors.md is generated from the definitions.
type Definition struct {
	Code    Code
	Status  int    // the HTTP status it is answered with
	Title   string // a short English title, without a full stop
	TitleZh string // the same in Chinese
	Meaning string // what happened and what the caller can do
	// MeaningZh is the same in Chinese; a test demands both.
	MeaningZh string
}

// TitleIn is the title in Chinese or English.
func (d Definition) TitleIn(chinese bool) string {
	if chinese && d.TitleZh != "" {
		return d.TitleZh
	}
	return d.Title
}

// MeaningIn is the meaning in Chinese or English.
func (d Definition) MeaningIn(chinese bool) string {
	if chinese && d.MeaningZh != "" {
		return d.MeaningZh
	}
	return d.Meaning
}

// Field is one faulty part of a request.
type Field struct {
	Pointer string `json:"pointer"` // JSON pointer into the body, or the parameter's name
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error is a fault. Its cause, if any, is for the log.
type Error struct {
	Code   Code
	Detail string
	Fields []Field
	cause  error
}

// New makes a fault. Detail is shown to the caller: no secrets, no rejected values.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Because attaches the cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// At adds a faulty field.
func (e *Error) At(pointer, code, detail string) *Error {
	c := *e
	c.Fields = append(slices.Clone(e.Fields), Field{Pointer: pointer, Code: code, Detail: detail})
	return &c
}

// Error implements error: code, detail, fields and cause, for the log.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s %s", f.Pointer, f.Code)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of the fault in err's chain, or "" when there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Catalogue is the set of all codes of a program, put together once at start-up from the packages that declare them.
type Catalogue map[Code]Definition

// NewCatalogue joins the packages' definitions; a code that is declared twice, or incompletely, is an error.
func NewCatalogue(lists ...[]Definition) (Catalogue, error) {
	c := Catalogue{}
	for _, d := range slices.Concat(lists...) {
		if _, dup := c[d.Code]; dup {
			return nil, fmt.Errorf("fault: code %q is declared twice", d.Code)
		}
		if d.Code == "" || d.Status < 400 || d.Title == "" || d.Meaning == "" {
			return nil, fmt.Errorf("fault: code %q is incomplete", d.Code)
		}
		c[d.Code] = d
	}
	return c, nil
}

// Sorted is every definition by code.
func (c Catalogue) Sorted() []Definition {
	return slices.SortedFunc(maps.Values(c), func(a, b Definition) int {
		return strings.Compare(string(a.Code), string(b.Code))
	})
}
