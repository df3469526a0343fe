package tenantstest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
)

// Stock is how many card keys the product of a Road has.
const Stock = 20

// Road is a sandbox whose tenant sells: a supplier with a product in stock, a distributor with a part of the split, and
// the services of the way from checkout to refund. The simulator's notifications arrive.
type Road struct {
	*Sandbox
	Stock   *stock.Service
	Orders  *orders.Service
	Splits  *splits.Service
	Refunds *refunds.Service

	Supplier    dbsqlc.Merchant // merchant of record
	Distributor dbsqlc.Merchant
	Product     dbsqlc.Product // 100.00 yuan; 5 % to the platform, 2 % to the distributor
}

// NewRoad makes such a tenant. With a step, the phased functions of orders, splits and refunds call it before and after
// each commit and gateway call.
func NewRoad(t testing.TB, step ...func(string)) *Road {
	t.Helper()
	r := &Road{Sandbox: New(t)}
	var hook func(string)
	if len(step) > 0 {
		hook = step[0]
	}
	log := slog.New(slog.DiscardHandler)
	r.Stock = stock.New(r.DB, r.Vault)
	r.Refunds = refunds.New(refunds.Config{DB: r.DB, Vault: r.Vault, Gateways: r.Gateways, Clock: r.Clock, Log: log,
		Step: hook})
	r.Orders = orders.New(orders.Config{
		DB:        r.DB,
		Vault:     r.Vault,
		Gateways:  r.Gateways,
		Stock:     r.Stock,
		Refunds:   r.Refunds,
		Clock:     r.Clock,
		Log:       log,
		Mails:     r.Mails,
		PublicURL: "https://zhitong.example",
		Step:      hook,
	})
	r.Splits = splits.New(splits.Config{DB: r.DB, Vault: r.Vault, Gateways: r.Gateways, Clock: r.Clock, Log: log,
		Step: hook})
	r.Hear(func(ctx context.Context, raw []byte) bool {
		ack, _ := r.Orders.ApplyNotification(ctx, r.Tenant, raw)
		return ack
	})
	r.Supplier, r.Distributor = r.Merchant("供货商"), r.Merchant("分销商")
	r.In(func(_ context.Context, tx db.TenantTx) {
		rule, _ := dbtest.SplitRule(t, tx, dbsqlc.SplitRulePart{Receiver: "platform", RateBps: 500},
			dbsqlc.SplitRulePart{Receiver: "merchant", MerchantID: r.Distributor.ID, RateBps: 200})
		r.Product = dbtest.Product(t, tx, r.Supplier.ID, rule.ID)
	})
	keys := make([]string, Stock)
	for i := range keys {
		keys[i] = fmt.Sprintf("KEY-%04d", i)
	}
	if _, _, err := r.Stock.Import(t.Context(), r.Actor, r.Product.ID, keys, idempotency.Key{}); err != nil {
		t.Fatalf("import card keys: %v", err)
	}
	return r
}

// Input asks for n pieces of its product by QR code.
func (r *Road) Input(n int32) orders.CheckoutInput {
	k := id.New[id.Order]() // any unique text
	return orders.CheckoutInput{
		Lines:   []orders.Line{{Product: r.Product.ID, Quantity: n}},
		Channel: payments.ChannelQR,
		Key:     idempotency.Key{Value: k.String(), Request: [32]byte{1}},
	}
}

// Order creates an order for n pieces.
func (r *Road) Order(n int32) orders.Order {
	r.t.Helper()
	o, _, err := r.Orders.Checkout(r.t.Context(), r.Actor, r.Input(n))
	if err != nil {
		r.t.Fatalf("check out: %v", err)
	}
	return o
}

// PayAtDesk pays an order at the simulator, which notifies the tenant by and by.
func (r *Road) PayAtDesk(o orders.Order) {
	r.t.Helper()
	r.Desk(http.MethodPost, "/trades/"+payments.OutTradeNo(o.Payment.ID)+"/pay", map[string]any{}, nil)
}

// Paid pays an order and waits until the notification has delivered it.
func (r *Road) Paid(o orders.Order) orders.Order {
	r.t.Helper()
	r.PayAtDesk(o)
	return r.Until(o.ID, func(o orders.Order) bool { return o.Status != orders.StatusAwaitingPayment })
}

// Until reads an order until it is as wanted.
func (r *Road) Until(order id.Order, wanted func(orders.Order) bool) orders.Order {
	r.t.Helper()
	deadline := time.NewTimer(2 * time.Minute) // only what never comes fails
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		o := r.Get(order)
		if wanted(o) {
			return o
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			r.t.Fatalf("order %s stays %s", order, o.Status)
		}
	}
}

// Get reads an order.
func (r *Road) Get(order id.Order) orders.Order {
	r.t.Helper()
	o, err := r.Orders.Get(r.t.Context(), r.Actor, order)
	if err != nil {
		r.t.Fatalf("read order %s: %v", order, err)
	}
	return o
}

// Count counts the rows of a table that meet a condition of SQL.
func (r *Road) Count(table, where string, args ...any) (n int) {
	r.t.Helper()
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+table+" WHERE "+where, args...).Scan(&n); err != nil {
			r.t.Fatalf("count %s: %v", table, err)
		}
	})
	return n
}
