package orders

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/payments"
	"zhitong/tenants/splits"
)

// Codes of refunds.
const (
	CodeNotRefundable  fault.Code = "order_not_refundable"
	CodeRefundPending  fault.Code = "refund_pending"
	CodeRefundNotFound fault.Code = "refund_not_found"
)

// Statuses of a refund, as stored.
const (
	RefundPending   = vocabulary.RefundPending
	RefundSucceeded = vocabulary.RefundSucceeded
	RefundRefused   = vocabulary.RefundRefused
)

func refundFaults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeNotRefundable, Status: http.StatusConflict, Title: "Order cannot be refunded",
			TitleZh:   "订单不能退款",
			Meaning:   "Only an order that was paid and not refunded yet can be refunded.",
			MeaningZh: "只有已付款且尚未退款的订单可以退款。"},
		{Code: CodeRefundPending, Status: http.StatusConflict, Title: "A refund is under way",
			TitleZh:   "退款进行中",
			Meaning:   "The order is being refunded already. Its outcome arrives as refund.succeeded or refund.refused.",
			MeaningZh: "该订单正在退款，结果以 refund.succeeded 或 refund.refused 事件到达。"},
		{
			Code:      CodeRefundNotFound,
			Status:    http.StatusNotFound,
			Title:     "Refund not found",
			TitleZh:   "退款不存在",
			Meaning:   "There is no such refund in this tenant.",
			MeaningZh: "租户内没有该退款。",
		},
	}
}

// refundable lists the statuses of orders whose money can be given back.
func refundable(s Status) bool {
	return slices.Contains([]Status{StatusPaid, StatusDelivered, StatusNeedsReview}, s)
}

// Refund starts giving the buyer the whole payment back; what was split returns from its receivers. The outcome comes
// as an event: refund.succeeded or refund.refused. The same key finds the refund that it started; replayed says so.
//
// It returns order_not_found, order_not_refundable, refund_pending, split_in_progress (the split is between two steps
// at Alipay: try again in a moment) and idempotency_key_reused.
func (s *Service) Refund(
	ctx context.Context,
	a tenants.Actor,
	order id.Order,
	reason string,
	key idempotency.Key,
) (r dbsqlc.Refund, replayed bool, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		fresh := id.New[id.Refund]()
		existing, seen, err := key.Claim(ctx, tx, a, "createRefund", fresh)
		if err != nil {
			return err
		}
		if replayed = seen; seen {
			r, err = q.RefundGet(ctx, tx, id.Refund(existing))
			return err
		}
		row, err := q.OrderLock(ctx, tx, order)
		if db.IsNoRows(err) {
			return tenants.OrderNotFound()
		}
		if err != nil {
			return fmt.Errorf("lock order %s: %w", order, err)
		}
		plan, err := s.planRefund(ctx, tx, row.Order, row.Payment)
		if err != nil {
			return err
		}
		r, err = s.writeRefund(ctx, tx, fresh, row.Payment, plan, reason, s.clock.Now().Truncate(time.Microsecond))
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "createRefund", "refund", r.ID, reason)
	})
	return r, replayed, err
}

// planRefund says who gives back what, when the order can be refunded at this moment. The order and the payment are
// locked; it locks settlement and split.
func (s *Service) planRefund(
	ctx context.Context,
	tx db.TenantTx,
	o dbsqlc.Order,
	p dbsqlc.Payment,
) ([]dbsqlc.SplitPart, error) {
	pending, err := q.RefundPending(ctx, tx, o.ID)
	if err != nil {
		return nil, fmt.Errorf("look for a refund of order %s: %w", o.ID, err)
	}
	if pending {
		return nil, fault.New(CodeRefundPending, "A refund of this order is under way.")
	}
	if !refundable(o.Status) || p.Status != payments.StatusPaid || o.RefundedFen != 0 || p.RefundedFen != 0 {
		return nil, fault.New(CodeNotRefundable, "The order is %s.", o.Status)
	}
	return splits.ToReturn(ctx, tx, p.ID)
}

// startRefund writes a refund of the whole payment and its plan, and queues its execution. Atomic; the caller has
// locked the order and the payment.
func (s *Service) startRefund(
	ctx context.Context,
	tx db.TenantTx,
	_ dbsqlc.Order,
	p dbsqlc.Payment,
	plan []dbsqlc.SplitPart,
	reason string,
	now time.Time,
) error {
	_, err := s.writeRefund(ctx, tx, id.New[id.Refund](), p, plan, reason, now)
	return err
}

