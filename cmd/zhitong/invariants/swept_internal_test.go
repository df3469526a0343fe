package invariants

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/tenants/chain"
	"zhitong/tenants/retention"
	"zhitong/tenants/tenantstest"
)

// TestNothingIsMissedAfterASweep: `zhitong verify` does not take what is gone by its age for a breach, and still takes
// what is gone before its time.
func TestNothingIsMissedAfterASweep(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Paid(r.Order(2))
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, r.DB))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	late := clock.System{}.Now().Add(100 * 24 * time.Hour)
	verify := func() []Breach {
		report, err := Verify(t.Context(), r.DB, late)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(report.Breaches, func(b Breach) bool { return b.Check != "one_event" })
	}
	if _, err := conn.Exec(t.Context(), "UPDATE events SET created_at = created_at - interval '100 days'"); err != nil {
		t.Fatal(err)
	}
	closer := chain.New(chain.Config{DB: r.DB, Clock: clock.FrozenAt(late), Vault: r.Vault})
	if _, err := closer.Close(t.Context(), r.Tenant); err != nil {
		t.Fatal(err)
	}
	var swept retention.Result
	if err := retention.New(retention.Config{DB: r.DB, Clock: clock.FrozenAt(late), Vault: r.Vault}).
		Tenant(t.Context(), r.Tenant, &swept); err != nil || swept.Deleted["events"] == 0 {
		t.Fatalf("deleted %v, %v", swept.Deleted, err)
	}
	if b := verify(); len(b) > 0 {
		t.Errorf("after a sweep: %+v", b)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE retention_marks SET gone_until = gone_until - interval "+
		"'20 days'"); err != nil {
		t.Fatal(err)
	}
	if b := verify(); len(b) == 0 {
		t.Error("events that are gone before their time are not missed")
	}
}
