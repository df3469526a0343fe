package orders_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/simulator"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
)

const refundMethod = "alipay.trade.refund"

// split carries out the split of a paid order.
func split(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID)
	if err != nil || out.State != splits.Finished {
		t.Fatalf("split: %+v, %v", out, err)
	}
}

// sold is a paid and delivered order whose split is carried out.
func sold(t *testing.T, r *tenantstest.Road) orders.Order {
	t.Helper()
	o := r.Paid(r.Order(1))
	split(t, r, o)
	return o
}

func refund(t *testing.T, r *tenantstest.Road, o orders.Order) dbsqlc.Refund {
	t.Helper()
	rf, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "wrong product", idempotency.Key{})
	if err != nil || rf.Status != orders.RefundPending || rf.AmountFen != o.TotalFen {
		t.Fatalf("refund: %+v, %v", rf, err)
	}
	return rf
}

// execute runs a refund to its end, moving the clock as it asks, and gives it as it then is.
func execute(t *testing.T, r *tenantstest.Road, rf id.Refund) dbsqlc.Refund {
	t.Helper()
	for range 10 {
		again, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf)
		if err != nil {
			t.Fatalf("execute the refund: %v", err)
		}
		if again == 0 {
			got, err := r.Orders.GetRefund(t.Context(), r.Actor, rf)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		r.Clock.Advance(again)
	}
	t.Fatal("the refund never ends")
	return dbsqlc.Refund{}
}

// givenBack checks the one right end of a refunded order.
func givenBack(t *testing.T, r *tenantstest.Road, o orders.Order, rf id.Refund) {
	t.Helper()
	got := r.Get(o.ID)
	if got.Status != orders.StatusRefunded || got.RefundedFen != o.TotalFen ||
		got.Payment.Status != payments.StatusRefunded ||
		got.Payment.RefundedFen != o.TotalFen {
		t.Errorf(
			"order %s with %d fen refunded, payment %s with %d",
			got.Status,
			got.RefundedFen,
			got.Payment.Status,
			got.Payment.RefundedFen,
		)
	}
	for what, n := range map[string]int{
		"card_keys|order_id = $1 AND status <> 'void'":                                                    0,
		"events|type = 'order.refunded' AND subject_id = $1":                                              1,
		"events|type = 'refund.succeeded' AND subject_id IN (SELECT id FROM refunds WHERE order_id = $1)": 1,
		"refunds|order_id = $1 AND status = 'succeeded'":                                                  1,
		"split_parts|split_id IN (SELECT id FROM splits WHERE order_id = $1) AND returned_fen <> amount_fen AND EXISTS (SELECT FROM splits s WHERE s.id = split_id AND s.status = 'completed')": 0,
	} {
		table, where := cut(what)
		if have := r.Count(table, where, o.ID); have != n {
			t.Errorf("%s: %d rows, want %d", what, have, n)
		}
	}
	if v := r.Trade(o.Payment.ID); v.Refunded != o.TotalFen || v.Transferred != v.TransferReturned {
		t.Errorf("the simulator's trade: %d refunded, %d of %d returned", v.Refunded, v.TransferReturned, v.Transferred)
	}
	if _, err := r.Orders.GetRefund(t.Context(), r.Actor, rf); err != nil {
		t.Error(err)
	}
	r.SameBooks(o.Payment, r.Supplier.ID, r.Distributor)
}

// TestRefundAfterSplit gives everything back: the parts to the merchant of record, the whole to the buyer.
func TestRefundAfterSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := sold(t, r)
	key := idempotency.Key{Value: "refund", Request: [32]byte{1}}
	rf, replayed, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "wrong product", key)
	if err != nil || replayed {
		t.Fatalf("%v, replayed %t", err, replayed)
	}
	if n := r.Count("river.river_job", "kind = 'refund_execute' AND args->>'refund_id' = $1", rf.ID.UUID().String()); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
	if n := r.Count("refund_parts", "refund_id = $1 AND amount_fen IN (500, 200)", rf.ID); n != 2 {
		t.Errorf("%d parts in the plan, want 2", n)
	}
	if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{}); code(err) != "refund_pending" {
		t.Errorf("while it is pending: %v", err)
	}
	if got := execute(t, r, rf.ID); got.Status != orders.RefundSucceeded || got.DoneAt == nil || got.Failure != "" {
		t.Errorf("refund %+v", got)
	}
	givenBack(t, r, o, rf.ID)
	execute(t, r, rf.ID) // again: nothing happens
	givenBack(t, r, o, rf.ID)
	if again, replayed, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "wrong product", key); err != nil ||
		!replayed ||
		again.ID != rf.ID ||
		again.Status != orders.RefundSucceeded {
		t.Errorf("replay: %+v, %t, %v", again, replayed, err)
	}
	if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{}); code(
		err,
	) != "order_not_refundable" {
		t.Errorf("when it is refunded: %v", err)
	}
	if list, err := r.Orders.Refunds(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{}); err != nil || len(list.Items) != 1 || list.Items[0].ID != rf.ID {
		t.Errorf("list %+v, %v", list, err)
	}
	split(t, r, o) // the job that comes late finds nothing to do
	givenBack(t, r, o, rf.ID)
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
	o := sold(t, r)
	rf := refund(t, r, o)
	if got := execute(t, r, rf.ID); got.Status != orders.RefundSucceeded {
		t.Errorf("refund %+v", got)
	}
	givenBack(t, r, o, rf.ID)
}

