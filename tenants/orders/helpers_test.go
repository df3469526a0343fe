package orders_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/tenants/orders"
)

// shown is a look at all that the buyer's page shows.
var shown = orders.Look{Page: true, Asked: true}

func code(err error) string { return string(fault.CodeOf(err)) }

func exec(t *testing.T, ctx context.Context, tx db.TenantTx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
