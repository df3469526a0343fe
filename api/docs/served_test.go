package docs

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong"
	"zhitong/api/contract"
	"zhitong/internal/fault"
)

// What strangers get names no Go package, opens the enumerations that may grow, and lists all codes of an operation.
func TestServed(t *testing.T) {
	t.Parallel()
	const text = `
paths:
  /v1/x:
    post:
      operationId: createX
      x-error-codes: [x_taken]
components:
  schemas:
    Open: {type: string, enum: [a, b], x-extensible: true}
    Closed: {type: string, enum: [CNY]}
    XId: {type: string, x-go-type: id.X, x-go-type-import: {path: zhitong/internal/id}}
    Enum: {type: object, properties: {enum: {type: string}}}
`
	const want = `paths:
  /v1/x:
    post:
      operationId: createX
      x-error-codes:
        - internal
        - x_taken
components:
  schemas:
    Open: {type: string, x-extensible-enum: [a, b]}
    Closed: {type: string, enum: [CNY]}
    XId: {type: string}
    Enum: {type: object, properties: {enum: {type: string}}}
`
	got, err := served(text, []*contract.Operation{{ID: "createX", Codes: []fault.Code{"internal", "x_taken"}}})
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}

// The whole contract is still a valid one when it is served, with all that it had.
func TestServedContract(t *testing.T) {
	t.Parallel()
	spec, err := contract.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	text, err := served(zhitong.OpenAPI(), c.Operations())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "x-go-") || strings.Contains(text, "zhitong/") {
		t.Error("a Go package is named")
	}
	public, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := public.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if len(public.Components.Schemas) != len(spec.Components.Schemas) || public.Paths.Len() != spec.Paths.Len() {
		t.Error("something is missing")
	}
}
