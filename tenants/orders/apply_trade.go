package orders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/ledger"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
)

// Verdicts on what Alipay sent, as recorded.
const (
	verdictApplied = vocabulary.VerdictApplied // it changed the order
	verdictIgnored = vocabulary.VerdictIgnored // true, and nothing to do
	verdictReview  = vocabulary.VerdictReview  // it does not agree with what was asked: a case was opened
	verdictRefused = vocabulary.VerdictRefused // not from Alipay, or not for this app
	verdictFailed  = vocabulary.VerdictFailed  // ours to repeat
)

// rawMax bounds how much of a refused message is kept, in bytes.
const rawMax = 8 << 10

// sureFor is how young a client's credentials are when a signature that they do not fit is refused without asking for
// newer ones.
const sureFor = 2 * time.Second

// ApplyNotification takes the raw body of a trade notification, verifies it with the tenant's own keys, and applies
// what it says in one transaction. ack says whether Alipay is to be told success: after the commit, for repetitions,
// and for what is true but changes nothing. What was refused or failed is kept, and not acknowledged, so that Alipay
// repeats it.
//
// The keys are the ones this process used last; the transaction itself holds them to be the newest, so that from the
// moment keys are changed, by whatever process, nothing is applied that the old ones signed.
func (s *Service) ApplyNotification(ctx context.Context, tenant id.Tenant, raw []byte) (ack bool, err error) {
	acq, err := s.gateways.Known(ctx, s.db, tenant, time.Time{})
	if err != nil {
		return false, err
	}
	in := acquiring.Inbound{Body: raw}
	n, err := acq.Pay.Verify(in)
	if err == nil {
		var order id.Order
		if order, err = s.apply(ctx, tenant, acq, n, raw); !db.Violates(err, tenants.ConstraintNewest) {
			return s.applied(ctx, tenant, n, raw, order, err)
		}
	} else if now := s.clock.Now(); now.Sub(acq.At) < sureFor && !now.Before(acq.At) {
		return false, s.refuse(ctx, tenant, raw, err)
	}
	// once more, with the newest keys
	if acq, err = s.gateways.Known(ctx, s.db, tenant, acq.At); err != nil {
		return false, err
	}
	if n, err = acq.Pay.Verify(in); err != nil {
		return false, s.refuse(ctx, tenant, raw, err)
	}
	order, err := s.apply(ctx, tenant, acq, n, raw)
	return s.applied(ctx, tenant, n, raw, order, err)
}

// apply is the transaction of a notification.
func (s *Service) apply(
	ctx context.Context,
	tenant id.Tenant,
	acq tenants.Known,
	n acquiring.Notification,
	raw []byte,
) (order id.Order, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.StillNewest(ctx, tx, acq); err != nil {
			return err
		}
		r, err := s.ApplyTrade(ctx, tx, n.Trade)
		if err != nil {
			return err
		}
		order = r.Order
		return s.record(ctx, tx, n, r, raw)
	})
	s.step("notification applied")
	return order, err
}

// applied is what follows the transaction.
func (s *Service) applied(
	ctx context.Context,
	tenant id.Tenant,
	n acquiring.Notification,
	raw []byte,
	order id.Order,
	err error,
) (bool, error) {
	if err != nil {
		s.recordFailure(ctx, tenant, n, raw, err)
		return false, err
	}
	if !order.IsZero() {
		s.onChange(tenant, order)
	}
	return true, nil
}

// Result is what ApplyTrade did. Order is zero when nothing of ours changed.
type Result struct {
	Order   id.Order
	Verdict vocabulary.Verdict
	Reason  string
}

