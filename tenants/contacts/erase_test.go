package contacts_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
	"zhitong/tenants/contacts"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

const erased = "erased.person@example.cn"

func ordered(t *testing.T, r *tenantstest.Road, contact string) orders.Order {
	t.Helper()
	in := r.Input(1)
	in.BuyerContact, in.BuyerIP = contact, "203.0.113.9"
	o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func eraser(r *tenantstest.Road, step func(string)) *contacts.Service {
	return contacts.New(contacts.Config{DB: r.DB, Vault: r.Vault, Clock: r.Clock, Step: step})
}

// elsewhere is an order of another platform with the same contact, as a program of before wrote it.
func elsewhere(t *testing.T, d *db.DB) (contact func() string) {
	t.Helper()
	tenant := dbtest.NewTenant(t, d)
	var o id.Order
	in(t, d, tenant, func(_ context.Context, tx db.TenantTx) {
		m := dbtest.Merchant(t, tx)
		rule, _ := dbtest.SplitRule(t, tx)
		p := dbtest.Product(t, tx, m.ID, rule.ID)
		o = dbtest.Order(t, tx, p, func(o *dbsqlc.Order) {
			at := o.CreatedAt
			o.BuyerContact, o.Status, o.ClosedAt = erased, "closed", &at
		}).ID
	})
	return func() (text string) {
		in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) {
			if err := tx.QueryRow(ctx, "SELECT buyer_contact FROM orders WHERE id = $1", o).Scan(&text); err != nil {
				t.Fatal(err)
			}
		})
		return text
	}
}

