package orders_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/tenantstest"
)

// apply hands a notification to the tenant and says whether it was acknowledged.
func apply(t *testing.T, r *tenantstest.Road, raw []byte) bool {
	t.Helper()
	ack, _ := r.Orders.ApplyNotification(t.Context(), r.Tenant, raw)
	return ack
}

func with(p map[string]string, name, value string) map[string]string {
	p = maps.Clone(p)
	if p[name] = value; value == "" {
		delete(p, name)
	}
	return p
}

// TestAttack plays what promises are attacked with against the receiver of notifications.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A02 notification of another app", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		o := r.Order(1)
		if apply(t, r, r.Sign(with(r.Notification(o), "app_id", "2021000000009999"))) {
			t.Error("it is acknowledged")
		}
		unpaid(t, r, o)
		if n := r.Count("cases", "kind = 'foreign_notice'"); n != 1 {
			t.Errorf("%d cases are open, want 1", n)
		}
		paidBy(t, r, o)
	})
	t.Run("A03 notification posted to another order's address", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		one, other := r.Order(1), r.Order(1)
		if !apply(t, r, r.Sign(r.Notification(other))) {
			t.Error("it is not acknowledged")
		}
		unpaid(t, r, one)
		if got := r.Get(other.ID); got.Status != orders.StatusDelivered {
			t.Errorf("the order it names is %s", got.Status)
		}
	})
	t.Run("A04 odd amounts", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		o := r.Order(1)
		for _, amount := range []string{"1e2", "100.001", " 100.00", "100.00 ", "NaN", "100.", "+100.00", "１００.00",
			"0x64", "[100.00]", "-100.00"} {
			if apply(t, r, r.Sign(with(r.Notification(o), "total_amount", amount))) {
				t.Errorf("amount %q is acknowledged", amount)
			}
		}
		double := append(r.Sign(r.Notification(o)), "&total_amount=0.01"...)
		if apply(t, r, double) {
			t.Error("a repeated key is acknowledged")
		}
		unpaid(t, r, o)
		paidBy(t, r, o)
	})
	t.Run("A05 each field true but another", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		for field, value := range map[string]string{"total_amount": "0.01", "seller_id": "2088000000000099"} {
			o := r.Order(1)
			apply(t, r, r.Sign(with(r.Notification(o), field, value)))
			if got := r.Get(o.ID); got.PaidAt != nil || got.Status != orders.StatusNeedsReview {
				t.Errorf("%s = %s: the order is %s", field, value, got.Status)
			}
			if n := r.Count("cases", "order_id = $1", o.ID); n != 1 {
				t.Errorf("%s: %d cases, want 1", field, n)
			}
			if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID) + r.Count("ledger_postings",
				"order_id = $1", o.ID); n != 0 {
				t.Errorf("%s: something was delivered or booked", field)
			}
			// what the buyer really paid is still delivered
			apply(t, r, r.Sign(with(r.Notification(o), "notify_id", "true-"+field)))
			if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
				t.Errorf("%s: the true notification leaves the order %s", field, got.Status)
			}
		}
	})
	t.Run("A07 64 identical notifications at once", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		o := r.Order(2)
		r.Fault("notification_drop", "", 100)
		r.PayAtDesk(o)
		p := with(r.Notification(o), "trade_no", r.Trade(o.Payment.ID).TradeNo)
		raw := r.Sign(p)
		var acks sync.Map
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() { acks.Store(i, apply(t, r, raw)) })
		}
		for range 4 {
			wg.Go(func() {
				if _, err := r.Orders.Watch(t.Context(), r.Tenant, o.Payment.ID); err != nil {
					t.Errorf("watch: %v", err)
				}
			})
		}
		wg.Wait()
		acks.Range(func(i, ack any) bool {
			if ack != true {
				t.Errorf("notification %v is not acknowledged", i)
			}
			return true
		})
		for what, n := range map[string]int{"card_keys|status = 'delivered' AND order_id = $1": 2,
			"events|type = 'order.paid' AND subject_id = $1":      1,
			"events|type = 'order.delivered' AND subject_id = $1": 1, "ledger_postings|order_id = $1": 1} {
			table, where, _ := strings.Cut(what, "|")
			if have := r.Count(table, where, o.ID); have != n {
				t.Errorf("%s: %d, want %d", what, have, n)
			}
		}
		if n := r.Count("notifications", "true"); n > 1 {
			t.Errorf("%d notifications are recorded, want at most 1: the query may have been first", n)
		}
	})
	t.Run("A12 success after the order was closed", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		o, err := r.Orders.Close(t.Context(), r.Actor, r.Order(1).ID)
		if err != nil {
			t.Fatal(err)
		}
		if !apply(t, r, r.Sign(r.Notification(o))) {
			t.Error("it is not acknowledged")
		}
		got := r.Get(o.ID)
		if got.Status != orders.StatusNeedsReview || got.Payment.Status != payments.StatusPaid {
			t.Errorf("the order is %s, its payment %s", got.Status, got.Payment.Status)
		}
		if n := r.Count("refunds", "order_id = $1 AND status = 'pending'", o.ID); n != 1 {
			t.Errorf("%d refunds are under way, want 1", n)
		}
		if n := r.Count("cases", "kind = 'paid_after_close' AND order_id = $1", o.ID); n != 1 {
			t.Errorf("%d cases, want 1", n)
		}
		if n := r.Count("card_keys", "status = 'delivered'"); n != 0 {
			t.Errorf("%d keys were delivered", n)
		}
	})
	t.Run("A14 closed long after success", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		o := r.Order(1)
		paidBy(t, r, o)
		r.Clock.Advance(25 * time.Hour)
		late := with(with(r.Notification(o), "trade_status", "TRADE_CLOSED"), "notify_id", "late")
		if !apply(t, r, r.Sign(late)) {
			t.Error("it is not acknowledged")
		}
		if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
			t.Errorf("the order went back to %s", got.Status)
		}
	})
	t.Run("A15 downgraded signature and repeated keys", func(t *testing.T) {
		t.Parallel()
		r := tenantstest.NewRoad(t)
		o := r.Order(1)
		good := r.Sign(r.Notification(o))
		form, err := url.ParseQuery(string(good))
		if err != nil {
			t.Fatal(err)
		}
		changed := func(name, value string) []byte {
			f := maps.Clone(map[string][]string(form))
			f[name] = []string{value}
			return []byte(url.Values(f).Encode())
		}
		forged := [][]byte{
			changed(
				"sign_type",
				"RSA",
			), changed("sign_type", ""), changed("sign", ""), changed("sign", "AAAA"), changed("total_amount", "0.01"),
			changed("extra", "1"),
			changed(
				"trade_status",
				"TRADE_FINISHED",
			), append(bytes.Clone(good), "&out_trade_no=x"...), append(bytes.Clone(good), "&sign=x"...), nil,
			[]byte("{}"), []byte("%zz"),
			bytes.Repeat(
				[]byte("a=b&"),
				10_000,
			), r.Sign(with(r.Notification(o), "sign_type", "RSA")), r.Sign(with(r.Notification(o), "sign_type", "")),
		}
		for _, raw := range forged {
			if apply(t, r, raw) {
				t.Errorf("%.80q is acknowledged", raw)
			}
		}
		unpaid(t, r, o)
		if n := r.Count("notifications", "verdict = 'refused'"); n != len(forged) {
			t.Errorf("%d refused notifications are kept, want %d", n, len(forged))
		}
		paidBy(t, r, o)
	})
}

