package orders

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
	"zhitong/tenants/acquiring"
	"zhitong/tenants/ledger"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
)

// How long a reconciliation asks to be left alone.
const (
	reconcileBusy   = 5 * time.Second  // a refund or split of ours is under way
	reconcileUnpaid = 40 * time.Second // the payment is not booked yet
	reconcileBooked = time.Second      // the payment has just been booked
	reconcileNewer  = time.Second      // another report came while the acquirer was asked
)

// compare takes note of a report that money of an order went back, unless a refund that is booked explains it.
func (s *Service) compare(ctx context.Context, tx db.TenantTx, o locked, t acquiring.Trade) (Result, error) {
	if n := t.Refund.Number; n != "" {
		known, err := refunds.Explains(ctx, tx, o.Payment.ID, n)
		if err != nil {
			return Result{}, err
		}
		if known {
			return ignored(o, t), nil
		}
	}
	if t.Refund.Total != 0 && t.Refund.Total <= o.Refunded {
		return ignored(o, t), nil
	}
	err := ledger.Reconcile(ctx, tx, o.Payment.ID, t.Refund.Number, s.clock.Now())
	return Result{Order: o.ID, Verdict: verdictApplied}, err
}

// wasReturned books a payment of which nothing was heard until it had gone back to the buyer. Nothing is delivered; the
// order is in review until the refund is booked, too.
func (s *Service) wasReturned(ctx context.Context, tx db.TenantTx, o Order, t acquiring.Trade) error {
	now := s.clock.Now()
	paidAt := paidAt(t, now)
	if err := s.takeMoney(ctx, tx, o, t, paidAt); err != nil {
		return err
	}
	if o.Status != StatusNeedsReview {
		err := q.OrderSetStatus(ctx, tx.Later(), dbsqlc.OrderSetStatusParams{ID: o.ID, FromStatus: o.Status,
			ToStatus: StatusNeedsReview, PaidAt: &paidAt})
		if err != nil {
			return err
		}
		o.PaidAt, o.Status = &paidAt, StatusNeedsReview
		if err := emit(ctx, tx, vocabulary.EventOrderNeedsReview, o, now); err != nil {
			return err
		}
	}
	return ledger.Reconcile(ctx, tx, o.Payment.ID, "", now)
}

func ignored(o locked, t acquiring.Trade) Result {
	return Result{Verdict: verdictIgnored, Reason: fmt.Sprintf("%s while %s", t.State, o.Status)}
}

// reconciliation is one comparison of a payment's money with the acquirer's book.
type reconciliation struct {
	noted    []dbsqlc.ReconciliationListRow // what is to be explained
	order    Order
	acquirer acquiring.Acquirer
	standing acquiring.Standing
	amounts  map[string]money.Fen // of the refunds that are known by their numbers
}

// Reconcile compares what the buyer has back of a payment, by the acquirer's word, with the book, and books what
// someone else gave back. The sum at the acquirer decides, so that it is booked once, whoever told of it and however
// often; the numbers only name it. Phased: it can be run again from any step and by two workers at once. again above
// zero says when to run it once more. It returns order_not_found.
func (s *Service) Reconcile(
	ctx context.Context,
	tenant id.Tenant,
	payment id.Payment,
) (again time.Duration, err error) {
	r, err := s.prepareReconcile(ctx, tenant, payment)
	if err != nil || len(r.noted) == 0 {
		return 0, err
	}
	s.step("reconcile prepared")
	if !r.booked() {
		return s.bookFirst(ctx, tenant, r)
	}
	if err := r.ask(ctx); err != nil {
		if acquiring.OutcomeOf(err) == acquiring.OutcomeLimited {
			return acquiring.WaitOf(err), nil
		}
		return 0, tenants.GatewayFault(err)
	}
	s.step("reconcile asked")
	changed := false
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		changed, again, err = s.settleDifference(ctx, tx, r)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reconcile payment %s: %w", payment, err)
	}
	s.step("reconciled")
	if changed {
		s.onChange(tenant, r.order.ID)
	}
	return again, nil
}

// prepareReconcile reads what is to be explained.
func (s *Service) prepareReconcile(
	ctx context.Context,
	tenant id.Tenant,
	payment id.Payment,
) (r reconciliation, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.OrderGetByPayment(ctx, tx, payment)
		if db.IsNoRows(err) {
			return tenants.OrderNotFound()
		}
		if err != nil {
			return fmt.Errorf("read payment %s: %w", payment, err)
		}
		r.order = orderOf(row.Order, row.Payment)
		if r.noted, err = q.ReconciliationList(ctx, tx, payment); err != nil {
			return fmt.Errorf("read what is to be reconciled: %w", err)
		}
		r.acquirer, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
	return r, err
}

// booked tells that the payment is in the book.
func (r *reconciliation) booked() bool {
	p := r.order.Payment.Status
	return p == payments.StatusPaid || p == payments.StatusRefunded
}

