package orders

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/payments"
)

// Decision is what a person does with an order whose payment is not what was asked for.
type Decision = vocabulary.ReviewDecision

// Codes of decisions.
const (
	CodeNotInReview    fault.Code = "order_not_in_review"
	CodeReviewAsked    fault.Code = "order_review_asked"
	CodeReviewNotAsked fault.Code = "order_review_not_asked"
	CodeReviewNoMoney  fault.Code = "order_review_no_money"
	CodeReviewMoney    fault.Code = "order_review_money_there"
	CodeReviewChanged  fault.Code = "order_review_changed"
	CodeReviewSeller   fault.Code = "order_review_other_seller"
	CodeReviewNotFound fault.Code = "order_review_not_found"
)

func reviewFaults() []fault.Definition {
	conflict := func(c fault.Code, title, titleZh, meaning, meaningZh string) fault.Definition {
		return fault.Definition{Code: c, Status: http.StatusConflict, Title: title, TitleZh: titleZh, Meaning: meaning,
			MeaningZh: meaningZh}
	}
	return []fault.Definition{
		conflict(CodeNotInReview, "Order does not wait for a decision", "订单不在待处理状态",
			"Only an order in `needs_review` whose payment is not booked can be decided, and a closed one for which "+
				"money came can be refunded. One whose payment is booked is given back by createRefund.",
			"只有处于 needs_review 且付款未入账的订单可以处理；已关闭但收到付款的订单可以退款。已入账的付款请用 createRefund 退款。"),
		conflict(CodeReviewAsked, "A decision waits for a second person", "已有待确认的处理",
			"Accepting the payment was asked for. Confirm or withdraw that first.",
			"已有人申请接受该付款，请先确认或撤回。"),
		conflict(CodeReviewNotAsked, "Nothing waits for a second person", "没有待确认的处理",
			"Nobody has asked to accept the payment, or it was confirmed or withdrawn already.",
			"没有待确认的接受申请，或已确认、已撤回。"),
		conflict(CodeReviewNoMoney, "Alipay has no money for the order", "支付宝没有该订单的款项",
			"Nothing came, or all of it was given back. Decide `release` instead.",
			"没有收到款项，或已全部退回。请改为 release。"),
		conflict(CodeReviewMoney, "Alipay has money for the order", "支付宝有该订单的款项",
			"An order for which money came is not released. Decide `refund` or `accept`.",
			"已收到款项的订单不能释放。请选择 refund 或 accept。"),
		conflict(CodeReviewChanged, "Alipay has something else by now", "支付宝的款项已变化",
			"What Alipay has for the order is not what was asked to be accepted. Withdraw that, and decide again.",
			"支付宝的款项与申请接受时不一致。请撤回后重新处理。"),
		conflict(CodeReviewSeller, "The money may be at another seller", "款项可能属于其他收款方",
			"Alipay reported another app, seller or trade number, so the payment cannot be accepted. Refund it.",
			"支付宝报告了其他应用、收款方或交易号，不能接受该付款，请退款。"),
		{Code: CodeReviewNotFound, Status: http.StatusNotFound, Title: "Nothing was decided", TitleZh: "没有处理记录",
			Meaning: "Nobody has decided about this order yet.", MeaningZh: "该订单尚无处理记录。"},
	}
}

// decisions says what can be decided about an order whose payment is not booked. Of a closed order nothing is held any
// more, so what came for it can only go back.
var decisions = map[Status]map[Decision]bool{
	StatusNeedsReview: {vocabulary.ReviewRefund: true, vocabulary.ReviewAccept: true, vocabulary.ReviewRelease: true},
	StatusClosed:      {vocabulary.ReviewRefund: true},
}

// decidable returns order_not_in_review unless the decision can be made about the order.
func decidable(o Order, d Decision) error {
	unbooked := o.Payment.Status != payments.StatusPaid && o.Payment.Status != payments.StatusRefunded
	if unbooked && decisions[o.Status][d] {
		return nil
	}
	return fault.New(CodeNotInReview, "The order is %s, and its payment %s.", o.Status, o.Payment.Status)
}

// Review is a decision about an order.
type Review struct {
	Order    id.Order
	Decision Decision
	Status   vocabulary.ReviewStatus
	Amount   money.Fen // what Alipay had for the order
	TradeNo  string    // Alipay's number; empty: nothing came
	Note     string
	AskedBy  string // as the audit log names who it was
	AskedAt  time.Time
	EndedBy  string // who confirmed or withdrew it
	EndedAt  *time.Time
}

func reviewOf(r dbsqlc.OrderReview) Review {
	return Review{Order: r.OrderID, Decision: r.Decision, Status: r.Status, Amount: r.AmountFen, TradeNo: r.TradeNo,
		Note: r.Note, AskedBy: r.AskedBy, AskedAt: r.AskedAt, EndedBy: r.EndedBy, EndedAt: r.EndedAt}
}

// Review reads the newest decision about an order. It returns order_not_found and order_review_not_found.
func (s *Service) Review(ctx context.Context, a tenants.Actor, order id.Order) (out Review, err error) {
	if _, err := s.Get(ctx, a, order); err != nil {
		return Review{}, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := lastReview(ctx, tx, order)
		if err == nil && row == nil {
			return fault.New(CodeReviewNotFound, "Nothing was decided about the order.")
		}
		if row != nil {
			out = reviewOf(*row)
		}
		return err
	})
	return out, err
}

// lastReview is the newest decision about an order; nil: there is none.
func lastReview(ctx context.Context, tx db.TenantTx, order id.Order) (*dbsqlc.OrderReview, error) {
	row, err := q.OrderReviewLast(ctx, tx, order)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the decision about order %s: %w", order, err)
	}
	return &row, nil
}

// endReview is what follows when an order leaves its review: what was asked for ends, and so do the cases about it.
func endReview(
	ctx context.Context,
	tx db.TenantTx,
	o Order,
	status vocabulary.ReviewStatus,
	by audit.By,
	now time.Time,
	note string,
) error {
	err := q.OrderReviewEnd(ctx, tx.Later(),
		dbsqlc.OrderReviewEndParams{OrderID: o.ID, Status: status, EndedBy: by.ID, EndedAt: &now})
	if err != nil {
		return err
	}
	return cases.Mended(ctx, tx, by, o.Payment.ID, now, note, vocabulary.CaseAmountMismatch,
		vocabulary.CaseSellerMismatch)
}
