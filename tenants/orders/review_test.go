package orders_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

const (
	refund  = vocabulary.ReviewRefund
	accept  = vocabulary.ReviewAccept
	release = vocabulary.ReviewRelease
)

// secondPerson is another person of the platform, with a key of their own.
func secondPerson(r *tenantstest.Road, t *testing.T) tenants.Actor {
	t.Helper()
	a := r.Actor
	r.In(func(_ context.Context, tx db.TenantTx) { a.Caller = tenants.ByKey(dbtest.APIKey(t, tx).ID) })
	return a
}

// lied puts an order into review by a notice of another amount. At Alipay nobody has paid.
func lied(t *testing.T, r *tenantstest.Road) orders.Order {
	t.Helper()
	o := r.Order(1)
	if !apply(t, r, r.Sign(with(r.Notification(o), "total_amount", "1.00"))) {
		t.Fatal("the notice is not acknowledged")
	}
	if o = r.Get(o.ID); o.Status != orders.StatusNeedsReview {
		t.Fatalf("the order is %s", o.Status)
	}
	return o
}

// underpaid is an order in review that the buyer has paid with another amount than was asked for: a fen less, by what
// our book says was asked.
func underpaid(t *testing.T, r *tenantstest.Road) orders.Order {
	t.Helper()
	notified := r.Hear(nil)
	o := r.Order(1)
	r.PayAtDesk(o)
	r.Change("UPDATE payments SET amount_fen = amount_fen + 1 WHERE id = $1", o.Payment.ID)
	if _, err := r.Orders.Watch(t.Context(), r.Tenant, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	r.Hear(notified)
	if o = r.Get(o.ID); o.Status != orders.StatusNeedsReview || o.Payment.Status != vocabulary.PaymentPending {
		t.Fatalf("the order is %s, the payment %s", o.Status, o.Payment.Status)
	}
	return o
}

// decided checks what a decision leaves: no open case about the review, an entry in the audit log, no card key
// reserved.
func decided(t *testing.T, r *tenantstest.Road, o orders.Order, want orders.Status, action string) orders.Order {
	t.Helper()
	got := r.Get(o.ID)
	if got.Status != want {
		t.Errorf("the order is %s, want %s", got.Status, want)
	}
	if n := r.Count("cases", "order_id = $1 AND status = 'open'", o.ID); n != 0 {
		t.Errorf("%d cases are open", n)
	}
	if n := r.Count("audit_log", "subject_id = $1 AND action = $2 AND changes <> '[]'", o.ID, action); n != 1 {
		t.Errorf("%d entries %s in the audit log", n, action)
	}
	if n := r.Count("card_keys", "order_id = $1 AND status = 'reserved'", o.ID); n != 0 {
		t.Errorf("%d card keys are reserved", n)
	}
	return got
}

// TestReviewRefunded: what came goes back whole, whatever was asked for, and the card keys are free.
func TestReviewRefunded(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := underpaid(t, r)
	d, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, refund, "not what was agreed")
	if err != nil || d.Status != vocabulary.ReviewConfirmed || d.Amount != 100_00 || d.TradeNo == "" {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, again := range []orders.Decision{refund, accept, release} {
		if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, again, "x"); code(err) != "order_not_in_review" {
			t.Errorf("%s after it: %v", again, err)
		}
	}
	giveBack(t, r, o)
	got := decided(t, r, o, orders.StatusRefunded, "decideOrderReview")
	if got.Refunded != 100_00 || got.DeliveredAt != nil {
		t.Errorf("refunded %d, delivered %v", got.Refunded, got.DeliveredAt)
	}
	if n := r.Count("card_keys", "status = 'available'"); n != tenantstest.Stock {
		t.Errorf("%d card keys are free", n)
	}
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
}

// giveBack carries out the refund of an order.
func giveBack(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	page, err := r.Refunds.OfOrder(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("refunds %+v, %v", page.Items, err)
	}
	r.Refunded(page.Items[0].ID)
}

