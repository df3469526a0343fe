package orders

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
)

// refundable lists the statuses of orders whose money can be given back.
func refundable(s Status) bool {
	return slices.Contains([]Status{StatusPaid, StatusDelivered, StatusNeedsReview}, s)
}

// Refund starts giving the buyer back what is left of the payment; what was split returns from its receivers. The
// outcome comes as an event: refund.succeeded or refund.refused. The same key finds the refund that it started;
// replayed says so.
//
// It returns order_not_found, order_not_refundable, refund_pending, split_in_progress (the split is between two steps
// at Alipay: try again in a moment), approval_required above the platform's limit, and idempotency_key_reused.
func (s *Service) Refund(
	ctx context.Context,
	a tenants.Actor,
	order id.Order,
	reason string,
	key idempotency.Key,
) (r refunds.Refund, replayed bool, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		fresh := id.New[id.Refund]()
		existing, seen, err := key.Claim(ctx, tx, a, "createRefund", fresh)
		if err != nil {
			return err
		}
		if replayed = seen; seen {
			if r, err = refunds.Read(ctx, tx, id.Refund(existing)); err != nil {
				return err
			}
			r, err = refunds.Named(ctx, tx, r)
			return err
		}
		o, plan, err := lockRefundable(ctx, tx, order)
		if err != nil {
			return err
		}
		own, err := tenants.Approvals(ctx, tx)
		if err != nil {
			return err
		}
		if left := o.Payment.Left(); own.RefundLimit != nil && left > *own.RefundLimit {
			return tenants.ApprovalRequired("A refund of more than %s yuan needs a second person.",
				own.RefundLimit.Yuan())
		}
		if r, err = s.startRefund(ctx, tx, fresh, o, plan, reason); err != nil {
			return err
		}
		if r, err = refunds.Named(ctx, tx, r); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "createRefund", "refund", r.ID, reason,
			tenants.Changes{}.Add("amount_fen", nil, r.Amount)...)
	})
	return r, replayed, err
}

// lockRefundable locks an order that can be refunded at this moment, and says who gives back what.
func lockRefundable(ctx context.Context, tx db.TenantTx, order id.Order) (o Order, plan []refunds.Part, err error) {
	row, err := q.OrderLock(ctx, tx, order)
	if db.IsNoRows(err) {
		return o, nil, tenants.OrderNotFound()
	}
	if err != nil {
		return o, nil, fmt.Errorf("lock order %s: %w", order, err)
	}
	o = orderOf(row.Order, row.Payment)
	plan, err = planRefund(ctx, tx, o)
	return o, plan, err
}

// startRefund writes the refund of a locked order, and its job.
func (s *Service) startRefund(
	ctx context.Context,
	tx db.TenantTx,
	refund id.Refund,
	o Order,
	plan []refunds.Part,
	reason string,
) (refunds.Refund, error) {
	return refunds.Start(ctx, tx, refunds.Input{
		ID:               refund,
		Order:            o.ID,
		Payment:          o.Payment.ID,
		MerchantOfRecord: o.MerchantOfRecord, Amount: o.Payment.Left(),
		Reason: reason,
		Plan:   plan,
		At:     s.clock.Now(),
	})
}

// CodeRefundAmount is the code of a refund that is not what a second person has approved.
const CodeRefundAmount fault.Code = "refund_amount_changed"

// Refundable is what a refund of the order would give back. It returns what Refund returns. Atomic.
func (s *Service) Refundable(ctx context.Context, tx db.TenantTx, order id.Order) (money.Fen, error) {
	o, _, err := lockRefundable(ctx, tx, order)
	return o.Payment.Left(), err
}

// ApprovedRefund is a refund that a second person has approved.
type ApprovedRefund struct {
	Order  id.Order
	Amount money.Fen // that was approved
	Reason string
}

// RefundApproved is Refund whatever the platform's limit is, for the amount that was approved and no other: it returns
// refund_amount_changed, too. Atomic.
func (s *Service) RefundApproved(
	ctx context.Context,
	tx db.TenantTx,
	by tenants.Actor,
	in ApprovedRefund,
) (r refunds.Refund, err error) {
	o, plan, err := lockRefundable(ctx, tx, in.Order)
	if err != nil {
		return r, err
	}
	if o.Payment.Left() != in.Amount {
		return r, fault.New(CodeRefundAmount, "%s yuan are left, %s were approved.", o.Payment.Left().Yuan(),
			in.Amount.Yuan())
	}
	if r, err = s.startRefund(ctx, tx, id.New[id.Refund](), o, plan, in.Reason); err != nil {
		return r, err
	}
	return r, audit.Record(ctx, tx, audit.Actor(by), "createRefund", "refund", r.ID, in.Reason,
		tenants.Changes{}.Add("amount_fen", nil, r.Amount)...)
}

