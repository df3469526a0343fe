package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/chain"
	"zhitong/tenants/files"
	"zhitong/tenants/sandboxes"
)

// TestVerifyAfterSandboxEnds: the command tells which sandboxes end and changes nothing; when one has ended, its links,
// which are in the file of the newest, are not missed, and whoever takes a platform away without the program is found.
func TestVerifyAfterSandboxEnds(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	c := clock.System{}
	other := dbtest.NewTenant(t, w.db)
	for _, tenant := range []id.Tenant{w.tenant, other} {
		if err := w.db.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			entry := id.First[uuid.UUID](c.Now().Add(-10 * time.Hour))
			entry[8] = 0x80
			_, err := tx.Exec(ctx, "INSERT INTO audit_log (id, actor_kind, actor_id, action, subject_type, "+
				"subject_id, detail) VALUES ($1, 'system', 'x', 'closeOrder', 'order', $1, '')", entry)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		closer := chain.New(chain.Config{DB: w.db, Vault: w.vault(), Clock: c})
		if _, err := closer.Close(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	heads := filepath.Join(t.TempDir(), "heads.json")
	w.run(0, "verify", "--heads", heads)
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, w.db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("UPDATE tenants SET created_at = created_at - interval '200 days' WHERE tenant_id = $1", w.tenant)
	for range 2 {
		if out, _ := w.run(0, "sandboxes"); !strings.Contains(out, w.tenant.String()) ||
			!strings.Contains(out, "next: announce") || strings.Contains(out, other.String()) {
			t.Errorf("%s", out)
		}
	}
	if out, _ := w.run(0, "sandboxes", "--unused-days", "300"); !strings.HasPrefix(out, "0 sandboxes end") {
		t.Errorf("%s", out)
	}
	svc := sandboxes.New(sandboxes.Config{DB: w.db, Vault: w.vault(), Clock: c, Unused: 180 * 24 * time.Hour,
		Files: files.New(files.Config{DB: w.db, Vault: w.vault(), Clock: c})})
	for _, then := range []string{"announced_at = announced_at - interval '15 days'",
		"closed_at = closed_at - interval '2 days'", "closed_at = closed_at"} {
		if _, err := svc.Look(t.Context(), w.tenant); err != nil {
			t.Fatal(err)
		}
		if out, _ := w.run(0, "verify", "--heads", heads+".other"); !strings.Contains(out, "no breach") {
			t.Errorf("on the way: %s", out)
		}
		exec("UPDATE sandbox_ends SET "+then+" WHERE sandbox = $1", w.tenant)
	}
	if out, _ := w.run(0, "verify", "--heads", heads); !strings.Contains(out, "on 1 tenants: no breach") {
		t.Errorf("a sandbox has ended: %s", out)
	}
	for _, sql := range []string{
		"DELETE FROM chain_links WHERE tenant_id = $1", "DELETE FROM audit_log WHERE tenant_id = $1",
		"DELETE FROM chain_heads WHERE tenant_id = $1", "DELETE FROM tenant_directory WHERE tenant_id = $1",
		"INSERT INTO sandbox_ends (sandbox, left_at, gone_at, proof) SELECT $1, now(), now(), " +
			"proof FROM sandbox_ends"} {
		exec(sql, other)
	}
	if out, _ := w.run(1, "verify", "--heads", heads); !strings.Contains(out, "chain_cut") ||
		!strings.Contains(out, other.String()) {
		t.Errorf("a platform was taken away: %s", out)
	}
}
