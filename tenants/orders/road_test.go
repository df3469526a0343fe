package orders_test

import (
	"context"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/stock"
	"zhitong/tenants/tenantstest"
)

// TestRoad walks an order from its creation to its delivery, with the simulator as Alipay.
func TestRoad(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(2)
	if o.Status != orders.StatusAwaitingPayment || o.Total != 200_00 ||
		o.Payment.Status != payments.StatusPending ||
		o.Payment.PayURL == "" {
		t.Fatalf("created: %s, %d fen, payment %s, code %q", o.Status, o.Total, o.Payment.Status, o.Payment.PayURL)
	}
	if n := r.Count("card_keys", "status = 'reserved' AND order_id = $1", o.ID); n != 2 {
		t.Fatalf("%d card keys are reserved, want 2", n)
	}
	paid := r.Paid(o)
	if paid.Status != orders.StatusDelivered || paid.PaidAt == nil || paid.DeliveredAt == nil ||
		paid.Payment.Status != payments.StatusPaid ||
		paid.Payment.TradeNo == "" {
		t.Fatalf("paid: %s, payment %s", paid.Status, paid.Payment.Status)
	}
	keys, err := r.Orders.Reveal(t.Context(), r.Actor, o.ID)
	if err != nil || len(keys) != 2 || keys[0].Key.Reveal() != "KEY-0000" || keys[1].Key.Reveal() != "KEY-0001" {
		t.Fatalf("revealed %v, %v", keys, err)
	}
	for what, n := range map[string]int{
		"audit_log|action = 'getOrderCardKeys' AND subject_id = $1":                 1,
		"events|type = 'order.paid' AND subject_id = $1":                            1,
		"events|type = 'order.delivered' AND subject_id = $1":                       1,
		"ledger_postings|kind = 'payment' AND amount_fen = 20000 AND order_id = $1": 1,
		"river.river_job|kind = 'split_execute' " +
			"AND args->>'payment_id' = (SELECT id::text FROM payments WHERE order_id = $1)": 1,
	} {
		table, where := cut(what)
		if have := r.Count(table, where, o.ID); have != n {
			t.Errorf("%s: %d rows, want %d", what, have, n)
		}
	}
	if n := r.Count("notifications", "verdict = 'applied'"); n != 1 {
		t.Errorf("%d notifications applied, want 1", n)
	}
}

func cut(s string) (table, where string) {
	for i := range s {
		if s[i] == '|' {
			return s[:i], s[i+1:]
		}
	}
	return s, "true"
}

// TestPagePayment asks for the cashier page: its address is signed here, nobody is asked.
func TestPagePayment(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	in := r.Input(1)
	in.Channel = payments.ChannelPage
	o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil || o.Payment.Status != payments.StatusPending || o.Payment.PayURL == "" {
		t.Fatalf("checkout by page: %v, payment %+v", err, o.Payment)
	}
}

// TestReplay sends the same request again: one order; another body under the same key is refused.
func TestReplay(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	in := r.Input(1)
	first, replayed, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil || replayed {
		t.Fatalf("first: %v, replayed %t", err, replayed)
	}
	second, replayed, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil || !replayed || second.ID != first.ID || second.Payment.PayURL != first.Payment.PayURL ||
		len(second.Items) != 1 {
		t.Fatalf("second: %v, replayed %t, order %s of %s", err, replayed, second.ID, first.ID)
	}
	in.Key.Request[0]++
	if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, in); code(err) != "idempotency_key_reused" {
		t.Fatalf("other body: %v", err)
	}
	if n := r.Count("card_keys", "status = 'reserved'"); n != 1 {
		t.Errorf("%d card keys are reserved, want 1", n)
	}
}

// TestRefusals asks for what cannot be ordered: a code each, and nothing left behind.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	var pending, dear id.Product
	r.In(func(ctx context.Context, tx db.TenantTx) {
		pending, dear = id.New[id.Product](), id.New[id.Product]()
		exec(t, ctx, tx, `INSERT INTO merchants (id, kind, name) VALUES ($1, 'supplier', 'new')`, id.Merchant(pending))
		exec(
			t,
			ctx,
			tx,
			`INSERT INTO products (id, name, price_fen, supplier_id, merchant_of_record_id, split_rule_id)
				VALUES ($1, 'x', 100, $2, $2, $3)`,
			pending,
			id.Merchant(pending),
			r.Product.SplitRuleID,
		)
		exec(
			t,
			ctx,
			tx,
			`INSERT INTO products (id, name, price_fen, supplier_id, merchant_of_record_id, split_rule_id)
				VALUES ($1, 'x', 10000000000, $2, $2, $3)`,
			dear,
			r.Supplier.ID,
			r.Product.SplitRuleID,
		)
	})
	for name, c := range map[string]struct {
		lines []orders.Line
		code  string
	}{
		"unknown product": {[]orders.Line{{Product: id.New[id.Product](), Quantity: 1}},
			"product_not_found"},
		"merchant without smid":      {[]orders.Line{{Product: pending, Quantity: 1}}, "merchant_not_active"},
		"price × quantity too large": {[]orders.Line{{Product: dear, Quantity: 2}}, "amount_out_of_range"},
		"sum too large": {[]orders.Line{{Product: dear, Quantity: 1},
			{Product: r.Product.ID, Quantity: 1}}, "amount_out_of_range"},
		"two merchants of record": {[]orders.Line{{Product: r.Product.ID, Quantity: 1},
			{Product: pending, Quantity: 1}}, "order_items_not_combinable"},
		"more than there is": {[]orders.Line{{Product: r.Product.ID, Quantity: tenantstest.Stock + 1}},
			"card_keys_sold_out"},
		"second line has nothing left": {[]orders.Line{{Product: r.Product.ID, Quantity: tenantstest.Stock},
			{Product: r.Product.ID, Quantity: 1}}, "card_keys_sold_out"},
	} {
		in := r.Input(1)
		in.Lines = c.lines
		if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, in); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if n := r.Count("card_keys", "status = 'reserved'") + r.Count("orders", "true") + r.Count("idempotency_keys",
		"operation = 'createOrder'"); n != 0 {
		t.Errorf("%d rows are left behind", n)
	}
}

