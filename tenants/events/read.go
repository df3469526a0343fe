package events

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Settled is how old an event is before it appears in a list that is read forwards. By then the transactions that began
// earlier have ended, so nothing comes in behind a reader that goes on after the last event it has seen.
const Settled = 10 * time.Second

// Service reads events.
type Service struct {
	db    *db.DB
	clock clock.Clock
}

// New makes a Service.
func New(d *db.DB, c clock.Clock) *Service { return &Service{d, c} }

// Stored is an event as it was written.
type Stored struct {
	ID          id.Event
	Type        vocabulary.EventType
	SubjectType vocabulary.SubjectType
	SubjectID   uuid.UUID
	Sequence    int32           // among the events of the subject, from 1; 0: written by an older program
	Data        json.RawMessage // a JSON object
	CreatedAt   time.Time
	Tenant      id.Tenant
	Mode        vocabulary.TenantMode // sandbox or live
}

func storedOf(e dbsqlc.Event, mode vocabulary.TenantMode) Stored {
	return Stored{e.ID, e.Type, e.SubjectType, e.SubjectID, e.Sequence, e.Data, e.CreatedAt, e.TenantID, mode}
}

// Filter narrows a list of events; empty fields take all.
type Filter struct {
	Types       []vocabulary.EventType
	SubjectType vocabulary.SubjectType
	SubjectID   uuid.UUID
}

// List reads a page of events. Read forwards, an event appears once it is [Settled], and a reader that would pass over
// deleted ones gets events_gone.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Event],
	f Filter,
) (out tenants.PageOf[Stored], err error) {
	if settled := s.clock.Now().Add(-Settled); page.OldestFirst && (page.Until.IsZero() || settled.Before(page.Until)) {
		page.Until = settled
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		if err := passesOver(ctx, tx, page); err != nil {
			return err
		}
		rows, err := q.EventList(ctx, tx, f.rows(page))
		if err != nil {
			return fmt.Errorf("list the events: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.EventListRow) string { return r.Event.ID.String() },
			func(r dbsqlc.EventListRow) Stored { return storedOf(r.Event, r.Mode) })
		if !page.Count {
			return nil
		}
		n, err := q.EventCount(ctx, tx, f.whole(page.Whole()))
		if err != nil {
			return fmt.Errorf("count the events: %w", err)
		}
		out.Total = tenants.TotalOf(n)
		return nil
	})
	return out, err
}

// passesOver returns events_gone when events after the place from which the page is read forwards are deleted.
func passesOver(ctx context.Context, tx db.TenantTx, page tenants.Page[id.Event]) error {
	var none id.Event
	if !page.OldestFirst || page.After == none && page.Last == none {
		return nil
	}
	place := page.After
	if bytes.Compare(place[:], page.Last[:]) < 0 {
		place = page.Last
	}
	gone, err := q.RetentionGone(ctx, tx, Swept(), uuid.UUID(place))
	if err != nil {
		return fmt.Errorf("look for deleted events: %w", err)
	}
	if gone {
		return fault.New(CodeGone, "Events after this place are deleted.")
	}
	return nil
}

// Swept are the names of the marks that say which events are gone: all but the last of each subject, and the last.
func Swept() []string { return []string{"events", "events_last"} }

// rows are the parameters of a page.
func (f Filter) rows(page tenants.Page[id.Event]) dbsqlc.EventListParams {
	return dbsqlc.EventListParams{
		After:       page.Floor(),
		Before:      page.Cursor(),
		MadeFrom:    page.From,
		MadeUntil:   page.MadeUntil(),
		Types:       tenants.Texts(f.Types),
		SubjectType: string(f.SubjectType),
		SubjectID:   f.SubjectID,
		OldestFirst: page.OldestFirst,
		PageSize:    page.Fetch(),
	}
}

// whole are the parameters that count the list.
func (f Filter) whole(page tenants.Page[id.Event]) dbsqlc.EventCountParams {
	p := f.rows(page)
	return dbsqlc.EventCountParams{
		After:       p.After,
		Before:      p.Before,
		MadeFrom:    p.MadeFrom,
		MadeUntil:   p.MadeUntil,
		Types:       p.Types,
		SubjectType: p.SubjectType,
		SubjectID:   p.SubjectID,
		AtMost:      tenants.CountFetch,
	}
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
	return storedOf(r.Event, r.Mode), nil
}