func unpaid(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	got := r.Get(o.ID)
	if got.PaidAt != nil || got.DeliveredAt != nil || got.Payment.Status == payments.StatusPaid {
		t.Errorf("the order is %s, its payment %s", got.Status, got.Payment.Status)
	}
	if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID); n != 0 {
		t.Errorf("%d keys were delivered", n)
	}
}

// paidBy is the control of an attack: the true notification works.
func paidBy(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	if !apply(t, r, r.Sign(r.Notification(o))) {
		t.Error("the true notification is not acknowledged")
	}
	if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
		t.Errorf("the true notification leaves the order %s", got.Status)
	}
}

// TestLastKeys lets many buyers ask for few keys at once: every key is sold once and nobody waits for ever.
func TestLastKeys(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	const buyers = 3 * tenantstest.Stock
	var sold, refused sync.Map
	var wg sync.WaitGroup
	gate := make(chan struct{}, 8)
	for i := range buyers {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			o, _, err := r.Orders.Checkout(t.Context(), r.Actor, r.Input(1))
			switch {
			case err == nil:
				sold.Store(o.ID, i)
			case code(err) == "card_keys_sold_out":
				refused.Store(i, true)
			default:
				t.Errorf("buyer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := size(&sold); n != tenantstest.Stock {
		t.Errorf("%d orders for %d keys", n, tenantstest.Stock)
	}
	if n := size(&refused); n != buyers-tenantstest.Stock {
		t.Errorf("%d buyers were refused", n)
	}
	if n := r.Count("card_keys", "status = 'reserved'"); n != tenantstest.Stock {
		t.Errorf("%d keys are reserved", n)
	}
}

// TestTooManyHoldNobodyUp: who orders more than there are, over and over, makes nothing look sold out for others.
func TestTooManyHoldNobodyUp(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, _, err := r.Orders.Checkout(t.Context(), r.Actor,
					r.Input(1000)); code(err) != "card_keys_sold_out" {
					t.Errorf("more than there are: %v", err)
				}
			}
		})
	}
	for range tenantstest.Stock {
		if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, r.Input(1)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// TestOneKeyManyRequests sends one request many times at once: one order.
func TestOneKeyManyRequests(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	in := r.Input(1)
	var made sync.Map
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
			if err != nil && code(err) != "alipay_unavailable" && code(err) != "alipay_refused" {
				t.Errorf("check out: %v", err)
				return
			}
			if err == nil {
				made.Store(o.ID, true)
			}
		})
	}
	wg.Wait()
	if n := r.Count("orders", "true"); n != 1 || size(&made) != 1 {
		t.Errorf("%d orders, %d answers", n, size(&made))
	}
}

