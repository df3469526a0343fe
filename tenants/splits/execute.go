package splits

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
)

// How long Execute asks to be left alone.
const (
	waitRefund    = 5 * time.Second  // a refund is under way
	waitRunning   = 3 * time.Second  // the acquirer has not decided yet
	waitLook      = 2 * time.Second  // another worker was faster: look again
	waitSettling  = 30 * time.Second // confirmed, but Alipay says it is not settled yet
	waitReview    = 10 * time.Minute // the order waits for a person
	waitSuspended = 24 * time.Hour   // risk control holds the settlement: no retry in a loop
	// settlingMax is after how long a confirmed settlement that Alipay denies is a matter for manual review.
	settlingMax = time.Hour
)

// State says how Execute ended.
type State int

// The ends.
const (
	Finished State = iota // settled and split, or there is nothing to do
	Refused               // Alipay said no, a case is open; running again changes nothing
	Waiting               // run again after Outcome.Wait
)

// Outcome is how far Execute came.
type Outcome struct {
	State  State
	Wait   time.Duration
	Reason string // of Refused
}

// work is one run of Execute.
type work struct {
	tenant     id.Tenant
	order      dbsqlc.Order
	payment    dbsqlc.Payment
	settlement dbsqlc.Settlement
	split      *dbsqlc.Split // nil when nothing is split away
	parts      []part
	unbound    []part // parts whose receivers are not known to be bound
	names      map[id.Merchant]string
	acquirer   acquiring.Acquirer
	resumed    bool // an earlier run may have called Alipay: ask before repeating
}

// Execute settles a paid payment to its merchant of record and splits it by the rule version of its order. Phased: each
// step is recorded in its own transaction, guarded by the status before it, and Alipay is called only between them,
// always with the same numbers; so it can be run again from any step, and by two workers at once. An unknown outcome is
// asked for before a call is repeated.
//
// A payment that was refunded is left alone and its split canceled; a refund under way is waited for. A refusal of
// Alipay opens a case. The error is of our own making (the database, the connection); running again is right.
func (s *Service) Execute(ctx context.Context, tenant id.Tenant, payment id.Payment) (Outcome, error) {
	w := &work{tenant: tenant}
	s.step("prepare")
	out, err := s.prepare(ctx, w, payment)
	if err != nil {
		return Outcome{}, fmt.Errorf("prepare the split of payment %s: %w", payment, err)
	}
	s.step("prepared")
	if out != nil {
		return *out, nil
	}
	for _, phase := range []struct {
		name string
		run  func(context.Context, *work) (*Outcome, error)
	}{{"bind the receivers", s.bind}, {"settle", s.settle}, {"split", s.divide}} {
		out, err := phase.run(ctx, w)
		if err != nil {
			return Outcome{}, fmt.Errorf("%s payment %s: %w", phase.name, payment, err)
		}
		if out != nil {
			return *out, nil
		}
	}
	return Outcome{State: Finished}, nil
}

// inTx runs fn with the order and payment locked, which every change of a settlement or split does first.
func (s *Service) inTx(ctx context.Context, w *work, fn func(ctx context.Context, tx db.TenantTx) error) error {
	return s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		err := tx.Ask(ctx, func(ctx context.Context, r db.Asked) error {
			row, err := q.OrderLockByPayment(ctx, r, w.payment.ID)
			w.payment.RefundedFen = row.Payment.RefundedFen
			return err
		}, events.Ahead(tx))
		if err != nil {
			return fmt.Errorf("lock the payment: %w", err)
		}
		return fn(ctx, tx)
	})
}

// openCase opens a case for manual review of the payment.
func (s *Service) openCase(
	ctx context.Context,
	tx db.TenantTx,
	w *work,
	kind cases.Kind,
	detail string,
	facts cases.Facts,
) error {
	_, err := cases.Open(ctx, tx,
		cases.Opening{Kind: kind, Order: w.order.ID, Payment: w.payment.ID, Detail: detail, At: s.clock.Now(),
			Facts: facts, AtRisk: cases.Fen(w.settlement.AmountFen)})
	return err
}

// bind makes receivers known to the acquirer, which refuses parts for others.
func (s *Service) bind(ctx context.Context, w *work) (*Outcome, error) {
	for _, p := range w.unbound {
		s.step("bind")
		err := s.bindAt(ctx, w.acquirer, p, w.names)
		s.step("bound")
		if out, err := s.unlessDone(ctx, w, err); out != nil || err != nil {
			return out, err
		}
		if p.now != nil {
			if err := s.bound(ctx, w.tenant, *p.now); err != nil {
				return nil, err
			}
		}
		s.step("bind recorded")
	}
	w.unbound = nil
	return nil, nil
}

// unlessDone turns the error of a call into its outcome: limited and unknown wait, refused is recorded. nil, nil: the
// call was done.
func (s *Service) unlessDone(ctx context.Context, w *work, err error) (*Outcome, error) {
	switch acquiring.OutcomeOf(err) {
	case acquiring.OutcomeDone:
		return nil, nil
	case acquiring.OutcomeLimited:
		return &Outcome{State: Waiting, Wait: acquiring.WaitOf(err)}, nil
	case acquiring.OutcomeRefused:
		if acquiring.IsRefused(err, acquiring.Unrecognized) { // our clock or our keys: it says nothing about the split
			return s.unknown(ctx, w, err)
		}
		return s.refuse(ctx, w, acquiring.Words(err))
	case acquiring.OutcomeUnknown:
	}
	return s.unknown(ctx, w, err)
}

// unknown backs off, and opens a case when the outcome has been unknown for too long.
func (s *Service) unknown(ctx context.Context, w *work, cause error) (*Outcome, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	age := s.clock.Now().Sub(w.settlement.CreatedAt)
	s.log.WarnContext(ctx, "outcome unknown",
		"operation", "split_execute", "tenant", w.tenant, "payment", w.payment.ID, "age", age, "error", cause)
	wait, tooLong := acquiring.Unknown(age)
	if tooLong {
		err := s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
			return s.openCase(ctx, tx, w, vocabulary.CaseUnknownTooLong,
				"Whether the payment is settled and split could not be learned from Alipay for a day: "+
					acquiring.Words(cause),
				cases.Facts{Cause: vocabulary.CauseSplitUnknown, Said: acquiring.Words(cause)})
		})
		if err != nil {
			return nil, err
		}
	}
	return &Outcome{State: Waiting, Wait: wait}, nil
}
