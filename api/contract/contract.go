// Package contract holds requests to openapi.yaml. A schema of OpenAPI 3.1 is JSON Schema 2020-12, so those of every
// operation are compiled once, at start-up, by a JSON Schema library, with formats asserted; kin-openapi reads the
// document. What is ours is the way there and back: reading a body more strictly than JSON asks for, and putting the
// library's verdict into faults that name every place and repeat no value.
//
// The checks are stricter than JSON Schema in what a machine client never needs: repeated fields, integers written as
// 1.0 or 1e2, U+0000, half
// characters and unknown query parameters are refused. What the specification could say without effect is an
// error of [New].
package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"zhitong/internal/fault"
	"zhitong/internal/vocabulary"
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
	// Resource is what a key's permissions name: the tag, unless x-resource says another.
	Resource vocabulary.Resource
	// Public tells that the operation needs no API key and no session.
	Public bool
	// Personal tells that it is for people only, about themselves: no API key may call it.
	Personal bool
	// NamesTenant tells that a session may, or unless it is personal must, say which platform is meant.
	NamesTenant bool
	// Elevated tells that a session needs a fresh proof of who calls.
	Elevated bool
	// Codes are the error codes it may answer with, in order.
	Codes []fault.Code
	// Deprecation is nil unless the operation will go.
	Deprecation *Deprecation
	// Secret tells that it answers with something that opens a door: a property marked x-secret.
	Secret bool
	// Reads tells that it changes nothing, although it is no GET.
	Reads bool
	// PathParameters are the names in the path, in order.
	PathParameters []string

	path     []parameter
	query    map[string]parameter
	headers  []parameter
	body     *jsonschema.Schema  // nil: no JSON body
	texts    *texts              // of the JSON body
	shape    *openapi3.SchemaRef // of the JSON body, as the document has it
	required bool                // the body
	media    string              // "" no body, "application/json", or a range like "image/*"
}

type parameter struct {
	name     string
	required bool
	integer  bool // otherwise a string, or
	list     bool // several strings with commas between them
	schema   *jsonschema.Schema
	texts    *texts
}

