package orders

import (
	"context"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/payments"
)

// Order is an order as its tenant sees it.
type Order struct {
	Tenant           id.Tenant
	ID               id.Order
	Status           Status
	Total            money.Fen
	Refunded         money.Fen
	MerchantOfRecord id.Merchant
	SplitRuleVersion id.SplitRuleVersion // zero: nothing is split away
	Reference        string              // the tenant's own number
	BuyerContact     string              // as [tenants.NormalContact] writes it; of a locked order not opened
	ReturnURL        string              // of the shop; empty: none
	Metadata         tenants.Metadata
	ExpiresAt        time.Time
	CreatedAt        time.Time
	PaidAt           *time.Time
	DeliveredAt      *time.Time
	ClosedAt         *time.Time
	Payment          payments.Payment

	// What only a read of the whole order knows; one that is locked to be moved goes without.
	Payee       string // name of the merchant of record
	Items       []Item
	CheckoutURL string

	sealedContact []byte

	generation int32      // of the checkout address
	renewedAt  *time.Time // the checkout address; nil: never
}

// Item is so many pieces of one product.
type Item struct {
	Product   id.Product
	Name      string // of the product, when it was ordered
	Quantity  int32
	UnitPrice money.Fen
	Amount    money.Fen
	Kind      vocabulary.FulfilmentKind
	Delivery  vocabulary.DeliveryState
}

// orderOf is an order with its payment.
func orderOf(o dbsqlc.Order, p dbsqlc.Payment) Order {
	return Order{
		Tenant:           o.TenantID,
		ID:               o.ID,
		Status:           o.Status,
		Total:            o.TotalFen,
		Refunded:         o.RefundedFen,
		MerchantOfRecord: o.MerchantOfRecordID,
		SplitRuleVersion: o.SplitRuleVersionID,
		Reference:        o.Reference,
		BuyerContact:     o.BuyerContact,
		ReturnURL:        o.ReturnURL,
		Metadata:         o.Metadata,
		ExpiresAt:        o.ExpiresAt,
		CreatedAt:        o.CreatedAt,
		PaidAt:           o.PaidAt,
		DeliveredAt:      o.DeliveredAt,
		ClosedAt:         o.ClosedAt,
		Payment:          payments.Of(p),
		sealedContact:    o.SealedBuyerContact,
		generation:       o.CheckoutGeneration,
		renewedAt:        o.CheckoutRenewedAt,
	}
}

// whole is an order as it is read: with its payee, its items and its address.
func (s *Service) whole(
	ctx context.Context,
	o Order,
	payee string,
	items []dbsqlc.OrderItem,
) (_ Order, err error) {
	if o.CheckoutURL, err = s.checkoutURL(ctx, o); err != nil {
		return Order{}, err
	}
	o.Payee = payee
	o.Items = make([]Item, len(items))
	for i, it := range items {
		o.Items[i] = Item{
			Product:   it.ProductID,
			Name:      it.ProductName,
			Quantity:  it.Quantity,
			UnitPrice: it.UnitPriceFen,
			Amount:    it.AmountFen,
			Kind:      it.FulfilmentKind,
			Delivery:  it.Delivery,
		}
	}
	return o, nil
}

// locked is an order that is locked with its payment.
type locked struct {
	Order
	kinds []string // of its items
}

// lockByPayment locks an order and its payment and reads, in the same round trip, who is told what happens to it.
func lockByPayment(ctx context.Context, tx db.TenantTx, p id.Payment) (o locked, err error) {
	err = tx.Ask(ctx, func(ctx context.Context, r db.Asked) error {
		row, err := q.OrderLockByPayment(ctx, r, p)
		o = locked{Order: orderOf(row.Order, row.Payment), kinds: row.Kinds}
		return err
	}, events.Ahead(tx))
	return o, err
}

// event is the picture of an order in events: identifiers, state and amounts, never card keys.
type event struct {
	OrderID            id.Order         `json:"order_id"`
	Reference          string           `json:"reference"`
	Metadata           tenants.Metadata `json:"metadata"`
	Status             Status           `json:"status"`
	TotalFen           money.Fen        `json:"total_fen"`
	RefundedFen        money.Fen        `json:"refunded_fen"`
	MerchantOfRecordID id.Merchant      `json:"merchant_of_record_id"`
	PaidAt             *clock.Stamp     `json:"paid_at,omitempty"`
	DeliveredAt        *clock.Stamp     `json:"delivered_at,omitempty"`
	ClosedAt           *clock.Stamp     `json:"closed_at,omitempty"`
}

func eventOf(o Order) event {
	return event{
		OrderID:            o.ID,
		Reference:          o.Reference,
		Metadata:           o.Metadata,
		Status:             o.Status,
		TotalFen:           o.Total,
		RefundedFen:        o.Refunded,
		MerchantOfRecordID: o.MerchantOfRecord,
		PaidAt:             clock.StampOf(o.PaidAt),
		DeliveredAt:        clock.StampOf(o.DeliveredAt),
		ClosedAt:           clock.StampOf(o.ClosedAt),
	}
}

func emit(ctx context.Context, tx db.TenantTx, kind vocabulary.EventType, o Order, at time.Time) error {
	return events.Emit(ctx, tx, happened(kind, o, at))
}

// happened is an event of an order.
func happened(kind vocabulary.EventType, o Order, at time.Time) events.Event {
	return events.Event{Type: kind, SubjectType: vocabulary.SubjectOrder, SubjectID: o.ID, Data: eventOf(o), At: at}
}
