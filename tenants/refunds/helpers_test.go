package refunds_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/internal/fault"
)

const refundMethod = "alipay.trade.refund"

func code(err error) string { return string(fault.CodeOf(err)) }

func exec(t *testing.T, ctx context.Context, tx db.TenantTx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// crash is what a step panics with to end the program there.
type crash struct{ at string }
