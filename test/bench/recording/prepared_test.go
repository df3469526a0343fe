package recording_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/seed"
)

// plannedAnew is how often Postgres plans a statement for its own arguments before it compares that with one plan for
// all.
const plannedAnew = 5

// TestPlansAreKept: no statement of a paid order is planned anew for each order, which takes as long as executing it.
// Postgres does so when it takes the plan for all arguments for dearer, as it does of an array of unknown length.
func TestPlansAreKept(t *testing.T) {
	t.Parallel()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.NewDBWith(t, db.Config{MaxConns: 1}) // so that it can be asked what it has prepared
	const orders = 4 * plannedAnew
	err = d.InTenant(t.Context(), id.Tenant(seed.UID(seed.Tenant, 1)), func(ctx context.Context, tx db.TenantTx) error {
		if err := seed.Tenants(ctx, tx, 1, 1, k.Connection, ""); err != nil {
			return err
		}
		if err := seed.Keys(ctx, tx, 1, orders, 1); err != nil {
			return err
		}
		return seed.Orders(ctx, tx, 1, orders, 1, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	p := recording.NewProduct(d, k, clock.FrozenAt(seed.At()))
	for n := range int64(orders) {
		if _, err := p.Create(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := p.Pay(t.Context(), n+1, 1); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := d.Pool().Query(t.Context(), "SELECT statement, custom_plans, generic_plans "+
		"FROM pg_prepared_statements WHERE custom_plans + generic_plans > 2 * $1::bigint", plannedAnew)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var sql string
		var custom, generic int64
		if err := rows.Scan(&sql, &custom, &generic); err != nil {
			t.Fatal(err)
		}
		seen++
		if custom > plannedAnew {
			t.Errorf("planned anew %d times of %d:\n%s", custom, custom+generic, sql)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if seen < 18 {
		t.Errorf("only %d statements were seen", seen)
	}
}
