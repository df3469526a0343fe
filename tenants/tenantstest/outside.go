package tenantstest

import (
	"context"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/orders"
)

// RefundsAreNotified makes the simulator tell of refunds, which is a setting of the app at Alipay.
func (r *Road) RefundsAreNotified() {
	r.t.Helper()
	r.Desk(http.MethodPatch, "/apps/"+r.AppID, map[string]any{"settings": map[string]any{"notify_refund": true}}, nil)
}

// Acquirer is the tenant's connection, as any program with the app's keys has it.
func (r *Road) Acquirer() (acq acquiring.Acquirer) {
	r.t.Helper()
	r.In(func(ctx context.Context, tx db.TenantTx) {
		var err error
		if acq, _, err = r.Gateways.Acquirer(ctx, tx); err != nil {
			r.t.Fatal(err)
		}
	})
	return acq
}

// RefundOutside gives money of an order back as another program on the same app does, and what parts say from
// receivers. It gives the number of that refund.
func (r *Road) RefundOutside(o orders.Order, amount money.Fen, parts ...acquiring.Part) string {
	r.t.Helper()
	number := "OTHER" + id.New[id.Refund]().Hex()[5:]
	err := r.Acquirer().Settle.Refund(r.t.Context(), acquiring.Refund{
		Number: number, TradeNo: r.Trade(o.Payment.ID).TradeNo, Amount: amount, Reason: "console", Parts: parts,
	})
	if err != nil {
		r.t.Fatalf("refund outside: %v", err)
	}
	return number
}

// Reported waits until what is known of an order's money is to be reconciled.
func (r *Road) Reported(o orders.Order) {
	r.t.Helper()
	r.eventually("nothing is to be reconciled", func() bool {
		return r.Count("reconciliations", "payment_id = $1", o.Payment.ID) > 0
	})
}

func (r *Road) eventually(otherwise string, holds func() bool) {
	r.t.Helper()
	deadline := time.NewTimer(time.Minute) // only what never comes fails
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			r.t.Fatal(otherwise)
		}
	}
}

// Reconciled runs the reconciliation of an order's payment to its end, moving the clock as it asks, and gives the order
// as it then is.
func (r *Road) Reconciled(o orders.Order) orders.Order {
	r.t.Helper()
	const most = time.Hour
	for waited := time.Duration(0); waited < most; {
		again, err := r.Orders.Reconcile(r.t.Context(), r.Tenant, o.Payment.ID)
		if err != nil {
			r.t.Fatalf("reconcile: %v", err)
		}
		if again == 0 {
			if n := r.Count("reconciliations", "payment_id = $1", o.Payment.ID); n != 0 {
				r.t.Errorf("%d things are still to be reconciled", n)
			}
			return r.Get(o.ID)
		}
		waited += again
		r.Clock.Advance(again)
	}
	r.t.Fatal("the reconciliation never ends")
	return orders.Order{}
}
