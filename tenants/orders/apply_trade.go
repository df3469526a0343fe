package orders

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
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/ledger"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
)

// Result is what ApplyTrade did. Order is zero when nothing of ours changed.
type Result struct {
	Order   id.Order
	Verdict vocabulary.Verdict
	Reason  string

	foreign *acquiring.Trade // a trade that is not ours, which a person is told of
}

// ApplyTrade moves an order by what Alipay reports, whoever heard of it first: notification or query. Another amount,
// app or seller than asked for puts it into needs_review and opens a case; it is never paid by that. Applying the same
// trade again changes nothing. Atomic; one read, then writes that travel with the commit. The caller has verified the
// signature.
func (s *Service) ApplyTrade(ctx context.Context, tx db.TenantTx, t acquiring.Trade) (Result, error) {
	pid, err := id.FromHex[id.Payment](t.Number)
	if err != nil {
		return foreign(t), nil //nolint:nilerr // a number that is not ours is no fault
	}
	o, err := lockByPayment(ctx, tx, pid)
	if db.IsNoRows(err) {
		return foreign(t), nil
	}
	if err != nil {
		return Result{}, fmt.Errorf("lock the order of payment %s: %w", pid, err)
	}
	act := decide(o.Status, o.Payment.Status, t)
	if act == compare {
		return s.compare(ctx, tx, o, t)
	}
	if act == ignore {
		return ignored(o, t), nil
	}
	if act != shut {
		field := payments.Mismatch(o.Payment, t)
		switch {
		case field == "":
		case act == wasReturned && o.Status == StatusNeedsReview:
			act = shut // what was wrong has gone back: nothing of it is left to be booked or decided
		default:
			return s.review(ctx, tx, o.Order, t, field)
		}
	}
	if act == deliver && o.Status == StatusNeedsReview && t.Seller == "" {
		// A query's answer does not say whose the money is. Another seller was reported: a person decides.
		if other, err := q.CaseOpenSeller(ctx, tx, pid); err != nil || other {
			return ignored(o, t), err
		}
	}
	switch act {
	case deliver:
		_, err = s.deliver(ctx, tx, o, t)
	case shut:
		if err = s.shut(ctx, tx, o); err == nil && o.Status == StatusNeedsReview {
			err = endReview(ctx, tx, o.Order, vocabulary.ReviewWithdrawn, audit.System("alipay.trade.close"),
				s.clock.Now(), "Alipay has closed the trade: nothing of the payment is there.")
		}
	case returnMoney:
		err = s.returnMoney(ctx, tx, o.Order, t)
	case wasReturned:
		err = s.wasReturned(ctx, tx, o.Order, t)
	case ignore, compare:
		fallthrough
	default:
		return Result{}, fmt.Errorf("payment %s: nothing is known of action %d", pid, act)
	}
	return Result{Order: o.ID, Verdict: verdictApplied}, err
}

// deliver is the moment of the product: paid, delivered, booked, told and queued to be split, in one transaction. When
// not every item is delivered at once the order is paid, and Fulfilled goes on: to is what the order becomes.
func (s *Service) deliver(ctx context.Context, tx db.TenantTx, l locked, t acquiring.Trade) (to Status, err error) {
	o := l.Order
	now := s.clock.Now()
	paidAt := paidAt(t, now)
	if err := s.takeMoney(ctx, tx, o, t, paidAt); err != nil {
		return "", err
	}
	all, err := s.kinds.Deliver(ctx, tx, o.ID, l.kinds, now)
	if err != nil {
		return "", err
	}
	set := dbsqlc.OrderSetStatusParams{ID: o.ID, FromStatus: o.Status, ToStatus: StatusPaid, PaidAt: &paidAt}
	if all {
		set.ToStatus, set.DeliveredAt = StatusDelivered, &now
	}
	if err := q.OrderSetStatus(ctx, tx.Later(), set); err != nil {
		return "", err
	}
	o.PaidAt, o.Status = &paidAt, StatusPaid
	paid := happened(vocabulary.EventOrderPaid, o, now)
	if !all {
		return set.ToStatus, events.Emit(ctx, tx, paid)
	}
	return set.ToStatus, s.delivered(ctx, tx, o, now, paid)
}

