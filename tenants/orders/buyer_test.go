package orders_test

import (
	"testing"

	"zhitong/tenants/tenantstest"
)

// TestBuyersAreNotKept: who paid stands nowhere in the database, neither with the payment nor in a notification that is
// kept; the rest of the notification is.
func TestBuyersAreNotKept(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	const number, login = "2088123412341234", "138****4711"
	notice := with(with(r.Notification(o), "buyer_id", number), "buyer_logon_id", login)
	if !apply(t, r, r.Sign(with(notice, "trade_status", "WAIT_BUYER_PAY"))) {
		t.Fatal("a true notification is not acknowledged")
	}
	if apply(t, r, r.Sign(with(notice, "app_id", "2021000000009999"))) {
		t.Fatal("a notification of another app is acknowledged")
	}
	if !apply(t, r, r.Sign(notice)) {
		t.Fatal("the payment is not acknowledged")
	}
	const has = "encode(raw, 'escape') LIKE '%' || $1 || '%'"
	if n := r.Count("notifications", has, "out_trade_no"); n < 2 {
		t.Fatalf("%d notifications are kept: this shows nothing", n)
	}
	for _, text := range []string{number, "4711"} {
		if n := r.Count("notifications", has, text); n != 0 {
			t.Errorf("%d notifications have %s", n, text)
		}
	}
	for _, table := range []string{"payments", "orders", "events", "cases", "audit_log", "ledger_postings"} {
		if n := r.Count(table+" x", "x::text LIKE '%' || $1 || '%'", number); n != 0 {
			t.Errorf("%d rows of %s have the buyer's number", n, table)
		}
	}
	if n := r.Count("payments x", "x::text LIKE '%' || $1 || '%'", o.Payment.ID.UUID().String()); n != 1 {
		t.Error("the payment itself is not found: this shows nothing")
	}
}
