package webhooks

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// probed is the data of webhook.test.
type probed struct {
	EndpointID id.WebhookEndpoint `json:"endpoint_id"`
}

// Test sends a webhook.test event to one endpoint, which may be disabled, and waits for its answer. The attempt is
// recorded; it says nothing about the endpoint's health, and is not repeated. Phased: a transaction that writes the
// event, the delivery, and a transaction that records it.
//
// It returns webhook_endpoint_not_found.
func (s *Service) Test(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
) (out AttemptDetail, err error) {
	event := id.New[id.Event]()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := q.WebhookEndpointGetForUpdate(ctx, tx, endpoint)
		if _, err = foundEndpoint(Endpoint{}, err); err != nil {
			return err
		}
		err = events.Write(ctx, tx, event, events.Event{
			Type:        vocabulary.EventWebhookTest,
			SubjectType: vocabulary.SubjectWebhookEndpoint,
			SubjectID:   endpoint,
			Data:        probed{endpoint},
			At:          s.clock.Now(),
		})
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "testWebhookEndpoint", "webhook_endpoint", endpoint, "")
	})
	if err != nil {
		return AttemptDetail{}, err
	}
	m, err := s.load(ctx, a.Tenant, event, endpoint)
	if err != nil {
		return AttemptDetail{}, err
	}
	_, attempt, err := s.try(ctx, m, 1)
	if err != nil {
		return AttemptDetail{}, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := q.WebhookAttemptInsert(ctx, tx.Later(), attempt); err != nil {
			return fmt.Errorf("record the attempt: %w", err)
		}
		out, err = attemptDetail(ctx, tx, endpoint, attempt.ID)
		return err
	})
	return out, err
}

// ResendTo queues an event again for one endpoint, whatever types it takes. It returns webhook_endpoint_not_found,
// event_not_found, webhook_endpoint_disabled and webhook_test_of_another.
func (s *Service) ResendTo(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
	event id.Event,
) (e events.Stored, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		var r dbsqlc.WebhookEndpoint
		r, err := q.WebhookEndpointGet(ctx, tx, endpoint)
		to, err := foundEndpoint(endpointOf(r), err)
		if err != nil {
			return err
		}
		if e, err = events.Load(ctx, tx, event); err != nil {
			return err
		}
		if e.Type == vocabulary.EventWebhookTest && e.SubjectID != uuid.UUID(endpoint) {
			return errTestOfAnother()
		}
		if to.Status != StatusEnabled {
			return fault.New(CodeEndpointDisabled, "The webhook endpoint is disabled. Enable it first.")
		}
		job := queue.WebhookDeliver{TenantID: queue.RefTo(a.Tenant), EventID: queue.RefTo(event),
			EndpointID: queue.RefTo(endpoint)}
		if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: job}); err != nil {
			return fmt.Errorf("queue the delivery: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "resendEventToEndpoint", "event", event, endpoint.String())
	})
	return e, err
}

func errTestOfAnother() error {
	return fault.New(CodeTestOfAnother, "This event is the test of one endpoint. Send it to that one only.")
}