// TestReviewAccepted: what came is delivered for when a second person says so, and split as usual.
func TestReviewAccepted(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := underpaid(t, r)
	second := secondPerson(r, t)
	confirm := func(a tenants.Actor) string {
		t.Helper()
		_, err := r.Orders.ConfirmReview(t.Context(), a, o.ID)
		return code(err)
	}
	if got := confirm(second); got != "order_review_not_asked" {
		t.Errorf("confirmed before it was asked: %s", got)
	}
	ask := func() {
		t.Helper()
		d, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, accept, "the buyer is known")
		if err != nil || d.Status != vocabulary.ReviewAsked || d.EndedAt != nil || d.Amount != 100_00 {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	ask()
	if got := r.Get(o.ID); got.Status != orders.StatusNeedsReview {
		t.Errorf("asked, and the order is %s", got.Status)
	}
	for _, d := range []orders.Decision{refund, accept, release} {
		want := "order_review_asked"
		if d == release {
			want = "order_review_money_there"
		}
		if _, err := r.Orders.Decide(t.Context(), second, o.ID, d, "x"); code(err) != want {
			t.Errorf("%s while it is asked: %v", d, err)
		}
	}
	if got := confirm(r.Actor); got != "second_person_required" {
		t.Errorf("confirmed by who asked: %s", got)
	}
	if got := confirm(secondPerson(r, t)); got != "second_person_required" {
		t.Errorf("confirmed with a key that was made for it: %s", got)
	}
	if _, err := r.Orders.WithdrawReview(t.Context(), r.Actor, o.ID); err != nil {
		t.Error(err)
	}
	if got := confirm(second); got != "order_review_not_asked" {
		t.Errorf("confirmed after it was withdrawn: %s", got)
	}
	ask()
	if got := confirm(second); got != "" {
		t.Fatalf("the second person: %s", got)
	}
	if got := confirm(second); got != "order_review_not_asked" {
		t.Errorf("confirmed twice: %s", got)
	}
	got := decided(t, r, o, orders.StatusDelivered, "confirmOrderReview")
	if got.Payment.Amount != 100_00 || got.DeliveredAt == nil {
		t.Errorf("payment of %d, delivered %v", got.Payment.Amount, got.DeliveredAt)
	}
	r.Split(o)
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
}

// TestReviewChanged: what Alipay has when it is confirmed is not what was asked to be accepted.
func TestReviewChanged(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := underpaid(t, r)
	if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, accept, "x"); err != nil {
		t.Fatal(err)
	}
	r.Change("UPDATE order_reviews SET amount_fen = 1 WHERE order_id = $1", o.ID)
	second := r.Actor
	second.Caller = tenants.BySession(id.New[id.Session](), id.New[id.Member]())
	if _, err := r.Orders.ConfirmReview(t.Context(), second, o.ID); code(err) != "order_review_changed" {
		t.Errorf("confirmed: %v", err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusNeedsReview {
		t.Errorf("the order is %s", got.Status)
	}
}

// TestReviewSamePerson: a key that one made for the other is no second person, either way.
func TestReviewSamePerson(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	made, _, _, err := access.New(r.DB, r.Vault, r.Clock).CreateKey(t.Context(), r.Actor, idempotency.Key{},
		access.NewAPIKey{Name: "second", Role: tenants.RoleFinance})
	if err != nil {
		t.Fatal(err)
	}
	o := underpaid(t, r)
	child := r.Actor
	child.Caller = tenants.ByKey(made.ID)
	for _, pair := range [][2]tenants.Actor{{r.Actor, child}, {child, r.Actor}} {
		first, second := pair[0], pair[1]
		if _, err := r.Orders.Decide(t.Context(), first, o.ID, accept, "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Orders.ConfirmReview(t.Context(), second, o.ID); code(err) != "second_person_required" {
			t.Errorf("asked by %s, confirmed by %s: %v", first.Caller, second.Caller, err)
		}
		if _, err := r.Orders.WithdrawReview(t.Context(), second, o.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOwnConsentBySecondKey: of the keys that go back to one key, none confirms what another has asked for, however
// many were made in between; one that goes back to another key does.
func TestOwnConsentBySecondKey(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	keys := access.New(r.DB, r.Vault, r.Clock)
	made := func(by tenants.Actor) tenants.Actor {
		t.Helper()
		k, _, _, err := keys.CreateKey(t.Context(), by, idempotency.Key{},
			access.NewAPIKey{Name: "second", Role: tenants.RoleOwner})
		if err != nil {
			t.Fatal(err)
		}
		by.Caller = tenants.ByKey(k.ID)
		return by
	}
	other := made(secondPerson(r, t))
	sister, brother := made(r.Actor), made(r.Actor)
	niece := made(brother)
	o := underpaid(t, r)
	if _, err := r.Orders.Decide(t.Context(), sister, o.ID, accept, "x"); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]tenants.Actor{"the maker": r.Actor, "a sister": brother, "a niece": niece} {
		if _, err := r.Orders.ConfirmReview(t.Context(), a, o.ID); code(err) != "second_person_required" {
			t.Errorf("confirmed by %s: %v", name, err)
		}
	}
	if _, err := r.Orders.ConfirmReview(t.Context(), other, o.ID); err != nil {
		t.Errorf("a second person: %v", err)
	}
}

// TestReviewAgreesMeanwhile: Alipay's true notice comes while a second person is waited for. The order is delivered by
// it, and nothing is left to confirm.
func TestReviewAgreesMeanwhile(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := underpaid(t, r)
	if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, accept, "x"); err != nil {
		t.Fatal(err)
	}
	r.Change("UPDATE payments SET amount_fen = amount_fen - 1 WHERE id = $1", o.Payment.ID) // as it was asked for
	if !apply(t, r, r.Sign(r.Notification(r.Get(o.ID)))) {
		t.Error("the notice is not acknowledged")
	}
	got := r.Get(o.ID)
	if got.Status != orders.StatusDelivered || got.Payment.Status != vocabulary.PaymentPaid {
		t.Errorf("the order is %s, the payment %s", got.Status, got.Payment.Status)
	}
	if _, err := r.Orders.ConfirmReview(t.Context(), secondPerson(r, t), o.ID); code(err) == "" {
		t.Error("confirmed after it was delivered")
	}
	if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID); n != 1 {
		t.Errorf("%d card keys are delivered", n)
	}
	if n := r.Count("ledger_postings", "order_id = $1 AND kind = 'payment'", o.ID); n != 1 {
		t.Errorf("the payment is booked %d times", n)
	}
}

// TestQueryEndsNoSellerMismatch: a query's answer has no seller, so it delivers nothing for which another one was
// reported; neither by the watch, nor when a refund is told of.
func TestQueryEndsNoSellerMismatch(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	notified := r.Hear(nil)
	o := r.Order(1)
	r.PayAtDesk(o)
	truth := r.Notification(o)
	if !apply(t, r, r.Sign(with(truth, "seller_id", "2088000000000999"))) {
		t.Error("the notice is not acknowledged")
	}
	if _, err := r.Orders.Watch(t.Context(), r.Tenant, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	r.Change("INSERT INTO reconciliations (tenant_id, payment_id, number) VALUES "+
		"(app.tenant_id(), $1, '')", o.Payment.ID)
	if _, err := r.Orders.Reconcile(t.Context(), r.Tenant, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusNeedsReview {
		t.Errorf("the order is %s", got.Status)
	}
	if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID); n != 0 {
		t.Errorf("%d card keys are delivered", n)
	}
	r.Hear(notified)
	if !apply(t, r, r.Sign(with(truth, "notify_id", "n-true"))) || r.Get(o.ID).Status != orders.StatusDelivered {
		t.Errorf("the control, a true notice: the order is %s", r.Get(o.ID).Status)
	}
}

// TestReviewReleased: nothing came, so the order is closed, the trade cannot be paid any more, and the card keys are
// free.
func TestReviewReleased(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := lied(t, r)
	for _, d := range []orders.Decision{refund, accept} {
		if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, d, "x"); code(err) != "order_review_no_money" {
			t.Errorf("%s of nothing: %v", d, err)
		}
	}
	d, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, release, "nobody paid")
	if err != nil || d.Status != vocabulary.ReviewConfirmed || d.Amount != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	decided(t, r, o, orders.StatusClosed, "decideOrderReview")
	if n := r.Count("events", "type = 'order.closed' AND subject_id = $1", o.ID); n != 1 {
		t.Errorf("%d events", n)
	}
	paid := underpaid(t, r)
	if _, err := r.Orders.Decide(t.Context(), r.Actor, paid.ID, release, "x"); code(err) != "order_review_money_there" {
		t.Errorf("released with money: %v", err)
	}
	r.RefundOutside(paid, 100_00)
	if _, err := r.Orders.Decide(t.Context(), r.Actor, paid.ID, release, "given back"); err != nil {
		t.Errorf("released after it was given back: %v", err)
	}
	decided(t, r, paid, orders.StatusClosed, "decideOrderReview")
}

// TestReviewEndsWithTheTrade: Alipay closes the trade of an order in review: the order ends, and frees its card keys.
func TestReviewEndsWithTheTrade(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := lied(t, r)
	notice := with(with(r.Notification(o), "trade_status", "TRADE_CLOSED"), "notify_id", "n-closed")
	delete(notice, "gmt_payment")
	if !apply(t, r, r.Sign(notice)) {
		t.Error("the notice is not acknowledged")
	}
	if got := r.Get(o.ID); got.Status != orders.StatusClosed {
		t.Errorf("the order is %s", got.Status)
	}
	if n := r.Count("cases", "order_id = $1 AND status = 'open'", o.ID); n != 0 {
		t.Errorf("%d cases are open", n)
	}
	if n := r.Count("card_keys", "status = 'available'"); n != tenantstest.Stock {
		t.Errorf("%d card keys are free", n)
	}
}

// TestReviewOfAClosedOrder: another amount comes after the order was closed. It goes back by a decision.
func TestReviewOfAClosedOrder(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := underpaid(t, r)
	r.Change("UPDATE orders SET status = 'closed', closed_at = $2 WHERE id = $1", o.ID, r.Clock.Now())
	r.Change("UPDATE payments SET status = 'closed' WHERE id = $1", o.Payment.ID)
	for _, d := range []orders.Decision{accept, release} {
		if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, d, "x"); code(err) != "order_not_in_review" {
			t.Errorf("%s of a closed order: %v", d, err)
		}
	}
	if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, refund, "too late"); err != nil {
		t.Fatal(err)
	}
	giveBack(t, r, o)
	if got := r.Get(o.ID); got.Status != orders.StatusRefunded || got.Refunded != 100_00 {
		t.Errorf("the order is %s, %d refunded", got.Status, got.Refunded)
	}
}

