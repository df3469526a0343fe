package refunds_test

import (
	"context"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/tenants/refunds"
	"zhitong/tenants/tenantstest"
)

// TestStatusGuard: the row itself refuses a second end, whatever the code above believed.
func TestStatusGuard(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	rf := r.Refund(r.Paid(r.Order(1)))
	end := func(ctx context.Context, tx db.TenantTx) error {
		now := r.Clock.Now().Add(time.Minute)
		return dbsqlc.New().RefundEnd(ctx, tx,
			dbsqlc.RefundEndParams{ID: rf.ID, Status: refunds.StatusRefused, DoneAt: &now})
	}
	if err := r.DB.InTenant(t.Context(), r.Tenant, end); err != nil {
		t.Fatal(err)
	}
	if err := r.DB.InTenant(t.Context(), r.Tenant, end); !db.Violates(err, "refund_status") {
		t.Errorf("the second end: %v", err)
	}
}
