package orders_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/internal/vocabulary"
	"zhitong/tenants/orders"
)

// underpaidParcels is an order for goods that are delivered later, in review because another amount came.
func (m *mixed) underpaidParcels(t *testing.T) orders.Order {
	t.Helper()
	notified := m.Hear(nil)
	defer func() { m.Hear(notified) }()
	o := m.order(t)
	m.PayAtDesk(o)
	m.Change("UPDATE payments SET amount_fen = amount_fen + 1 WHERE id = $1", o.Payment.ID)
	if _, err := m.Orders.Watch(t.Context(), m.Tenant, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	if o = m.Get(o.ID); o.Status != orders.StatusNeedsReview {
		t.Fatalf("the order is %s", o.Status)
	}
	return o
}

// queuedOnce: what came is accepted, what can be delivered at once is, the rest is queued once, and nothing is split
// before the last item is there.
func (m *mixed) queuedOnce(t *testing.T, o orders.Order, seen ...string) {
	t.Helper()
	got := m.Get(o.ID)
	if got.Status != orders.StatusPaid || got.DeliveredAt != nil || got.Payment.Amount != o.Payment.Amount-1 {
		t.Errorf("the order is %s, paid with %d", got.Status, got.Payment.Amount)
	}
	m.want(t, o, vocabulary.DeliveryDelivered, vocabulary.DeliveryQueued, seen...)
	if n := m.Count("ledger_postings", "order_id = $1 AND kind = 'payment'", o.ID); n != 1 {
		t.Errorf("the payment is booked %d times", n)
	}
	if n := m.Count("events", "subject_id = $1 AND type = 'order.paid'", o.ID); n != 1 {
		t.Errorf("told %d times", n)
	}
	if n := m.Count("audit_log", "subject_id = $1 AND action = 'confirmOrderReview'", o.ID); n != 1 {
		t.Errorf("%d audit entries", n)
	}
}

// TestReviewOfQueuedGoods: what came for goods that are delivered later is accepted by a second person. They are queued
// then, and the money is split when the last of them is delivered.
func TestReviewOfQueuedGoods(t *testing.T) {
	t.Parallel()
	m := newMixed(t)
	o := m.underpaidParcels(t)
	m.want(t, o, vocabulary.DeliveryReserved, vocabulary.DeliveryReserved, "reserve")
	second := secondPerson(m.Road, t)
	if _, err := m.Orders.Decide(t.Context(), m.Actor, o.ID, accept, "the buyer is known"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.fulfil(t, o); err == nil {
		t.Error("delivered before a second person accepted")
	}
	if _, err := m.Orders.ConfirmReview(t.Context(), m.Actor, o.ID); code(err) != "second_person_required" {
		t.Errorf("confirmed by who asked: %v", err)
	}
	m.want(t, o, vocabulary.DeliveryReserved, vocabulary.DeliveryReserved, "reserve")
	if _, err := m.Orders.ConfirmReview(t.Context(), second, o.ID); err != nil {
		t.Fatal(err)
	}
	m.queuedOnce(t, o, "reserve", "deliver")
	if n := m.jobs(t, "split_execute"); n != 0 {
		t.Errorf("%d splits are queued before the delivery", n)
	}
	if delivered, err := m.fulfil(t, o); !delivered || err != nil {
		t.Fatalf("%t, %v", delivered, err)
	}
	got := decided(t, m.Road, o, orders.StatusDelivered, "confirmOrderReview")
	if got.DeliveredAt == nil || m.jobs(t, "split_execute") != 1 {
		t.Errorf("delivered %v, %d splits are queued", got.DeliveredAt, m.jobs(t, "split_execute"))
	}
	m.Split(o)
	m.SameBooks(o.ID, o.Payment.ID, m.Supplier.ID, m.Distributor)
}

// TestReviewOfQueuedGoodsRefused: a second person does not accept, so what was asked is withdrawn and all of it goes
// back. Nothing was queued, and what was set aside is free.
func TestReviewOfQueuedGoodsRefused(t *testing.T) {
	t.Parallel()
	m := newMixed(t)
	o := m.underpaidParcels(t)
	second := secondPerson(m.Road, t)
	if _, err := m.Orders.Decide(t.Context(), m.Actor, o.ID, accept, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Orders.WithdrawReview(t.Context(), second, o.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Orders.ConfirmReview(t.Context(), second, o.ID); code(err) != "order_review_not_asked" {
		t.Errorf("confirmed after it was withdrawn: %v", err)
	}
	if _, err := m.Orders.Decide(t.Context(), second, o.ID, refund, "not accepted"); err != nil {
		t.Fatal(err)
	}
	giveBack(t, m.Road, o)
	m.want(t, o, vocabulary.DeliveryReleased, vocabulary.DeliveryReleased, "reserve", "release", "void")
	if _, err := m.fulfil(t, o); err == nil {
		t.Error("delivered after it was given back")
	}
	if got := m.Get(o.ID); got.Status != orders.StatusRefunded || got.Refunded != o.Payment.Amount-1 {
		t.Errorf("the order is %s, %d refunded", got.Status, got.Refunded)
	}
	m.SameBooks(o.ID, o.Payment.ID, m.Supplier.ID, m.Distributor)
}

// TestReviewOfQueuedGoodsAtOnce: of many confirmations at once one wins, and the goods are queued once.
func TestReviewOfQueuedGoodsAtOnce(t *testing.T) {
	t.Parallel()
	m := newMixed(t)
	o := m.underpaidParcels(t)
	second := secondPerson(m.Road, t)
	if _, err := m.Orders.Decide(t.Context(), m.Actor, o.ID, accept, "x"); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch _, err := m.Orders.ConfirmReview(t.Context(), second, o.ID); code(err) {
			case "":
				won.Add(1)
			case "order_review_not_asked", "order_not_in_review":
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d confirmations won", won.Load())
	}
	if n := m.Count("audit_log", "subject_id = $1 AND action = 'confirmOrderReview'", o.ID); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	if got := m.Get(o.ID); got.Status != orders.StatusPaid {
		t.Errorf("the order is %s", got.Status)
	}
}

// TestReviewOfQueuedGoodsCrash ends the program at each step of a confirmation; confirmed again it ends the same.
func TestReviewOfQueuedGoodsCrash(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"review asked", "review decided"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			var at string
			type crash struct{}
			m := newMixed(t, func(name string) {
				if at != "" && name == at {
					panic(crash{})
				}
			})
			o := m.underpaidParcels(t)
			second := secondPerson(m.Road, t)
			if _, err := m.Orders.Decide(t.Context(), m.Actor, o.ID, accept, "x"); err != nil {
				t.Fatal(err)
			}
			confirm := func() error {
				_, err := m.Orders.ConfirmReview(t.Context(), second, o.ID)
				return err
			}
			at = step
			func() {
				defer func() {
					if recover() != (crash{}) {
						t.Errorf("it did not crash at %q", step)
					}
				}()
				_ = confirm()
			}()
			at = ""
			if err := confirm(); (err != nil) != (step == "review decided") {
				t.Errorf("after the crash: %v", err)
			}
			m.queuedOnce(t, o, "reserve", "deliver")
			if delivered, err := m.fulfil(t, o); !delivered || err != nil {
				t.Errorf("%t, %v", delivered, err)
			}
		})
	}
}