// TestReviewOfAnotherSeller: money that may be at another seller is not accepted.
func TestReviewOfAnotherSeller(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	notified := r.Hear(nil)
	o := r.Order(1)
	r.PayAtDesk(o)
	if !apply(t, r, r.Sign(with(r.Notification(o), "seller_id", "2088000000000999"))) {
		t.Error("the notice is not acknowledged")
	}
	r.Hear(notified)
	if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, accept, "x"); code(err) != "order_review_other_seller" {
		t.Errorf("accepted: %v", err)
	}
	if _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, refund, "x"); err != nil {
		t.Error(err)
	}
	giveBack(t, r, o)
	decided(t, r, o, orders.StatusRefunded, "decideOrderReview")
}

// TestReviewAtOnce: of many decisions one wins, and the others get a code.
func TestReviewAtOnce(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := underpaid(t, r)
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d := []orders.Decision{refund, accept}[i%2]
			switch _, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, d, "x"); code(err) {
			case "":
				won.Add(1)
			case "order_not_in_review", "order_review_asked":
			default:
				t.Errorf("%s: %v", d, err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || r.Count("order_reviews", "order_id = $1", o.ID) != 1 {
		t.Errorf("%d decisions won", won.Load())
	}
}

// TestReviewCrash ends the program at each step of each decision; decided again it ends the same.
func TestReviewCrash(t *testing.T) {
	t.Parallel()
	var at string
	type crash struct{}
	r := tenantstest.NewRoad(t, func(step string) {
		if at != "" && step == at {
			panic(crash{})
		}
	})
	second := secondPerson(r, t)
	for _, c := range []struct {
		d     orders.Decision
		steps []string
		order func(*testing.T, *tenantstest.Road) orders.Order
		want  orders.Status
	}{
		{refund, []string{"review asked", "review decided"}, underpaid, orders.StatusRefunded},
		{release, []string{"before close", "after close", "review asked", "review decided"}, lied, orders.StatusClosed},
		{accept, []string{"review asked", "review decided"}, underpaid, orders.StatusDelivered},
	} {
		for _, step := range c.steps {
			o := c.order(t, r)
			decide := func() error {
				_, err := r.Orders.Decide(t.Context(), r.Actor, o.ID, c.d, "x")
				return err
			}
			confirm := func() error {
				_, err := r.Orders.ConfirmReview(t.Context(), second, o.ID)
				return err
			}
			run := decide
			if c.d == accept {
				if err := decide(); err != nil {
					t.Fatal(err)
				}
				run = confirm
			}
			at = step
			func() {
				defer func() {
					if recover() != (crash{}) {
						t.Errorf("%s did not crash at %q", c.d, step)
					}
				}()
				_ = run()
			}()
			at = ""
			if err := run(); (err != nil) != (step == "review decided") {
				t.Errorf("%s after a crash at %q: %v", c.d, step, err)
			}
			if c.d == refund {
				giveBack(t, r, o)
			}
			if got := r.Get(o.ID); got.Status != c.want {
				t.Errorf("%s after a crash at %q: the order is %s", c.d, step, got.Status)
			}
		}
	}
}
