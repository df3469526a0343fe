package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"zhitong/api"
	"zhitong/api/contract"
	"zhitong/internal/fault"
)

// responses holds answers to the contract.
type responses struct {
	router    routers.Router
	contract  *contract.Contract
	catalogue fault.Catalogue
}

// spec is the contract with every schema sealed, made once for all worlds.
var spec = sync.OnceValues(func() (*responses, error) {
	doc, err := contract.Parse()
	if err != nil {
		return nil, err
	}
	c, err := contract.Load()
	if err != nil {
		return nil, err
	}
	catalogue, err := api.Catalogue()
	if err != nil {
		return nil, err
	}
	for name, s := range doc.Components.Schemas {
		if name != "Event" { // its data is free
			seal(s, map[*openapi3.Schema]bool{})
		}
	}
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	return &responses{router, c, catalogue}, err
})

// seal makes a schema refuse fields that it does not name: an answer may not say more than the contract.
func seal(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	s := ref.Value
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if s.Type.Is("object") && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		no := false
		s.AdditionalProperties.Has = &no
	}
	for _, p := range s.Properties {
		seal(p, seen)
	}
	if s.Items != nil {
		seal(s.Items, seen)
	}
}

// eventStream is the content type of what has no end: its head is the answer.
const eventStream = "text/event-stream"

// check tells how an answer differs from the contract. What is no operation of it, for example a page, must only be a
// proper problem when it is one.
func (v *responses) check(ctx context.Context, r *http.Request, a Answer) error {
	if a.Header.Get("Request-Id") == "" {
		return fmt.Errorf("no Request-Id")
	}
	route, params, err := v.router.FindRoute(r)
	if err != nil {
		return nil //nolint:nilerr // not an operation
	}
	if a.Status < 400 && route.Operation.Responses.Value(fmt.Sprint(a.Status)) == nil {
		return fmt.Errorf("%s does not list status %d", route.Operation.OperationID, a.Status)
	}
	err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)),
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true,
			ExcludeResponseBody: a.Header.Get("Content-Type") == eventStream},
	})
	if err != nil || a.Status < 400 {
		return errors.Join(err, stamped(a.Body))
	}
	return v.problem(v.contract.Operation(r.Method, route.Path), a)
}

// A time in an answer has one form.
var (
	anyTime = regexp.MustCompile(`"(\w+_at|\w+_until|timestamp)":"([^"]*)"`)
	stamp   = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
)

func stamped(body []byte) error {
	for _, m := range anyTime.FindAllSubmatch(body, -1) {
		if !stamp.Match(m[2]) {
			return fmt.Errorf("%s is %s, no RFC 3339 time in UTC with six digits of the fraction", m[1], m[2])
		}
	}
	return nil
}

// told is how what people read begins and ends.
var told = regexp.MustCompile(`(?s)^(\p{Lu}|\p{Han}|\d).*[.。]$`)

// problem holds an error to the operation's codes, and its status to the catalogue.
func (v *responses) problem(op *contract.Operation, a Answer) error {
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("an error of type %q", got)
	}
	var p struct {
		Type, Instance, Detail string
		Code                   fault.Code
		Errors                 []struct{ Pointer, Detail string }
	}
	if err := json.Unmarshal(a.Body, &p); err != nil {
		return err
	}
	switch {
	case !op.Lists(p.Code):
		return fmt.Errorf("%s does not list the code %q", op.ID, p.Code)
	case v.catalogue[p.Code].Status != a.Status:
		return fmt.Errorf("%s with status %d, the catalogue says %d", p.Code, a.Status, v.catalogue[p.Code].Status)
	case p.Instance != "urn:zhitong:request:"+a.Header.Get("Request-Id"):
		return fmt.Errorf("instance %q is not of the Request-Id", p.Instance)
	case !strings.HasSuffix(p.Type, "#"+string(p.Code)):
		return fmt.Errorf("type %q does not lead to the code", p.Type)
	case !told.MatchString(p.Detail) && p.Detail != "" && p.Code != "alipay_refused": // those are Alipay's words
		return fmt.Errorf("detail %q is not a sentence", p.Detail)
	}
	for _, f := range p.Errors {
		if !told.MatchString(f.Detail) {
			return fmt.Errorf("detail %q of %s is not a sentence", f.Detail, f.Pointer)
		}
	}
	return nil
}
