package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/api/problem"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/ledger"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/stock"
)

func (s *server) ListOrders(
	ctx context.Context,
	r apigen.ListOrdersRequestObject,
) (apigen.ListOrdersResponseObject, error) {
	q := r.Params
	p, err := span[id.Order](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	p.Count = counts(q.Include)
	if q.BuyerContact != nil && !s.seen(ctx).whole(authz.BuyerContact) {
		return nil, fault.New(problem.FilterNotAllowed, "This role does not read the buyer's contact whole.").
			At("buyer_contact", "filter_not_allowed", "Leave the filter out.")
	}
	f := orders.Filter{
		Statuses:         each(value(q.Status), func(s apigen.OrderStatus) orders.Status { return orders.Status(s) }),
		Reference:        value(q.Reference),
		BuyerContact:     value(q.BuyerContact),
		MerchantOfRecord: value(q.MerchantOfRecordID),
		Product:          value(q.ProductID),
		TradeNo:          value(q.TradeNo),
	}
	if q.OutTradeNo != nil {
		if f.Payment, err = id.FromHex[id.Payment](*q.OutTradeNo); err != nil {
			return nil, fmt.Errorf("read out_trade_no: %w", err)
		}
	}
	found, err := s.Orders.List(ctx, authn.From(ctx), p, f)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).order)
	return apigen.ListOrders200JSONResponse{Data: data, NextCursor: next, Total: totalOf(found.Total)}, nil
}

