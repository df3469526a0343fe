// Package contract holds requests to openapi.yaml. The specification is compiled once, at start-up, into checks that read the bytes of a request without
// building values, because they run before every order is made. (The general validator of kin-openapi took 0.6 ms and 3,000 allocations for a small order,
// did not look at formats and let text after the JSON value pass; it still loads the document, and a test holds the two to the same verdicts.)
//
// Everything the compiled checks do not understand in the specification is an error of [New], so that no keyword is silently ignored. They are stricter than
// JSON Schema in what a machine client never needs: repeated fields, integers written as 1.0 or 1e2, U+0000 and unknown query parameters are refused.
package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/internal/fault"
)

// faultsMax is how many faulty fields are reported of one request.
const faultsMax = 50

// Contract is the compiled specification. It is immutable.
type Contract struct {
	operations map[string]*Operation // by method and path
	ordered    []*Operation
}

// Operation is one operation of the specification.
type Operation struct {
	ID     string
	Tag    string
	Method string
	Path   string
	// Public tells that the operation needs no API key.
	Public bool
	// Codes are the error codes it may answer with.
	Codes []fault.Code
	// Statuses are the answers it may give.
	Statuses []string
	// PathParameters are the names in the path, in order.
	PathParameters []string

	path     []parameter
	query    map[string]parameter
	headers  []parameter
	body     *schema // nil: no JSON body
	required bool    // the body
	media    string  // "" no body, "application/json", or a range like "image/*"
}

type parameter struct {
	name     string
	required bool
	schema   *schema
}

// New compiles the specification.
func New(doc *openapi3.T) (*Contract, error) {
	c := &Contract{operations: map[string]*Operation{}}
	var errs []error
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o, err := newOperation(doc, method, path, op)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s %s: %w", method, path, err))
				continue
			}
			c.operations[method+" "+path] = o
			c.ordered = append(c.ordered, o)
		}
	}
	slices.SortFunc(c.ordered, func(a, b *Operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	seen := map[string]bool{}
	for _, o := range c.ordered {
		if o.ID == "" || seen[o.ID] {
			errs = append(errs, fmt.Errorf("%s %s: operationId %q is missing or used twice", o.Method, o.Path, o.ID))
		}
		seen[o.ID] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("compile the contract: %w", err)
	}
	return c, nil
}

func newOperation(doc *openapi3.T, method, path string, op *openapi3.Operation) (*Operation, error) {
	o := &Operation{ID: op.OperationID, Method: method, Path: path, query: map[string]parameter{}}
	if len(op.Tags) > 0 {
		o.Tag = op.Tags[0]
	}
	security := op.Security
	if security == nil {
		security = &doc.Security
	}
	o.Public = len(*security) == 0
	codes, err := json.Marshal(op.Extensions["x-error-codes"])
	if err == nil {
		err = json.Unmarshal(codes, &o.Codes)
	}
	if err != nil {
		return nil, fmt.Errorf("x-error-codes: %w", err)
	}
	for status := range op.Responses.Map() {
		o.Statuses = append(o.Statuses, status)
	}
	slices.Sort(o.Statuses)
	for _, ref := range op.Parameters {
		if err := o.addParameter(ref.Value); err != nil {
			return nil, err
		}
	}
	if op.RequestBody != nil {
		err = o.setBody(op.RequestBody.Value)
	}
	return o, err
}

func (o *Operation) addParameter(p *openapi3.Parameter) error {
	s, err := compile(p.Schema)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", p.Name, err)
	}
	if s.kind != kindString && s.kind != kindInteger {
		return fmt.Errorf("parameter %s: only strings and integers are understood", p.Name)
	}
	c := parameter{name: p.Name, required: p.Required, schema: s}
	switch p.In {
	case openapi3.ParameterInPath:
		o.path = append(o.path, c)
		o.PathParameters = append(o.PathParameters, p.Name)
	case openapi3.ParameterInQuery:
		o.query[p.Name] = c
	case openapi3.ParameterInHeader:
		o.headers = append(o.headers, c)
	default:
		return fmt.Errorf("parameter %s: in %q is not understood", p.Name, p.In)
	}
	return nil
}

