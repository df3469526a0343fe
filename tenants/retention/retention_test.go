package retention_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/retention"
	"zhitong/tenants/tenantstest"
)

// TestRetention moves the clock, and what Postgres has dated, past each limit: what is due goes, in every tenant, and
// nothing else.
func TestRetention(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	c := &clock.Movable{}
	s := retention.New(retention.Config{DB: d, Clock: c, Vault: tenantstest.Vault(t)})
	all := []id.Tenant{dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)}
	for _, tenant := range all {
		in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) {
			a := tenants.Actor{Tenant: tenant, Caller: tenants.ByKey(id.New[id.APIKey]())}
			for _, operation := range []string{"createProduct", "createOrder"} {
				_, _, err := idempotency.Key{Value: operation}.Claim(ctx, tx, a, operation, uuid.New())
				if err != nil {
					t.Fatal(err)
				}
			}
			m := dbtest.Merchant(t, tx)
			now, order, smid := c.Now(), "1", dbtest.Smid()
			decided := dbtest.Application(t, tx, m.ID, func(p *dbsqlc.Application) {
				p.Status, p.AlipayOrderID, p.Smid, p.DecidedAt = "approved", &order, &smid, &now
			})
			open := dbtest.Application(t, tx, m.ID)
			for _, app := range []id.Application{decided.ID, open.ID} {
				if _, err := tx.Exec(ctx, `INSERT INTO application_images (id, application_id, purpose, content_type,
					sha256, sealed_content) VALUES ($1, $2, 'cert_image', 'image/png', $3, $3)`,
					uuid.New(), app, make([]byte, 32)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	for _, step := range []struct {
		advance time.Duration
		want    [2]int64 // keys, images
	}{
		{time.Hour, [2]int64{}},
		{idempotency.Kept, [2]int64{2, 0}},
		{idempotency.KeptMoney, [2]int64{2, 2}},
		{365 * 24 * time.Hour, [2]int64{}}, // the draft's image stays
	} {
		c.Advance(step.advance)
		older(t, d, step.advance)
		var have retention.Result
		for _, tenant := range all {
			if err := s.Tenant(t.Context(), tenant, &have); err != nil {
				t.Fatal(err)
			}
		}
		if n := have.Deleted; [2]int64{n["idempotency_keys"], n["application_images"]} != step.want {
			t.Errorf("after another %s: %+v, want %+v", step.advance, have, step.want)
		}
	}
}

// older makes the keys as old as if the time had passed: their age is by the clock of Postgres, which no test moves.
func older(t *testing.T, d *db.DB, by time.Duration) {
	t.Helper()
	if _, err := superuser(t, d).Exec(t.Context(), "UPDATE idempotency_keys SET created_at = created_at - $1 * "+
		"interval '1 second'", by.Seconds()); err != nil {
		t.Fatal(err)
	}
}

// superuser is not walled off.
func superuser(t *testing.T, d *db.DB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func in(t *testing.T, d *db.DB, tenant id.Tenant, fn func(ctx context.Context, tx db.TenantTx)) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		fn(ctx, tx)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
