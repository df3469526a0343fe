package problem

import (
	"bytes"
	"fmt"
	"net/http"

	"zhitong/internal/fault"
)

// Markdown is docs/errors.md: every code with its status, title and meaning, in alphabetical order.
func Markdown(catalogue fault.Catalogue) []byte {
	var b bytes.Buffer
	b.WriteString("# Error codes\n\n" +
		"<!-- Generated from the code by `make generate`. Do not edit. -->\n\n" +
		"Every error of the API is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with one of these codes. Codes are stable: act on `code`, show `detail`,\n" +
		"quote `instance` (the `Request-Id`) when you ask for help. `errors` lists each faulty field with a JSON pointer and a code of its own.\n\n" +
		"| Code | Status | What happened, and what to do |\n|---|---|---|\n")
	for _, d := range catalogue.Sorted() {
		fmt.Fprintf(
			&b,
			"| <a id=%q></a>`%s` | %d %s | **%s.** %s |\n",
			string(d.Code),
			d.Code,
			d.Status,
			http.StatusText(d.Status),
			d.Title,
			d.Meaning,
		)
	}
	b.WriteString("\n## Codes of fields\n\n" +
		"In `errors[]` of `invalid_request` and its relatives:\n\n" +
		"| Code | The value |\n|---|---|\n")
	for _, f := range fieldCodes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f[0], f[1])
	}
	return b.Bytes()
}

// fieldCodes are the codes of package contract, in words.
func fieldCodes() [][2]string {
	return [][2]string{
		{"invalid_json", "the body is not one JSON value in UTF-8"},
		{"media_type", "the Content-Type is not the one the operation takes"},
		{"required", "is missing"},
		{"unknown_field", "is not part of the contract"},
		{"unknown_parameter", "is not a parameter of the operation"},
		{"duplicate", "appears more than once"},
		{"type", "has another type than the contract says"},
		{"minimum", "is too small"},
		{"maximum", "is too large, or does not fit the number's format"},
		{"min_length", "is too short"},
		{"max_length", "is too long"},
		{"pattern", "does not match the pattern"},
		{"format", "is not of the format the contract names (email, uri, date, date-time), or is no id of the kind that belongs here"},
		{"enum", "is not one of the allowed words"},
		{"min_items", "has too few items"},
		{"max_items", "has too many items; without a pointer: the body has too many values"},
		{"unique_items", "has an item twice"},
		{"min_properties", "has too few fields"},
		{"nul_character", "contains U+0000"},
		{"invalid_query", "the query string is malformed"},
		{"invalid", "breaks another rule of its schema"},
	}
}
