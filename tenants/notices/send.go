package notices

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
)

// ready is a notice that goes out now.
type ready struct {
	notice       id.Notice
	route        Route
	address, key secret.String
	message      Message
}

// Sent says how an attempt ended, for metrics and logs; the zero value is that there was nothing to send.
type Sent struct {
	Route   id.NoticeRoute
	Channel vocabulary.NoticeChannel
	Outcome string // sent, later, unknown, limited, refused, unfit
}

// Send tries once to send a notice. It is phased, and may be run again from any point: a notice whose last attempt has
// no known end is sent again, and says so. What is not taken waits in its row for the next look. The error is ours (the
// database is away), never the receiver's.
func (s *Service) Send(ctx context.Context, tenant id.Tenant, notice id.Notice) (Sent, error) {
	r, ok, err := s.begin(ctx, tenant, notice)
	if err != nil || !ok {
		return Sent{}, err
	}
	s.step("begun")
	o := s.send(ctx, r.route, r.address, r.key, notice.String(), r.message)
	if !o.Delivered() && ctx.Err() != nil { // stopped by us: not the receiver's failure
		return Sent{}, fmt.Errorf("send a notice: %w", context.Cause(ctx))
	}
	s.step("sent")
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return s.record(ctx, tx, r, o)
	})
	s.step("recorded")
	return Sent{r.route.ID, r.route.Channel, o.verdict.String()}, err
}

// begin is the first transaction: it writes the message, and that an attempt begins. Nothing is to be done when the
// notice or its route is gone, or the minute is full.
func (s *Service) begin(ctx context.Context, tenant id.Tenant, notice id.Notice) (r ready, ok bool, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		ok = false
		route, n, err := s.locked(ctx, tx, notice)
		if fault.CodeOf(err) == CodeRouteNotFound || db.IsNoRows(err) {
			return nil
		}
		if err != nil || n.Status != vocabulary.NoticeWaiting || route.Status != vocabulary.EndpointEnabled {
			return err
		}
		now := s.clock.Now()
		if free, err := s.spend(ctx, tx, route.ID); err != nil || !free {
			if err != nil {
				return err
			}
			return s.again(ctx, tx, n, now.Add(window), n.InDoubt, 0, n.Error)
		}
		if r.address, r.key, err = s.open(ctx, tx, route); err != nil {
			return err
		}
		r.notice, r.route = notice, routeOf(route)
		if r.message, err = s.message(ctx, tx, route, n); err != nil {
			return err
		}
		ok = true
		return q.NoticeBegin(ctx, tx.Later(), notice)
	})
	return r, ok, err
}

// locked locks the route of a notice, then the notice.
func (s *Service) locked(ctx context.Context, tx db.TenantTx, notice id.Notice) (
	r dbsqlc.NoticeRoute, n dbsqlc.Notice, err error,
) {
	of, err := q.NoticeRouteOf(ctx, tx, notice)
	if err != nil {
		return r, n, fmt.Errorf("read the notice: %w", err)
	}
	r, err = q.NoticeRouteGetForUpdate(ctx, tx, of)
	if err := found(err); err != nil {
		return r, n, err
	}
	if n, err = q.NoticeGetForUpdate(ctx, tx, notice); err != nil {
		return r, n, fmt.Errorf("read the notice: %w", err)
	}
	return r, n, nil
}

// spend counts a message into the route's minute; false: it is full.
func (s *Service) spend(ctx context.Context, tx db.TenantTx, r id.NoticeRoute) (bool, error) {
	now := s.clock.Now()
	n, err := q.NoticeRouteSpend(ctx, tx, dbsqlc.NoticeRouteSpendParams{BeganBefore: now.Add(-window), At: now, ID: r,
		Most: perMinute})
	if err != nil {
		return false, fmt.Errorf("count the messages of the minute: %w", err)
	}
	return n > 0, nil
}

