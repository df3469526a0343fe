package orders

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/audit"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
)

// Decide ends the review of an order whose payment is not what was asked for. Alipay is asked first what it has.
//
//   - refund gives all that came back, whatever the order's amount is, and frees the card keys.
//   - accept delivers for what came, once a second person has confirmed it.
//   - release closes the order and frees its card keys, when nothing came or all of it went back. The trade is closed
//     first, so that nobody can pay it.
//
// Phased, with one deciding transaction; it can be run again from any step, and of two at once one wins. It returns
// order_not_found, order_not_in_review (also to whoever comes second), order_review_asked, order_review_no_money,
// order_review_money_there, order_review_other_seller and alipay_unavailable.
func (s *Service) Decide(
	ctx context.Context,
	a tenants.Actor,
	order id.Order,
	d Decision,
	note string,
) (Review, error) {
	o, err := s.Get(ctx, a, order)
	if err != nil {
		return Review{}, err
	}
	if err := decidable(o, d); err != nil {
		return Review{}, err
	}
	t, err := s.arrived(ctx, a.Tenant, o, d == vocabulary.ReviewRelease)
	if err != nil {
		return Review{}, err
	}
	s.step("review asked")
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		l, err := lockByPayment(ctx, tx, o.Payment.ID)
		if err != nil {
			return fmt.Errorf("lock the order: %w", err)
		}
		if err := decidable(l.Order, d); err != nil {
			return err
		}
		last, err := lastReview(ctx, tx, order)
		if err != nil {
			return err
		}
		if last != nil && last.Status == vocabulary.ReviewAsked {
			return fault.New(CodeReviewAsked, "To accept %s yuan was asked for by %s.", last.AmountFen.Yuan(),
				last.AskedBy)
		}
		return s.decide(ctx, tx, a, l, t, d, note)
	})
	if err != nil {
		return Review{}, err
	}
	s.step("review decided")
	s.onChange(a.Tenant, order)
	return s.Review(ctx, a, order)
}

// decide is the transaction of a decision.
func (s *Service) decide(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	l locked,
	t acquiring.Trade,
	d Decision,
	note string,
) error {
	now := s.clock.Now()
	by := audit.Actor(a)
	row := dbsqlc.OrderReviewInsertParams{
		ID: id.New[id.Order]().UUID(), OrderID: l.ID, Decision: d, Status: vocabulary.ReviewConfirmed,
		AmountFen: t.Total, TradeNo: t.TradeNo, Note: note, AskedBy: by.ID, AskedByID: access.PersonOf(a),
		EndedBy: by.ID, EndedAt: &now,
	}
	to := StatusNeedsReview
	var err error
	switch d {
	case vocabulary.ReviewAccept:
		row.Status, row.EndedBy, row.EndedAt = vocabulary.ReviewAsked, "", nil
		var other bool
		if other, err = q.CaseOpenSeller(ctx, tx, l.Payment.ID); err == nil && other {
			err = fault.New(CodeReviewSeller, "Alipay reported another app, seller or trade number for the order.")
		}
	case vocabulary.ReviewRefund:
		err = s.giveBackArrived(ctx, tx, l, t, note)
	case vocabulary.ReviewRelease:
		row.AmountFen, row.TradeNo = 0, ""
		to, err = StatusClosed, s.shut(ctx, tx, l)
	default:
		err = fmt.Errorf("nothing is known of decision %q", d)
	}
	if err != nil {
		return err
	}
	if d != vocabulary.ReviewAccept {
		if err := endReview(ctx, tx, l.Order, vocabulary.ReviewWithdrawn, by, now, note); err != nil {
			return err
		}
	}
	if err := q.OrderReviewInsert(ctx, tx.Later(), row); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, "decideOrderReview", "order", l.ID, note,
		tenants.Changes{}.Add("decision", "", d).Add("status", l.Status, to).
			Add("amount_fen", l.Payment.Amount, row.AmountFen)...)
}

// arrived asks Alipay what it has for an order. With toRelease the trade, if there is one, cannot be paid after that.
// It returns order_review_no_money, order_review_money_there and alipay_unavailable.
func (s *Service) arrived(
	ctx context.Context,
	tenant id.Tenant,
	o Order,
	toRelease bool,
) (t acquiring.Trade, err error) {
	_, acq, err := s.open(ctx, tenant, o.Payment.ID)
	if err != nil {
		return t, err
	}
	number := payments.OutTradeNo(o.Payment.ID)
	if toRelease {
		s.step("before close")
		err := acq.Pay.Close(ctx, number)
		s.step("after close")
		if err != nil && !acquiring.IsRefused(err) {
			return t, tenants.GatewayFault(err)
		}
	}
	t, err = acq.Pay.Query(ctx, number)
	absent := acquiring.IsRefused(err, acquiring.TradeAbsent)
	if err != nil && !absent {
		return t, tenants.GatewayFault(err)
	}
	there := !absent && t.Status.Paid()
	switch {
	case toRelease && there:
		return t, fault.New(CodeReviewMoney, "Alipay has %s yuan for the order.", t.Total.Yuan())
	case toRelease && !absent && t.Status != acquiring.TradeClosed:
		return t, fault.New(tenants.CodeAlipayUnavailable, "Alipay has not closed the trade; it is %s.", t.State)
	case !toRelease && !there:
		return t, fault.New(CodeReviewNoMoney, "Alipay has no money for the order.")
	}
	return t, nil
}

