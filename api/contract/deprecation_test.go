package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/api/contract"
)

// marked is the contract of one operation with the given lines.
func marked(t *testing.T, lines string) (*contract.Contract, error) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(`
openapi: 3.1.0
info: {title: x, version: '1'}
paths:
  /x:
    get:
      operationId: x
` + lines + `
      responses:
        default: {$ref: '#/components/responses/Problem'}
components:
  responses:
    Problem: {description: x}
`))
	if err != nil {
		t.Fatal(err)
	}
	return contract.New(doc)
}

// TestDeprecation reads the dates of an operation that will go, and tells them in both headers.
func TestDeprecation(t *testing.T) {
	t.Parallel()
	c, err := marked(t, "      deprecated: true\n      x-deprecated: '2026-12-01'\n      x-sunset: '2027-06-30'")
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	c.Operation("GET", "/x").Deprecation.Tell(h)
	if got := h.Get("Deprecation"); got != "@1796083200" {
		t.Errorf("Deprecation %q", got)
	}
	if got := h.Get("Sunset"); got != "Wed, 30 Jun 2027 00:00:00 GMT" {
		t.Errorf("Sunset %q", got)
	}
	if c, err = marked(t, "      summary: x"); err != nil || c.Operation("GET", "/x").Deprecation != nil {
		t.Errorf("not marked: %v %v", c, err)
	}
}

// TestDeprecationIsWhole refuses a mark without its dates, and dates without the mark.
func TestDeprecationIsWhole(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"no dates":   "deprecated: true",
		"no sunset":  "deprecated: true\nx-deprecated: '2026-12-01'",
		"no since":   "deprecated: true\nx-sunset: '2026-12-01'",
		"not a date": "deprecated: true\nx-deprecated: '2026-12-01'\nx-sunset: soon",
		"backwards":  "deprecated: true\nx-deprecated: '2026-12-01'\nx-sunset: '2026-12-01'",
		"no mark":    "x-sunset: '2026-12-01'",
	} {
		if _, err := marked(t, "      "+strings.ReplaceAll(lines, "\n", "\n      ")); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