func (s *Service) again(ctx context.Context, tx db.TenantTx, n dbsqlc.Notice, at time.Time, inDoubt bool,
	uncounted int32, why string,
) error {
	err := q.NoticeAgain(ctx, tx.Later(), dbsqlc.NoticeAgainParams{DueAt: at, InDoubt: inDoubt, Uncounted: uncounted,
		Error: why, ID: n.ID})
	if err != nil {
		return fmt.Errorf("leave the notice for later: %w", err)
	}
	return nil
}

// message writes what a notice says.
func (s *Service) message(ctx context.Context, tx db.TenantTx, r dbsqlc.NoticeRoute, n dbsqlc.Notice) (Message, error) {
	own, err := q.TenantGet(ctx, tx)
	if err != nil {
		return Message{}, fmt.Errorf("read the platform: %w", err)
	}
	sandbox := own.Mode == vocabulary.ModeSandbox
	var m Message
	if n.Held {
		if m, err = s.digest(ctx, tx, n.ID, r.Language); err != nil {
			return Message{}, err
		}
		m = m.from(own.Name, sandbox, r.Language)
	} else if m, err = s.single(ctx, tx, n, own.Name, sandbox, r.Language); err != nil {
		return Message{}, err
	}
	if n.InDoubt {
		again := "\n（此消息可能重复）"
		if r.Language == vocabulary.English {
			again = "\n(This may be a repetition.)"
		}
		m.Text += again
	}
	return m, nil
}

func (s *Service) single(ctx context.Context, tx db.TenantTx, n dbsqlc.Notice, platform string, sandbox bool,
	l vocabulary.Language,
) (Message, error) {
	t := told{platform: platform, language: l}
	var err error
	t.event, err = events.Load(ctx, tx, n.LastEvent)
	if fault.CodeOf(err) == events.CodeNotFound { // kept long enough, and deleted
		return Message{Title: wordsOf(n.EventType, l).label}.from(platform, sandbox, l), nil
	}
	if err != nil {
		return Message{}, err
	}
	if err := t.names(ctx, tx); err != nil {
		return Message{}, err
	}
	title, body, err := s.template(ctx, tx, n.EventType, l)
	if err != nil {
		return Message{}, err
	}
	return compose(title, body, t.values(), platform, sandbox, int64(n.Events), l), nil
}

// names reads the names of what the event names.
func (t *told) names(ctx context.Context, tx db.TenantTx) error {
	d := read(t.event.Data)
	if m, err := id.Parse[id.Merchant](d.MerchantID); err == nil {
		rows, err := q.MerchantNameList(ctx, tx, []uuid.UUID{m.UUID()})
		if err != nil {
			return fmt.Errorf("read the merchant's name: %w", err)
		}
		for _, row := range rows {
			t.merchant = row.Name
		}
	}
	if r, err := id.Parse[id.NoticeRoute](d.RouteID); err == nil {
		row, err := q.NoticeRouteGet(ctx, tx, r)
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the route's name: %w", err)
		}
		t.route = row.Name
	}
	return nil
}

// digest is what happened in quiet hours, a line for each type.
func (s *Service) digest(ctx context.Context, tx db.TenantTx, n id.Notice, l vocabulary.Language) (
	m Message, err error,
) {
	rows, err := q.NoticeDigest(ctx, tx, n)
	if err != nil {
		return m, fmt.Errorf("read the digest: %w", err)
	}
	var b strings.Builder
	total := int64(0)
	for _, r := range rows {
		total += r.Events
		fmt.Fprintf(&b, "%s × %d\n", wordsOf(r.EventType, l).label, r.Events)
	}
	m = Message{Title: fmt.Sprintf("免打扰时段内的 %d 件事", total), Text: strings.TrimSpace(b.String())}
	if l == vocabulary.English {
		m.Title = fmt.Sprintf("%d events during quiet hours", total)
	}
	return m, nil
}