func (s *Service) writeRefund(
	ctx context.Context,
	tx db.TenantTx,
	rid id.Refund,
	p dbsqlc.Payment,
	plan []dbsqlc.SplitPart,
	reason string,
	now time.Time,
) (dbsqlc.Refund, error) {
	r := dbsqlc.Refund{
		TenantID:  tx.Tenant(),
		ID:        rid,
		OrderID:   p.OrderID,
		PaymentID: p.ID,
		AmountFen: p.AmountFen,
		Status:    RefundPending,
		Reason:    reason,
		CreatedAt: now,
	}
	w := tx.Later()
	err := q.RefundInsert(ctx, w, dbsqlc.RefundInsertParams{
		ID:        r.ID,
		OrderID:   r.OrderID,
		PaymentID: r.PaymentID,
		AmountFen: r.AmountFen,
		Reason:    reason,
		CreatedAt: now,
	})
	if err != nil {
		return r, fmt.Errorf("write the refund: %w", err)
	}
	for _, part := range plan {
		amount := part.AmountFen - part.ReturnedFen
		if amount == 0 {
			continue
		}
		if err := q.RefundPartInsert(ctx, w, dbsqlc.RefundPartInsertParams{RefundID: r.ID, SplitID: part.SplitID, Position: part.Position, AmountFen: amount}); err != nil {
			return r, fmt.Errorf("write part %d of the refund plan: %w", part.Position, err)
		}
	}
	return r, queue.Insert(ctx, w, queue.Job{Args: queue.RefundExecute{TenantID: queue.RefTo(tx.Tenant()), RefundID: queue.RefTo(r.ID)}})
}

// GetRefund reads a refund. It returns refund_not_found. A caller that is one merchant sees the refunds of its own
// orders.
func (s *Service) GetRefund(ctx context.Context, a tenants.Actor, refund id.Refund) (r dbsqlc.Refund, err error) {
	missing := refundNotFound()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if r, err = q.RefundGet(ctx, tx, refund); db.IsNoRows(err) {
			return missing
		} else if err != nil {
			return fmt.Errorf("read refund %s: %w", refund, err)
		}
		if _, err := s.read(ctx, tx, r.OrderID); fault.CodeOf(err) == tenants.CodeOrderNotFound {
			return missing
		} else if err != nil {
			return err
		}
		return nil
	})
	return r, err
}

// Refunds reads a page of an order's refunds, newest first. It returns order_not_found.
func (s *Service) Refunds(
	ctx context.Context,
	a tenants.Actor,
	order id.Order,
	page tenants.Page[id.Refund],
) (out tenants.PageOf[dbsqlc.Refund], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := s.read(ctx, tx, order); err != nil {
			return err
		}
		out, err = listRefunds(ctx, tx, page, RefundFilter{order: order})
		return err
	})
	return out, err
}

// RefundFilter narrows a list of refunds; empty fields take all.
type RefundFilter struct {
	Statuses []vocabulary.RefundStatus
	order    id.Order
}

// ListRefunds reads a page of the tenant's refunds. A caller that is one merchant sees the refunds of its own orders.
func (s *Service) ListRefunds(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Refund],
	f RefundFilter,
) (out tenants.PageOf[dbsqlc.Refund], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = listRefunds(ctx, tx, page, f)
		return err
	})
	return out, err
}

func listRefunds(
	ctx context.Context,
	tx db.TenantTx,
	page tenants.Page[id.Refund],
	f RefundFilter,
) (out tenants.PageOf[dbsqlc.Refund], err error) {
	if err := tenants.PlanAnew(ctx, tx); err != nil {
		return out, err
	}
	rows, err := q.RefundList(ctx, tx, f.rows(page))
	if err != nil {
		return out, fmt.Errorf("list refunds: %w", err)
	}
	out = tenants.Cut(page, rows, func(r dbsqlc.Refund) string { return r.ID.String() },
		func(r dbsqlc.Refund) dbsqlc.Refund { return r })
	if !page.Count {
		return out, nil
	}
	n, err := q.RefundCount(ctx, tx, f.whole(page.Whole()))
	if err != nil {
		return out, fmt.Errorf("count refunds: %w", err)
	}
	out.Total = tenants.TotalOf(n)
	return out, nil
}

// rows are the parameters of a page.
func (f RefundFilter) rows(page tenants.Page[id.Refund]) dbsqlc.RefundListParams {
	return dbsqlc.RefundListParams{
		After:       page.Floor(),
		Before:      page.Cursor(),
		MadeFrom:    page.From,
		MadeUntil:   page.MadeUntil(),
		Statuses:    tenants.Texts(f.Statuses),
		OrderID:     uuid.UUID(f.order),
		OldestFirst: page.OldestFirst,
		PageSize:    page.Fetch(),
	}
}

// whole are the parameters that count the list.
func (f RefundFilter) whole(page tenants.Page[id.Refund]) dbsqlc.RefundCountParams {
	p := f.rows(page)
	return dbsqlc.RefundCountParams{
		After:     p.After,
		Before:    p.Before,
		MadeFrom:  p.MadeFrom,
		MadeUntil: p.MadeUntil,
		Statuses:  p.Statuses,
		OrderID:   p.OrderID,
		AtMost:    tenants.CountFetch,
	}
}