// New compiles the specification.
func New(doc *openapi3.T) (*Contract, error) {
	c := &Contract{operations: map[string]*Operation{}}
	compiled, err := newSchemas(doc)
	if err != nil {
		return nil, fmt.Errorf("compile the contract: %w", err)
	}
	var errs []error
	for path, item := range doc.Paths.Map() {
		if len(item.Parameters) > 0 {
			errs = append(errs, fmt.Errorf("%s: parameters belong to operations", path))
		}
		for method, op := range item.Operations() {
			o, err := newOperation(doc, compiled, method, path, op)
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

func newOperation(doc *openapi3.T, compiled *schemas, method, path string, op *openapi3.Operation) (*Operation, error) {
	o := &Operation{ID: op.OperationID, Method: method, Path: path, query: map[string]parameter{}}
	if len(op.Tags) > 0 {
		o.Tag = op.Tags[0]
	}
	o.Resource = vocabulary.Resource(o.Tag)
	if other, ok := op.Extensions["x-resource"].(string); ok {
		o.Resource = vocabulary.Resource(other)
	}
	o.Reads, _ = op.Extensions["x-reads"].(bool)
	if err := o.setSecurity(doc, op); err != nil {
		return nil, err
	}
	if o.Personal {
		o.Resource = ""
	} else if o.Resource != "" && !o.Resource.Valid() {
		return nil, fmt.Errorf("its tag or x-resource %q is no resource", o.Resource)
	}
	if err := onlyProblem(op.Responses); err != nil {
		return nil, err
	}
	var err error
	if o.Deprecation, err = deprecation(op); err != nil {
		return nil, err
	}
	o.Secret = answersSecret(op.Responses)
	for i, ref := range op.Parameters {
		if err := o.addParameter(compiled, ref, strconv.Itoa(i)); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", ref.Value.Name, err)
		}
	}
	if op.RequestBody != nil {
		if err := o.setBody(compiled, op.RequestBody); err != nil {
			return nil, err
		}
	}
	return o, o.setCodes(op.Extensions["x-error-codes"])
}

// Level is what a key needs of the resource.
func (o *Operation) Level() vocabulary.Level {
	if o.Method == http.MethodGet || o.Reads {
		return vocabulary.LevelRead
	}
	return vocabulary.LevelWrite
}

// place is where the operation stands in the document, and the steps below it.
func (o *Operation) place(below ...string) []string {
	return append([]string{"paths", o.Path, strings.ToLower(o.Method)}, below...)
}

func (o *Operation) addParameter(compiled *schemas, ref *openapi3.ParameterRef, index string) error {
	p := ref.Value
	s, err := compiled.compile(p.Schema, ref.Ref, o.place("parameters", index)...)
	if err != nil {
		return err
	}
	classes, err := newTexts(p.Schema.Value)
	if err != nil {
		return err
	}
	if classes.class != "" && p.In != openapi3.ParameterInQuery {
		return errors.New("a text in a path or a header needs a pattern")
	}
	c := parameter{
		name:     p.Name,
		required: p.Required,
		schema:   s,
		texts:    classes,
		integer:  p.Schema.Value.Type.Is("integer"),
	}
	c.list = p.Schema.Value.Type.Is("array") && p.In == openapi3.ParameterInQuery &&
		p.Style == openapi3.SerializationForm &&
		p.Explode != nil && !*p.Explode && p.Schema.Value.Items.Value.Type.Is("string")
	if !c.integer && !c.list && !p.Schema.Value.Type.Is("string") {
		return errors.New("only strings, integers and strings with commas between them are understood")
	}
	switch p.In {
	case openapi3.ParameterInPath:
		o.path = append(o.path, c)
		o.PathParameters = append(o.PathParameters, p.Name)
	case openapi3.ParameterInQuery:
		o.query[p.Name] = c
	case openapi3.ParameterInHeader:
		o.headers = append(o.headers, c)
	default:
		return fmt.Errorf("in %q is not understood", p.In)
	}
	return nil
}

func (o *Operation) setBody(compiled *schemas, ref *openapi3.RequestBodyRef) (err error) {
	if ref.Ref != "" || len(ref.Value.Content) != 1 {
		return fmt.Errorf("body: want one media type, written in place")
	}
	o.required = ref.Value.Required
	for media, m := range ref.Value.Content {
		if o.media = media; media != "application/json" {
			continue
		}
		if o.body, err = compiled.compile(m.Schema, "", o.place("requestBody", "content", media)...); err != nil {
			return fmt.Errorf("body: %w", err)
		}
		o.shape = m.Schema
		if o.texts, err = newTexts(m.Schema.Value); err != nil {
			return fmt.Errorf("body: %w", err)
		}
	}
	return nil
}

// Operations are all operations, ordered by path and method.
func (c *Contract) Operations() []*Operation { return c.ordered }

// Operation finds an operation by its method and its path as the specification writes it, or nil.
func (c *Contract) Operation(method, path string) *Operation { return c.operations[method+" "+path] }

// ByID finds an operation by its operationId, or nil.
func (c *Contract) ByID(operation string) *Operation {
	i := slices.IndexFunc(c.ordered, func(o *Operation) bool { return o.ID == operation })
	if i < 0 {
		return nil
	}
	return c.ordered[i]
}

// HasJSONBody tells whether the operation takes a JSON body.
func (o *Operation) HasJSONBody() bool { return o.body != nil }

// IsList tells whether the operation answers pages.
func (o *Operation) IsList() bool { _, ok := o.query["cursor"]; return ok }

// TakesBody tells whether the operation takes a body at all.
func (o *Operation) TakesBody() bool { return o.media != "" }

// RefusesBody tells whether a body would be expected with the operation's method, and the operation takes none.
func (o *Operation) RefusesBody() bool {
	return !o.TakesBody() && slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, o.Method)
}

// BodyRequired tells whether the operation cannot do without a body.
func (o *Operation) BodyRequired() bool { return o.required }

// TakesHeader tells whether the header is one of the operation's parameters.
func (o *Operation) TakesHeader(name string) bool {
	return slices.ContainsFunc(o.headers, func(p parameter) bool { return p.name == name })
}

// TakesQuery tells whether the query parameter is one of the operation's.
func (o *Operation) TakesQuery(name string) bool { _, ok := o.query[name]; return ok }

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

// ReadParameters gives the query with its texts as they are kept, and reports the faulty parameters in path, query and
// headers. pathValue gives the value of a name in the path.
func (o *Operation) ReadParameters(r *http.Request, pathValue func(name string) string) (string, []fault.Field) {
	var f report
	for _, p := range o.path {
		p.check(&f, pathValue(p.name))
	}
	query := o.checkQuery(&f, r.URL.RawQuery)
	for _, p := range o.headers {
		if v := r.Header.Values(p.name); len(v) > 0 {
			p.check(&f, v...)
		} else if p.required {
			f.add(p.name, "required", "Is missing.")
		}
	}
	return query, f.first()
}

func (o *Operation) checkQuery(f *report, raw string) string {
	values, err := url.ParseQuery(raw)
	if err != nil {
		f.add("", "invalid_query", "The query string is malformed.")
		return raw
	}
	for name, p := range o.query {
		if p.required && !values.Has(name) {
			f.add(name, "required", "Is missing.")
		}
	}
	changed := false
	for name, v := range values {
		if p, ok := o.query[name]; ok {
			kept := p.check(f, v...)
			changed = changed || kept != v[0]
			values[name] = []string{kept}
		} else {
			f.add(clip(name), "unknown_parameter", "Is not a parameter of this operation.")
		}
	}
	if !changed {
		return raw
	}
	return values.Encode()
}

// check checks a parameter, which arrives as text whatever its type, and gives its value as it is kept.
func (p parameter) check(f *report, values ...string) string {
	v, found := values[0], report{root: p.name}
	switch {
	case len(values) > 1:
		found.add("", "duplicate", "May be given once.")
	case !utf8.ValidString(v):
		found.add("", "format", "Is not UTF-8.")
	case strings.IndexByte(v, 0) >= 0:
		found.add("", "nul_character", "May not contain U+0000.")
	case p.list:
		items := []any{}
		for _, item := range strings.Split(v, ",") {
			items = append(items, item)
		}
		found.hold(p.schema, items)
	case !p.integer:
		c := cleaner{report: &found}
		v, _ = c.clean(p.texts, v, nil).(string)
		found.hold(p.schema, v)
	case !json.Valid([]byte(v)) || strings.Trim(v, "-0123456789") != "":
		found.add("", "type", "Must be an integer.")
	default:
		found.hold(p.schema, number(json.Number(v)))
	}
	f.fields = append(f.fields, found.fields...)
	return v
}

// Body is a JSON body that was read.
type Body struct {
	// Asked is its value as it was sent; nil for an empty one. The JSON of it is the same for all bodies that say the
	// same, whatever the order of their fields and the spaces between.
	Asked any
	// Kept is the body with its texts as they are kept.
	Kept []byte
}

// ReadBody reads a JSON body, and reports its faulty fields.
func (o *Operation) ReadBody(body []byte) (Body, []fault.Field) {
	var f report
	if len(body) == 0 {
		if o.required {
			f.add("", "required", "The body is missing.")
		}
		return Body{}, f.fields
	}
	b := Body{Kept: body}
	asked, ok := read(body, &f)
	b.Asked = asked
	if !ok {
		return b, f.first()
	}
	c := cleaner{report: &f}
	kept := c.clean(o.texts, asked, nil)
	f.hold(o.body, kept)
	if c.changed && len(f.fields) == 0 {
		var err error
		if b.Kept, err = json.Marshal(kept); err != nil {
			f.add("", "invalid_json", "The body is not one JSON value.")
		}
	}
	return b, f.first()
}

// clip bounds a name that the caller made up.
func clip(name string) string {
	const nameMax = 64
	if len(name) > nameMax {
		name = name[:nameMax] + "…"
	}
	return strings.ToValidUTF8(name, "�")
}
