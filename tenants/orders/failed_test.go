package orders_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

// TestFailedNotificationIsRepeated: what could not be applied is kept, changes nothing and is not acknowledged;
// Alipay's next repetition is applied.
func TestFailedNotificationIsRepeated(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	raw := r.Sign(r.Notification(o))
	keys := func(from, to string) {
		r.In(func(ctx context.Context, tx db.TenantTx) {
			if _, err := tx.Exec(ctx, "UPDATE card_keys SET status = $3 WHERE order_id = $1 AND status = $2", o.ID,
				from, to); err != nil {
				t.Fatal(err)
			}
		})
	}
	keys("reserved", "void") // the reservation is lost: the delivery breaks off
	if ack, err := r.Orders.ApplyNotification(t.Context(), r.Tenant, raw); ack || err == nil {
		t.Fatalf("acknowledged %v, %v", ack, err)
	}
	unpaid(t, r, o)
	if n := r.Count("notifications", "verdict = 'failed' AND raw IS NOT NULL"); n != 1 {
		t.Errorf("%d failures are kept", n)
	}
	keys("void", "reserved")
	if ack, err := r.Orders.ApplyNotification(t.Context(), r.Tenant, raw); !ack || err != nil {
		t.Fatalf("the repetition: %v, %v", ack, err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
		t.Errorf("the order is %s", got.Status)
	}
}
