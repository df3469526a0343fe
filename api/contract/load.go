package contract

import (
	"context"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong"
)

// Load reads openapi.yaml and checks that it is a valid OpenAPI document.
func Load(ctx context.Context) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(zhitong.OpenAPI()))
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, fmt.Errorf("check openapi.yaml: %w", err)
	}
	return doc, nil
}
