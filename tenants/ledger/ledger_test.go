package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants"
	"zhitong/tenants/ledger"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func post(t *testing.T, tx db.TenantTx, kind ledger.Kind, o id.Order, from, to ledger.Account, amount money.Fen) {
	t.Helper()
	err := ledger.Post(t.Context(), tx,
		ledger.Posting{Kind: kind, Order: o, Source: uuid.New(), From: from, To: to, Amount: amount, At: at})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRoad posts the whole life of an order, up to its refund: balances follow the money, and nothing is left.
func TestRoad(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	o, mor, dist := id.New[id.Order](), id.New[id.Merchant](), id.New[id.Merchant]()
	post(t, tx, ledger.KindPayment, o, ledger.Buyer(), ledger.Unsettled(mor), 100_00)
	post(t, tx, ledger.KindSettlement, o, ledger.Unsettled(mor), ledger.Frozen(mor), 100_00)
	post(t, tx, ledger.KindSplit, o, ledger.Frozen(mor), ledger.Commission(), 5_00)
	post(t, tx, ledger.KindSplit, o, ledger.Frozen(mor), ledger.Settled(dist), 2_00)
	post(t, tx, ledger.KindRelease, o, ledger.Frozen(mor), ledger.Settled(mor), 93_00)
	want(t, tx, o, ledger.Balances{
		ledger.Buyer():        -100_00,
		ledger.Unsettled(mor): 0,
		ledger.Frozen(mor):    0,
		ledger.Commission():   5_00,
		ledger.Settled(dist):  2_00,
		ledger.Settled(mor):   93_00,
	})

	post(t, tx, ledger.KindSplitReturn, o, ledger.Commission(), ledger.Settled(mor), 5_00)
	post(t, tx, ledger.KindSplitReturn, o, ledger.Settled(dist), ledger.Settled(mor), 2_00)
	post(t, tx, ledger.KindRefund, o, ledger.Settled(mor), ledger.Buyer(), 100_00)
	want(t, tx, o, ledger.Balances{
		ledger.Buyer():        0,
		ledger.Unsettled(mor): 0,
		ledger.Frozen(mor):    0,
		ledger.Commission():   0,
		ledger.Settled(dist):  0,
		ledger.Settled(mor):   0,
	})

	entries, err := ledger.ByOrder(t.Context(), tx, o, tenants.Page[id.Posting]{})
	if err != nil || len(entries.Items) != 8 {
		t.Fatalf("%d entries, %v", len(entries.Items), err)
	}
	if first := entries.Items[0]; first.Kind != ledger.KindPayment || first.From != ledger.Buyer() ||
		first.To != ledger.Unsettled(mor) ||
		first.Amount != 100_00 ||
		!first.At.Equal(at) {
		t.Errorf("first entry %+v", first)
	}
	if breaches, err := ledger.Check(t.Context(), tx); err != nil || len(breaches) != 0 {
		t.Errorf("breaches %+v, %v", breaches, err)
	}
}

func want(t *testing.T, tx db.TenantTx, o id.Order, w ledger.Balances) {
	t.Helper()
	for name, read := range map[string]func() (ledger.Balances, error){
		"order":  func() (ledger.Balances, error) { return ledger.OrderBalances(t.Context(), tx, o) },
		"tenant": func() (ledger.Balances, error) { return ledger.TenantBalances(t.Context(), tx) },
	} {
		got, err := read()
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(w) {
			t.Errorf("%s: %d accounts, want %d", name, len(got), len(w))
		}
		for a, v := range w {
			if got[a] != v {
				t.Errorf("%s: %s of %s has %d fen, want %d", name, a.Name, a.Merchant, got[a], v)
			}
		}
		if sum, err := got.Sum(); err != nil || sum != 0 {
			t.Errorf("%s: sum %d, %v", name, sum, err)
		}
	}
}

// TestCheckFindsOverdrawn: an account of an order that gives more than it got, and a buyer who gets more than was paid.
func TestCheckFindsOverdrawn(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	o, mor := id.New[id.Order](), id.New[id.Merchant]()
	post(t, tx, ledger.KindPayment, o, ledger.Buyer(), ledger.Unsettled(mor), 10)
	post(t, tx, ledger.KindRefund, o, ledger.Settled(mor), ledger.Buyer(), 11)
	breaches, err := ledger.Check(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	found := map[ledger.Account]money.Fen{}
	for _, b := range breaches {
		if b.Rule != "overdrawn" || b.Order != o {
			t.Errorf("breach %+v", b)
		}
		found[b.Account] = b.Balance
	}
	if len(found) != 2 || found[ledger.Settled(mor)] != -11 || found[ledger.Buyer()] != 1 {
		t.Errorf("found %v", found)
	}
}

// TestCheckAllowsALoss: a refund that left their parts with the receivers is the merchant's loss, up to those parts.
func TestCheckAllowsALoss(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		refund, returned money.Fen
		breaches         int
	}{{100, 0, 0}, {100, 7, 0}, {101, 0, 2}, {93, 0, 0}} {
		tx := dbtest.TestTx(t)
		o, mor, dist := id.New[id.Order](), id.New[id.Merchant](), id.New[id.Merchant]()
		post(t, tx, ledger.KindPayment, o, ledger.Buyer(), ledger.Unsettled(mor), 100)
		post(t, tx, ledger.KindSettlement, o, ledger.Unsettled(mor), ledger.Frozen(mor), 100)
		post(t, tx, ledger.KindSplit, o, ledger.Frozen(mor), ledger.Commission(), 5)
		post(t, tx, ledger.KindSplit, o, ledger.Frozen(mor), ledger.Settled(dist), 2)
		post(t, tx, ledger.KindRelease, o, ledger.Frozen(mor), ledger.Settled(mor), 93)
		if c.returned > 0 {
			post(t, tx, ledger.KindSplitReturn, o, ledger.Commission(), ledger.Settled(mor), 5)
			post(t, tx, ledger.KindSplitReturn, o, ledger.Settled(dist), ledger.Settled(mor), 2)
		}
		post(t, tx, ledger.KindRefund, o, ledger.Settled(mor), ledger.Buyer(), c.refund)
		found, err := ledger.Check(t.Context(), tx)
		if err != nil || len(found) != c.breaches {
			t.Errorf("%d back, %d returned: %+v %v", c.refund, c.returned, found, err)
		}
	}
	// Without a refund nothing is a loss: a part that was paid twice.
	tx := dbtest.TestTx(t)
	o, mor := id.New[id.Order](), id.New[id.Merchant]()
	post(t, tx, ledger.KindPayment, o, ledger.Buyer(), ledger.Unsettled(mor), 100)
	post(t, tx, ledger.KindSettlement, o, ledger.Unsettled(mor), ledger.Settled(mor), 100)
	post(t, tx, ledger.KindSplit, o, ledger.Settled(mor), ledger.Commission(), 101)
	if found, err := ledger.Check(t.Context(), tx); err != nil || len(found) != 1 {
		t.Errorf("split more than came: %+v %v", found, err)
	}
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	mor := id.New[id.Merchant]()
	good := ledger.Posting{
		Kind:   ledger.KindPayment,
		Order:  id.New[id.Order](),
		From:   ledger.Buyer(),
		To:     ledger.Unsettled(mor),
		Amount: 1,
		At:     at,
	}
	for name, change := range map[string]func(*ledger.Posting){
		"nothing":   func(p *ledger.Posting) { p.Amount = 0 },
		"negative":  func(p *ledger.Posting) { p.Amount = -1 },
		"to itself": func(p *ledger.Posting) { p.To = p.From },
		"no time":   func(p *ledger.Posting) { p.At = time.Time{} },
	} {
		p := good
		change(&p)
		if ledger.Post(t.Context(), tx, p) == nil {
			t.Errorf("%s was posted", name)
		}
	}
	for name, change := range map[string]func(*ledger.Posting){ // what the table itself refuses
		"unknown account":        func(p *ledger.Posting) { p.To.Name = "wallet" },
		"unknown kind":           func(p *ledger.Posting) { p.Kind = "gift" },
		"a merchant's buyer":     func(p *ledger.Posting) { p.From.Merchant = mor },
		"nobody's settled money": func(p *ledger.Posting) { p.To = ledger.Account{Name: ledger.NameSettled} },
		"a merchant's commission": func(p *ledger.Posting) {
			p.To = ledger.Account{Name: ledger.NameCommission, Merchant: mor}
		},
	} {
		tx, p := dbtest.TestTx(t), good
		change(&p)
		if err := ledger.Post(t.Context(), tx, p); err != nil {
			t.Fatal(err)
		}
		if tx.Flush(t.Context()) == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// TestAppendOnly: the program's role can neither change nor remove what is in the book (attack A42).
func TestAppendOnly(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{"UPDATE ledger_postings SET amount_fen = 1", "DELETE FROM ledger_postings",
		"TRUNCATE ledger_postings"} {
		tx := dbtest.TestTx(t)
		post(t, tx, ledger.KindPayment, id.New[id.Order](), ledger.Buyer(), ledger.Unsettled(id.New[id.Merchant]()), 10)
		if _, err := tx.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was allowed", sql)
		}
	}
}

// TestWalls: another tenant's book is empty; a caller that is one merchant sees the postings of its own accounts.
func TestWalls(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	mine, theirs := dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)
	o, mor := id.New[id.Order](), id.New[id.Merchant]()
	in := func(tenant id.Tenant, m id.Merchant, fn func(db.TenantTx)) {
		t.Helper()
		if err := d.InMerchant(t.Context(), tenant, m, func(_ context.Context, tx db.TenantTx) error {
			fn(tx)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	in(
		mine,
		id.Merchant{},
		func(tx db.TenantTx) { post(t, tx, ledger.KindPayment, o, ledger.Buyer(), ledger.Unsettled(mor), 10) },
	)
	for _, c := range []struct {
		tenant   id.Tenant
		merchant id.Merchant
		want     int
	}{{mine, id.Merchant{}, 1}, {mine, mor, 1}, {mine, id.New[id.Merchant](), 0}, {theirs, id.Merchant{}, 0}} {
		in(c.tenant, c.merchant, func(tx db.TenantTx) {
			got, err := ledger.ByOrder(t.Context(), tx, o, tenants.Page[id.Posting]{})
			if err != nil || len(got.Items) != c.want {
				t.Errorf("%d postings, %v; want %d", len(got.Items), err, c.want)
			}
			if b, err := ledger.TenantBalances(t.Context(), tx); err != nil || len(b) != 2*c.want {
				t.Errorf("balances %v, %v", b, err)
			}
		})
	}
}