// TestRefundBeforeSplit: the split waits for the refund and then never happens.
func TestRefundBeforeSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Paid(r.Order(2))
	rf := refund(t, r, o)
	if out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil || out.State != splits.Waiting {
		t.Errorf("split while the refund is pending: %+v, %v", out, err)
	}
	if got := execute(t, r, rf.ID); got.Status != orders.RefundSucceeded {
		t.Errorf("refund %+v", got)
	}
	split(t, r, o)
	if n := r.Count("settlements", "order_id = $1", o.ID); n != 0 {
		t.Errorf("%d settlements", n)
	}
	givenBack(t, r, o, rf.ID)
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
	split(t, r, o)
	if len(asked) != 11 || !asked["settle recorded"] {
		t.Errorf("asked at %v", asked)
	}
	list, err := r.Orders.Refunds(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("refunds %+v, %v", list, err)
	}
	execute(t, r, list.Items[0].ID)
	givenBack(t, r, o, list.Items[0].ID)
}

// TestRefundRacesSplit starts both at once, often: whoever comes first, the other waits, and in the end all of the
// money is back.
func TestRefundRacesSplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for range 6 {
		o := r.Paid(r.Order(1))
		var wg sync.WaitGroup
		var rf atomic.Pointer[dbsqlc.Refund]
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
		execute(t, r, rf.Load().ID)
		split(t, r, o)
		givenBack(t, r, o, rf.Load().ID)
	}
}

// attackA40 asks for a refund many times at once, and executes it by many workers: the money goes back once.
func attackA40(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := sold(t, r)
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
	execute(t, r, rf)
	givenBack(t, r, o, rf)
}

// TestRefundCrash stops the refund after every step, runs it again, and finds the same end.
func TestRefundCrash(t *testing.T) {
	t.Parallel()
	var hook func(string)
	r := tenantstest.NewRoad(t, func(step string) {
		if step != "notification applied" && hook != nil { // that one is the simulator's call, which may end late
			hook(step)
		}
	})
	o := sold(t, r)
	rf := refund(t, r, o)
	var steps []string
	hook = func(step string) { steps = append(steps, step) }
	execute(t, r, rf.ID)
	hook = nil
	givenBack(t, r, o, rf.ID)
	if len(steps) < 4 {
		t.Fatalf("steps %v", steps)
	}
	for i, at := range steps {
		o := sold(t, r)
		rf := refund(t, r, o)
		n := 0
		hook = func(string) {
			if n++; n == i+1 {
				panic(crash{at})
			}
		}
		func() {
			defer func() {
				if c, ok := recover().(crash); !ok || c.at != at {
					t.Errorf("it did not crash at %q", at)
				}
			}()
			_, _ = r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf.ID)
		}()
		hook = nil
		execute(t, r, rf.ID)
		givenBack(t, r, o, rf.ID)
	}
}

// TestRefundLostAnswers makes the refund and its query lose their answers in every way.
func TestRefundLostAnswers(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for _, kind := range []string{simulator.FaultNoAnswerBefore, simulator.FaultNoAnswerAfter, simulator.FaultSystemErrorBefore, simulator.FaultSystemErrorAfter,
		simulator.FaultHTTP502, simulator.FaultHalfJSON, simulator.FaultWrongSignature, simulator.FaultWrongAmount, simulator.FaultRateLimit} {
		for _, method := range []string{refundMethod, ""} { // only the refund; and whatever is asked
			o := sold(t, r)
			rf := refund(t, r, o)
			r.Fault(kind, method, 4)
			if got := execute(t, r, rf.ID); got.Status != orders.RefundSucceeded {
				t.Errorf("%s %s: refund %+v", method, kind, got)
			}
			r.Desk(http.MethodDelete, "/faults", nil, nil)
			givenBack(t, r, o, rf.ID)
			if n := r.Count("cases", "order_id = $1", o.ID); n != 0 {
				t.Errorf("%s %s: %d cases", method, kind, n)
			}
		}
	}
}