// crossOut crosses out what is noted, as it was read before the acquirer was asked. What was reported since may be of
// money that moved after that: again says when to look once more.
func (r *reconciliation) crossOut(ctx context.Context, tx db.TenantTx) (again time.Duration, err error) {
	read := make([]uuid.UUID, len(r.noted))
	for i, n := range r.noted {
		read[i] = n.Report
	}
	more, err := ledger.Reconciled(ctx, tx, r.order.Payment.ID, read)
	if err != nil || !more {
		return 0, err
	}
	return reconcileNewer, nil
}

// bookFirst asks for a payment that is not in the book although a refund of it was told. What never will be in it needs
// no refund there either.
func (s *Service) bookFirst(
	ctx context.Context,
	tenant id.Tenant,
	r reconciliation,
) (again time.Duration, err error) {
	if _, err := s.ask(ctx, tenant, r.order, r.acquirer); err != nil {
		return 0, err
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		o, err := lockByPayment(ctx, tx, r.order.Payment.ID)
		if err != nil {
			return fmt.Errorf("lock the payment: %w", err)
		}
		r.order = o.Order
		switch {
		case r.booked():
			again = reconcileBooked
		case o.Status == StatusAwaitingPayment:
			again = reconcileUnpaid
		default:
			again, err = r.crossOut(ctx, tx)
			return err
		}
		return nil
	})
	return again, err
}

// ask asks the acquirer. No transaction is open.
func (r *reconciliation) ask(ctx context.Context) (err error) {
	trade := r.order.Payment.TradeNo
	r.amounts = map[string]money.Fen{}
	for _, n := range r.noted {
		if n.Number == "" {
			continue
		}
		back, found, err := r.acquirer.Settle.QueryRefund(ctx, n.Number, trade)
		if err != nil {
			return err
		}
		if found {
			r.amounts[n.Number] = back.Amount
		}
	}
	r.standing, err = r.acquirer.Settle.Standing(ctx, trade)
	return err
}

// settleDifference books what the buyer has back and the book does not have, under the lock of the payment, and crosses
// out what is explained by that. While money of ours is under way it only says when to look again: what the acquirer
// told may hold some of it.
func (s *Service) settleDifference(
	ctx context.Context,
	tx db.TenantTx,
	r reconciliation,
) (changed bool, again time.Duration, err error) {
	o, err := lockByPayment(ctx, tx, r.order.Payment.ID)
	if err != nil {
		return false, 0, fmt.Errorf("lock the payment: %w", err)
	}
	under, err := q.RefundPending(ctx, tx, o.ID)
	if err != nil {
		return false, 0, fmt.Errorf("look for a refund of order %s: %w", o.ID, err)
	}
	if under {
		return false, reconcileBusy, nil
	}
	back, err := splits.CameBack(ctx, tx, s.vault, o.Payment.ID, r.standing.Returned)
	if fault.CodeOf(err) == splits.CodeInProgress {
		return false, reconcileBusy, nil
	}
	if err != nil {
		return false, 0, err
	}
	if missing := r.standing.Refunded - o.Payment.Refunded; missing > 0 {
		if err := s.bookOutside(ctx, tx, o, r, missing, back); err != nil {
			return false, 0, err
		}
		changed = true
	}
	again, err = r.crossOut(ctx, tx)
	return changed, again, err
}

// bookOutside books what is missing: each refund that is known by its number under it, the rest without one.
func (s *Service) bookOutside(
	ctx context.Context,
	tx db.TenantTx,
	o locked,
	r reconciliation,
	missing money.Fen,
	back []splits.Back,
) error {
	now := s.clock.Now()
	write := func(number string, amount money.Fen) error {
		parts := make([]refunds.Part, len(back))
		for i, b := range back {
			parts[i] = refunds.Part(b)
		}
		back = nil // with the first: they are told in all, and one transaction books them
		err := refunds.RecordOutside(ctx, tx, refunds.Outside{
			Order:            o.ID,
			Payment:          o.Payment.ID,
			MerchantOfRecord: o.MerchantOfRecord,
			Number:           number,
			Amount:           amount,
			Back:             parts,
			At:               now,
		})
		if err != nil {
			return err
		}
		if err := s.refunded(ctx, tx, o, amount, parts, now); err != nil {
			return err
		}
		missing -= amount
		o.Refunded, o.Payment.Refunded = o.Refunded+amount, o.Payment.Refunded+amount
		return nil
	}
	for _, n := range r.noted {
		amount := min(r.amounts[n.Number], missing)
		if amount <= 0 {
			continue
		}
		known, err := refunds.Explains(ctx, tx, o.Payment.ID, n.Number)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := write(n.Number, amount); err != nil {
			return err
		}
	}
	if missing > 0 {
		return write("", missing)
	}
	return nil
}
