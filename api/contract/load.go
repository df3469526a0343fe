package contract

import (
	"context"
	"fmt"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong"
)

// Document is openapi.yaml, found to be a valid OpenAPI document. It is read once in a program, whose part it is, and
// shared: it must not be changed.
var Document = sync.OnceValues(Parse)

// Parse reads openapi.yaml into a document of the caller's own, and checks that it is a valid OpenAPI document.
func Parse() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(zhitong.OpenAPI()))
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil { //nolint:forbidigo // it waits for nothing
		return nil, fmt.Errorf("check openapi.yaml: %w", err)
	}
	return doc, nil
}

// Load is openapi.yaml, compiled; once in a program, as Document is.
var Load = sync.OnceValues(func() (*Contract, error) {
	doc, err := Document()
	if err != nil {
		return nil, err
	}
	return New(doc)
})
