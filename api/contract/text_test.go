package contract_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong"
	"zhitong/api/contract"
)

// TestContractIsReadable holds openapi.yaml to 120 columns and one value of an enumeration a line, so that a change of
// one matter touches its own lines.
func TestContractIsReadable(t *testing.T) {
	t.Parallel()
	for i, line := range strings.Split(zhitong.OpenAPI(), "\n") {
		if utf8.RuneCountInString(line) > 120 {
			t.Errorf("openapi.yaml:%d has more than 120 columns", i+1)
		}
		if strings.Contains(line, "enum: [") {
			t.Errorf("openapi.yaml:%d: one value a line", i+1)
		}
	}
}

// TestErrorsAreTheDefaultResponse shows that an error has no place of its own among the responses.
func TestErrorsAreTheDefaultResponse(t *testing.T) {
	t.Parallel()
	for _, responses := range []string{
		`{"200":{"description":"x"}}`,
		`{"404":{"description":"x"},"default":{"$ref":"#/components/responses/Problem"}}`,
		`{"default":{"description":"x"}}`,
	} {
		doc, err := openapi3.NewLoader().LoadFromData([]byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},
			"paths":{"/x":{"get":{"operationId":"x","responses":` + responses + `}}},
			"components":{"responses":{"Problem":{"description":"x"}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := contract.New(doc); err == nil {
			t.Errorf("%s is accepted", responses)
		}
	}
}
