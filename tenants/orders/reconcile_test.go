package orders_test

import (
	"strings"
	"sync"
	"testing"

	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
)

// outside checks how a refund that someone else made is written down: once, with an event and a case.
func outside(t *testing.T, r *tenantstest.Road, o orders.Order, want map[string]money.Fen) {
	t.Helper()
	page, err := r.Refunds.OfOrder(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{})
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]money.Fen{}
	for _, rf := range page.Items {
		if rf.Origin != vocabulary.RefundOutside {
			continue
		}
		have[rf.OutsideNo] += rf.Amount
		if rf.Status != refunds.StatusSucceeded || rf.DoneAt == nil {
			t.Errorf("refund %+v", rf)
		}
		if n := r.Count("events", "type = 'refund.succeeded' AND subject_id = $1 AND data->>'origin' = 'outside'",
			rf.ID); n != 1 {
			t.Errorf("%d events of refund %s", n, rf.ID)
		}
	}
	if len(have) != len(want) {
		t.Errorf("booked %v, want %v", have, want)
	}
	for number, amount := range want {
		if have[number] != amount {
			t.Errorf("booked %v, want %v", have, want)
		}
	}
	if n := r.Count("cases", "order_id = $1 AND kind = 'outside_refund'", o.ID); n != 1 {
		t.Errorf("%d cases", n)
	}
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
}

// both are the parts of a sold order, as their receivers give them back.
func both(r *tenantstest.Road) []acquiring.Part {
	return []acquiring.Part{
		{Receiver: acquiring.Receiver{Type: acquiring.ReceiverAccount, Account: r.PID}, Amount: 5_00},
		{Receiver: acquiring.Receiver{Type: acquiring.ReceiverAccount, Account: *r.Distributor.ReceiverAccount},
			Amount: 2_00},
	}
}

// TestRefundedOutside: all of a payment goes back at Alipay without us, before or after the split, with or without a
// notice. The order ends as if we had given it back.
func TestRefundedOutside(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.RefundsAreNotified()
	for name, sell := range map[string]func() orders.Order{
		"before the split": func() orders.Order { return r.Paid(r.Order(1)) },
		"after the split":  r.Sold,
	} {
		o := sell()
		var parts []acquiring.Part
		if name == "after the split" {
			parts = both(r)
		}
		number := r.RefundOutside(o, o.Total, parts...)
		r.Reported(o)
		got := r.Reconciled(o)
		if got.Status != orders.StatusRefunded || got.Refunded != o.Total || got.Payment.Left() != 0 {
			t.Errorf("%s: order %s, %d refunded", name, got.Status, got.Refunded)
		}
		r.GivenBack(o)
		outside(t, r, o, map[string]money.Fen{number: o.Total})
		if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{}); code(err) !=
			"order_not_refundable" {
			t.Errorf("%s: another refund: %v", name, err)
		}
		r.Split(o) // nothing is left to split
	}
}

// TestPartRefundedOutside: parts of a payment go back without us. The buyer keeps the goods, the split uses what is
// left, and our own refund gives back the rest and no more.
func TestPartRefundedOutside(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.RefundsAreNotified()
	o := r.Paid(r.Order(1))
	first := r.RefundOutside(o, 3_00)
	r.Reported(o)
	if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{}); code(err) != "refund_pending" {
		t.Errorf("a refund before the other is booked: %v", err)
	}
	if out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil || out.State != splits.Waiting {
		t.Errorf("a split before the refund is booked: %+v, %v", out, err)
	}
	got := r.Reconciled(o)
	if got.Status != orders.StatusDelivered || got.Refunded != 3_00 || got.Payment.Refunded != 3_00 {
		t.Errorf("order %s, %d refunded", got.Status, got.Refunded)
	}
	outside(t, r, o, map[string]money.Fen{first: 3_00})

	r.Split(o)
	kept := func(want money.Fen) {
		t.Helper()
		split, err := r.Splits.OfOrder(t.Context(), r.Actor, o.ID)
		if err != nil || split.Kept != want {
			t.Errorf("the merchant of record keeps %d, %v, want %d", split.Kept, err, want)
		}
	}
	kept(97_00 - 4_85 - 1_94)
	second := r.RefundOutside(o, 2_00)
	r.Reported(o)
	r.Reconciled(o)
	kept(95_00 - 4_85 - 1_94)
	outside(t, r, o, map[string]money.Fen{first: 3_00, second: 2_00})
	if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID); n != 1 {
		t.Errorf("%d card keys are delivered", n)
	}

	rf, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{})
	if err != nil || rf.Amount != 95_00 || rf.Origin != vocabulary.RefundPlatform {
		t.Fatalf("the rest: %+v, %v", rf, err)
	}
	if got := r.Refunded(rf.ID); got.Status != refunds.StatusSucceeded {
		t.Errorf("the rest: %+v", got)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusRefunded || got.Refunded != o.Total {
		t.Errorf("order %s, %d refunded", got.Status, got.Refunded)
	}
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
	if v := r.Trade(o.Payment.ID); v.Refunded != o.Total || v.Transferred != v.TransferReturned {
		t.Errorf("the simulator's trade: %+v", v)
	}
}

