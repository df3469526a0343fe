package overview

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// readings bounds how often figures are asked for again because more were summed meanwhile.
const readings = 5

// reading is what the figures of one answer are read with.
type reading struct {
	passed uuid.UUID
	tail   bool // facts behind the last that is summed are added
	asOf   time.Time
	moved  bool // more was summed since: read again
}

// see notes what a row says of how far the sums went when it was read.
func (r *reading) see(passed uuid.UUID) { r.moved = r.moved || r.tail && passed != r.passed }

// with reads in one transaction, again when more was summed between its statements; the last time without what is not
// summed. What a merchant sees has no events in it, so a merchant's figures are as old as the last sums.
func (s *Service) with(
	ctx context.Context,
	a tenants.Actor,
	read func(r *reading, tx db.TenantTx) []func(ctx context.Context, q db.Asked) error,
) (asOf time.Time, err error) {
	for n := range readings {
		r := &reading{}
		err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
			if err := q.OverviewPlanOnce(ctx, tx.Later()); err != nil {
				return err
			}
			now := s.clock.Now()
			head, err := headOf(ctx, tx)
			if err != nil {
				return err
			}
			*r = reading{passed: head.Passed, asOf: now}
			r.tail = n < readings-1 && a.Merchant.IsZero() &&
				(head.RolledUntil == nil || now.Sub(*head.RolledUntil) < tailMax)
			if !r.tail && head.RolledUntil != nil {
				r.asOf = *head.RolledUntil
			}
			return tx.Ask(ctx, read(r, tx)...)
		})
		if asOf = r.asOf; err != nil || !r.moved {
			break
		}
	}
	return asOf, err
}

func headOf(ctx context.Context, tx db.TenantTx) (dbsqlc.OverviewHeadGetRow, error) {
	head, err := q.OverviewHeadGet(ctx, tx)
	if err != nil && !db.IsNoRows(err) {
		return head, fmt.Errorf("read how far the figures go: %w", err)
	}
	return head, nil
}

// series asks for the points from one moment to another, into out.
func (r *reading) series(
	of Scope,
	span Span,
	from, until time.Time,
	out *[]Point,
) func(ctx context.Context, asked db.Asked) error {
	return func(ctx context.Context, asked db.Asked) error {
		rows, err := r.rows(ctx, asked, dbsqlc.OverviewProductSeriesParams{Span: span,
			Merchant: of.Merchant.UUID(), Product: of.Product.UUID(), Starts: from, Ends: until, Passed: r.passed,
			Upto: beyond(), Tail: r.tail})
		if err != nil {
			return fmt.Errorf("read figures: %w", err)
		}
		*out = empty(span, from, until)
		for _, row := range rows {
			r.see(row.Passed)
			if i := int(row.BeganAt.Sub(from) / length(span)); i >= 0 && i < len(*out) {
				(*out)[i].Figures = figuresOf(row)
			}
		}
		return nil
	}
}

// beyond sorts after every fact.
func beyond() uuid.UUID { return id.Max[uuid.UUID]() }

// rows asks for all products, or for one: what divides orders by their products is not even planned for all.
func (r *reading) rows(
	ctx context.Context,
	asked db.Asked,
	p dbsqlc.OverviewProductSeriesParams,
) ([]dbsqlc.OverviewSeriesRow, error) {
	if p.Product == uuid.Nil {
		return q.OverviewSeries(ctx, asked, dbsqlc.OverviewSeriesParams{Span: p.Span, Merchant: p.Merchant,
			Starts: p.Starts, Ends: p.Ends, Passed: p.Passed, Upto: p.Upto, Tail: p.Tail})
	}
	all, err := q.OverviewProductSeries(ctx, asked, p)
	rows := make([]dbsqlc.OverviewSeriesRow, len(all))
	for i, row := range all {
		rows[i] = dbsqlc.OverviewSeriesRow(row)
	}
	return rows, err
}

// empty are points without anything, from the beginning of a span on.
func empty(span Span, from, until time.Time) (out []Point) {
	for t := from; t.Before(until); t = t.Add(length(span)) {
		out = append(out, Point{At: t})
	}
	return out
}

func figuresOf(r dbsqlc.OverviewSeriesRow) Figures {
	return Figures{
		Created: r.Created, Paid: r.Paid, Delivered: r.Delivered, Closed: r.Closed, Refunds: r.Refunds,
		WonPaid: r.WonPaid, WonDelivered: r.WonDelivered, WonSplit: r.WonSplit,
		Turnover: money.Fen(r.TurnoverFen), Refunded: money.Fen(r.RefundedFen), Settled: money.Fen(r.SettledFen),
		Commission: money.Fen(r.CommissionFen), Others: money.Fen(r.OthersFen),
	}
}

// stages asks where the money is, into out.
func (r *reading) stages(m id.Merchant, out *Stages) func(ctx context.Context, asked db.Asked) error {
	return func(ctx context.Context, asked db.Asked) error {
		rows, err := q.OverviewStages(ctx, asked,
			dbsqlc.OverviewStagesParams{Merchant: m.UUID(), Passed: r.passed, Upto: beyond(), Tail: r.tail})
		if err != nil {
			return fmt.Errorf("read the stages of the money: %w", err)
		}
		*out = Stages{}
		for _, row := range rows {
			r.see(row.Passed)
			amount := money.Fen(row.AmountFen)
			switch vocabulary.MoneyStage(row.Stage) {
			case vocabulary.StageUnsettled:
				out.Unsettled = amount
			case vocabulary.StageFrozen:
				out.Frozen = amount
			case vocabulary.StageSettled:
				out.Settled = amount
			case vocabulary.StageCommission:
				out.Commission = amount
			case vocabulary.StageOthers:
				out.Others = amount
			}
		}
		return nil
	}
}

