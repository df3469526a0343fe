package contract

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Deprecation says that an operation will go: `deprecated: true` in the specification, with the dates x-deprecated
// (since when) and x-sunset (until when it works at least).
type Deprecation struct{ Since, Sunset time.Time }

// Tell writes the headers Deprecation (RFC 9745) and Sunset (RFC 8594).
func (d Deprecation) Tell(h http.Header) {
	h.Set("Deprecation", "@"+strconv.FormatInt(d.Since.Unix(), 10))
	h.Set("Sunset", d.Sunset.Format(http.TimeFormat))
}

// deprecation reads the dates of an operation; nil: it is not deprecated.
func deprecation(op *openapi3.Operation) (*Deprecation, error) {
	if !op.Deprecated {
		for _, name := range []string{"x-deprecated", "x-sunset"} {
			if op.Extensions[name] != nil {
				return nil, fmt.Errorf("%s: the operation is not marked deprecated", name)
			}
		}
		return nil, nil
	}
	var d Deprecation
	for name, to := range map[string]*time.Time{"x-deprecated": &d.Since, "x-sunset": &d.Sunset} {
		text, _ := op.Extensions[name].(string)
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, fmt.Errorf("a deprecated operation needs %s, a date in quotes", name)
		}
		*to = at
	}
	if !d.Sunset.After(d.Since) {
		return nil, fmt.Errorf("x-sunset is not after x-deprecated")
	}
	return &d, nil
}