// TestOutsideRefundFoundBySplit: nobody told of the refund. The settlement of too much is refused, and that finds it:
// no case of a refused split, and what is left is settled and split.
func TestOutsideRefundFoundBySplit(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Paid(r.Order(1))
	r.RefundOutside(o, 4_00)
	if out, err := r.Splits.Execute(t.Context(), r.Tenant, o.Payment.ID); err != nil || out.State != splits.Waiting {
		t.Fatalf("the split: %+v, %v", out, err)
	}
	if got := r.Reconciled(o); got.Refunded != 4_00 || got.Status != orders.StatusDelivered {
		t.Errorf("order %s, %d refunded", got.Status, got.Refunded)
	}
	r.Split(o)
	outside(t, r, o, map[string]money.Fen{"": 4_00})
	split, err := r.Splits.OfOrder(t.Context(), r.Actor, o.ID)
	if err != nil || split.Settlement.Amount != 96_00 || split.Kept != 96_00-4_80-1_92 {
		t.Errorf("split %+v, %v", split, err)
	}
	if n := r.Count("cases", "order_id = $1 AND kind <> 'outside_refund'", o.ID); n != 0 {
		t.Errorf("%d cases of a refused split", n)
	}
}

// TestOutsideRefundFoundByRefund: nobody told of the refund. Ours is refused, and that finds it.
func TestOutsideRefundFoundByRefund(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for _, amount := range []money.Fen{100_00, 40_00} {
		o := r.Sold()
		r.RefundOutside(o, amount, both(r)...)
		rf := r.Refund(o)
		if got := r.Refunded(rf.ID); got.Status != refunds.StatusRefused {
			t.Fatalf("our refund of too much: %+v", got)
		}
		got := r.Reconciled(o)
		if got.Refunded != amount || (got.Status == orders.StatusRefunded) != (amount == o.Total) {
			t.Errorf("order %s, %d refunded", got.Status, got.Refunded)
		}
		outside(t, r, o, map[string]money.Fen{"": amount})
	}
}

// TestPaidAndReturnedUnheard: the buyer paid and got all of it back before we heard of either.
func TestPaidAndReturnedUnheard(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Hear(nil)
	o := r.Order(1)
	r.PayAtDesk(o)
	r.RefundOutside(o, o.Total)
	if _, err := r.Orders.Watch(t.Context(), r.Tenant, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusNeedsReview || got.DeliveredAt != nil {
		t.Errorf("before it is booked the order is %s", got.Status)
	}
	if got := r.Reconciled(o); got.Status != orders.StatusRefunded || got.DeliveredAt != nil {
		t.Errorf("the order is %s", got.Status)
	}
	r.GivenBack(o)
	outside(t, r, o, map[string]money.Fen{"": o.Total})
}

// TestRefundHeardBeforePayment: the notice of the payment is lost and that of a refund of a part comes.
func TestRefundHeardBeforePayment(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	notified := r.Hear(nil)
	o := r.Order(1)
	r.PayAtDesk(o)
	r.Hear(notified)
	r.RefundsAreNotified()
	number := r.RefundOutside(o, 1_00)
	r.Reported(o)
	if got := r.Reconciled(o); got.Status != orders.StatusDelivered || got.Refunded != 1_00 {
		t.Errorf("order %s, %d refunded", got.Status, got.Refunded)
	}
	outside(t, r, o, map[string]money.Fen{number: 1_00})
}

// attackA49 tells of one refund by many notices and both roads at once, to many workers: it is booked once.
func attackA49(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	number := r.RefundOutside(o, 5_00)
	notice := r.Sign(with(with(with(r.Notification(o), "out_biz_no", number), "refund_fee", "5.00"),
		"notify_id", "n-2"))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if ack, err := r.Orders.ApplyNotification(t.Context(), r.Tenant, notice); !ack || err != nil {
				t.Errorf("acknowledged %v, %v", ack, err)
			}
		})
		wg.Go(func() {
			if _, err := r.Orders.Reconcile(t.Context(), r.Tenant, o.Payment.ID); err != nil {
				t.Errorf("reconcile: %v", err)
			}
		})
	}
	wg.Wait()
	if got := r.Reconciled(o); got.Refunded != 5_00 {
		t.Errorf("%d fen are refunded", got.Refunded)
	}
	outside(t, r, o, map[string]money.Fen{number: 5_00})
	if ack := apply(t, r, notice); !ack {
		t.Error("a late repetition is not acknowledged")
	}
	if n := r.Count("reconciliations", "true"); n != 0 {
		t.Error("a late repetition is to be reconciled again")
	}
}

