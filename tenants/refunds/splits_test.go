package refunds_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
)

// TestRefundAfterSplit gives everything back: the parts to the merchant of record, the whole to the buyer.
func TestRefundAfterSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	key := idempotency.Key{Value: "refund", Request: [32]byte{1}}
	rf, replayed, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "wrong product", key)
	if err != nil || replayed {
		t.Fatalf("%v, replayed %t", err, replayed)
	}
	queued := "kind = 'refund_execute' AND args->>'refund_id' = $1"
	if n := r.Count("river.river_job", queued, rf.ID.UUID().String()); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
	if n := r.Count("refund_parts", "refund_id = $1 AND amount_fen IN (500, 200)", rf.ID); n != 2 {
		t.Errorf("%d parts in the plan, want 2", n)
	}
	if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{}); code(err) != "refund_pending" {
		t.Errorf("while it is pending: %v", err)
	}
	if got := r.Refunded(rf.ID); got.Status != refunds.StatusSucceeded || got.DoneAt == nil || got.Failure != "" {
		t.Errorf("refund %+v", got)
	}
	r.GivenBack(o)
	r.Refunded(rf.ID) // again: nothing happens
	r.GivenBack(o)
	if again, replayed, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "wrong product", key); err != nil ||
		!replayed ||
		again.ID != rf.ID ||
		again.Status != refunds.StatusSucceeded {
		t.Errorf("replay: %+v, %t, %v", again, replayed, err)
	}
	if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{}); code(
		err,
	) != "order_not_refundable" {
		t.Errorf("when it is refunded: %v", err)
	}
	if list, err := r.Refunds.OfOrder(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{}); err != nil ||
		len(list.Items) != 1 ||
		list.Items[0].ID != rf.ID {
		t.Errorf("list %+v, %v", list, err)
	}
	r.Split(o) // the job that comes late finds nothing to do
	r.GivenBack(o)
}

// TestRefundByLoginName: a receiver that is known by its login name gives back what it got.
func TestRefundByLoginName(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	var account struct {
		LogonID string `json:"logon_id"`
	}
	r.Desk(http.MethodGet, "/accounts/"+*r.Distributor.ReceiverAccount, nil, &account)
	r.In(func(ctx context.Context, tx db.TenantTx) {
		exec(
			t,
			ctx,
			tx,
			"UPDATE merchants SET receiver_type = 'loginName', receiver_account = $2 WHERE id = $1",
			r.Distributor.ID,
			account.LogonID,
		)
	})
	o := r.Sold()
	rf := r.Refund(o)
	if got := r.Refunded(rf.ID); got.Status != refunds.StatusSucceeded {
		t.Errorf("refund %+v", got)
	}
	r.GivenBack(o)
}

// TestRefundBeforeSplit: the split waits for the refund and then never happens.
func TestRefundBeforeSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Paid(r.Order(2))
	rf := r.Refund(o)
	if out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil || out.State != splits.Waiting {
		t.Errorf("split while the refund is pending: %+v, %v", out, err)
	}
	if got := r.Refunded(rf.ID); got.Status != refunds.StatusSucceeded {
		t.Errorf("refund %+v", got)
	}
	r.Split(o)
	if n := r.Count("settlements", "order_id = $1", o.ID); n != 0 {
		t.Errorf("%d settlements", n)
	}
	r.GivenBack(o)
}

