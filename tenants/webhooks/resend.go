package webhooks

import (
	"context"
	"encoding/json"
	"fmt"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// Resend queues an event again for every enabled endpoint that takes its type. Receivers know it by the same
// webhook-id. It returns event_not_found, and webhook_test_of_another for a test, which is one endpoint's.
func (s *Service) Resend(ctx context.Context, a tenants.Actor, event id.Event) (e events.Stored, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if e, err = events.Load(ctx, tx, event); err != nil {
			return err
		}
		if e.Type == vocabulary.EventWebhookTest {
			return errTestOfAnother()
		}
		if err := events.Deliver(ctx, tx, e.ID, e.Type); err != nil {
			return fmt.Errorf("queue the deliveries: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "resendEvent", "event", e.ID, string(e.Type))
	})
	return e, err
}

// payload is the body of a message: the event as the API shows it, and the time once more under the name that Standard
// Webhooks has for it. The same event gives the same bytes at every attempt.
func payload(e events.Stored) ([]byte, error) {
	return json.Marshal(struct {
		ID          id.Event               `json:"id"`
		Type        vocabulary.EventType   `json:"type"`
		Timestamp   clock.Stamp            `json:"timestamp"`
		CreatedAt   clock.Stamp            `json:"created_at"`
		TenantID    id.Tenant              `json:"tenant_id"`
		Mode        vocabulary.TenantMode  `json:"mode"`
		SubjectType vocabulary.SubjectType `json:"subject_type"`
		SubjectID   string                 `json:"subject_id"`
		Sequence    int32                  `json:"sequence"`
		Data        json.RawMessage        `json:"data"`
	}{
		ID:          e.ID,
		Type:        e.Type,
		Timestamp:   clock.Stamp(e.CreatedAt),
		CreatedAt:   clock.Stamp(e.CreatedAt),
		TenantID:    e.Tenant,
		Mode:        e.Mode,
		SubjectType: e.SubjectType,
		SubjectID:   id.TextOf(string(e.SubjectType), e.SubjectID),
		Sequence:    e.Sequence,
		Data:        e.Data,
	})
}
