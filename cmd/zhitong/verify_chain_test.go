package main

import (
	"context"
	"os"
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
)

// TestVerifyFindsChangesOfThePast: a deleted audit entry is a breach; and when the end of a chain was cut off with its
// rows, so that what is left fits, the links that were kept in a file tell.
func TestVerifyFindsChangesOfThePast(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	c := clock.System{}
	if err := w.db.InTenant(t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		for n := range 6 {
			entry := id.First[uuid.UUID](c.Now().Add(-time.Duration(10-n) * time.Hour))
			entry[8] = 0x80
			if _, err := tx.Exec(ctx, "INSERT INTO audit_log (id, actor_kind, actor_id, action, subject_type, "+
				"subject_id, detail) VALUES ($1, 'system', 'x', 'closeOrder', 'order', $1, '')", entry); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	closer := chain.New(chain.Config{DB: w.db, Vault: w.vault(), Clock: c, Batch: 3})
	if n, err := closer.Close(t.Context(), w.tenant); err != nil || n != 6 {
		t.Fatalf("closed %d rows, %v", n, err)
	}
	heads := filepath.Join(t.TempDir(), "heads.json")
	for range 2 { // the first writes the file, the second compares
		if out, _ := w.run(0, "verify", "--heads", heads); !strings.Contains(out, "no breach") {
			t.Fatalf("nothing was changed: %s", out)
		}
	}
	kept, err := os.ReadFile(heads)
	if err != nil || !strings.Contains(string(kept), w.tenant.String()) {
		t.Fatalf("the newest links: %s, %v", kept, err)
	}
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, w.db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range []string{
		"DELETE FROM audit_log WHERE id > (SELECT last_id FROM chain_links WHERE number = 1)",
		"DELETE FROM chain_links WHERE number = 2",
		"UPDATE chain_heads h SET number = 1, last_id = l.last_id FROM chain_links l WHERE l.number = 1",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if out, _ := w.run(0, "verify"); !strings.Contains(out, "no breach") {
		t.Errorf("what is left fits: %s", out)
	}
	if out, _ := w.run(1, "verify", "--heads", heads); !strings.Contains(out, "chain_cut") ||
		!strings.Contains(out, w.tenant.String()) {
		t.Errorf("the end is cut off: %s", out)
	}
	if now, err := os.ReadFile(heads); err != nil || string(now) != string(kept) {
		t.Errorf("the file forgets what is missing: %s, %v", now, err)
	}
	if _, err := conn.Exec(t.Context(), "DELETE FROM audit_log WHERE id = (SELECT min(id::text)::uuid FROM "+
		"audit_log)"); err != nil {
		t.Fatal(err)
	}
	if out, _ := w.run(1, "verify"); !strings.Contains(out, "chain_rows") || !strings.Contains(out, "audit_log/1") {
		t.Errorf("a deleted entry: %s", out)
	}
}
