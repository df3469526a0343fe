// Package webhooks tells a tenant's own programs what happened. An event is written in the transaction that made it true, together with one delivery job
// for each endpoint that wants its type; a job sends it, signed by Standard Webhooks, until the endpoint takes it or the schedule ends.
//
// Events reach a healthy endpoint at least once and in no promised order; they carry identifiers, amounts and statuses, never card keys.
package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/jobs/args"
)

var q = dbsqlc.New()

// Types of events.
const (
	OrderCreated                = "order.created"
	OrderPaid                   = "order.paid"
	OrderDelivered              = "order.delivered"
	OrderClosed                 = "order.closed"
	OrderNeedsReview            = "order.needs_review"
	OrderRefunded               = "order.refunded"
	SplitCompleted              = "split.completed"
	SplitRefused                = "split.refused"
	RefundSucceeded             = "refund.succeeded"
	RefundRefused               = "refund.refused"
	OnboardingSubmitted         = "onboarding.submitted"
	OnboardingAwaitingSignature = "onboarding.awaiting_signature"
	OnboardingApproved          = "onboarding.approved"
	OnboardingRejected          = "onboarding.rejected"
	CaseOpened                  = "case.opened"
)

// Types lists every type of event.
func Types() []string {
	return []string{OrderCreated, OrderPaid, OrderDelivered, OrderClosed, OrderNeedsReview, OrderRefunded, SplitCompleted, SplitRefused, RefundSucceeded,
		RefundRefused, OnboardingSubmitted, OnboardingAwaitingSignature, OnboardingApproved, OnboardingRejected, CaseOpened}
}

// Codes of this package.
const (
	CodeEventNotFound    fault.Code = "event_not_found"
	CodeEndpointNotFound fault.Code = "webhook_endpoint_not_found"
	CodeEndpointLimit    fault.Code = "webhook_endpoint_limit"
	CodeURLRefused       fault.Code = "webhook_url_refused"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeEventNotFound, Status: http.StatusNotFound, Title: "No such event", Meaning: "The tenant has no event with this id."},
		{Code: CodeEndpointNotFound, Status: http.StatusNotFound, Title: "No such webhook endpoint", Meaning: "The tenant has no webhook endpoint with this id."},
		{Code: CodeEndpointLimit, Status: http.StatusConflict, Title: "Too many webhook endpoints",
			Meaning: fmt.Sprintf("A tenant has at most %d webhook endpoints. Change one that exists.", EndpointsMax)},
		{Code: CodeURLRefused, Status: http.StatusUnprocessableEntity, Title: "The webhook address is refused",
			Meaning: "The address must be https, carry no user name, and lead to a public host."},
	}
}

// EndpointsMax is how many endpoints a tenant may have.
const EndpointsMax = 16

// Event is something that happened.
type Event struct {
	Type        string
	SubjectType string // order, refund, split, application, merchant or case
	SubjectID   [16]byte
	Data        any // becomes a JSON object in snake_case
	At          time.Time
}

// Emit leaves the event, and a delivery job for each enabled endpoint that takes its type, for the transaction's next round trip or commit. It reads
// nothing: the endpoints are looked up by the statement that inserts the jobs.
func Emit(ctx context.Context, tx db.TenantTx, ev Event) error {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return fmt.Errorf("write the data of %s: %w", ev.Type, err)
	}
	if ev.At.IsZero() {
		return fmt.Errorf("emit %s: no time", ev.Type)
	}
	eid := id.New[id.Event]()
	err = q.EventInsert(ctx, tx.Later(), dbsqlc.EventInsertParams{
		ID: eid, Type: ev.Type, SubjectType: ev.SubjectType, SubjectID: uuid.UUID(ev.SubjectID), Data: data, CreatedAt: ev.At,
	})
	if err != nil {
		return fmt.Errorf("write the event %s: %w", ev.Type, err)
	}
	return args.InsertWebhookDeliveries(ctx, tx.Later(), eid, ev.Type)
}
