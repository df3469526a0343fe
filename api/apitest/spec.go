package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// responses holds answers to the contract.
type responses struct{ router routers.Router }

func newResponses(doc *openapi3.T) *responses {
	for name, s := range doc.Components.Schemas {
		if name != "Event" { // its data is free
			seal(s, map[*openapi3.Schema]bool{})
		}
	}
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return &responses{router}
}

// seal makes a schema refuse fields that it does not name: an answer may not say more than the contract.
func seal(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	s := ref.Value
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if s.Type.Is("object") && s.AdditionalProperties.Has == nil {
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
	if route.Operation.Responses.Value(fmt.Sprint(a.Status)) == nil {
		return fmt.Errorf("%s does not list status %d", route.Operation.OperationID, a.Status)
	}
	err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)),
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	})
	if err != nil || a.Status < 400 {
		return err
	}
	return problem(route, a)
}

func problem(route *routers.Route, a Answer) error {
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("an error of type %q", got)
	}
	var p struct{ Type, Code, Instance string }
	if err := json.Unmarshal(a.Body, &p); err != nil {
		return err
	}
	listed, _ := route.Operation.Extensions["x-error-codes"].([]any)
	switch {
	case !slices.Contains(listed, any(p.Code)):
		return fmt.Errorf("%s does not list the code %q", route.Operation.OperationID, p.Code)
	case p.Instance != a.Header.Get("Request-Id"):
		return fmt.Errorf("instance %q is not the Request-Id", p.Instance)
	case !strings.HasSuffix(p.Type, "#"+p.Code):
		return fmt.Errorf("type %q does not lead to the code", p.Type)
	}
	return nil
}
