package dbtest_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
)

func TestFactories(t *testing.T) {
	t.Parallel()
	everything(t, dbtest.TestTx(t))
}

func TestTwoTransactionsAtATime(t *testing.T) {
	t.Parallel()
	a, b := dbtest.TestTx(t), dbtest.TestTx(t)
	if a.Tenant() == b.Tenant() {
		t.Fatal("both have one tenant")
	}
	dbtest.Merchant(t, a)
	var n int
	if err := b.QueryRow(t.Context(), "SELECT count(*) FROM merchants").Scan(&n); err != nil || n != 0 {
		t.Fatalf("the other transaction sees %d rows, %v", n, err)
	}
}

func TestNewDB(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		everything(t, tx)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var got dbsqlc.Tenant
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		got, err = dbsqlc.New().TenantGet(ctx, tx)
		return err
	}); err != nil || got.TenantID != tenant {
		t.Fatalf("read %v back, %v", got, err)
	}
}

// everything makes one of each.
func everything(t *testing.T, tx db.TenantTx) {
	t.Helper()
	m := dbtest.Merchant(t, tx)
	dbtest.Application(t, tx, m.ID)
	rule, _ := dbtest.SplitRule(
		t,
		tx,
		dbsqlc.SplitRulePart{Receiver: "platform", RateBps: 500},
		dbsqlc.SplitRulePart{Receiver: "merchant", MerchantID: m.ID, FixedFen: 1},
	)
	p := dbtest.Product(t, tx, m.ID, rule.ID, func(p *dbsqlc.Product) { p.PriceFen = 5 })
	o := dbtest.Order(t, tx, p)
	dbtest.CardKeys(t, tx, p.ID, 3)
	dbtest.Reserve(t, tx, o.ID, p.ID, 2)
	pay := dbtest.Payment(t, tx, o, dbtest.Paid)
	if pay.AmountFen != 5 || pay.Smid != *m.Smid {
		t.Errorf("payment of %d to %s", pay.AmountFen, pay.Smid)
	}
	dbtest.Split(t, tx, pay, m, 2)
	dbtest.Refund(t, tx, pay)
	dbtest.Endpoint(t, tx)
	dbtest.Event(t, tx, o.ID)
	dbtest.APIKey(t, tx)
	dbtest.Member(t, tx)
	var free int
	if err := tx.QueryRow(t.Context(),
		"SELECT count(*) FROM card_keys WHERE status = 'available'").Scan(&free); err != nil ||
		free != 1 {
		t.Errorf("%d keys are free, %v", free, err)
	}
}