func (s *server) CreateOrder(
	ctx context.Context,
	r apigen.CreateOrderRequestObject,
) (apigen.CreateOrderResponseObject, error) {
	b := r.Body
	in := orders.CheckoutInput{
		Channel:      payments.ChannelQR,
		Reference:    value(b.Reference),
		BuyerContact: value(b.BuyerContact),
		BuyerIP:      value(b.BuyerIP),
		ReturnURL:    value(b.ReturnURL),
		Metadata:     tenants.Metadata(value(b.Metadata)),
		Expires:      time.Duration(value(b.ExpiresInSeconds)) * time.Second,
		Key:          keyIn(ctx),
		Lines: each(b.Items, func(i apigen.OrderItemCreate) orders.Line {
			return orders.Line{Product: i.ProductID, Quantity: i.Quantity}
		}),
	}
	if b.Channel != nil {
		in.Channel = payments.Channel(*b.Channel)
	}
	o, again, err := s.Orders.Checkout(ctx, authn.From(ctx), in)
	if err != nil {
		return nil, err
	}
	return apigen.CreateOrder201JSONResponse{
		Body:    s.seenByCreator(ctx).order(o),
		Headers: apigen.CreateOrder201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) GetOrder(ctx context.Context, r apigen.GetOrderRequestObject) (apigen.GetOrderResponseObject, error) {
	o, err := s.Orders.Get(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.GetOrder200JSONResponse(s.seen(ctx).order(o)), nil
}

func (s *server) CloseOrder(
	ctx context.Context,
	r apigen.CloseOrderRequestObject,
) (apigen.CloseOrderResponseObject, error) {
	o, err := s.Orders.Close(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.CloseOrder200JSONResponse{Body: s.seen(ctx).order(o)}, nil
}

func (s *server) RenewCheckoutURL(
	ctx context.Context,
	r apigen.RenewCheckoutURLRequestObject,
) (apigen.RenewCheckoutURLResponseObject, error) {
	o, err := s.Orders.RenewCheckout(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return apigen.RenewCheckoutURL200JSONResponse{Body: s.seen(ctx).order(o)}, nil
}

func (f fields) order(o orders.Order) apigen.Order {
	p := o.Payment
	return apigen.Order{
		ID:                   o.ID,
		Status:               apigen.OrderStatus(o.Status),
		TotalFen:             o.Total,
		RefundedFen:          o.Refunded,
		Currency:             apigen.CNY,
		Items:                each(o.Items, orderItemOf),
		MerchantOfRecordID:   o.MerchantOfRecord,
		MerchantOfRecordName: o.Payee,
		SplitRuleVersionID:   o.SplitRuleVersion,
		Reference:            o.Reference,
		BuyerContact:         f.contact(authz.BuyerContact, o.BuyerContact),
		Payment: &apigen.Payment{
			ID:         p.ID,
			OutTradeNo: payments.OutTradeNo(p.ID),
			Channel:    apigen.PaymentChannel(p.Channel),
			Status:     apigen.PaymentStatus(p.Status),
			PayURL:     f.address(p.PayURL),
			TradeNo:    optional(p.TradeNo),
		},
		CheckoutURL: f.address(o.CheckoutURL),
		ReturnURL:   optional(o.ReturnURL),
		Metadata:    f.metadata(o.Metadata),
		ExpiresAt:   clock.Stamp(o.ExpiresAt),
		CreatedAt:   clock.Stamp(o.CreatedAt),
		PaidAt:      clock.StampOf(o.PaidAt),
		DeliveredAt: clock.StampOf(o.DeliveredAt),
		ClosedAt:    clock.StampOf(o.ClosedAt),
	}
}

func orderItemOf(i orders.Item) apigen.OrderItem {
	return apigen.OrderItem{
		ProductID:    i.Product,
		ProductName:  i.Name,
		Quantity:     i.Quantity,
		UnitPriceFen: i.UnitPrice,
		AmountFen:    i.Amount,
		Delivery:     apigen.OrderItemDelivery(i.Delivery),
	}
}

// revealed is an answer that no cache on the way may keep.
type revealed struct {
	apigen.GetOrderCardKeys200JSONResponse
}

// VisitGetOrderCardKeysResponse implements apigen.GetOrderCardKeysResponseObject.
func (r revealed) VisitGetOrderCardKeysResponse(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store, private")
	return r.GetOrderCardKeys200JSONResponse.VisitGetOrderCardKeysResponse(w)
}

func (s *server) GetOrderCardKeys(
	ctx context.Context,
	r apigen.GetOrderCardKeysRequestObject,
) (apigen.GetOrderCardKeysResponseObject, error) {
	keys, err := s.Orders.Reveal(ctx, authn.From(ctx), r.OrderID)
	if err != nil {
		return nil, err
	}
	return revealed{
		apigen.GetOrderCardKeys200JSONResponse{
			OrderID: r.OrderID,
			CardKeys: each(keys, func(k stock.Revealed) apigen.CardKey {
				return apigen.CardKey{
					ProductID: k.Product,
					CardKey:   k.Key.Reveal(),
					Status:    apigen.CardKeyStatus(k.Status),
				}
			}),
		},
	}, nil
}

func (s *server) ListOrderPostings(
	ctx context.Context,
	r apigen.ListOrderPostingsRequestObject,
) (apigen.ListOrderPostingsResponseObject, error) {
	p, err := page[id.Posting](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Orders.Postings(ctx, authn.From(ctx), r.OrderID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, postingOf)
	return apigen.ListOrderPostings200JSONResponse{Data: data, NextCursor: next}, nil
}

func postingOf(e ledger.Entry) apigen.Posting {
	return apigen.Posting{
		ID:             e.ID,
		Kind:           apigen.PostingKind(e.Kind),
		FromAccount:    apigen.Account(e.From.Name),
		FromMerchantID: optional(e.From.Merchant),
		ToAccount:      apigen.Account(e.To.Name),
		ToMerchantID:   optional(e.To.Merchant),
		AmountFen:      e.Amount,
		CreatedAt:      clock.Stamp(e.At),
	}
}

func (s *server) GetPayment(
	ctx context.Context,
	r apigen.GetPaymentRequestObject,
) (apigen.GetPaymentResponseObject, error) {
	p, err := s.Orders.GetPayment(ctx, authn.From(ctx), r.PaymentID)
	if err != nil {
		return nil, err
	}
	return apigen.GetPayment200JSONResponse{
		ID:          p.ID,
		OrderID:     p.Order,
		OutTradeNo:  payments.OutTradeNo(p.ID),
		Channel:     apigen.PaymentChannel(p.Channel),
		Status:      apigen.PaymentStatus(p.Status),
		AmountFen:   p.Amount,
		RefundedFen: p.Refunded,
		PayURL:      s.seen(ctx).address(p.PayURL),
		TradeNo:     optional(p.TradeNo),
		CreatedAt:   clock.Stamp(p.CreatedAt),
		PaidAt:      clock.StampOf(p.PaidAt),
	}, nil
}
