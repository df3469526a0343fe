package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/tenants/orders"
)

func (s *server) GetOrderReview(
	ctx context.Context,
	r apigen.GetOrderReviewRequestObject,
) (apigen.GetOrderReviewResponseObject, error) {
	d, err := s.Orders.Review(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.GetOrderReview200JSONResponse(orderReviewOf(d)), nil
}

func (s *server) DecideOrderReview(
	ctx context.Context,
	r apigen.DecideOrderReviewRequestObject,
) (apigen.DecideOrderReviewResponseObject, error) {
	d, err := s.Orders.Decide(ctx, authn.From(ctx), r.OrderID, orders.Decision(r.Body.Decision), r.Body.Note)
	if err != nil {
		return nil, err
	}
	return apigen.DecideOrderReview200JSONResponse{Body: orderReviewOf(d)}, nil
}

func (s *server) ConfirmOrderReview(
	ctx context.Context,
	r apigen.ConfirmOrderReviewRequestObject,
) (apigen.ConfirmOrderReviewResponseObject, error) {
	d, err := s.Orders.ConfirmReview(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.ConfirmOrderReview200JSONResponse{Body: orderReviewOf(d)}, nil
}

func (s *server) WithdrawOrderReview(
	ctx context.Context,
	r apigen.WithdrawOrderReviewRequestObject,
) (apigen.WithdrawOrderReviewResponseObject, error) {
	d, err := s.Orders.WithdrawReview(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.WithdrawOrderReview200JSONResponse{Body: orderReviewOf(d)}, nil
}

func orderReviewOf(r orders.Review) apigen.OrderReview {
	return apigen.OrderReview{
		OrderID:   r.Order,
		Decision:  apigen.ReviewDecision(r.Decision),
		Status:    apigen.ReviewStatus(r.Status),
		AmountFen: r.Amount,
		TradeNo:   optional(r.TradeNo),
		Note:      r.Note,
		AskedBy:   r.AskedBy,
		AskedAt:   clock.Stamp(r.AskedAt),
		EndedBy:   optional(r.EndedBy),
		EndedAt:   clock.StampOf(r.EndedAt),
	}
}
