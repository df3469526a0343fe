package orders_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

// at64 creates 64 orders at once and tells which were made; every other one must be refused for the bound.
func at64(
	t *testing.T,
	r *tenantstest.Road,
	input func(i int) (tenants.Actor, orders.CheckoutInput),
) (made []orders.Order) {
	t.Helper()
	const many = 64
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			a, in := input(i)
			o, _, err := r.Orders.Checkout(t.Context(), a, in)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made = append(made, o)
			case fault.CodeOf(err) != orders.CodeTooManyUnpaid:
				t.Errorf("order %d: %v", i, err)
			}
		})
	}
	all.Wait()
	return made
}

// TestUnpaidOrdersAreBounded: of 64 orders at once as many are made as the bound says, by each of the bounds; one that
// is closed or paid makes room for one more.
func TestUnpaidOrdersAreBounded(t *testing.T) {
	t.Parallel()
	const most = 5
	key := tenants.ByKey(id.New[id.APIKey]())
	for _, row := range []struct {
		column, field string
		input         func(r *tenantstest.Road, i int) (tenants.Actor, orders.CheckoutInput)
	}{
		{"unpaid_orders_per_api_key", "", func(r *tenantstest.Road, i int) (tenants.Actor, orders.CheckoutInput) {
			a, in := r.Actor, r.Input(1)
			a.Caller = key
			return a, in
		}},
		{"unpaid_orders_per_contact", "/buyer_contact", func(r *tenantstest.Road, i int) (tenants.Actor,
			orders.CheckoutInput) {
			in := r.Input(1)
			in.BuyerContact = []string{"13800000000", "138-0000 0000"}[i%2]
			return r.Actor, in
		}},
		{"unpaid_orders_per_buyer_ip", "/buyer_ip", func(r *tenantstest.Road, i int) (tenants.Actor,
			orders.CheckoutInput) {
			in := r.Input(1)
			in.BuyerIP = fmt.Sprintf("2001:db8:0:7::%x", i+1) // all of one network
			return r.Actor, in
		}},
		{"held_card_keys_per_product", "/items/0/quantity", func(r *tenantstest.Road, i int) (tenants.Actor,
			orders.CheckoutInput) {
			return r.Actor, r.Input(1)
		}},
	} {
		t.Run(row.column, func(t *testing.T) {
			t.Parallel()
			r := tenantstest.NewRoad(t)
			r.In(func(ctx context.Context, tx db.TenantTx) {
				exec(t, ctx, tx, "UPDATE tenants SET "+row.column+" = $1", most)
			})
			input := func(i int) (tenants.Actor, orders.CheckoutInput) { return row.input(r, i) }
			made := at64(t, r, input)
			if n := r.Count("orders", "status = 'awaiting_payment'"); len(made) != most || n != most {
				t.Fatalf("%d orders are made and %d await payment, want %d", len(made), n, most)
			}
			refused := func() bool {
				a, in := input(64)
				_, _, err := r.Orders.Checkout(t.Context(), a, in)
				if err != nil && fault.CodeOf(err) != orders.CodeTooManyUnpaid {
					t.Fatal(err)
				}
				if f, ok := errors.AsType[*fault.Error](err); ok && row.field != "" &&
					(len(f.Fields) != 1 || f.Fields[0].Pointer != row.field) {
					t.Errorf("the fault names %+v, want %s", f.Fields, row.field)
				}
				return err != nil
			}
			if !refused() {
				t.Error("one more is made")
			}
			if _, err := r.Orders.Close(t.Context(), r.Actor, made[0].ID); err != nil {
				t.Fatal(err)
			}
			if refused() {
				t.Error("a closed order makes no room")
			}
			if !refused() {
				t.Error("a closed order makes room for two")
			}
			if o := r.Paid(made[1]); o.Status != vocabulary.OrderDelivered {
				t.Fatalf("the order is %s", o.Status)
			}
			if refused() {
				t.Error("a paid order makes no room")
			}
			r.In(func(ctx context.Context, tx db.TenantTx) {
				exec(t, ctx, tx, "UPDATE tenants SET "+row.column+" = 0")
			})
			if refused() {
				t.Error("without a bound one is refused")
			}
		})
	}
}

// TestRepeatIsNoMoreUnpaid: a repeat of an order that was made shows it, however many are unpaid by now; and another
// contact or network is not held up.
func TestRepeatIsNoMoreUnpaid(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.In(func(ctx context.Context, tx db.TenantTx) {
		exec(t, ctx, tx, "UPDATE tenants SET unpaid_orders_per_contact = 1, unpaid_orders_per_buyer_ip = 1")
	})
	in := r.Input(1)
	in.BuyerContact, in.BuyerIP = "13800000000", "203.0.113.7"
	first, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil {
		t.Fatal(err)
	}
	if o, replayed, err := r.Orders.Checkout(t.Context(), r.Actor, in); err != nil || !replayed || o.ID != first.ID {
		t.Errorf("the repeat: %v, replayed %v, %v", o.ID, replayed, err)
	}
	for _, row := range []struct {
		contact, address, code string
	}{
		{"13800000000", "203.0.113.8", "too_many_unpaid_orders"},
		{"13800000001", "::ffff:203.0.113.7", "too_many_unpaid_orders"},
		{"13800000001", "203.0.113.8", ""},
		{"13800000002", "203.0.113", "invalid_request"},
		{"13800000002", "fe80::1%eth0", "invalid_request"},
		{"", "", ""},
	} {
		in := r.Input(1)
		in.BuyerContact, in.BuyerIP = row.contact, row.address
		if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, in); code(err) != row.code {
			t.Errorf("%s from %s: %v, want %s", row.contact, row.address, err, row.code)
		}
	}
}