// TestReconcileCrash ends the program at each step of a reconciliation; run again it ends the same.
func TestReconcileCrash(t *testing.T) {
	t.Parallel()
	var hook func(string)
	r := tenantstest.NewRoad(t, func(at string) {
		if hook != nil {
			hook(at)
		}
	})
	r.RefundsAreNotified()
	type crash struct{ at string }
	for _, at := range []string{"reconcile prepared", "reconcile asked", "reconciled"} {
		o := r.Sold()
		number := r.RefundOutside(o, o.Total, both(r)...)
		r.Reported(o)
		hook = func(step string) {
			if step == at {
				panic(crash{at})
			}
		}
		func() {
			defer func() {
				if c, ok := recover().(crash); !ok || c.at != at {
					t.Errorf("it did not crash at %q", at)
				}
			}()
			_, _ = r.Orders.Reconcile(t.Context(), r.Tenant, o.Payment.ID)
		}()
		hook = nil
		if got := r.Reconciled(o); got.Status != orders.StatusRefunded {
			t.Errorf("after a crash at %q the order is %s", at, got.Status)
		}
		outside(t, r, o, map[string]money.Fen{number: o.Total})
	}
}

// TestReportWhileReconciling: another refund, told of without its number, comes between the answer of the acquirer and
// the lock. What is crossed out is what was read: both are booked.
func TestReportWhileReconciling(t *testing.T) {
	t.Parallel()
	var hook func(string)
	r := tenantstest.NewRoad(t, func(at string) {
		if hook != nil {
			hook(at)
		}
	})
	o := r.Sold()
	report := func(notify, total string) {
		t.Helper()
		notice := with(with(r.Notification(o), "refund_fee", total), "notify_id", notify)
		if !apply(t, r, r.Sign(notice)) {
			t.Errorf("report %s is not acknowledged", notify)
		}
	}
	r.RefundOutside(o, 3_00)
	report("n-1", "3.00")
	looks := 0
	hook = func(at string) {
		if at != "reconcile asked" {
			return
		}
		if looks++; looks == 1 {
			r.RefundOutside(o, 2_00)
			report("n-2", "5.00")
		}
	}
	again, err := r.Orders.Reconcile(t.Context(), r.Tenant, o.Payment.ID)
	if err != nil || again == 0 {
		t.Errorf("the comparison that was overtaken: again %s, %v", again, err)
	}
	if got := r.Get(o.ID); got.Refunded != 3_00 {
		t.Errorf("%d refunded before the second look", got.Refunded)
	}
	if got := r.Reconciled(o); got.Refunded != 5_00 || looks != 2 {
		t.Errorf("%d refunded after %d looks", got.Refunded, looks)
	}
	outside(t, r, o, map[string]money.Fen{"": 5_00})
}

// attackA50 sends notices about trades that are not ours: many different ones, and one many times. They are one case,
// one event and a bounded number of rows.
func attackA50(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	foreign := with(r.Notification(o), "out_trade_no", "ANOTHER-1")
	const different, same = 400, 64
	var wg sync.WaitGroup
	send := func(raw []byte) {
		wg.Go(func() {
			if ack, err := r.Orders.ApplyNotification(t.Context(), r.Tenant, raw); !ack || err != nil {
				t.Errorf("acknowledged %v, %v", ack, err)
			}
		})
	}
	once := r.Sign(foreign)
	for range same {
		send(once)
	}
	wg.Wait()
	for range different {
		send(r.Sign(with(foreign, "notify_id", id.New[id.Notification]().Hex())))
	}
	wg.Wait()
	for _, table := range []string{"cases WHERE kind = 'foreign_notice'", "events WHERE type = 'case.opened'"} {
		name, where, _ := strings.Cut(table, " WHERE ")
		if n := r.Count(name, where); n != 1 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	if n := r.Count("notifications", "verdict = 'review'"); n == 0 || n > different/2 {
		t.Errorf("%d notices are kept", n)
	}
	// the one that was repeated counts once
	if n := r.Count("cases", "occurrences = $1 AND last_seen_at IS NOT NULL AND cardinality(latest) = 5",
		different+1); n != 1 {
		t.Error("the case does not tell how many there were")
	}
}