// TestRefundWhileSplitting: between two steps of the split the refund is told to come again.
func TestRefundWhileSplitting(t *testing.T) {
	t.Parallel()
	var r *tenantstest.Road
	var o orders.Order
	asked := map[string]bool{}
	r = tenantstest.NewRoad(t, func(step string) {
		if step == "notification applied" { // the simulator's call, which may end after the order is seen to be paid
			return
		}
		if o.ID.IsZero() || asked[step] {
			return
		}
		asked[step] = true
		_, _, err := r.Orders.Refund(context.WithoutCancel(t.Context()), r.Actor, o.ID, "", idempotency.Key{})
		switch step {
		case "prepared",
			"bind",
			"bound",
			"bind recorded",
			"settle",
			"settled",
			"settle recorded",
			"split",
			"split done":
			if code(err) != "split_in_progress" {
				t.Errorf("at %s: %v", step, err)
			}
		case "split recorded":
			if err != nil {
				t.Errorf("at %s: %v", step, err)
			}
		}
	})
	paid := r.Paid(r.Order(1))
	// nothing is asked before the split is prepared: that refund would be right
	asked["prepare"] = true
	o = paid
	r.Split(o)
	if len(asked) != 11 || !asked["settle recorded"] {
		t.Errorf("asked at %v", asked)
	}
	list, err := r.Refunds.OfOrder(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("refunds %+v, %v", list, err)
	}
	r.Refunded(list.Items[0].ID)
	r.GivenBack(o)
}

// TestRefundRacesSplit starts both at once, often: whoever comes first, the other waits, and in the end all of the
// money is back.
func TestRefundRacesSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for range 6 {
		o := r.Paid(r.Order(1))
		var wg sync.WaitGroup
		var rf atomic.Pointer[refunds.Refund]
		wg.Go(func() {
			if _, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil {
				t.Errorf("split: %v", err)
			}
		})
		wg.Go(func() {
			for rf.Load() == nil {
				got, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{})
				if err == nil {
					rf.Store(&got)
				} else if code(err) != "split_in_progress" {
					t.Errorf("refund: %v", err)
					return
				}
			}
			if _, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf.Load().ID); err != nil {
				t.Errorf("execute the refund: %v", err)
			}
		})
		wg.Wait()
		if rf.Load() == nil {
			t.FailNow()
		}
		r.Refunded(rf.Load().ID)
		r.Split(o)
		r.GivenBack(o)
	}
}

// TestRefundWithoutSplit refunds what was settled but not split, or neither, because Alipay said no: the money comes
// from where it is.
func TestRefundWithoutSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	account := "/accounts/" + *r.Distributor.ReceiverAccount
	for _, c := range []struct {
		name         string
		break_, mend func()
		state        splits.State
	}{
		{"split refused, money frozen", func() {
			r.Desk(http.MethodPatch, "/apps/"+r.AppID, map[string]any{"max_ratio": 6}, nil)
		},
			func() {
				r.Desk(http.MethodPatch, "/apps/"+r.AppID, map[string]any{"max_ratio": 30}, nil)
			}, splits.Refused},
		{"settlement suspended, money unsettled", func() {
			r.Desk(http.MethodPatch, "/merchants/"+*r.Supplier.Smid, map[string]any{"settle_hold": true}, nil)
		},
			func() {
				r.Desk(http.MethodPatch, "/merchants/"+*r.Supplier.Smid, map[string]any{"settle_hold": false}, nil)
			}, splits.Waiting},
		{"receiver cannot be bound", func() {
			r.Desk(http.MethodPatch, account, map[string]any{"certified": false}, nil)
			r.In(func(ctx context.Context, tx db.TenantTx) {
				exec(t, ctx, tx, "UPDATE merchants SET receiver_bound_at = NULL")
			})
		}, func() { r.Desk(http.MethodPatch, account, map[string]any{"certified": true}, nil) }, splits.Refused},
	} {
		o := r.Paid(r.Order(1))
		c.break_()
		if out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil || out.State != c.state {
			t.Errorf("%s: split %+v, %v", c.name, out, err)
		}
		rf := r.Refund(o)
		c.mend()
		if got := r.Refunded(rf.ID); got.Status != refunds.StatusSucceeded {
			t.Errorf("%s: refund %+v", c.name, got)
		}
		r.GivenBack(o)
		if n := r.Count("splits", "order_id = $1 AND status = 'canceled'", o.ID); n != 1 {
			t.Errorf("%s: the split is not canceled", c.name)
		}
		r.Split(o)
		r.GivenBack(o)
	}
}
