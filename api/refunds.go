package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/refunds"
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
	found, err := s.Refunds.OfOrder(ctx, authn.From(ctx), r.OrderID, p)
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
	found, err := s.Refunds.List(ctx, authn.From(ctx), p, refunds.Filter{
		Statuses: each(value(q.Status),
			func(s apigen.RefundStatus) refunds.Status { return refunds.Status(s) }),
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
	refund, err := s.Refunds.Get(ctx, authn.From(ctx), r.RefundID)
	if err != nil {
		return nil, err
	}
	return apigen.GetRefund200JSONResponse(refundOf(refund)), nil
}

func refundOf(r refunds.Refund) apigen.Refund {
	return apigen.Refund{
		ID:                   r.ID,
		OrderID:              r.Order,
		OrderReference:       r.Name.Reference,
		MerchantOfRecordID:   r.Name.MerchantOfRecord,
		MerchantOfRecordName: r.Name.Payee,
		AmountFen:            r.Amount,
		Status:               apigen.RefundStatus(r.Status),
		Origin:               apigen.RefundOrigin(r.Origin),
		OutsideRequestNo:     optional(r.OutsideNo),
		Reason:               r.Reason,
		Failure:              optional(r.Failure),
		CreatedAt:            clock.Stamp(r.CreatedAt),
		DoneAt:               clock.StampOf(r.DoneAt),
	}
}

func (s *server) PlanRefund(
	ctx context.Context,
	r apigen.PlanRefundRequestObject,
) (apigen.PlanRefundResponseObject, error) {
	p, err := s.Orders.PlanRefund(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.PlanRefund200JSONResponse{OrderID: p.Order, AmountFen: p.Amount,
		MerchantOfRecordID: p.MerchantOfRecord, MerchantOfRecordFen: p.Rest, ApprovalRequired: p.NeedsApproval,
		Parts: each(p.Parts, func(part refunds.Part) apigen.RefundPlanPart {
			return apigen.RefundPlanPart{Receiver: apigen.RefundPlanPartReceiver(part.Receiver),
				MerchantID: optional(part.Merchant), AmountFen: part.Amount}
		}),
	}, nil
}
