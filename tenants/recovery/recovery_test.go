package recovery_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/recovery"
	"zhitong/tenants/tenantstest"
)

// TestApplications: one that is to be sent and one that was sent get their jobs back, a draft and a decided one do not,
// nor does another tenant's; and the next search finds nothing.
func TestApplications(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	c := &clock.Movable{}
	tenant, other := dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)
	at := c.Now()
	for _, of := range []id.Tenant{tenant, other} {
		if err := d.InTenant(t.Context(), of, func(ctx context.Context, tx db.TenantTx) error {
			number, smid := "1", dbtest.Smid()
			for status, p := range map[vocabulary.ApplicationStatus]dbsqlc.Application{
				vocabulary.ApplicationDraft:             {},
				vocabulary.ApplicationSubmitted:         {SubmittedAt: &at},
				vocabulary.ApplicationInReview:          {SubmittedAt: &at, AlipayOrderID: &number},
				vocabulary.ApplicationAwaitingSignature: {SubmittedAt: &at, AlipayOrderID: &number},
				vocabulary.ApplicationApproved: {
					SubmittedAt: &at, AlipayOrderID: &number, Smid: &smid, DecidedAt: &at,
				},
			} {
				m := dbtest.Merchant(t, tx)
				dbtest.Application(t, tx, m.ID, func(a *dbsqlc.Application) {
					a.Status, a.SubmittedAt, a.AlipayOrderID, a.Smid, a.DecidedAt =
						status, p.SubmittedAt, p.AlipayOrderID, p.Smid, p.DecidedAt
				})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	s := recovery.New(d, c)
	for _, step := range []struct {
		advance time.Duration
		of      id.Tenant
		want    recovery.Found
	}{
		{0, tenant, recovery.Found{}}, // too young to be missed
		{5 * time.Minute, tenant, recovery.Found{"onboarding_submit": 1, "onboarding_watch": 2}},
		{time.Minute, tenant, recovery.Found{}},
		{time.Minute, other, recovery.Found{"onboarding_submit": 1, "onboarding_watch": 2}},
	} {
		c.Advance(step.advance)
		have := recovery.Found{}
		if err := s.Tenant(t.Context(), step.of, have); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(have, step.want) {
			t.Errorf("found %v, want %v", have, step.want)
		}
	}
}

// TestHeldSettlement: a settlement that risk control holds gets its job back, until the money was given back: then
// nothing is settled any more, and no job is made for it again and again.
func TestHeldSettlement(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	q := dbsqlc.New()
	o := r.Paid(r.Order(1))
	held := dbsqlc.SettlementInsertParams{
		ID: id.New[id.Settlement](), PaymentID: o.Payment.ID, OrderID: o.ID, AmountFen: o.Total,
		CreatedAt: r.Clock.Now(),
	}
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if err := q.SettlementInsert(ctx, tx, held); err != nil {
			t.Fatal(err)
		}
		if _, err := q.SettlementRefused(ctx, tx, "held", true, held.ID); err != nil {
			t.Fatal(err)
		}
	})
	s := recovery.New(r.DB, r.Clock)
	look := func() int {
		t.Helper()
		if _, err := r.DB.Pool().Exec(t.Context(), "DELETE FROM river.river_job"); err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(2 * time.Minute)
		found := recovery.Found{}
		if err := s.Tenant(t.Context(), r.Tenant, found); err != nil {
			t.Fatal(err)
		}
		return found["split_execute"]
	}
	if n := look(); n != 1 {
		t.Errorf("%d jobs for a settlement that is held, want 1", n)
	}
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if err := q.PaymentAddRefunded(ctx, tx, o.Payment.Amount, o.Payment.ID); err != nil {
			t.Fatal(err)
		}
	})
	if n := look(); n != 0 {
		t.Errorf("%d jobs for a settlement of money that was given back, want none", n)
	}
}

// TestReconciliation: a payment that is to be reconciled gets its job back until it is.
func TestReconciliation(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Paid(r.Order(1))
	r.RefundsAreNotified()
	r.RefundOutside(o, o.Total)
	r.Reported(o)
	s := recovery.New(r.DB, r.Clock)
	look := func() int {
		t.Helper()
		if _, err := r.DB.Pool().Exec(t.Context(), "DELETE FROM river.river_job"); err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(2 * time.Minute)
		found := recovery.Found{}
		if err := s.Tenant(t.Context(), r.Tenant, found); err != nil {
			t.Fatal(err)
		}
		return found["payment_reconcile"]
	}
	if n := look(); n != 1 {
		t.Errorf("%d jobs for a payment that is to be reconciled, want 1", n)
	}
	r.Reconciled(o)
	if n := look(); n != 0 {
		t.Errorf("%d jobs for a payment that is reconciled, want none", n)
	}
}