// TestErase: a buyer's contact goes from every order that is final, with what else tells of the buyer, and from those
// that are not once they are. Orders, money and pages stay, a refund goes through, and nobody else's contact goes.
func TestErase(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	there := elsewhere(t, r.DB)
	sold, reviewed := r.Paid(ordered(t, r, erased)), r.Paid(ordered(t, r, erased))
	unpaid, other := ordered(t, r, erased), r.Paid(ordered(t, r, "other@example.cn"))
	var c id.Case
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseSplitRefused, Order: reviewed.ID,
			Payment: reviewed.Payment.ID, Detail: "x", At: r.Clock.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO checkout_codes (tenant_id, order_id, since, asked_at, lang, expires_at)
			VALUES (app.tenant_id(), $1, now(), now(), 'zh', now())`, sold.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, "UPDATE orders SET created_from = '203.0.113.10'"); err != nil {
			t.Fatal(err)
		}
	})
	s := eraser(r, nil)
	e, err := s.Erase(t.Context(), r.Actor, contacts.Person{BuyerContact: " Erased.Person@example.cn"})
	if err != nil || e.Status != vocabulary.ErasurePending {
		t.Fatalf("asked for: %+v, %v", e, err)
	}
	again, err := s.Erase(t.Context(), r.Actor, contacts.Person{BuyerContact: erased})
	if err != nil || again.ID != e.ID {
		t.Errorf("asked for again: %+v, %v", again, err)
	}
	later := ordered(t, r, erased)
	after, err := s.Run(t.Context(), r.Tenant, e.ID)
	if err != nil || after == 0 {
		t.Fatalf("run: again after %s, %v", after, err)
	}
	if e, err = s.Erasure(t.Context(), r.Actor, e.ID); err != nil || e.Status != vocabulary.ErasureWaiting ||
		e.Erased != 1 || e.Waiting < 2 {
		t.Errorf("while orders are not final: %+v, %v", e, err)
	}
	if r.Get(sold.ID).BuyerContact != "" || r.Get(unpaid.ID).BuyerContact != erased ||
		r.Get(reviewed.ID).BuyerContact != erased || r.Get(other.ID).BuyerContact != "other@example.cn" {
		t.Error("erased from other orders than those that are final")
	}
	if _, err := r.Orders.Close(t.Context(), r.Actor, unpaid.ID); err != nil {
		t.Fatal(err)
	}
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "UPDATE cases SET status = 'closed', closed_at = now() WHERE order_id = $1 "+
			"RETURNING id", reviewed.ID).Scan(&c); err != nil {
			t.Fatal(err)
		}
	})
	if after, err = s.Run(t.Context(), r.Tenant, e.ID); err != nil || after != 0 {
		t.Fatalf("run when all are final: again after %s, %v", after, err)
	}
	if e, err = s.Erasure(t.Context(), r.Actor, e.ID); err != nil || e.Status != vocabulary.ErasureDone ||
		e.Erased != 3 || e.Waiting != 0 || e.DoneAt == nil {
		t.Errorf("done: %+v, %v", e, err)
	}
	if after, err = s.Run(t.Context(), r.Tenant, e.ID); err != nil || after != 0 {
		t.Errorf("run once more: again after %s, %v", after, err)
	}
	for _, o := range []orders.Order{sold, reviewed, unpaid} {
		if n := r.Count("orders", `id = $1 AND (buyer_digest IS NOT NULL OR sealed_buyer_contact IS NOT NULL
			OR created_from <> '' OR buyer_contact <> '')`, o.ID) +
			r.Count("payments", "order_id = $1 AND buyer_network IS NOT NULL", o.ID) +
			r.Count("checkout_codes", "order_id = $1", o.ID); n != 0 {
			t.Errorf("%d rows of order %s tell of the buyer", n, o.ID)
		}
	}
	if n := r.Count("erasures", "digest IS NOT NULL OR sealed_contact IS NOT NULL"); n != 0 {
		t.Error("the erasure keeps what it erased")
	}
	if r.Get(other.ID).BuyerContact != "other@example.cn" || r.Get(later.ID).BuyerContact != erased ||
		there() != erased {
		t.Error("erased from an order of another buyer, of another platform, or made later")
	}
	if n := r.Count("audit_log", "action = 'eraseContact' AND subject_id = $1 AND detail ~ '^buyer [0-9a-f]{32}$'",
		e.ID); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	stays(t, r, sold)
}

// stays tells that an order whose buyer is erased is shown, offers no code, is not made again, and is refunded.
func stays(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	r.Clock.Advance(8 * 24 * time.Hour)
	tok := o.CheckoutURL[len(o.CheckoutURL)-64:]
	v, err := r.Orders.ByCheckoutToken(t.Context(), tok, orders.Look{Page: true})
	if err != nil || v.CodeTo != "" || v.Status != orders.StatusDelivered {
		t.Errorf("the page: %+v, %v", v.Status, err)
	}
	if err := r.Orders.AskCode(t.Context(), tok, "zh"); !errors.Is(err, orders.ErrCodeNotOffered) {
		t.Errorf("a code is asked for: %v", err)
	}
	refund, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "x", idempotency.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, refund.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.Get(o.ID); got.Status != orders.StatusRefunded {
		t.Errorf("after the refund the order is %s", got.Status)
	}
}

// TestEraseCrash: the work ends at each step, and goes on; two at once do it once.
func TestEraseCrash(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for range 2 {
		r.Paid(ordered(t, r, erased))
	}
	e, err := eraser(r, nil).Erase(t.Context(), r.Actor, contacts.Person{BuyerContact: erased})
	if err != nil {
		t.Fatal(err)
	}
	for at := 1; at < 20; at++ {
		ctx, stop := context.WithCancel(t.Context())
		n := 0
		_, err := eraser(r, func(string) {
			if n++; n == at {
				stop()
			}
		}).Run(ctx, r.Tenant, e.ID)
		stop()
		if err == nil {
			if at < 3 {
				t.Errorf("only %d crashes", at-1)
			}
			break
		}
	}
	if e, err = eraser(r, nil).Erasure(t.Context(), r.Actor, e.ID); err != nil || e.Status != vocabulary.ErasureDone ||
		e.Erased != 2 {
		t.Errorf("at the end: %+v, %v", e, err)
	}
}

// TestEraseRefuses: who is to be erased is named once, and a merchant that is active stays reachable.
func TestEraseRefuses(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := eraser(r, nil)
	for _, row := range []struct {
		person contacts.Person
		code   fault.Code
	}{
		{contacts.Person{}, tenants.CodeInvalidRequest},
		{contacts.Person{BuyerContact: erased, Merchant: r.Supplier.ID}, tenants.CodeInvalidRequest},
		{contacts.Person{Merchant: id.New[id.Merchant]()}, tenants.CodeMerchantNotFound},
		{contacts.Person{Merchant: r.Supplier.ID}, contacts.CodeMerchantActive},
	} {
		if _, err := s.Erase(t.Context(), r.Actor, row.person); fault.CodeOf(err) != row.code {
			t.Errorf("%+v: %v, want %s", row.person, err, row.code)
		}
	}
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE merchants SET status = 'suspended', contact = 'x' WHERE id = $1",
			r.Supplier.ID); err != nil {
			t.Fatal(err)
		}
	})
	if e, err := s.Erase(t.Context(), r.Actor, contacts.Person{Merchant: r.Supplier.ID}); err != nil ||
		e.Status != vocabulary.ErasureDone || e.Merchant != r.Supplier.ID {
		t.Errorf("a suspended merchant: %+v, %v", e, err)
	}
	if n := r.Count("merchants", "id = $1 AND (contact <> '' OR sealed_contact IS NOT NULL)", r.Supplier.ID); n != 0 {
		t.Error("the merchant's contact is there")
	}
	_, err := s.Erasure(t.Context(), r.Actor, id.New[id.Erasure]())
	if fault.CodeOf(err) != contacts.CodeErasureNotFound {
		t.Errorf("an erasure that is not there: %v", err)
	}
}
