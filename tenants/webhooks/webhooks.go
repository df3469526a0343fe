// Package webhooks delivers events to a tenant's own programs. A job posts each event to each endpoint that takes its
// type, signed by Standard Webhooks, until the endpoint takes it or the schedule ends.
//
// A healthy endpoint gets each event at least once and in no promised order.
package webhooks

import (
	"fmt"
	"net/http"

	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeEndpointNotFound fault.Code = "webhook_endpoint_not_found"
	CodeAttemptNotFound  fault.Code = "webhook_attempt_not_found"
	CodeEndpointLimit    fault.Code = "webhook_endpoint_limit"
	CodeEndpointDisabled fault.Code = "webhook_endpoint_disabled"
	CodeURLRefused       fault.Code = "webhook_url_refused"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:    CodeEndpointNotFound,
			Status:  http.StatusNotFound,
			Title:   "No such webhook endpoint",
			Meaning: "The tenant has no webhook endpoint with this id.",
		},
		{
			Code:    CodeAttemptNotFound,
			Status:  http.StatusNotFound,
			Title:   "No such delivery attempt",
			Meaning: "The endpoint has no delivery attempt with this id.",
		},
		{Code: CodeEndpointLimit, Status: http.StatusConflict, Title: "Too many webhook endpoints",
			Meaning: fmt.Sprintf("A tenant has at most %d webhook endpoints. Change or delete one that exists.", EndpointsMax)},
		{Code: CodeEndpointDisabled, Status: http.StatusConflict, Title: "The webhook endpoint is disabled",
			Meaning: "Nothing is delivered to a disabled endpoint. Enable it, then send again."},
		{Code: CodeURLRefused, Status: http.StatusUnprocessableEntity, Title: "The webhook address is refused",
			Meaning: "The address must be https, carry no user name, and lead to a public host."},
	}
}

// EndpointsMax is how many endpoints a tenant may have.
const EndpointsMax = 16