// TestRefundRefused: Alipay says no; the order stays as it was, a person is called, and a later refund is a new one.
func TestRefundRefused(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := sold(t, r)
	r.Desk(http.MethodPatch, "/accounts/"+*r.Distributor.ReceiverAccount, map[string]any{"returns_royalty": false}, nil)
	rf := refund(t, r, o)
	for range 2 {
		if got := execute(t, r, rf.ID); got.Status != orders.RefundRefused || got.Failure == "" || got.DoneAt == nil {
			t.Errorf("refund %+v", got)
		}
		if got := r.Get(o.ID); got.Status != orders.StatusDelivered || got.RefundedFen != 0 ||
			got.Payment.Status != payments.StatusPaid {
			t.Errorf("order %s, payment %s", got.Status, got.Payment.Status)
		}
		if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID); n != 1 {
			t.Errorf("%d card keys are delivered", n)
		}
		if n := r.Count("cases", "order_id = $1 AND kind = $2", o.ID, string(vocabulary.CaseRefundRefused)); n != 1 {
			t.Errorf("%d cases", n)
		}
		if n := r.Count("events", "type = 'refund.refused' AND subject_id = $1", rf.ID); n != 1 {
			t.Errorf("%d events", n)
		}
		r.SameBooks(o.Payment, r.Supplier.ID, r.Distributor)
	}
	r.Desk(http.MethodPatch, "/accounts/"+*r.Distributor.ReceiverAccount, map[string]any{"returns_royalty": true}, nil)
	second := refund(t, r, o)
	if got := execute(t, r, second.ID); got.Status != orders.RefundSucceeded {
		t.Errorf("second refund %+v", got)
	}
	givenBack(t, r, o, second.ID)
	if list, err := r.Orders.Refunds(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{}); err != nil || len(list.Items) != 2 ||
		list.Items[0].ID != second.ID {
		t.Errorf("list %+v, %v", list, err)
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
		{"split refused, money frozen", func() { r.Desk(http.MethodPatch, "/apps/"+r.AppID, map[string]any{"max_ratio": 6}, nil) },
			func() { r.Desk(http.MethodPatch, "/apps/"+r.AppID, map[string]any{"max_ratio": 30}, nil) }, splits.Refused},
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
		rf := refund(t, r, o)
		c.mend()
		if got := execute(t, r, rf.ID); got.Status != orders.RefundSucceeded {
			t.Errorf("%s: refund %+v", c.name, got)
		}
		givenBack(t, r, o, rf.ID)
		if n := r.Count("splits", "order_id = $1 AND status = 'canceled'", o.ID); n != 1 {
			t.Errorf("%s: the split is not canceled", c.name)
		}
		split(t, r, o)
		givenBack(t, r, o, rf.ID)
	}
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
	list, err := r.Orders.Refunds(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("refunds %+v, %v", list, err)
	}
	execute(t, r, list.Items[0].ID)
	givenBack(t, r, o, list.Items[0].ID)
	if n := r.Count("card_keys", "status = 'available'"); n != tenantstest.Stock {
		t.Errorf("%d card keys are free, want %d", n, tenantstest.Stock)
	}
}

// TestRefundUnknownForLong: after a day without an answer a person is called, once; the refund still ends when Alipay
// is back.
func TestRefundUnknownForLong(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := sold(t, r)
	rf := refund(t, r, o)
	r.Fault(simulator.FaultNoAnswerAfter, refundMethod, 0)
	r.Fault(simulator.FaultNoAnswerBefore, "alipay.trade.fastpay.refund.query", 0)
	for _, c := range []struct{ jump, most time.Duration }{{0, 10 * time.Second}, {8 * time.Minute, 65 * time.Second}, {25 * time.Hour, 10 * time.Minute}, {time.Hour, 10 * time.Minute}} {
		r.Clock.Advance(c.jump)
		if again, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf.ID); err != nil || again == 0 ||
			again > c.most {
			t.Errorf("again in %s, %v", again, err)
		}
	}
	if n := r.Count("cases", "order_id = $1 AND kind = $2", o.ID, string(vocabulary.CaseUnknownTooLong)); n != 1 {
		t.Errorf("%d cases", n)
	}
	r.Desk(http.MethodDelete, "/faults", nil, nil)
	execute(t, r, rf.ID)
	givenBack(t, r, o, rf.ID)
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
			_, err := r.Orders.Refunds(t.Context(), stranger, o.ID, tenants.Page[id.Refund]{})
			return err
		}, "order_not_found"},
		"get":     {func() error { _, err := r.Orders.GetRefund(t.Context(), r.Actor, id.New[id.Refund]()); return err }, "refund_not_found"},
		"execute": {func() error { _, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, id.New[id.Refund]()); return err }, "refund_not_found"},
	} {
		if err := c.ask(); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if n := r.Count("refunds", "true") + r.Count("idempotency_keys", "operation = 'createRefund'"); n != 0 {
		t.Errorf("%d rows are left behind", n)
	}
	o = r.Paid(o)
	rf := refund(t, r, o)
	if _, err := r.Orders.GetRefund(t.Context(), stranger, rf.ID); code(err) != "refund_not_found" {
		t.Errorf("another tenant's refund: %v", err)
	}
	if _, err := r.Orders.GetRefund(t.Context(), merchant, rf.ID); code(err) != "refund_not_found" {
		t.Errorf("another merchant's refund: %v", err)
	}
}