// TestLostNotification loses the callback; the watch finds the payment.
func TestLostNotification(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Fault("notification_drop", "", 100)
	o := r.Order(1)
	again, err := r.Orders.Watch(t.Context(), r.Actor.Tenant, o.Payment.ID)
	if err != nil || again == 0 || again > time.Minute {
		t.Fatalf("watch of an unscanned code: again in %s, %v", again, err)
	}
	r.PayAtDesk(o)
	if again, err := r.Orders.Watch(t.Context(), r.Actor.Tenant, o.Payment.ID); err != nil || again != 0 {
		t.Fatalf("watch of a paid one: again in %s, %v", again, err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
		t.Errorf("the order is %s", got.Status)
	}
}

// TestExpiry closes what nobody pays, at Alipay and here, and frees its keys.
func TestExpiry(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(3)
	r.Desk("POST", "/trades/"+payments.OutTradeNo(o.Payment.ID)+"/scan", map[string]any{}, nil)
	r.Clock.Advance(16 * time.Minute)
	if again, err := r.Orders.Watch(t.Context(), r.Actor.Tenant, o.Payment.ID); err != nil || again != 0 {
		t.Fatalf("watch: again in %s, %v", again, err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusClosed || got.ClosedAt == nil ||
		got.Payment.Status != payments.StatusClosed {
		t.Errorf("the order is %s, its payment %s", got.Status, got.Payment.Status)
	}
	if n := r.Count("card_keys", "status = 'available'"); n != tenantstest.Stock {
		t.Errorf("%d card keys are free, want %d", n, tenantstest.Stock)
	}
}

// TestClose closes an unpaid order on request; a paid one is delivered instead.
func TestClose(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o, err := r.Orders.Close(t.Context(), r.Actor, r.Order(1).ID)
	if err != nil || o.Status != orders.StatusClosed {
		t.Fatalf("close: %v, %s", err, o.Status)
	}
	if o, err = r.Orders.Close(t.Context(), r.Actor, o.ID); err != nil || o.Status != orders.StatusClosed {
		t.Errorf("close again: %v, %s", err, o.Status)
	}
	r.Fault("notification_drop", "", 100)
	paid := r.Order(1)
	r.PayAtDesk(paid)
	if _, err := r.Orders.Close(t.Context(), r.Actor, paid.ID); code(err) != "order_not_closable" {
		t.Errorf("close of a paid order: %v", err)
	}
	if got := r.Get(paid.ID); got.Status != orders.StatusDelivered {
		t.Errorf("the paid order is %s", got.Status)
	}
	if _, err := r.Orders.Close(t.Context(), r.Actor, id.New[id.Order]()); code(err) != "order_not_found" {
		t.Errorf("close of nothing: %v", err)
	}
}

// TestConnectionInUse keeps the app that payments were asked for with; its keys can be replaced.
func TestConnectionInUse(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	put := func(change func(*tenants.NewConnection)) error {
		in := r.Credentials()
		change(&in)
		_, err := r.Tenants.PutConnection(t.Context(), r.Actor, tenants.Match{}, in)
		return err
	}
	o := r.Order(1)
	if err := put(func(c *tenants.NewConnection) { c.AppID = "2021000000000009" }); code(
		err,
	) != "alipay_connection_in_use" {
		t.Errorf("another app: %v", err)
	}
	if err := put(func(c *tenants.NewConnection) { c.PID = "2088000000000009" }); code(
		err,
	) != "alipay_connection_in_use" {
		t.Errorf("another account: %v", err)
	}
	if err := put(func(*tenants.NewConnection) {}); err != nil {
		t.Errorf("the same app again: %v", err)
	}
	if got := r.Paid(o); got.Status != orders.StatusDelivered {
		t.Errorf("the order is %s", got.Status)
	}
}

// TestStock counts a product's keys in every status.
func TestStock(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Paid(r.Order(3))
	r.Order(2)
	r.In(func(ctx context.Context, tx db.TenantTx) {
		exec(
			t,
			ctx,
			tx,
			"UPDATE card_keys SET status = 'void' "+
				"WHERE id IN (SELECT id FROM card_keys WHERE status = 'available' LIMIT 1)",
		)
	})
	have, err := r.Stock.Stock(t.Context(), r.Actor, r.Product.ID)
	if want := (stock.Stock{Available: tenantstest.Stock - 6, Reserved: 2, Delivered: 3, Void: 1}); err != nil ||
		have != want {
		t.Errorf("%+v, %v; want %+v", have, err, want)
	}
	if _, err := r.Stock.Stock(t.Context(), r.Actor, id.New[id.Product]()); code(err) != "product_not_found" {
		t.Errorf("no product: %v", err)
	}
}
