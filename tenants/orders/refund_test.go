package orders_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tenantstest"
)

// attackA40 asks for a refund many times at once, and executes it by many workers: the money goes back once.
func attackA40(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	var started atomic.Int32
	var rf id.Refund
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			got, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{})
			if err == nil {
				started.Add(1)
				rf = got.ID
			} else if code(err) != "refund_pending" {
				t.Errorf("refund: %v", err)
			}
		})
	}
	wg.Wait()
	if started.Load() != 1 {
		t.Fatalf("%d refunds started", started.Load())
	}
	for range 6 {
		wg.Go(func() {
			if _, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf); err != nil {
				t.Errorf("execute the refund: %v", err)
			}
		})
	}
	wg.Wait()
	r.Refunded(rf)
	r.GivenBack(o)
}

// TestPaidAfterClose: money for a closed order goes back by itself.
func TestPaidAfterClose(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Fault("notification_drop", "", 100)
	o := r.Order(1)
	r.PayAtDesk(o)
	r.In(func(ctx context.Context, tx db.TenantTx) { // closed by us although Alipay had the money
		exec(t, ctx, tx, "UPDATE orders SET status = 'closed', closed_at = now() WHERE id = $1", o.ID)
		exec(t, ctx, tx, "UPDATE payments SET status = 'closed' WHERE order_id = $1", o.ID)
		exec(t, ctx, tx, "UPDATE card_keys SET status = 'available', order_id = NULL WHERE order_id = $1", o.ID)
	})
	if ack := apply(t, r, r.Sign(with(r.Notification(o), "trade_no", r.Trade(o.Payment.ID).TradeNo))); !ack {
		t.Fatal("the notification is not acknowledged")
	}
	list, err := r.Refunds.OfOrder(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("refunds %+v, %v", list, err)
	}
	r.Refunded(list.Items[0].ID)
	r.GivenBack(o)
	if n := r.Count("card_keys", "status = 'available'"); n != tenantstest.Stock {
		t.Errorf("%d card keys are free, want %d", n, tenantstest.Stock)
	}
}

// TestRefundRefusals asks for what cannot be refunded.
func TestRefundRefusals(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	stranger := r.Actor
	stranger.Tenant = dbtest.NewTenant(t, r.DB)
	merchant := r.Actor
	merchant.Merchant = r.Distributor.ID
	for name, c := range map[string]struct {
		ask  func() error
		code string
	}{
		"unpaid": {func() error {
			_, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{})
			return err
		}, "order_not_refundable"},
		"unknown": {func() error {
			_, _, err := r.Orders.Refund(t.Context(), r.Actor, id.New[id.Order](), "", idempotency.Key{})
			return err
		}, "order_not_found"},
		"stranger": {func() error {
			_, _, err := r.Orders.Refund(t.Context(), stranger, o.ID, "", idempotency.Key{})
			return err
		}, "order_not_found"},
		"list": {func() error {
			_, err := r.Refunds.OfOrder(t.Context(), stranger, o.ID, tenants.Page[id.Refund]{})
			return err
		}, "order_not_found"},
		"get": {func() error {
			_, err := r.Refunds.Get(t.Context(), r.Actor, id.New[id.Refund]())
			return err
		}, "refund_not_found"},
		"execute": {func() error {
			_, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, id.New[id.Refund]())
			return err
		}, "refund_not_found"},
	} {
		if err := c.ask(); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if n := r.Count("refunds", "true") + r.Count("idempotency_keys", "operation = 'createRefund'"); n != 0 {
		t.Errorf("%d rows are left behind", n)
	}
	o = r.Paid(o)
	rf := r.Refund(o)
	if _, err := r.Refunds.Get(t.Context(), stranger, rf.ID); code(err) != "refund_not_found" {
		t.Errorf("another tenant's refund: %v", err)
	}
	if _, err := r.Refunds.Get(t.Context(), merchant, rf.ID); code(err) != "refund_not_found" {
		t.Errorf("another merchant's refund: %v", err)
	}
}
