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
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
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

// Jobs queues the delivery of an event to an endpoint in the transaction tx.
type Jobs interface {
	WebhookDeliver(ctx context.Context, tx db.TenantTx, event id.Event, endpoint id.WebhookEndpoint) error
}

// Subscriber is an enabled endpoint and the types it takes; none means all.
type Subscriber struct {
	ID         id.WebhookEndpoint
	EventTypes []string
}

// Takes tells whether the endpoint wants events of this type.
func (s Subscriber) Takes(eventType string) bool {
	return len(s.EventTypes) == 0 || slices.Contains(s.EventTypes, eventType)
}

// Emitter writes events. It is one per program.
type Emitter struct {
	jobs  Jobs
	clock clock.Clock
}

// NewEmitter makes an Emitter.
func NewEmitter(jobs Jobs, c clock.Clock) *Emitter { return &Emitter{jobs: jobs, clock: c} }

// Subscribers reads the tenant's enabled endpoints: one small read, done before the writes of a use case.
func Subscribers(ctx context.Context, tx db.TenantTx) ([]Subscriber, error) {
	rows, err := q.WebhookEndpointSubscribers(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the webhook endpoints: %w", err)
	}
	subs := make([]Subscriber, 0, len(rows))
	for _, r := range rows {
		subs = append(subs, Subscriber{r.ID, r.EventTypes})
	}
	return subs, nil
}

// Event is something that happened.
type Event struct {
	Type        string
	SubjectType string // order, refund, split, application, merchant or case
	SubjectID   [16]byte
	Data        any // becomes a JSON object in snake_case
}

// Emit leaves the event and a delivery to each subscriber that takes its type for the transaction's commit. It reads nothing.
func (e *Emitter) Emit(ctx context.Context, tx db.TenantTx, subscribers []Subscriber, ev Event) (id.Event, error) {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return id.Event{}, fmt.Errorf("write the data of %s: %w", ev.Type, err)
	}
	eid := id.New[id.Event]()
	err = q.EventInsert(ctx, tx.Later(), dbsqlc.EventInsertParams{
		ID: eid, Type: ev.Type, SubjectType: ev.SubjectType, SubjectID: uuid.UUID(ev.SubjectID), Data: data, CreatedAt: e.clock.Now().Truncate(time.Microsecond),
	})
	if err != nil {
		return id.Event{}, fmt.Errorf("write the event %s: %w", ev.Type, err)
	}
	return eid, e.fanOut(ctx, tx, subscribers, eid, ev.Type)
}

// fanOut queues a delivery to each subscriber that takes the type.
func (e *Emitter) fanOut(ctx context.Context, tx db.TenantTx, subscribers []Subscriber, event id.Event, eventType string) error {
	for _, s := range subscribers {
		if !s.Takes(eventType) {
			continue
		}
		if err := e.jobs.WebhookDeliver(ctx, tx, event, s.ID); err != nil {
			return fmt.Errorf("queue the delivery of %s: %w", eventType, err)
		}
	}
	return nil
}