// delivered is what follows the delivery of the last item: it is told, after what happened before in the same
// transaction, and the payment is queued to be split.
func (s *Service) delivered(
	ctx context.Context,
	tx db.TenantTx,
	o Order,
	now time.Time,
	before ...events.Event,
) error {
	o.DeliveredAt, o.Status = &now, StatusDelivered
	if err := events.Emit(ctx, tx, append(before, happened(vocabulary.EventOrderDelivered, o, now))...); err != nil {
		return err
	}
	job := queue.SplitExecute{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(o.Payment.ID)}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: job})
}

// Fulfilled ends the queued delivery of a paid order's items of one kind. When they were the last, the order is
// delivered; delivered tells so. An order that is not paid, waits for a decision, was refunded meanwhile, or has an
// item of the kind that is not under way, fails the transaction with fulfilment.ConstraintState. Atomic.
func (s *Service) Fulfilled(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	kind vocabulary.FulfilmentKind,
) (delivered bool, err error) {
	row, err := q.OrderLock(ctx, tx, order)
	if db.IsNoRows(err) {
		return false, tenants.OrderNotFound()
	}
	if err != nil {
		return false, fmt.Errorf("lock order %s: %w", order, err)
	}
	others, err := q.OrderItemUndelivered(ctx, tx, order, kind)
	if err != nil {
		return false, fmt.Errorf("look for other items of order %s: %w", order, err)
	}
	if err := fulfilment.Ended(ctx, tx, order, kind); err != nil {
		return false, err
	}
	if others > 0 || row.Order.Status != StatusPaid {
		return false, nil
	}
	now := s.clock.Now()
	err = q.OrderSetStatus(ctx, tx.Later(), dbsqlc.OrderSetStatusParams{
		ID:          order,
		FromStatus:  StatusPaid,
		ToStatus:    StatusDelivered,
		DeliveredAt: &now,
	})
	if err != nil {
		return false, err
	}
	return true, s.delivered(ctx, tx, orderOf(row.Order, row.Payment), now)
}

// takeMoney marks the payment paid and books it: the buyer's money is with Alipay, unsettled, for the merchant of
// record.
func (s *Service) takeMoney(
	ctx context.Context,
	tx db.TenantTx,
	o Order,
	t acquiring.Trade,
	paidAt time.Time,
) error {
	if err := q.PaymentSetPaid(ctx, tx.Later(), &t.TradeNo, &paidAt, o.Payment.ID); err != nil {
		return err
	}
	return ledger.Post(ctx, tx, ledger.Posting{
		Kind:   ledger.KindPayment,
		Order:  o.ID,
		Source: uuid.UUID(o.Payment.ID),
		From:   ledger.Buyer(),
		To:     ledger.Unsettled(o.MerchantOfRecord),
		Amount: o.Payment.Amount,
		At:     s.clock.Now(),
	})
}

// paidAtMost is how far Alipay's time of a payment may be from ours and still be believed.
const paidAtMost = 366 * 24 * time.Hour

// paidAt is when Alipay says the buyer paid, or now.
func paidAt(t acquiring.Trade, now time.Time) time.Time {
	if t.PaidAt.IsZero() || t.PaidAt.Sub(now).Abs() > paidAtMost {
		return now
	}
	return t.PaidAt.UTC()
}

// shut closes an order that was not paid in time.
func (s *Service) shut(ctx context.Context, tx db.TenantTx, l locked) error {
	o := l.Order
	now := s.clock.Now()
	w := tx.Later()
	if err := q.PaymentSetClosed(ctx, w, o.Payment.ID); err != nil {
		return err
	}
	err := q.OrderSetStatus(ctx, w, dbsqlc.OrderSetStatusParams{
		ID:         o.ID,
		FromStatus: o.Status,
		ToStatus:   StatusClosed,
		ClosedAt:   &now,
	})
	if err != nil {
		return err
	}
	if err := s.kinds.Release(ctx, tx, o.ID, l.kinds); err != nil {
		return err
	}
	o.Status, o.ClosedAt = StatusClosed, &now
	return emit(ctx, tx, vocabulary.EventOrderClosed, o, now)
}

