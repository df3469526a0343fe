package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/db/dbsqlc"
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
	found, err := s.Orders.Refunds(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.ListOrderRefunds200JSONResponse{Data: each(found, refundOf)}, nil
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
		CreatedAt: r.CreatedAt,
		DoneAt:    r.DoneAt,
	}
}
