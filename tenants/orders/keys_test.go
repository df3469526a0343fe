package orders_test

import (
	"context"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

// TestKeysChangedElsewhere: another process replaced the tenant's keys. From that commit on nothing is taken that the
// old key signed, although this process has it in memory, and what the new key signed is taken two seconds later at the
// latest.
func TestKeysChangedElsewhere(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	if o := r.Order(1); !apply(t, r, r.Sign(r.Notification(o))) { // the client is in memory now
		t.Fatal("a true notification is not acknowledged")
	}
	_, other, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	var own string
	change := func(key string) {
		r.In(func(ctx context.Context, tx db.TenantTx) {
			if err := tx.QueryRow(ctx, "SELECT alipay_public_key FROM alipay_connections").Scan(&own); err != nil {
				t.Fatal(err)
			}
			exec(t, ctx, tx, "UPDATE alipay_connections SET version = version + 1, alipay_public_key = $1", key)
		})
	}
	o := r.Order(1)
	signed := r.Sign(r.Notification(o))
	change(other)
	before := own
	if apply(t, r, signed) {
		t.Error("what the old key signed is acknowledged after the change")
	}
	unpaid(t, r, o)

	change(before)
	r.Clock.Advance(2 * time.Second)
	if !apply(t, r, signed) {
		t.Error("what the new key signed is not acknowledged")
	}
	if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
		t.Errorf("the order is %s", got.Status)
	}
}