// crash is what a step panics with to end the program there.
type crash struct{ at string }

// TestCheckoutCrash stops checkout at each of its steps; the same request then finishes it, with one order, one trade
// and one reservation.
func TestCheckoutCrash(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"created", "before precreate", "after precreate", "pending stored"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			armed, hit := true, false
			r := tenantstest.NewRoad(t, func(name string) {
				mu.Lock()
				defer mu.Unlock()
				if armed && name == at {
					armed, hit = false, true
					panic(crash{at})
				}
			})
			in := r.Input(2)
			func() {
				defer func() {
					if c, ok := recover().(crash); !ok || c.at != at {
						t.Errorf("it did not crash at %q", at)
					}
				}()
				_, _, _ = r.Orders.Checkout(t.Context(), r.Actor, in)
			}()
			if !hit {
				t.Fatalf("step %q was not reached", at)
			}
			o, replayed, err := r.Orders.Checkout(t.Context(), r.Actor, in)
			if nothingLeft := at == "pending stored"; err != nil || replayed != nothingLeft || o.Payment.PayURL == "" ||
				o.Payment.Status != payments.StatusPending {
				t.Fatalf("again: %v, replayed %t, payment %s", err, replayed, o.Payment.Status)
			}
			if n := r.Count("orders", "true"); n != 1 {
				t.Errorf("%d orders", n)
			}
			if got := r.Paid(o); got.Status != orders.StatusDelivered {
				t.Errorf("the order is %s", got.Status)
			}
		})
	}
}

// TestGatewayFaults meets a gateway that fails before and after the effect: 503, and the same request can be repeated.
func TestGatewayFaults(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"no_answer_before_effect", "no_answer_after_effect", "http_502", "half_json",
		"wrong_signature", "system_error_before", "system_error_after", "rate_limit"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := tenantstest.NewRoad(t)
			r.Fault(kind, "alipay.trade.precreate", 1)
			in := r.Input(1)
			if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, in); code(err) != "alipay_unavailable" {
				t.Fatalf("with the fault: %v, want alipay_unavailable", err)
			}
			o, replayed, err := r.Orders.Checkout(t.Context(), r.Actor, in)
			if err != nil || replayed || o.Payment.PayURL == "" { // what was cut off is finished now
				t.Fatalf("again: %v, replayed %t", err, replayed)
			}
			if got := r.Paid(o); got.Status != orders.StatusDelivered {
				t.Errorf("the order is %s", got.Status)
			}
		})
	}
}

