package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/internal/fault"
)

// Codes that follow from what an operation is, so that openapi.yaml lists only what is its own.
var (
	always = []fault.Code{
		"invalid_request",
		"unknown_api_version",
		"rate_limited",
		"database_unavailable",
		"internal",
	}
	withKey = []fault.Code{"unauthenticated", "forbidden", "permission_missing"}
	// withSession is what every operation adds that a person may call.
	withSession = []fault.Code{"session_ended", "cross_site_request"}
	// withTenant is what one adds that a session calls for a platform.
	withTenant = []fault.Code{"tenant_not_found"}
	// withRole is what one adds for which a person has a role.
	withRole = []fault.Code{"second_factor_required"}
	// withElevation is what one adds that needs a fresh proof.
	withElevation = []fault.Code{"reauthentication_required"}
	withBody      = []fault.Code{"body_too_large", "unsupported_media_type"}
	// withoutBody is what one adds that takes none where others do.
	withoutBody = []fault.Code{"unsupported_media_type"}
	// withMatch is what an operation with the header If-Match adds.
	withMatch = []fault.Code{"precondition_failed"}
	// ofList is what an operation with the parameter cursor adds.
	ofList = []fault.Code{"cursor_invalid"}
	// withIdempotency is what an operation with the header Idempotency-Key adds.
	withIdempotency = []fault.Code{"idempotency_key_reused", "idempotency_key_in_use"}
	// withRequiredIdempotency is what it adds besides when the header is required.
	withRequiredIdempotency = []fault.Code{"idempotency_key_missing"}
)

// setCodes joins the operation's own codes, the extension x-error-codes, with those of its kind.
func (o *Operation) setCodes(own any) error {
	raw, err := json.Marshal(own)
	if err == nil {
		err = json.Unmarshal(raw, &o.Codes)
	}
	if err != nil {
		return fmt.Errorf("x-error-codes: %w", err)
	}
	o.Codes = append(o.Codes, always...)
	if !o.Public {
		o.Codes = append(append(o.Codes, withKey...), withSession...)
	}
	if o.NamesTenant {
		o.Codes = append(o.Codes, withTenant...)
	}
	if o.NamesTenant && !o.Personal {
		o.Codes = append(o.Codes, withRole...)
	}
	if o.Elevated {
		o.Codes = append(o.Codes, withElevation...)
	}
	if o.TakesBody() {
		o.Codes = append(o.Codes, withBody...)
	}
	if o.RefusesBody() {
		o.Codes = append(o.Codes, withoutBody...)
	}
	if o.TakesHeader("If-Match") {
		o.Codes = append(o.Codes, withMatch...)
	}
	if o.IsList() {
		o.Codes = append(o.Codes, ofList...)
	}
	if o.TakesHeader("Idempotency-Key") {
		o.Codes = append(o.Codes, withIdempotency...)
	}
	if o.MissingHeader(http.Header{}) == "Idempotency-Key" {
		o.Codes = append(o.Codes, withRequiredIdempotency...)
	}
	slices.Sort(o.Codes)
	o.Codes = slices.Compact(o.Codes)
	return nil
}

// onlyProblem demands that an operation answers errors in one way: the shared problem, whatever the status. The status
// of a code is the catalogue's.
func onlyProblem(responses *openapi3.Responses) error {
	if d := responses.Default(); d == nil || d.Ref != "#/components/responses/Problem" {
		return fmt.Errorf("the default response must be #/components/responses/Problem")
	}
	for status := range responses.Map() {
		if status != "default" && status[0] != '2' && status != "304" {
			return fmt.Errorf("status %s: errors are the default response, their codes stand in x-error-codes", status)
		}
	}
	return nil
}