// record is the second transaction: how the attempt ended, and what that says of the route.
func (s *Service) record(ctx context.Context, tx db.TenantTx, r ready, o Outcome) error {
	route, n, err := s.locked(ctx, tx, r.notice)
	if fault.CodeOf(err) == CodeRouteNotFound || db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.clock.Now()
	switch {
	case o.verdict == taken:
		if err := q.NoticeSent(ctx, tx.Later(), now, n.ID); err != nil {
			return fmt.Errorf("record that it was sent: %w", err)
		}
		return q.NoticeRouteHealthy(ctx, tx.Later(), route.ID)
	case o.verdict == limited:
		return s.again(ctx, tx, n, now.Add(o.wait), false, 1, o.Said)
	case o.verdict == unfit:
		return q.NoticeGiveUp(ctx, tx.Later(), o.Said, n.ID)
	}
	if waits := Backoff(); int(n.Attempts) > len(waits) {
		err = q.NoticeGiveUp(ctx, tx.Later(), o.Said, n.ID)
	} else {
		err = s.again(ctx, tx, n, now.Add(waits[max(n.Attempts, 1)-1]), o.verdict == unknown, 0, o.Said)
	}
	if err != nil {
		return err
	}
	return s.failed(ctx, tx, route, o, now)
}

// failed counts a failure of a route. Sooner or later people are told by other ways, and a route that never works is
// switched off.
func (s *Service) failed(ctx context.Context, tx db.TenantTx, r dbsqlc.NoticeRoute, o Outcome, now time.Time) error {
	f, err := q.NoticeRouteFailing(ctx, tx, dbsqlc.NoticeRouteFailingParams{At: now, Error: o.Said, ID: r.ID,
		ReportedAfter: now.Add(-reportEvery)})
	if err != nil {
		return fmt.Errorf("mark the route as failing: %w", err)
	}
	if !f.Reported && (o.verdict == toMend || f.Failures >= reportAfter) {
		if err := s.report(ctx, tx, r, f.Since, o, now); err != nil {
			return err
		}
	}
	if now.Sub(f.Since) < DisableAfter {
		return nil
	}
	n, err := q.NoticeRouteDisable(ctx, tx, r.ID)
	if err != nil || n == 0 {
		return err
	}
	if err := q.NoticeRouteGaveUp(ctx, tx.Later(), "the route was switched off", r.ID); err != nil {
		return fmt.Errorf("give up what waits: %w", err)
	}
	if err := s.alarm(ctx, tx, r.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.System("notice_send"), "notice_route_disable", "notice_route", r.ID, o.Said)
}

// failing is the data of notice_route.failing.
type failing struct {
	RouteID      id.NoticeRoute           `json:"route_id"`
	Channel      vocabulary.NoticeChannel `json:"channel"`
	FailingSince string                   `json:"failing_since"`
	Reason       string                   `json:"reason"`
}

// report opens a case, emits notice_route.failing, and has the owners told by mail.
func (s *Service) report(ctx context.Context, tx db.TenantTx, r dbsqlc.NoticeRoute, since time.Time, o Outcome,
	now time.Time,
) error {
	if err := q.NoticeRouteReported(ctx, tx.Later(), &now, r.ID); err != nil {
		return fmt.Errorf("note that it was reported: %w", err)
	}
	if _, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseNoticeFailing, At: now, Detail: fmt.Sprintf(
		"Notice route %s does not get through: %s. Mend it and test it; what waits is sent then.", r.ID, o.Said),
		Facts: cases.Facts{Cause: vocabulary.CauseRouteFailing, Subject: r.ID.String(), Said: o.Said},
	}); err != nil {
		return err
	}
	err := events.Emit(ctx, tx, events.Event{Type: vocabulary.EventNoticeRouteFailing,
		SubjectType: vocabulary.SubjectNoticeRoute, SubjectID: r.ID, At: now,
		Data: failing{r.ID, r.Channel, since.UTC().Format(time.RFC3339), o.Said}})
	if err != nil {
		return err
	}
	return s.alarm(ctx, tx, r.ID)
}

func (s *Service) alarm(ctx context.Context, tx db.TenantTx, r id.NoticeRoute) error {
	if s.mails == nil {
		return nil
	}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.NoticeAlarm{TenantID: queue.RefTo(tx.Tenant()),
		RouteID: queue.RefTo(r)}})
}