// Overview is the figures of today beside those of the same day of last week.
type Overview struct {
	AsOf           time.Time
	Today          []Point // 24 hours
	LastWeek       []Point
	Sum            Figures // of today, until now
	Whole          Figures // of today's hours that are over …
	LastWeekToHere Figures // … and of the same hours of last week
	ComparedUntil  time.Time
	Stages         Stages

	thisWeek []Point // from the day last week on
}

// divide makes the days of the week's hours.
func (o *Overview) divide(today, now time.Time) {
	const hours = 24
	o.ComparedUntil = Begins(Hourly, now)
	o.LastWeek, o.Today = o.thisWeek[:hours], o.thisWeek[len(o.thisWeek)-hours:]
	over := int(o.ComparedUntil.Sub(today) / time.Hour)
	for i := range hours {
		o.Sum.Add(o.Today[i].Figures)
		if i < over {
			o.Whole.Add(o.Today[i].Figures)
			o.LastWeekToHere.Add(o.LastWeek[i].Figures)
		}
	}
}

// Get reads the overview of a platform.
func (s *Service) Get(ctx context.Context, a tenants.Actor) (o Overview, err error) {
	return s.today(ctx, a, id.Merchant{}, nil)
}

// today reads the overview of a platform or a merchant, with what else is read in the same round trip.
func (s *Service) today(
	ctx context.Context,
	a tenants.Actor,
	m id.Merchant,
	more func(ctx context.Context, asked db.Asked) error,
) (o Overview, err error) {
	now := s.clock.Now()
	today := Begins(Daily, now)
	o.AsOf, err = s.with(ctx, a, func(r *reading, _ db.TenantTx) []func(context.Context, db.Asked) error {
		reads := []func(context.Context, db.Asked) error{
			r.series(Scope{Merchant: m}, Hourly, today.Add(-week), today.Add(day), &o.thisWeek),
			r.stages(m, &o.Stages),
		}
		if more != nil {
			reads = append(reads, more)
		}
		return reads
	})
	if err == nil {
		o.divide(today, now)
	}
	return o, err
}

// Series is the figures of some time, and of the time that they are compared with.
type Series struct {
	AsOf     time.Time
	Points   []Point
	Sum      Figures
	Compared []Point // nil: with nothing
	Before   Figures
}

// Question is which series is wanted.
type Question struct {
	Of          Scope
	Span        Span
	From, Until time.Time
	Compare     Comparison // empty: with nothing
}

// Comparison is which earlier time a series is compared with.
type Comparison string

// The comparisons.
const (
	PreviousPeriod Comparison = "previous_period" // of the same length, just before
	PreviousWeek   Comparison = "previous_week"   // as many weeks before as it takes
)

// back is how much earlier the compared time begins.
func (c Comparison) back(length time.Duration) time.Duration {
	if c == PreviousWeek {
		return (length + week - 1) / week * week
	}
	return length
}

// Series reads figures by hour or by day. A caller that is one merchant reads its own. The time is widened to whole
// hours or days; more than Hours or Days of them are an invalid_request.
func (s *Service) Series(ctx context.Context, a tenants.Actor, in Question) (out Series, err error) {
	if in.Of.Merchant, err = own(a, in.Of.Merchant); err != nil {
		return out, err
	}
	from, until, err := whole(in.Span, in.From, in.Until)
	if err != nil {
		return out, err
	}
	out.AsOf, err = s.with(ctx, a, func(r *reading, _ db.TenantTx) []func(context.Context, db.Asked) error {
		reads := []func(context.Context, db.Asked) error{r.series(in.Of, in.Span, from, until, &out.Points)}
		if in.Compare != "" {
			back := in.Compare.back(until.Sub(from))
			reads = append(reads, r.series(in.Of, in.Span, from.Add(-back), until.Add(-back), &out.Compared))
		}
		return reads
	})
	for _, p := range out.Points {
		out.Sum.Add(p.Figures)
	}
	for _, p := range out.Compared {
		out.Before.Add(p.Figures)
	}
	return out, err
}

// own is the merchant whose figures a caller reads.
func own(a tenants.Actor, asked id.Merchant) (id.Merchant, error) {
	if a.Merchant.IsZero() || a.Merchant == asked {
		return asked, nil
	}
	if asked.IsZero() {
		return a.Merchant, nil
	}
	return asked, tenants.MerchantNotFound()
}

// whole widens a time to whole hours or days.
func whole(s Span, from, until time.Time) (time.Time, time.Time, error) {
	most := Hours
	if s == Daily {
		most = Days
	}
	begins := Begins(s, from)
	ends := Begins(s, until)
	if ends.Before(until) {
		ends = ends.Add(length(s))
	}
	switch n := ends.Sub(begins) / length(s); {
	case n <= 0:
		return begins, ends, fault.New(tenants.CodeInvalidRequest, "The time ends before it begins.").
			At("until", "too_small", "Must be after from.")
	case int(n) > most:
		return begins, ends, fault.New(tenants.CodeInvalidRequest, "The time is too long.").
			At("until", "too_large", fmt.Sprintf("At most %d points of this length fit into an answer.", most))
	}
	return begins, ends, nil
}
