package tenantstest

import (
	"time"

	"zhitong/internal/id"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
)

// Sold is a paid and delivered order whose split is carried out.
func (r *Road) Sold() orders.Order {
	r.t.Helper()
	o := r.Paid(r.Order(1))
	r.Split(o)
	return o
}

// Split carries out the split of a paid order.
func (r *Road) Split(o orders.Order) {
	r.t.Helper()
	out, err := r.Splits.Execute(r.t.Context(), r.Tenant, o.Payment.ID)
	if err != nil || out.State != splits.Finished {
		r.t.Fatalf("split: %+v, %v", out, err)
	}
}

// Refund starts the refund of an order.
func (r *Road) Refund(o orders.Order) refunds.Refund {
	r.t.Helper()
	rf, _, err := r.Orders.Refund(r.t.Context(), r.Actor, o.ID, "wrong product", idempotency.Key{})
	if err != nil || rf.Status != refunds.StatusPending || rf.Amount != o.Total {
		r.t.Fatalf("refund: %+v, %v", rf, err)
	}
	return rf
}

// Refunded runs a refund to its end, moving the clock as it asks, and gives it as it then is.
func (r *Road) Refunded(rf id.Refund) refunds.Refund {
	r.t.Helper()
	const most = time.Hour
	for waited := time.Duration(0); waited < most; {
		again, err := r.Orders.ExecuteRefund(r.t.Context(), r.Tenant, rf)
		if err != nil {
			r.t.Fatalf("execute the refund: %v", err)
		}
		if again == 0 {
			got, err := r.Refunds.Get(r.t.Context(), r.Actor, rf)
			if err != nil {
				r.t.Fatal(err)
			}
			return got
		}
		waited += again
		r.Clock.Advance(again)
	}
	r.t.Fatal("the refund never ends")
	return refunds.Refund{}
}

// GivenBack checks the one right end of a refunded order.
func (r *Road) GivenBack(o orders.Order) {
	r.t.Helper()
	got := r.Get(o.ID)
	if got.Status != orders.StatusRefunded || got.Refunded != o.Total ||
		got.Payment.Status != payments.StatusRefunded || got.Payment.Refunded != o.Total {
		r.t.Errorf("order %s with %d fen refunded, payment %s with %d",
			got.Status, got.Refunded, got.Payment.Status, got.Payment.Refunded)
	}
	for _, c := range []struct {
		table, where string
		rows         int
	}{
		{"card_keys", "order_id = $1 AND status <> 'void'", 0},
		{"events", "type = 'order.refunded' AND subject_id = $1", 1},
		{
			"events",
			"type = 'refund.succeeded' AND subject_id IN (SELECT id FROM refunds WHERE order_id = $1)",
			1,
		},
		{"refunds", "order_id = $1 AND status = 'succeeded'", 1},
		{
			"split_parts p JOIN splits s ON s.tenant_id = p.tenant_id AND s.id = p.split_id",
			"s.order_id = $1 AND s.status = 'completed' AND p.returned_fen <> p.amount_fen",
			0,
		},
	} {
		if have := r.Count(c.table, c.where, o.ID); have != c.rows {
			r.t.Errorf("%s where %s: %d rows, want %d", c.table, c.where, have, c.rows)
		}
	}
	if v := r.Trade(o.Payment.ID); v.Refunded != o.Total || v.Transferred != v.TransferReturned {
		r.t.Errorf("the simulator's trade: %d refunded, %d of %d returned",
			v.Refunded, v.TransferReturned, v.Transferred)
	}
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
}
