package orders

import (
	"testing"
	"time"

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
			map[acquiring.TradeStatus]action{wait: ignore, success: deliver, finished: deliver, closed: shut}},
		{StatusNeedsReview, payments.StatusPaid,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: compare}},
		{StatusNeedsReview, payments.StatusRefunded,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: compare}},
		{StatusClosed, payments.StatusClosed,
			map[acquiring.TradeStatus]action{wait: ignore, success: returnMoney, finished: returnMoney,
				closed: ignore}},
		{StatusPaid, payments.StatusPaid,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: compare}},
		{StatusDelivered, payments.StatusPaid,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: compare}},
		{StatusRefunded, payments.StatusRefunded,
			map[acquiring.TradeStatus]action{wait: ignore, success: ignore, finished: ignore, closed: ignore}},
	} {
		for trade, want := range c.want {
			if got := decide(c.order, c.payment, acquiring.Trade{Status: trade}); got != want {
				t.Errorf("%s (payment %s) + %s: %d, want %d", c.order, c.payment, trade, got, want)
			}
		}
		// closed after it was paid, and what reports a refund
		back := acquiring.Trade{Status: closed, PaidAt: time.Unix(1, 0)}
		want := c.want[closed]
		if want == shut || c.payment == payments.StatusPending || c.payment == payments.StatusClosed {
			want = wasReturned
		}
		if got := decide(c.order, c.payment, back); got != want {
			t.Errorf("%s (payment %s) + closed after it was paid: %d, want %d", c.order, c.payment, got, want)
		}
		want = compare
		if c.order == StatusRefunded {
			want = ignore
		}
		for _, status := range acquiring.TradeStatuses() {
			refund := acquiring.Trade{Status: status, PaidAt: time.Unix(1, 0), Refunded: true}
			if got := decide(c.order, c.payment, refund); got != want {
				t.Errorf("%s (payment %s) + a refund, %s: %d, want %d", c.order, c.payment, status, got, want)
			}
		}
		if len(c.want) != 4 {
			t.Errorf("%s: a trade status is missing", c.order)
		}
		if got := decide(c.order, c.payment, acquiring.Trade{Status: "SOMETHING_NEW"}); got != ignore {
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

// TestWaysOut walks the life of an order: every status that is no end is left by an operation of the platform or a job
// of the program, whatever Alipay has; nothing waits for a report that may never come.
func TestWaysOut(t *testing.T) {
	t.Parallel()
	ends := map[Status]bool{StatusClosed: true, StatusRefunded: true}
	// which payments an order in a status can have
	have := map[Status][]vocabulary.PaymentStatus{
		StatusAwaitingPayment: {payments.StatusCreated, payments.StatusPending},
		StatusPaid:            {payments.StatusPaid},
		StatusDelivered:       {payments.StatusPaid},
		StatusNeedsReview:     {payments.StatusCreated, payments.StatusPending, payments.StatusPaid},
		StatusClosed:          {payments.StatusClosed},
		StatusRefunded:        {payments.StatusRefunded},
	}
	watched := map[Status]bool{StatusAwaitingPayment: true} // payment_watch asks, and closes when the time is up
	for s := range transitions {
		if have[s] == nil {
			t.Errorf("%s: its payments are not known here", s)
		}
		for _, p := range have[s] {
			o := Order{Status: s, Payment: payments.Payment{Status: p}}
			decided := func(d Decision) bool { return decidable(o, d) == nil }
			givenBack := refundable(s) && p == payments.StatusPaid // createRefund
			withMoney := givenBack || watched[s] || decided(vocabulary.ReviewRefund)
			without := givenBack || watched[s] || decided(vocabulary.ReviewRelease)
			if !ends[s] && (!withMoney || !without) {
				t.Errorf("%s with a payment that is %s: a way out with money %v, without %v", s, p, withMoney, without)
			}
			if s == StatusClosed && !decided(vocabulary.ReviewRefund) {
				t.Errorf("money that comes to a closed order cannot be given back")
			}
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	var o Order
	o.Tenant[0], o.ID[0] = 1, 2
	half := make([]byte, secretBytes)
	tok := token(o.Tenant, o.ID, half)
	tenant, order, secret, ok := parseToken(tok)
	if !ok || tenant != o.Tenant || order != o.ID || !sameSecret(secret, half) {
		t.Errorf("token %q does not come back", tok)
	}
	for _, bad := range []string{"", "x", tok + "A", tok[1:], tok[:len(tok)-1] + "!",
		token(o.Tenant, o.ID, make([]byte, 15))} {
		if _, _, _, ok := parseToken(bad); ok {
			t.Errorf("token %q is accepted", bad)
		}
	}
}
