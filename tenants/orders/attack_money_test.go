package orders_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/internal/money"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/tenantstest"
)

// TestAttackMoney plays the attacks that want a card key, or money, twice.
func TestAttackMoney(t *testing.T) {
	t.Parallel()
	t.Run("A08 more orders than card keys", attackA08)
	t.Run("A09 50 payments of one order", attackA09)
	t.Run("A10 partial payment and overpayment", attackA10)
	t.Run("A40 refunds at once", attackA40)
	t.Run("A49 one refund outside, told often and by both roads", attackA49)
	t.Run("A50 foreign notices", attackA50)
}

// attackA08: 200 paid orders for 100 card keys, applied by 16 workers. Keys are reserved by the order, so a second
// hundred exists only because the first let its keys go by closing; then everybody pays all the same. 100 get a key of
// their own, 100 get their money back.
func attackA08(t *testing.T) {
	t.Parallel()
	const keys, workers = 100, 16
	r := tenantstest.NewRoad(t)
	more := make([]string, keys-tenantstest.Stock)
	for i := range more {
		more[i] = fmt.Sprintf("MORE-%04d", i)
	}
	if _, _, err := r.Stock.Import(t.Context(), r.Actor, r.Product.ID, more, idempotency.Key{}); err != nil {
		t.Fatal(err)
	}
	checkout := func() (list []orders.Order) {
		for range keys {
			in := r.Input(1)
			in.Channel = payments.ChannelPage // nobody asks the gateway before the buyer comes
			o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, o)
		}
		return list
	}
	early := checkout()
	if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, r.Input(1)); code(err) != "card_keys_sold_out" {
		t.Fatalf("an order without a key: %v", err)
	}
	for _, o := range early {
		if _, err := r.Orders.Close(t.Context(), r.Actor, o.ID); err != nil {
			t.Fatal(err)
		}
	}
	late := checkout()
	work := make(chan []byte, 2*keys)
	for _, o := range append(early, late...) {
		work <- r.Sign(r.Notification(o))
	}
	close(work)
	var refused atomic.Int32
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for raw := range work {
				if ack, err := r.Orders.ApplyNotification(context.WithoutCancel(t.Context()), r.Tenant, raw); !ack {
					refused.Add(1)
					t.Errorf("not acknowledged: %v", err)
				}
			}
		})
	}
	all.Wait()
	for what, have := range map[string]int{
		"orders delivered": r.Count("orders", "status = 'delivered'"),
		"keys delivered":   r.Count("card_keys", "status = 'delivered'"),
		"orders with one": r.Count("(SELECT order_id FROM card_keys WHERE status = 'delivered' GROUP BY order_id "+
			"HAVING count(*) = 1) one", "true"),
		"remedies": r.Count("refunds", "status = 'pending' AND order_id NOT IN (SELECT id FROM orders "+
			"WHERE status = 'delivered')"),
	} {
		if have != keys {
			t.Errorf("%s: %d, want %d", what, have, keys)
		}
	}
}

// attackA09: one order is paid 50 times at once. The buyer is charged once, and the keys are delivered once.
func attackA09(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(2)
	var charged atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			req, err := http.NewRequestWithContext(
				t.Context(),
				http.MethodPost,
				r.URL+"/desk/api/trades/"+payments.OutTradeNo(o.Payment.ID)+"/pay",
				bytes.NewReader([]byte("{}")),
			)
			if err != nil {
				t.Error(err)
				return
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				charged.Add(1)
			}
		})
	}
	all.Wait()
	if charged.Load() < 1 {
		t.Fatal("nobody could pay")
	}
	r.Until(o.ID, func(o orders.Order) bool { return o.Status == orders.StatusDelivered })
	if trade := r.Trade(o.Payment.ID); trade.Total != o.Total || trade.Unsettled != o.Total {
		t.Errorf("the simulator holds %d fen of a trade of %d", trade.Unsettled, trade.Total)
	}
	paidBy(t, r, o)
	if n := r.Count("card_keys", "status = 'delivered' AND order_id = $1", o.ID); n != 2 {
		t.Errorf("%d keys are delivered, want 2", n)
	}
	if n := r.Count("ledger_postings", "order_id = $1 AND kind = 'payment'", o.ID); n != 1 {
		t.Errorf("%d payments are booked", n)
	}
}

// attackA10: a notification of less or more than was ordered, rightly signed, pays nothing; the right amount does.
func attackA10(t *testing.T) {
	t.Parallel()
	for _, off := range []money.Fen{-1, 1, -99_99, 100_00, 1_000_000_00} {
		r := tenantstest.NewRoad(t)
		o := r.Order(1)
		apply(t, r, r.Sign(with(r.Notification(o), "total_amount", (o.Total+off).Yuan())))
		unpaid(t, r, o)
		if n := r.Count("cases", "order_id = $1 AND status = 'open'", o.ID); n != 1 {
			t.Errorf("%d fen too many: %d cases are open, want 1", off, n)
		}
		if n := r.Count("card_keys", "status = 'delivered'"); n != 0 {
			t.Errorf("%d fen too many: %d keys are delivered", off, n)
		}
	}
}