// planRefund says who gives back what, when the order can be refunded at this moment. The order and the payment are
// locked; it locks settlement and split.
func planRefund(ctx context.Context, tx db.TenantTx, o Order) ([]refunds.Part, error) {
	if err := refunds.NoneUnderWay(ctx, tx, o.ID, o.Payment.ID); err != nil {
		return nil, err
	}
	p := o.Payment
	if !refundable(o.Status) || p.Status != payments.StatusPaid {
		return nil, fault.New(CodeNotRefundable, "The order is %s.", o.Status)
	}
	back, err := splits.ToReturn(ctx, tx, p.ID, p.Left())
	plan := make([]refunds.Part, len(back))
	for i, b := range back {
		plan[i] = refunds.Part(b)
	}
	return plan, err
}

// ExecuteRefund gives a payment back at Alipay, and records the outcome with what it means for the order. Phased: it
// can be run again from any step and by two workers at once; an unknown outcome is asked for, and the call repeated
// with the same number later: again above zero says when. It returns refund_not_found.
func (s *Service) ExecuteRefund(
	ctx context.Context,
	tenant id.Tenant,
	refund id.Refund,
) (again time.Duration, err error) {
	var attempt *refunds.Attempt
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		attempt, err = s.refunds.Prepare(ctx, tx, refund)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prepare refund %s: %w", refund, err)
	}
	s.step("refund prepared")
	if attempt == nil {
		return 0, nil
	}
	outcome, err := s.refunds.Give(ctx, attempt)
	if err != nil {
		return 0, fmt.Errorf("give back refund %s: %w", refund, err)
	}
	if !outcome.Decided() {
		return outcome.Wait, nil
	}
	var given bool
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		o, err := lockByPayment(ctx, tx, attempt.Refund.Payment)
		if err != nil {
			return fmt.Errorf("lock the payment: %w", err)
		}
		now := s.clock.Now()
		if given, err = s.refunds.Record(ctx, tx, attempt, outcome, now); err != nil || !given {
			return err
		}
		return s.refunded(ctx, tx, o, attempt.Refund.Amount, outcome.Returned(), now)
	})
	if err != nil {
		return 0, fmt.Errorf("record refund %s: %w", refund, err)
	}
	s.step("refund recorded")
	if given {
		s.onChange(tenant, attempt.Refund.Order)
	}
	return outcome.Wait, nil
}

// refunded is what it means that an amount went back to the buyer. With the last fen, payment and order are refunded,
// what was not split never will be, and the goods are void; until then the order stays what it is, and the buyer keeps
// the goods.
func (s *Service) refunded(
	ctx context.Context,
	tx db.TenantTx,
	l locked,
	amount money.Fen,
	returned []refunds.Part,
	now time.Time,
) error {
	o, later := l.Order, tx.Later()
	last := amount == o.Payment.Left()
	to := o.Status
	if last {
		to = StatusRefunded
	}
	if err := q.PaymentAddRefunded(ctx, later, amount, o.Payment.ID); err != nil {
		return err
	}
	err := q.OrderAddRefunded(ctx, later, dbsqlc.OrderAddRefundedParams{
		ID:         o.ID,
		FromStatus: o.Status,
		ToStatus:   to,
		Amount:     amount,
	})
	if err != nil {
		return err
	}
	back := make([]splits.Back, len(returned))
	for i, p := range returned {
		back[i] = splits.Back(p)
	}
	if err := splits.Refunded(ctx, tx, o.Payment.ID, back, last, now); err != nil || !last {
		return err
	}
	if err := s.kinds.Void(ctx, tx, o.ID, l.kinds); err != nil {
		return err
	}
	o.Status, o.Refunded = StatusRefunded, o.Refunded+amount
	return emit(ctx, tx, vocabulary.EventOrderRefunded, o, now)
}
