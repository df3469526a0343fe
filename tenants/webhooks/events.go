package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/jobs/args"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Stored is an event as it was written.
type Stored struct {
	ID          id.Event
	Type        string
	SubjectType string
	SubjectID   uuid.UUID
	Data        json.RawMessage // a JSON object
	CreatedAt   time.Time
}

func storedOf(r dbsqlc.EventListRow) Stored {
	return Stored{r.ID, r.Type, r.SubjectType, r.SubjectID, r.Data, r.CreatedAt}
}

// ListEvents reads a page of events, newest first; an empty type takes all.
func (s *Service) ListEvents(ctx context.Context, a tenants.Actor, page tenants.Page[id.Event], eventType string) (out tenants.PageOf[Stored], err error) {
	var filter *string
	if eventType != "" {
		filter = &eventType
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.EventList(ctx, tx, page.Cursor(), filter, page.Fetch())
		if err != nil {
			return fmt.Errorf("list the events: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.EventListRow) string { return r.ID.String() }, storedOf)
		return nil
	})
	return out, err
}

// GetEvent reads an event. It returns event_not_found.
func (s *Service) GetEvent(ctx context.Context, a tenants.Actor, event id.Event) (e Stored, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		e, err = getEvent(ctx, tx, event)
		return err
	})
	return e, err
}

func getEvent(ctx context.Context, tx db.TenantTx, event id.Event) (Stored, error) {
	r, err := q.EventGet(ctx, tx, event)
	if db.IsNoRows(err) {
		return Stored{}, fault.New(CodeEventNotFound, "There is no such event.")
	}
	if err != nil {
		return Stored{}, fmt.Errorf("read the event: %w", err)
	}
	return storedOf(dbsqlc.EventListRow(r)), nil
}

// Resend queues an event again for every enabled endpoint that takes its type. Receivers know it by the same webhook-id. It returns event_not_found.
func (s *Service) Resend(ctx context.Context, a tenants.Actor, event id.Event) (e Stored, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if e, err = getEvent(ctx, tx, event); err != nil {
			return err
		}
		if err := args.InsertWebhookDeliveries(ctx, tx.Later(), e.ID, e.Type); err != nil {
			return fmt.Errorf("queue the deliveries: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "resendEvent", "event", e.ID, e.Type)
	})
	return e, err
}

// payload is the body of a message. The same event gives the same bytes at every attempt.
func payload(e Stored) ([]byte, error) {
	return json.Marshal(struct {
		ID        id.Event        `json:"id"`
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{e.ID, e.Type, e.CreatedAt.UTC(), e.Data})
}
