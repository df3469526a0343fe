package events

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
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Service reads events.
type Service struct{ db *db.DB }

// New makes a Service.
func New(d *db.DB) *Service { return &Service{db: d} }

// Stored is an event as it was written.
type Stored struct {
	ID          id.Event
	Type        vocabulary.EventType
	SubjectType vocabulary.SubjectType
	SubjectID   uuid.UUID
	Data        json.RawMessage // a JSON object
	CreatedAt   time.Time
}

func storedOf(r dbsqlc.EventListRow) Stored {
	return Stored{r.ID, r.Type, r.SubjectType, r.SubjectID, r.Data, r.CreatedAt}
}

// List reads a page of events, newest first; an empty type takes all.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Event],
	eventType vocabulary.EventType,
) (out tenants.PageOf[Stored], err error) {
	var filter *string
	if eventType != "" {
		filter = (*string)(&eventType)
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

// Get reads an event. It returns event_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, event id.Event) (e Stored, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		e, err = Load(ctx, tx, event)
		return err
	})
	return e, err
}

// Load reads an event in the running transaction. It returns event_not_found.
func Load(ctx context.Context, tx db.TenantTx, event id.Event) (Stored, error) {
	r, err := q.EventGet(ctx, tx, event)
	if db.IsNoRows(err) {
		return Stored{}, fault.New(CodeNotFound, "There is no such event.")
	}
	if err != nil {
		return Stored{}, fmt.Errorf("read the event: %w", err)
	}
	return storedOf(dbsqlc.EventListRow(r)), nil
}
