package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/orders"
)

func (s *server) CreateRefund(
	ctx context.Context,
	r apigen.CreateRefundRequestObject,
) (apigen.CreateRefundResponseObject, error) {
	refund, again, err := s.Orders.Refund(ctx, authn.From(ctx), r.OrderID, value(r.Body.Reason), keyIn(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.CreateRefund202JSONResponse{
		Body:    refundOf(refund),
		Headers: apigen.CreateRefund202ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) ListOrderRefunds(
	ctx context.Context,
	r apigen.ListOrderRefundsRequestObject,
) (apigen.ListOrderRefundsResponseObject, error) {
	p, err := page[id.Refund](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Orders.Refunds(ctx, authn.From(ctx), r.OrderID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, refundOf)
	return apigen.ListOrderRefunds200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) ListRefunds(
	ctx context.Context,
	r apigen.ListRefundsRequestObject,
) (apigen.ListRefundsResponseObject, error) {
	q := r.Params
	p, err := span[id.Refund](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	p.Count = counts(q.Include)
	found, err := s.Orders.ListRefunds(ctx, authn.From(ctx), p, orders.RefundFilter{
		Statuses: each(value(q.Status),
			func(s apigen.RefundStatus) vocabulary.RefundStatus { return vocabulary.RefundStatus(s) }),
	})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, refundOf)
	return apigen.ListRefunds200JSONResponse{Data: data, NextCursor: next, Total: totalOf(found.Total)}, nil
}

func (s *server) GetRefund(
	ctx context.Context,
	r apigen.GetRefundRequestObject,
) (apigen.GetRefundResponseObject, error) {
	refund, err := s.Orders.GetRefund(ctx, authn.From(ctx), r.RefundID)
	if err != nil {
		return nil, err
	}
	return apigen.GetRefund200JSONResponse(refundOf(refund)), nil
}

func refundOf(r dbsqlc.Refund) apigen.Refund {
	return apigen.Refund{
		ID:        r.ID,
		OrderID:   r.OrderID,
		AmountFen: r.AmountFen,
		Status:    apigen.RefundStatus(r.Status),
		Reason:    r.Reason,
		Failure:   optional(r.Failure),
		CreatedAt: clock.Stamp(r.CreatedAt),
		DoneAt:    clock.StampOf(r.DoneAt),
	}
}
