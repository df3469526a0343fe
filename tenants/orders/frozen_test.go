package orders_test

import (
	"net/http"
	"testing"
	"time"

	"zhitong/internal/vocabulary"
	"zhitong/tenants/orders"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
)

// frozen is an order whose money is settled and frozen, whose split was refused, and of which so much is given back
// that no receiver gets a fen.
func frozen(t *testing.T, r *tenantstest.Road) orders.Order {
	t.Helper()
	o := r.Paid(r.Order(1))
	r.Desk(http.MethodPost, "/faults", map[string]any{"app_id": r.AppID, "method": "alipay.trade.order.settle",
		"kind": "business_error", "sub_code": "MERCHANT_RISK_LIMIT", "times": 1}, nil)
	if out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil || out.State != splits.Refused {
		t.Fatalf("the split: %+v, %v", out, err)
	}
	r.RefundsAreNotified()
	r.RefundOutside(o, o.Total-5)
	r.Reported(o)
	r.Reconciled(o)
	if v := r.Trade(o.Payment.ID); v.Frozen != 5 {
		t.Fatalf("%d fen are frozen", v.Frozen)
	}
	return o
}

// TestNothingStaysFrozen: the split that is tried again has no part any more. The money is freed for the merchant of
// record, also when the answer of that is lost or the program ends in between.
func TestNothingStaysFrozen(t *testing.T) {
	t.Parallel()
	var at string
	type crash struct{}
	r := tenantstest.NewRoad(t, func(step string) {
		if at != "" && step == at {
			panic(crash{})
		}
	})
	for _, c := range []struct{ crash, fault string }{
		{"", ""}, {"split", ""}, {"split done", ""}, {"split recorded", ""}, {"", "system_error_after"},
	} {
		o := frozen(t, r)
		if _, err := r.Splits.Retry(t.Context(), r.Actor, o.ID); err != nil {
			t.Fatal(err)
		}
		if c.fault != "" {
			r.Fault(c.fault, "alipay.trade.order.settle", 1)
		}
		if at = c.crash; at != "" {
			func() {
				defer func() {
					if recover() != (crash{}) {
						t.Errorf("it did not crash at %q", c.crash)
					}
				}()
				_, _ = r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID)
			}()
		}
		at = ""
		for range 3 {
			out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID)
			if err != nil {
				t.Fatal(err)
			}
			if out.State == splits.Finished {
				break
			}
			r.Clock.Advance(out.Wait)
		}
		split, err := r.Splits.OfOrder(t.Context(), r.Actor, o.ID)
		if err != nil || split.Split == nil || split.Split.Status != vocabulary.SplitCompleted || split.Kept != 5 {
			t.Errorf("%+v: the split %+v, %v", c, split, err)
		}
		if v := r.Trade(o.Payment.ID); v.Frozen != 0 {
			t.Errorf("%+v: %d fen are frozen", c, v.Frozen)
		}
		r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
	}
}

// TestFreedIsGivenBack: an order whose money Alipay has freed by itself, and whose split nobody made, is given back out
// of what the merchant of record has.
func TestFreedIsGivenBack(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Paid(r.Order(1))
	r.Desk(http.MethodPost, "/faults", map[string]any{"app_id": r.AppID, "method": "alipay.trade.order.settle",
		"kind": "business_error", "sub_code": "MERCHANT_RISK_LIMIT", "times": 1}, nil)
	execute := func() {
		t.Helper()
		out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID)
		if err != nil || out.State != splits.Refused {
			t.Fatalf("the split: %+v, %v", out, err)
		}
	}
	execute()
	r.Clock.Advance(31 * 24 * time.Hour)
	r.Desk(http.MethodPost, "/clock", map[string]any{"advance_seconds": 0}, nil)
	execute()
	if n := r.Count("cases", "order_id = $1 AND kind = 'settlement_mismatch'", o.ID); n != 1 {
		t.Errorf("%d cases say that the money was freed", n)
	}
	r.Refunded(r.Refund(o).ID)
	if got := r.Get(o.ID); got.Status != orders.StatusRefunded {
		t.Errorf("the order is %s", got.Status)
	}
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
}