// ApplyTrade moves an order by what Alipay reports, whoever heard of it first: notification or query. Another amount,
// app or seller than asked for puts it into needs_review and opens a case; it is never paid by that. Applying the same
// trade again changes nothing. Atomic; one read, then writes that travel with the commit. The caller has verified the
// signature.
func (s *Service) ApplyTrade(ctx context.Context, tx db.TenantTx, t acquiring.Trade) (Result, error) {
	pid, err := id.FromHex[id.Payment](t.Number)
	if err != nil {
		return s.foreign(ctx, tx, t)
	}
	o, err := lockByPayment(ctx, tx, pid)
	if db.IsNoRows(err) {
		return s.foreign(ctx, tx, t)
	}
	if err != nil {
		return Result{}, fmt.Errorf("lock the order of payment %s: %w", pid, err)
	}
	act := decide(o.Status, o.Payment.Status, t.Status)
	if t.Refunded || act == ignore {
		return Result{Verdict: verdictIgnored, Reason: fmt.Sprintf("%s while %s", t.State, o.Status)}, nil
	}
	if act != shut {
		if field := payments.Mismatch(o.Payment, t); field != "" {
			return s.review(ctx, tx, o.Order, t, field)
		}
	}
	switch act {
	case deliver:
		err = s.deliver(ctx, tx, o, t)
	case shut:
		err = s.shut(ctx, tx, o)
	case returnMoney:
		err = s.returnMoney(ctx, tx, o.Order, t)
	case ignore:
		fallthrough
	default:
		return Result{}, fmt.Errorf("payment %s: nothing is known of action %d", pid, act)
	}
	return Result{Order: o.ID, Verdict: verdictApplied}, err
}

// locked is an order that is locked with its payment.
type locked struct {
	Order
	kinds []string // of its items
}

// lockByPayment locks an order and its payment and reads, in the same round trip, who is told what happens to it.
func lockByPayment(ctx context.Context, tx db.TenantTx, p id.Payment) (o locked, err error) {
	err = tx.Ask(ctx, func(ctx context.Context, r db.Asked) error {
		row, err := q.OrderLockByPayment(ctx, r, p)
		o = locked{Order: orderOf(row.Order, row.Payment), kinds: row.Kinds}
		return err
	}, events.Ahead(tx))
	return o, err
}

// deliver is the moment of the product: paid, delivered, booked, told and queued to be split, in one transaction. When
// not every item is delivered at once the order is paid, and Fulfilled goes on.
func (s *Service) deliver(ctx context.Context, tx db.TenantTx, l locked, t acquiring.Trade) error {
	o := l.Order
	now := s.clock.Now()
	paidAt := paidAt(t, now)
	if err := s.takeMoney(ctx, tx, o, t, paidAt); err != nil {
		return err
	}
	all, err := s.kinds.Deliver(ctx, tx, o.ID, l.kinds, now)
	if err != nil {
		return err
	}
	to := dbsqlc.OrderSetStatusParams{ID: o.ID, FromStatus: o.Status, ToStatus: StatusPaid, PaidAt: &paidAt}
	if all {
		to.ToStatus, to.DeliveredAt = StatusDelivered, &now
	}
	if err := q.OrderSetStatus(ctx, tx.Later(), to); err != nil {
		return err
	}
	o.PaidAt, o.Status = &paidAt, StatusPaid
	if err := emit(ctx, tx, vocabulary.EventOrderPaid, o, now); err != nil || !all {
		return err
	}
	return s.delivered(ctx, tx, o, now)
}

// delivered is what follows the delivery of the last item: it is told, and the payment is queued to be split.
func (s *Service) delivered(ctx context.Context, tx db.TenantTx, o Order, now time.Time) error {
	o.DeliveredAt, o.Status = &now, StatusDelivered
	if err := emit(ctx, tx, vocabulary.EventOrderDelivered, o, now); err != nil {
		return err
	}
	job := queue.SplitExecute{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(o.Payment.ID)}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: job})
}

