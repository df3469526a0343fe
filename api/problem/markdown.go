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
		"quote `instance` (it ends with the `Request-Id`) when you ask for help. `errors` lists each faulty field with a JSON\n" +
		"pointer and a code of its own.\n\n" +
		statuses() +
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

// statuses is the rule by which a code has its status; a test holds the catalogue to it.
func statuses() string {
	return "| Status | When |\n|---|---|\n" +
		"| 400 | the request is malformed: not as the contract says, whatever is stored |\n" +
		"| 401, 403 | who calls is not known, or may not |\n" +
		"| 404 | what the path or a field names is not there |\n" +
		"| 405, 413, 415 | another method, a smaller body or another Content-Type is needed |\n" +
		"| 409 | it does not go with the state of things; the same request may succeed later |\n" +
		"| 412 | `If-Match` names another version than the one that is there |\n" +
		"| 422 | the request is well-formed, and what it asks for is not possible |\n" +
		"| 429 | too many requests; wait for `Retry-After` |\n" +
		"| 500 | a fault of ours |\n" +
		"| 502 | Alipay refused |\n" +
		"| 503 | something is away for a moment; wait for `Retry-After`, then send the same request |\n\n"
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
		{"format", "is not of the format the contract names (email, uri, date, date-time; label: visible text on one line), " +
			"or is no id of the kind that belongs here"},
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
