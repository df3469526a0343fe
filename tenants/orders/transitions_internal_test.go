package orders

import (
	"testing"

	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/payments"
)

// TestTransitions holds every pair of order and trade status to what happens then, the pairs in which nothing happens
// among them.
func TestTransitions(t *testing.T) {
	t.Parallel()
	const wait, success = acquiring.TradeWaiting, acquiring.TradePaid
	const finished, closed = acquiring.TradeFinished, acquiring.TradeClosed
	for _, c := range []struct {
		order   Status
		payment vocabulary.PaymentStatus
		want    map[acquiring.TradeStatus]action
	}{
		{StatusAwaitingPayment, payments.StatusCreated,
			map[acquiring.TradeStatus]action{wait: ignore, success: deliver, finished: deliver, closed: shut}},
		{StatusAwaitingPayment, payments.StatusPending,
			map[acquiring.TradeStatus]action{wait: ignore, success: deliver, finished: deliver, closed: shut}},
		{StatusNeedsReview, payments.StatusPending,
			map[acquiring.TradeStatus]action{wait: ignore, success: deliver, finished: deliver, closed: ignore}},
		{StatusNeedsReview, payments.StatusPaid,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: ignore}},
		{StatusNeedsReview, payments.StatusRefunded,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: ignore}},
		{StatusClosed, payments.StatusClosed,
			map[acquiring.TradeStatus]action{wait: ignore, success: returnMoney, finished: returnMoney,
				closed: ignore}},
		{StatusPaid, payments.StatusPaid,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: ignore}},
		{StatusDelivered, payments.StatusPaid,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: ignore}},
		{StatusRefunded, payments.StatusRefunded,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: ignore}},
	} {
		for trade, want := range c.want {
			if got := decide(c.order, c.payment, trade); got != want {
				t.Errorf("%s (payment %s) + %s: %d, want %d", c.order, c.payment, trade, got, want)
			}
		}
		if len(c.want) != 4 {
			t.Errorf("%s: a trade status is missing", c.order)
		}
		if got := decide(c.order, c.payment, "SOMETHING_NEW"); got != ignore {
			t.Errorf("%s: an unknown trade status must change nothing", c.order)
		}
	}
	for s := range transitions {
		switch s {
		case StatusAwaitingPayment, StatusPaid, StatusDelivered, StatusClosed, StatusRefunded, StatusNeedsReview:
		default:
			t.Errorf("%s has no case here", s)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	var o Order
	o.Tenant[0], o.ID[0] = 1, 2
	o.checkoutSecret = make([]byte, 16)
	tok := token(o.Tenant, o.ID, o.checkoutSecret)
	tenant, order, secret, ok := parseToken(tok)
	if !ok || tenant != o.Tenant || order != o.ID || !sameSecret(secret, o.checkoutSecret) {
		t.Errorf("token %q does not come back", tok)
	}
	for _, bad := range []string{"", "x", tok + "A", tok[1:], tok[:len(tok)-1] + "!",
		token(o.Tenant, o.ID, make([]byte, 15))} {
		if _, _, _, ok := parseToken(bad); ok {
			t.Errorf("token %q is accepted", bad)
		}
	}
}