// returnMoney takes note of money that came after the order was closed, and starts giving it back: its card keys may be
// someone else's by now.
func (s *Service) returnMoney(ctx context.Context, tx db.TenantTx, o Order, t acquiring.Trade) error {
	now := s.clock.Now()
	paidAt := paidAt(t, now)
	if err := s.takeMoney(ctx, tx, o, t, paidAt); err != nil {
		return err
	}
	err := q.OrderSetStatus(ctx, tx.Later(), dbsqlc.OrderSetStatusParams{
		ID:         o.ID,
		FromStatus: o.Status,
		ToStatus:   StatusNeedsReview,
		PaidAt:     &paidAt,
	})
	if err != nil {
		return err
	}
	o.PaidAt, o.Status = &paidAt, StatusNeedsReview
	if err := emit(ctx, tx, vocabulary.EventOrderNeedsReview, o, now); err != nil {
		return err
	}
	_, err = cases.Open(ctx, tx, cases.Opening{
		Kind:    vocabulary.CasePaidAfterClose,
		Order:   o.ID,
		Payment: o.Payment.ID,
		At:      now,
		Detail:  "The buyer paid after the order was closed. The payment is being refunded.",
		Facts:   cases.Facts{Cause: vocabulary.CausePaidAfterClose, Found: cases.Fen(o.Payment.Amount)},
		AtRisk:  cases.Fen(o.Payment.Amount),
	})
	if err != nil {
		return err
	}
	_, err = refunds.Start(ctx, tx, refunds.Input{
		ID:               id.New[id.Refund](),
		Order:            o.ID,
		Payment:          o.Payment.ID,
		MerchantOfRecord: o.MerchantOfRecord, Amount: o.Payment.Amount,
		Reason: "paid after the order was closed",
		At:     now,
	})
	return err
}

// review stops an order whose payment is not what was asked for. Nothing is delivered and nothing is booked.
func (s *Service) review(
	ctx context.Context,
	tx db.TenantTx,
	o Order,
	t acquiring.Trade,
	field string,
) (Result, error) {
	now := s.clock.Now()
	kind := vocabulary.CaseSellerMismatch
	if field == "total_amount" {
		kind = vocabulary.CaseAmountMismatch
	}
	_, err := cases.Open(ctx, tx, cases.Opening{Kind: kind, Order: o.ID, Payment: o.Payment.ID, At: now,
		Facts: cases.Facts{Cause: vocabulary.CauseTradeDiffers, Expected: cases.Fen(o.Payment.Amount),
			Found: cases.Fen(t.Total), TradeNo: t.TradeNo, State: string(t.State), Field: field},
		AtRisk: cases.Fen(max(o.Payment.Amount, t.Total)),
		Detail: fmt.Sprintf(
			"Alipay reports %s for trade %s with another %s than was asked for: %s yuan paid, %s asked.",
			t.State,
			t.TradeNo,
			field,
			t.Total.Yuan(),
			o.Payment.Amount.Yuan(),
		)})
	if err != nil {
		return Result{}, err
	}
	if o.Status == StatusAwaitingPayment {
		err = q.OrderSetStatus(ctx, tx.Later(),
			dbsqlc.OrderSetStatusParams{ID: o.ID, FromStatus: o.Status, ToStatus: StatusNeedsReview})
		if err != nil {
			return Result{}, err
		}
		o.Status = StatusNeedsReview
		if err := emit(ctx, tx, vocabulary.EventOrderNeedsReview, o, now); err != nil {
			return Result{}, err
		}
	}
	return Result{Order: o.ID, Verdict: verdictReview, Reason: field}, nil
}

// foreign is the verdict on a trade that is not ours.
func foreign(t acquiring.Trade) Result {
	return Result{Verdict: verdictReview, Reason: "out_trade_no", foreign: &t}
}
