package events

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Told is an event as a stream tells it: what happened to what. Whoever wants more reads that.
type Told struct {
	ID          id.Event
	Type        vocabulary.EventType
	SubjectType vocabulary.SubjectType
	SubjectID   uuid.UUID
	At          time.Time
}

// Bounds of one look of a stream.
const (
	followPage  = 200
	followPages = 50
)

// Follower tells one reader the events of a platform. An event is told at once; the position that the reader may go on
// from after a cut moves behind it only once it is [Settled], so that one that comes in behind it is told, too.
type Follower struct {
	service  *Service
	position id.Event
	told     map[id.Event]struct{} // behind the position
}

// Follow begins behind an event; the zero one is the present.
func (s *Service) Follow(after id.Event) *Follower {
	if after.IsZero() {
		after = id.First[id.Event](s.clock.Now())
	}
	return &Follower{s, after, map[id.Event]struct{}{}}
}

// Position is the event that a reader goes on from after a cut: all before it were told.
func (f *Follower) Position() id.Event { return f.position }

// Next tells what has happened since the last time, in the order of the identifiers; tell ends it with an error. A
// caller that is one merchant sees no events.
func (f *Follower) Next(ctx context.Context, a tenants.Actor, tell func(Told) error) error {
	from, behind := f.position, true
	for range followPages {
		var page []Told
		err := a.In(ctx, f.service.db, func(ctx context.Context, tx db.TenantTx) error {
			rows, err := q.EventSince(ctx, tx, from, followPage)
			if err != nil {
				return fmt.Errorf("read the events since %s: %w", from, err)
			}
			page = page[:0]
			for _, r := range rows {
				page = append(page, Told{r.ID, r.Type, r.SubjectType, r.SubjectID, r.CreatedAt})
			}
			return nil
		})
		if err != nil {
			return err
		}
		settled := f.service.clock.Now().Add(-Settled)
		for _, e := range page {
			_, known := f.told[e.ID]
			f.told[e.ID] = struct{}{}
			if behind = behind && e.At.Before(settled); behind {
				f.position = e.ID
				delete(f.told, e.ID)
			}
			if !known {
				if err := tell(e); err != nil {
					return err
				}
			}
			from = e.ID
		}
		if len(page) < followPage {
			return nil
		}
	}
	return nil // more with the next look
}

// Newest is the newest event of a platform; zero: there is none.
func (s *Service) Newest(ctx context.Context, tenant id.Tenant) (newest id.Event, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		all, err := q.EventNewest(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the newest event: %w", err)
		}
		for _, e := range all {
			newest = e
		}
		return nil
	})
	return newest, err
}
