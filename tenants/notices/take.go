package notices

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants/events"
)

// Bounds of one look.
const (
	eventsPage  = 500
	eventsPages = 20
	duePage     = 500
)

// Take looks at what has happened in a tenant since each of its routes was last told, gathers it into messages, and
// gives those that are due a job. It is one transaction, and can be run again at any time: an event is passed over by
// the transaction that counts it. A route that another run holds is left to that one.
func (s *Service) Take(ctx context.Context, tenant id.Tenant) error {
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		routes, err := q.NoticeRouteTakers(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the routes: %w", err)
		}
		for _, r := range routes {
			if err := s.gather(ctx, tx, r); err != nil {
				return fmt.Errorf("gather for the route %s: %w", r.ID, err)
			}
			s.step("gathered")
		}
		if err := s.dispatch(ctx, tx); err != nil {
			return err
		}
		s.step("dispatched")
		return nil
	})
}

// some are events of one type.
type some struct {
	events      int32
	first, last id.Event
}

// gather counts what happened behind the place that a route has come to.
func (s *Service) gather(ctx context.Context, tx db.TenantTx, r dbsqlc.NoticeRoute) error {
	now, passed := s.clock.Now(), r.Passed
	types := map[vocabulary.EventType]bool{}
	for _, t := range expand(r.EventTypes) {
		types[t] = true
	}
	counted := map[vocabulary.EventType]some{}
	for range eventsPages {
		page, err := q.NoticeEvents(ctx, tx, dbsqlc.NoticeEventsParams{WithData: !r.MerchantID.IsZero(), After: passed,
			Before: now.Add(-events.Settled), PageSize: eventsPage})
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
		about, err := about(ctx, tx, r.MerchantID, page)
		if err != nil {
			return err
		}
		for _, e := range page {
			passed = e.ID
			if !types[e.Type] || e.SubjectID == uuid.UUID(r.ID) || !about(e) { // a route does not tell of itself
				continue
			}
			c, ok := counted[e.Type]
			if !ok {
				c.first = e.ID
			}
			c.events, c.last = c.events+1, e.ID
			counted[e.Type] = c
		}
		if len(page) < eventsPage {
			break
		}
	}
	if passed == r.Passed {
		return nil
	}
	if err := q.NoticeRoutePass(ctx, tx.Later(), passed, r.ID); err != nil {
		return fmt.Errorf("keep the place: %w", err)
	}
	return s.keep(ctx, tx, r, counted, now)
}

// about tells which events are about a merchant: it is named, or it receives the money of the order that is named.
func about(ctx context.Context, tx db.TenantTx, m id.Merchant, page []dbsqlc.NoticeEventsRow) (
	func(dbsqlc.NoticeEventsRow) bool, error,
) {
	if m.IsZero() {
		return func(dbsqlc.NoticeEventsRow) bool { return true }, nil
	}
	var orders []uuid.UUID
	for _, e := range page {
		if o, err := id.Parse[id.Order](read(e.Data).OrderID); err == nil {
			orders = append(orders, o.UUID())
		}
	}
	its, err := q.NoticeOrdersOf(ctx, tx, orders, m)
	if err != nil {
		return nil, fmt.Errorf("read whose the orders are: %w", err)
	}
	own := map[string]bool{}
	for _, o := range its {
		own[o.String()] = true
	}
	return func(e dbsqlc.NoticeEventsRow) bool {
		d := read(e.Data)
		return d.MerchantID == m.String() || d.OfRecord == m.String() || own[d.OrderID]
	}, nil
}

// keep writes what was counted into the messages that gather it. A new one is due at once, or when the last of its kind
// is long enough ago, or when the quiet hours end.
func (s *Service) keep(
	ctx context.Context,
	tx db.TenantTx,
	r dbsqlc.NoticeRoute,
	counted map[vocabulary.EventType]some,
	now time.Time,
) error {
	if len(counted) == 0 {
		return nil
	}
	rows, err := q.NoticeRecent(ctx, tx, r.ID, id.First[id.Notice](now.Add(-time.Hour)))
	if err != nil {
		return fmt.Errorf("read the last messages: %w", err)
	}
	recent := map[vocabulary.EventType]time.Time{}
	for _, row := range rows {
		recent[row.EventType] = row.DueAt
	}
	quietEnd, quiet := routeOf(r).Quiet.end(now)
	for t, c := range counted {
		p := dbsqlc.NoticeGatherParams{ID: id.New[id.Notice](), RouteID: r.ID, EventType: t, Events: c.events,
			FirstEvent: c.first, LastEvent: c.last, CreatedAt: now}
		p.DueAt, p.Held = due(now, recent[t], quietEnd, quiet, urgent(t))
		if err := q.NoticeGather(ctx, tx.Later(), p); err != nil {
			return fmt.Errorf("keep what was counted: %w", err)
		}
	}
	return nil
}

// due is when a message goes out, and whether it is held for the end of the quiet hours.
func due(now, recent, quietEnd time.Time, quiet, urgent bool) (at time.Time, held bool) {
	if quiet && !urgent {
		return quietEnd, true
	}
	apart := window
	if quiet {
		apart = windowQuiet
	}
	if next := recent.Add(apart); next.After(now) {
		return next, false
	}
	return now, false
}

// dispatch gives what is due a job. Of a route that fails one message is tried at a time; what was held for the end of
// quiet hours is one message, a digest.
func (s *Service) dispatch(ctx context.Context, tx db.TenantTx) error {
	now := s.clock.Now()
	rows, err := q.NoticeDue(ctx, tx, now, duePage)
	if err != nil {
		return fmt.Errorf("read what is due: %w", err)
	}
	chosen, merged := choose(rows)
	until := now.Add(claim)
	for _, n := range chosen {
		if len(merged[n]) > 0 {
			if err := q.NoticeMerge(ctx, tx.Later(), n, merged[n]); err != nil {
				return fmt.Errorf("merge into a digest: %w", err)
			}
		}
		if err := q.NoticeClaim(ctx, tx.Later(), &until, n); err != nil {
			return fmt.Errorf("claim a notice: %w", err)
		}
		job := queue.NoticeSend{TenantID: queue.RefTo(tx.Tenant()), NoticeID: queue.RefTo(n)}
		if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: job}); err != nil {
			return err
		}
	}
	return nil
}

// choose says which messages go out now, and which are told in another one.
func choose(rows []dbsqlc.NoticeDueRow) (chosen []id.Notice, merged map[id.Notice][]uuid.UUID) {
	merged = map[id.Notice][]uuid.UUID{}
	sends, digests := map[id.NoticeRoute]int{}, map[id.NoticeRoute]id.Notice{}
	for _, r := range rows {
		if head, ok := digests[r.RouteID]; ok && r.Held {
			merged[head] = append(merged[head], uuid.UUID(r.ID))
			continue
		}
		most := perMinute
		if r.Failing {
			most = 1
		}
		if sends[r.RouteID] >= most {
			continue
		}
		sends[r.RouteID]++
		if r.Held {
			digests[r.RouteID] = r.ID
		}
		chosen = append(chosen, r.ID)
	}
	return chosen, merged
}