// Fulfilled ends the queued delivery of a paid order's items of one kind. When they were the last, the order is
// delivered; delivered tells so. An order that was refunded meanwhile, or has an item of the kind that is not under way,
// fails the transaction with fulfilment.ConstraintState. Atomic.
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
	if err := fulfilment.Mark(ctx, tx, order, kind, vocabulary.DeliveryDelivered); err != nil {
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
	err := q.PaymentSetPaid(ctx, tx.Later(),
		dbsqlc.PaymentSetPaidParams{ID: o.Payment.ID, TradeNo: &t.TradeNo, BuyerID: t.Buyer, PaidAt: &paidAt})
	if err != nil {
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

// paidAt is when Alipay says the buyer paid, or now.
func paidAt(t acquiring.Trade, now time.Time) time.Time {
	if t.PaidAt.IsZero() {
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
	})
	if err != nil {
		return err
	}
	_, err = refunds.Start(ctx, tx, refunds.Input{
		ID:      id.New[id.Refund](),
		Order:   o.ID,
		Payment: o.Payment.ID,
		Amount:  o.Payment.Amount,
		Reason:  "paid after the order was closed",
		At:      now,
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

// foreign takes note of a trade that is not ours.
func (s *Service) foreign(ctx context.Context, tx db.TenantTx, t acquiring.Trade) (Result, error) {
	_, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseForeignNotice, At: s.clock.Now(),
		Detail: fmt.Sprintf(
			"Alipay reports trade %s (out_trade_no %.64q), which this platform did not ask for.",
			t.TradeNo,
			t.Number,
		)})
	return Result{Verdict: verdictReview, Reason: "out_trade_no"}, err
}

func emit(ctx context.Context, tx db.TenantTx, kind vocabulary.EventType, o Order, at time.Time) error {
	return events.Emit(ctx, tx,
		events.Event{Type: kind, SubjectType: vocabulary.SubjectOrder, SubjectID: o.ID, Data: eventOf(o), At: at})
}

// record notes a notification once. The text of one that was simply applied is not kept: Alipay can be asked again at
// any time.
func (s *Service) record(ctx context.Context, tx db.TenantTx, n acquiring.Notification, r Result, raw []byte) error {
	if r.Verdict == verdictApplied {
		raw = nil
	}
	return q.NotificationInsert(
		ctx,
		tx.Later(),
		dbsqlc.NotificationInsertParams{ID: id.New[id.Notification](), NotifyID: &n.ID, Kind: vocabulary.NotificationTrade,
			Subject: n.Number, State: n.State, Verdict: r.Verdict, Reason: r.Reason, Raw: clip(raw), ReceivedAt: s.clock.Now()},
	)
}

func clip(raw []byte) []byte {
	if len(raw) > rawMax {
		return raw[:rawMax]
	}
	return raw
}

// refuse keeps what was not Alipay's word to this tenant, and opens a case when it was Alipay's word to another; a
// flood is not kept.
func (s *Service) refuse(ctx context.Context, tenant id.Tenant, raw []byte, cause error) error {
	if !s.gateways.KeepRefusal(tenant) {
		return cause
	}
	s.log.WarnContext(
		ctx,
		"notification refused",
		slog.String("tenant", tenant.String()),
		slog.String("reason", cause.Error()),
	)
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if errors.Is(cause, acquiring.ErrForeign) {
			_, err := cases.Open(ctx, tx, cases.Opening{
				Kind:   vocabulary.CaseForeignNotice,
				At:     s.clock.Now(),
				Detail: "A notification that Alipay signed for another app arrived at this platform's address.",
			})
			if err != nil {
				return err
			}
		}
		return q.NotificationInsert(
			ctx,
			tx.Later(),
			dbsqlc.NotificationInsertParams{ID: id.New[id.Notification](), Kind: vocabulary.NotificationTrade,
				Verdict: verdictRefused, Reason: cause.Error(), Raw: clip(raw), ReceivedAt: s.clock.Now()},
		)
	})
	if err != nil {
		return errors.Join(cause, err)
	}
	return nil
}

// recordFailure keeps a notification that could not be applied, in a transaction of its own; Alipay will repeat it.
func (s *Service) recordFailure(
	ctx context.Context,
	tenant id.Tenant,
	n acquiring.Notification,
	raw []byte,
	cause error,
) {
	s.log.ErrorContext(
		ctx,
		"notification not applied",
		slog.String("tenant", tenant.String()),
		slog.String("out_trade_no", n.Number),
		slog.Any("error", cause),
	)
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return q.NotificationInsert(
			ctx,
			tx.Later(),
			dbsqlc.NotificationInsertParams{ID: id.New[id.Notification](), NotifyID: &n.ID, Kind: vocabulary.NotificationTrade,
				Subject: n.Number, State: n.State, Verdict: verdictFailed, Reason: fmt.Sprintf("%.500s", cause.Error()), Raw: clip(raw), ReceivedAt: s.clock.Now()},
		)
	})
	if err != nil {
		s.log.ErrorContext(
			ctx,
			"failed notification not kept",
			slog.String("tenant", tenant.String()),
			slog.Any("error", err),
		)
	}
}
