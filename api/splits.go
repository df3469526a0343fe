package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/splits"
)

func (s *server) ListSplits(
	ctx context.Context,
	r apigen.ListSplitsRequestObject,
) (apigen.ListSplitsResponseObject, error) {
	q := r.Params
	p, err := span[id.Settlement](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	found, err := s.Splits.ListSettled(ctx, authn.From(ctx), p, splits.SettledFilter{
		Settlements: each(value(q.SettlementStatus),
			func(s apigen.SettlementStatus) vocabulary.SettlementStatus { return vocabulary.SettlementStatus(s) }),
		Splits: each(value(q.Status),
			func(s apigen.SplitStatus) vocabulary.SplitStatus { return vocabulary.SplitStatus(s) }),
	})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, orderSplitOf)
	return apigen.ListSplits200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) ListMerchantSplits(
	ctx context.Context,
	r apigen.ListMerchantSplitsRequestObject,
) (apigen.ListMerchantSplitsResponseObject, error) {
	p, err := page[id.Split](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Splits.ListReceived(ctx, authn.From(ctx), r.MerchantID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, merchantSplitOf)
	return apigen.ListMerchantSplits200JSONResponse{Data: data, NextCursor: next}, nil
}

func merchantSplitOf(p splits.Received) apigen.MerchantSplit {
	return apigen.MerchantSplit{
		OrderID:         p.Order,
		MerchantID:      p.Merchant,
		Status:          apigen.SplitStatus(p.Status),
		ReceiverAccount: p.Account,
		AmountFen:       p.Amount,
		ReturnedFen:     p.Returned,
		CreatedAt:       clock.Stamp(p.CreatedAt),
		DoneAt:          clock.StampOf(p.DoneAt),
	}
}

func (s *server) GetOrderSplit(
	ctx context.Context,
	r apigen.GetOrderSplitRequestObject,
) (apigen.GetOrderSplitResponseObject, error) {
	split, err := s.Splits.OfOrder(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.GetOrderSplit200JSONResponse(orderSplitOf(split)), nil
}

func (s *server) RetryOrderSplit(
	ctx context.Context,
	r apigen.RetryOrderSplitRequestObject,
) (apigen.RetryOrderSplitResponseObject, error) {
	split, err := s.Splits.Retry(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.RetryOrderSplit202JSONResponse{Body: orderSplitOf(split)}, nil
}

func orderSplitOf(split splits.OrderSplit) apigen.OrderSplit {
	st := split.Settlement
	out := apigen.OrderSplit{
		OrderID:              split.Order,
		OrderReference:       split.Name.Reference,
		MerchantOfRecordID:   split.Name.MerchantOfRecord,
		MerchantOfRecordName: split.Name.Payee,
		CreatedAt:            clock.Stamp(st.CreatedAt),
		KeptFen:              split.Kept,
		Parts:                []apigen.SplitPart{},
	}
	out.Settlement.Status, out.Settlement.AmountFen = apigen.SettlementStatus(st.Status), st.Amount
	out.Settlement.Reason, out.Settlement.DoneAt = optional(st.Reason), clock.StampOf(st.DoneAt)
	if sp := split.Split; sp != nil {
		out.Status = optional(apigen.SplitStatus(sp.Status))
		out.Reason, out.SettleNo = optional(sp.Reason), optional(sp.SettleNo)
		out.Parts = each(sp.Parts, splitPartOf)
	}
	return out
}

func splitPartOf(p splits.Part) apigen.SplitPart {
	return apigen.SplitPart{
		Receiver:        apigen.SplitPartReceiver(p.Receiver),
		MerchantID:      optional(p.Merchant),
		MerchantName:    optional(p.Name),
		ReceiverAccount: p.Account,
		AmountFen:       p.Amount,
		ReturnedFen:     p.Returned,
	}
}