func (o *Operation) setBody(body *openapi3.RequestBody) (err error) {
	if len(body.Content) != 1 {
		return fmt.Errorf("body: want one media type, have %d", len(body.Content))
	}
	o.required = body.Required
	for media, m := range body.Content {
		o.media = media
		if media == "application/json" {
			o.body, err = compile(m.Schema)
		}
	}
	return err
}

// Operations are all operations, ordered by path and method.
func (c *Contract) Operations() []*Operation { return c.ordered }

// Operation finds an operation by its method and its path as the specification writes it, or nil.
func (c *Contract) Operation(method, path string) *Operation { return c.operations[method+" "+path] }

// HasJSONBody tells whether the operation takes a JSON body.
func (o *Operation) HasJSONBody() bool { return o.body != nil }

// TakesBody tells whether the operation takes a body at all.
func (o *Operation) TakesBody() bool { return o.media != "" }

// Lists tells whether the operation may answer with the code.
func (o *Operation) Lists(code fault.Code) bool { return slices.Contains(o.Codes, code) }

// Accepts tells whether the Content-Type is the operation's.
func (o *Operation) Accepts(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	if family, ok := strings.CutSuffix(o.media, "/*"); ok {
		return strings.HasPrefix(media, family+"/")
	}
	return media == o.media
}

// MissingHeader is the name of a required header that the request lacks, or "".
func (o *Operation) MissingHeader(h http.Header) string {
	for _, p := range o.headers {
		if p.required && h.Get(p.name) == "" {
			return p.name
		}
	}
	return ""
}

// CheckParameters reports the faulty parameters in path, query and headers. pathValue gives the value of a name in the path.
func (o *Operation) CheckParameters(r *http.Request, pathValue func(name string) string) []fault.Field {
	var f report
	for _, p := range o.path {
		p.schema.checkText(&f, p.name, pathValue(p.name))
	}
	o.checkQuery(&f, r.URL.RawQuery)
	for _, p := range o.headers {
		switch v := r.Header.Values(p.name); {
		case len(v) > 1:
			f.add(p.name, "duplicate", "May be given once.")
		case len(v) == 1:
			p.schema.checkText(&f, p.name, v[0])
		case p.required:
			f.add(p.name, "required", "Is missing.")
		}
	}
	return f.fields
}

func (o *Operation) checkQuery(f *report, raw string) {
	if raw == "" {
		return
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		f.add("", "invalid_query", "The query string is malformed.")
		return
	}
	for name, v := range values {
		p, ok := o.query[name]
		switch {
		case !ok:
			f.add(clip(name), "unknown_parameter", "Is not a parameter of this operation.")
		case len(v) > 1:
			f.add(name, "duplicate", "May be given once.")
		default:
			p.schema.checkText(f, name, v[0])
		}
	}
}

// CheckBody reports the faulty fields of a JSON body.
func (o *Operation) CheckBody(body []byte) []fault.Field {
	var f report
	if len(body) == 0 {
		if o.required {
			f.add("", "required", "The body is missing.")
		}
		return f.fields
	}
	if !json.Valid(body) {
		f.add("", "invalid_json", "The body is not one JSON value.")
		return f.fields
	}
	(&walker{data: body, report: &f}).check(o.body, nil)
	return f.fields
}

// clip bounds a name that the caller made up.
func clip(name string) string {
	const nameMax = 64
	if len(name) > nameMax {
		name = name[:nameMax] + "…"
	}
	return strings.ToValidUTF8(name, "�")
}

// report collects faulty fields, up to faultsMax.
type report struct{ fields []fault.Field }

func (f *report) add(pointer, code, detail string) {
	if len(f.fields) < faultsMax {
		f.fields = append(f.fields, fault.Field{Pointer: pointer, Code: code, Detail: detail})
	}
}