// TestOtherTenant holds tenant isolation: another tenant's order does not exist, not even for a notification.
func TestOtherTenant(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	other := r.Actor
	other.Tenant = id.New[id.Tenant]()
	r2 := func(fn func(ctx context.Context, tx db.TenantTx)) {
		err := r.DB.InTenant(t.Context(), other.Tenant,
			func(ctx context.Context, tx db.TenantTx) error { fn(ctx, tx); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	r2(func(ctx context.Context, tx db.TenantTx) {
		exec(t, ctx, tx, "INSERT INTO tenants (tenant_id, name, mode) VALUES ($1, 'other', 'sandbox')", other.Tenant)
	})
	for name, err := range map[string]error{
		"get":    second(r.Orders.Get(t.Context(), other, o.ID)),
		"close":  second(r.Orders.Close(t.Context(), other, o.ID)),
		"reveal": second(r.Orders.Reveal(t.Context(), other, o.ID)),
	} {
		if code(err) != "order_not_found" {
			t.Errorf("%s: %v", name, err)
		}
	}
	r2(func(ctx context.Context, tx db.TenantTx) {
		res, err := r.Orders.ApplyTrade(ctx, tx, acquiring.Trade{
			Number:  payments.OutTradeNo(o.Payment.ID),
			TradeNo: "1",
			Status:  acquiring.TradePaid,
			Total:   o.Total,
		})
		if err != nil || !res.Order.IsZero() {
			t.Errorf("another tenant's notification: %+v, %v", res, err)
		}
	})
	unpaid(t, r, o)
}

func second[T any](_ T, err error) error { return err }

// TestReveal refuses what is not delivered, and whoever has only half of a checkout address.
func TestReveal(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	if _, err := r.Orders.Reveal(t.Context(), r.Actor, o.ID); code(err) != "order_not_delivered" {
		t.Errorf("undelivered: %v", err)
	}
	tok := o.CheckoutURL[strings.LastIndexByte(o.CheckoutURL, '/')+1:]
	if v, err := r.Orders.ByCheckoutToken(t.Context(), tok, shown); err != nil || v.CardKeys != nil || v.ID != o.ID {
		t.Errorf("undelivered, by token: %v, %d keys", err, len(v.CardKeys))
	}
	r.Paid(o)
	v, err := r.Orders.ByCheckoutToken(t.Context(), tok, shown)
	if err != nil || len(v.CardKeys) != 1 {
		t.Fatalf("delivered, by token: %v, %d keys", err, len(v.CardKeys))
	}
	if s := fmt.Sprintf("%v %+v", v.CardKeys, v); strings.Contains(s, "KEY-") {
		t.Error("a card key prints in plain text")
	}
	b := []byte(tok)
	if b[len(b)-3]++; b[len(b)-3] == '[' {
		b[len(b)-3] = 'a'
	}
	if _, err := r.Orders.ByCheckoutToken(t.Context(), string(b), shown); code(err) != "order_not_found" {
		t.Errorf("altered token: %v", err)
	}
}

// TestForgedFlood: whoever posts to a tenant's callback address fills no disk with it. A hundred an hour are kept, for
// whoever has to look at them; the next hour begins anew, another tenant has its own hour, and Alipay's true word
// passes all the time.
func TestForgedFlood(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Clock.Freeze(r.Clock.Now().Truncate(time.Hour).Add(time.Minute))
	flood := func(n int) {
		t.Helper()
		for range n {
			if apply(t, r, []byte("sign=AAAA&sign_type=RSA2")) {
				t.Fatal("a forgery is acknowledged")
			}
		}
	}
	kept := func(want int) {
		t.Helper()
		if n := r.Count("notifications", "verdict = 'refused'"); n != want {
			t.Errorf("%d refused notifications are kept, want %d", n, want)
		}
	}
	flood(99)
	kept(99)
	flood(30)
	kept(100)
	if !r.Gateways.KeepRefusal(id.New[id.Tenant]()) {
		t.Error("another tenant's refusals are not kept either")
	}
	paidBy(t, r, r.Order(1))
	r.Clock.Advance(time.Hour)
	flood(2)
	kept(102)
	r.Clock.Advance(-2 * time.Hour) // a clock that is put back does not silence it
	flood(1)
	kept(103)
}
