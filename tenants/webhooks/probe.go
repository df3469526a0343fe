package webhooks

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
)

// probed is the data of webhook.test.
type probed struct {
	EndpointID id.WebhookEndpoint `json:"endpoint_id"`
}

// Test sends a webhook.test event to one endpoint, which may be disabled, and waits for its answer. The attempt is
// recorded; it says nothing about the endpoint's health, and is not repeated. Phased: a transaction that writes the
// event, the delivery, and a transaction that records it. A repeat with the same key tells the same attempt.
//
// It returns webhook_endpoint_not_found and idempotency_key_reused.
func (s *Service) Test(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	endpoint id.WebhookEndpoint,
) (out AttemptDetail, replayed bool, err error) {
	var event id.Event
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := q.WebhookEndpointGetForUpdate(ctx, tx, endpoint)
		if _, err = foundEndpoint(Endpoint{}, err); err != nil {
			return err
		}
		made := id.New[id.Event]()
		existing, replay, err := key.Claim(ctx, tx, a, "testWebhookEndpoint", made)
		if err != nil {
			return err
		}
		event, replayed = id.Event(existing), replay
		if replay {
			out, err = s.tested(ctx, tx, endpoint, event)
			return err
		}
		err = events.Write(ctx, tx, made, events.Event{
			Type:        vocabulary.EventWebhookTest,
			SubjectType: vocabulary.SubjectWebhookEndpoint,
			SubjectID:   endpoint,
			Data:        probed{endpoint},
			At:          s.now(),
		})
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "testWebhookEndpoint", "webhook_endpoint", endpoint, "")
	})
	if err != nil || !out.ID.IsZero() {
		return out, replayed, err
	}
	m, err := s.load(ctx, a.Tenant, event, endpoint)
	if err != nil {
		return AttemptDetail{}, false, err
	}
	_, attempt, err := s.try(ctx, m, 1)
	if err != nil {
		return AttemptDetail{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := q.WebhookAttemptInsert(ctx, tx.Later(), attempt); err != nil {
			return fmt.Errorf("record the attempt: %w", err)
		}
		out, err = s.tested(ctx, tx, endpoint, event)
		return err
	})
	return out, replayed, err
}

// tested reads the attempt of a test; the zero value when there was none yet.
func (s *Service) tested(
	ctx context.Context,
	tx db.TenantTx,
	endpoint id.WebhookEndpoint,
	event id.Event,
) (AttemptDetail, error) {
	r, err := q.WebhookAttemptOfTest(ctx, tx, endpoint, event)
	if db.IsNoRows(err) {
		return AttemptDetail{}, nil
	}
	if err != nil {
		return AttemptDetail{}, fmt.Errorf("read the attempt of the test: %w", err)
	}
	e, err := events.Load(ctx, tx, event)
	if err != nil {
		return AttemptDetail{}, err
	}
	return detailOf(r, e)
}

// ResendTo queues an event again for one endpoint, whatever types it takes. It returns webhook_endpoint_not_found,
// event_not_found, webhook_endpoint_disabled and idempotency_key_reused.
func (s *Service) ResendTo(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	endpoint id.WebhookEndpoint,
	event id.Event,
) (e events.Stored, replayed bool, err error) {
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
		if to.Status != StatusEnabled {
			return fault.New(CodeEndpointDisabled, "The webhook endpoint is disabled. Enable it first.")
		}
		if _, replayed, err = key.Claim(ctx, tx, a, "resendEventToEndpoint", event); err != nil || replayed {
			return err
		}
		job := queue.WebhookDeliver{TenantID: queue.RefTo(a.Tenant), EventID: queue.RefTo(event), EndpointID: queue.RefTo(endpoint)}
		if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: job}); err != nil {
			return fmt.Errorf("queue the delivery: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "resendEventToEndpoint", "event", event, endpoint.String())
	})
	return e, replayed, err
}
