package vault_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/tenants/vault"
)

// TestEverySealedColumnIsRegistered holds the registry to the catalog: a column that is named sealed_… is walked, and
// is counted by version, or a data key would be deleted that still opens something.
func TestEverySealedColumnIsRegistered(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	var found []vault.Column
	if err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, `SELECT c.relname || '.' || a.attname
			FROM pg_attribute a
			JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
			JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
			WHERE a.attname LIKE 'sealed%' AND a.attnum > 0 AND NOT a.attisdropped
			  AND EXISTS ( -- what belongs to no tenant is sealed by the installation's key
				SELECT FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attname = 'tenant_id')`)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowTo[vault.Column])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	queries, err := os.ReadFile("../../db/queries/sealed_columns.sql")
	if err != nil {
		t.Fatal(err)
	}
	registered := vault.Columns()
	slices.Sort(found)
	slices.Sort(registered)
	if len(found) < 8 || !slices.Equal(found, registered) {
		t.Errorf("the catalog has the sealed columns %q, the registry %q", found, registered)
	}
	for _, c := range registered {
		if !strings.Contains(string(queries), "'"+string(c)+"'") {
			t.Errorf("SealedVersionList does not count %s", c)
		}
	}
}

// TestSealedVersionAgrees: what Postgres reads from a sealed value is what sealed it.
func TestSealedVersionAgrees(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	_, v := newVault(t)
	version := func(sealed []byte) (n *int) {
		t.Helper()
		if err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
			return tx.QueryRow(ctx, "SELECT app.sealed_version($1::bytea)", sealed).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if version(nil) != nil || version([]byte{}) != nil {
		t.Error("what is empty was sealed")
	}
	for want := 1; want < 4; want++ {
		sealed := seal(t, v, d, tenant, "x")
		if got := version(sealed); got == nil || *got != want {
			t.Errorf("version %v, want %d", got, want)
		}
		if got := version(sealed[:6]); got == nil || *got != 1 {
			t.Errorf("a value that is cut: version %v", got)
		}
		exchange(t, v, d, tenant)
	}
}