// taken is the order with what came as the amount of its payment.
func taken(ctx context.Context, tx db.TenantTx, l locked, t acquiring.Trade) (locked, error) {
	if t.Total == l.Payment.Amount {
		return l, nil
	}
	l.Payment.Amount = t.Total
	return l, q.PaymentSetArrived(ctx, tx.Later(), t.Total, l.Payment.ID)
}

// giveBackArrived books what came and starts giving all of it back. Nobody has seen the card keys: they are free.
func (s *Service) giveBackArrived(ctx context.Context, tx db.TenantTx, l locked, t acquiring.Trade, why string) error {
	now := s.clock.Now()
	paidAt := paidAt(t, now)
	from := l.Status
	l, err := taken(ctx, tx, l, t)
	if err != nil {
		return err
	}
	if err := s.takeMoney(ctx, tx, l.Order, t, paidAt); err != nil {
		return err
	}
	err = q.OrderSetStatus(ctx, tx.Later(), dbsqlc.OrderSetStatusParams{ID: l.ID, FromStatus: from,
		ToStatus: StatusNeedsReview, PaidAt: &paidAt})
	if err != nil {
		return err
	}
	if from == StatusNeedsReview {
		if err := s.kinds.Release(ctx, tx, l.ID, l.kinds); err != nil {
			return err
		}
	} else {
		l.Status, l.PaidAt = StatusNeedsReview, &paidAt
		if err := emit(ctx, tx, vocabulary.EventOrderNeedsReview, l.Order, now); err != nil {
			return err
		}
	}
	_, err = refunds.Start(ctx, tx, refunds.Input{ID: id.New[id.Refund](), Order: l.ID, Payment: l.Payment.ID,
		Amount: t.Total, Reason: why, At: now})
	return err
}

// ConfirmReview is the second person's word that what came is accepted: the order is delivered for it. Phased. It
// returns order_not_found, order_review_not_asked, second_person_required, order_review_no_money,
// order_review_changed, order_not_in_review and alipay_unavailable.
func (s *Service) ConfirmReview(ctx context.Context, a tenants.Actor, order id.Order) (Review, error) {
	o, err := s.Get(ctx, a, order)
	if err != nil {
		return Review{}, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := asked(ctx, tx, a, order)
		return err
	})
	if err != nil {
		return Review{}, err
	}
	t, err := s.arrived(ctx, a.Tenant, o, false)
	if err != nil {
		return Review{}, err
	}
	s.step("review asked")
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		l, err := lockByPayment(ctx, tx, o.Payment.ID)
		if err != nil {
			return fmt.Errorf("lock the order: %w", err)
		}
		r, err := asked(ctx, tx, a, order)
		if err != nil {
			return err
		}
		if err := decidable(l.Order, r.Decision); err != nil {
			return err
		}
		if t.Total != r.AmountFen || t.TradeNo != r.TradeNo {
			return fault.New(CodeReviewChanged, "Alipay has %s yuan; %s were asked to be accepted.", t.Total.Yuan(),
				r.AmountFen.Yuan())
		}
		was := l.Payment.Amount
		if l, err = taken(ctx, tx, l, t); err != nil {
			return err
		}
		to, err := s.deliver(ctx, tx, l, t)
		if err != nil {
			return err
		}
		by := audit.Actor(a)
		err = endReview(ctx, tx, l.Order, vocabulary.ReviewConfirmed, by, s.clock.Now(), r.Note)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, "confirmOrderReview", "order", l.ID, r.Note,
			tenants.Changes{}.Add("status", l.Status, to).Add("amount_fen", was, t.Total)...)
	})
	if err != nil {
		return Review{}, err
	}
	s.step("review decided")
	s.onChange(a.Tenant, order)
	return s.Review(ctx, a, order)
}

// asked is the decision that waits for a second person, when a is one.
func asked(ctx context.Context, tx db.TenantTx, a tenants.Actor, order id.Order) (*dbsqlc.OrderReview, error) {
	r, err := lastReview(ctx, tx, order)
	if err != nil {
		return nil, err
	}
	if r == nil || r.Status != vocabulary.ReviewAsked {
		return nil, fault.New(CodeReviewNotAsked, "Nobody has asked to accept what came for the order.")
	}
	return r, access.OtherPerson(ctx, tx, a, access.Asked{By: r.AskedBy, ByID: r.AskedByID, At: r.AskedAt})
}

// WithdrawReview takes back what waits for a second person; another decision can be made then. It returns
// order_not_found and order_review_not_asked.
func (s *Service) WithdrawReview(ctx context.Context, a tenants.Actor, order id.Order) (Review, error) {
	o, err := s.Get(ctx, a, order)
	if err != nil {
		return Review{}, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := lockByPayment(ctx, tx, o.Payment.ID); err != nil {
			return fmt.Errorf("lock the order: %w", err)
		}
		r, err := lastReview(ctx, tx, order)
		if err != nil {
			return err
		}
		if r == nil || r.Status != vocabulary.ReviewAsked {
			return fault.New(CodeReviewNotAsked, "Nobody has asked to accept what came for the order.")
		}
		now, by := s.clock.Now(), audit.Actor(a)
		err = q.OrderReviewEnd(ctx, tx.Later(), dbsqlc.OrderReviewEndParams{OrderID: order,
			Status: vocabulary.ReviewWithdrawn, EndedBy: by.ID, EndedAt: &now})
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, "withdrawOrderReview", "order", order, r.Note,
			tenants.Changes{}.Add("decision", r.Decision, "")...)
	})
	if err != nil {
		return Review{}, err
	}
	return s.Review(ctx, a, order)
}
