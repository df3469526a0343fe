package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
)

// injected are texts that whoever could put a text into a statement of the program might put there to see another
// tenant's rows: each is one statement, as the protocol takes them. %[1]s is the other tenant.
var injected = map[string]string{
	"set_config": `WITH x AS MATERIALIZED (SELECT set_config('app.tenant_id', '%[1]s', true) AS s)
		SELECT (SELECT count(*) FROM merchants m WHERE x.s <> '') FROM x`,
	"set_config in a query that is a text": `WITH x AS MATERIALIZED (
			SELECT query_to_xml($q$SELECT set_config('app.tenant_id', '%[1]s', true)$q$, true, true, '')::text AS s)
		SELECT (SELECT count(*) FROM merchants m WHERE x.s <> '') FROM x`,
	"SET in a query that is a text": `WITH x AS MATERIALIZED (
			SELECT query_to_xml($q$SET LOCAL app.tenant_id = '%[1]s'$q$, true, true, '')::text AS s)
		SELECT (SELECT count(*) FROM merchants m WHERE x.s <> '') FROM x`,
	"set_config in a search": `WITH x AS MATERIALIZED (SELECT count(*)::text AS s FROM ts_stat(
			$q$SELECT set_config('app.tenant_id', '%[1]s', true)::tsvector$q$))
		SELECT (SELECT count(*) FROM merchants m WHERE x.s <> '') FROM x`,
	"a second statement": `SELECT 0; SET LOCAL app.tenant_id = '%[1]s'`,
	"a text that the schema's functions run": `SELECT 0 FROM (SELECT app.narrow('merchants',
		$q$true); SET LOCAL app.tenant_id = '%[1]s'; --$q$)) x`,
}

// stolen runs an injected text in a transaction of one tenant, and counts the merchants of the other one that it, or a
// statement after it, saw.
func stolen(t *testing.T, d *db.DB, mine, theirs id.Tenant, text string) (n int, err error) {
	t.Helper()
	err = d.InTenant(t.Context(), mine, func(ctx context.Context, tx db.TenantTx) error {
		if err := tx.QueryRow(ctx, fmt.Sprintf(text, theirs.UUID())).Scan(&n); err != nil {
			return err
		}
		var after int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM merchants").Scan(&after); err != nil {
			return err
		}
		n = max(n, after)
		return nil
	})
	return n, err
}

// TestInjectedStatementChangesNoWall: no SELECT changes whose rows the program's role sees, where set_config is
// revoked, as it is for all tests. The control is a database where it is not: the first text sees everything of another
// tenant there.
func TestInjectedStatementChangesNoWall(t *testing.T) {
	t.Parallel()
	for _, revoked := range []bool{true, false} {
		t.Run(fmt.Sprintf("revoked %t", revoked), func(t *testing.T) {
			t.Parallel()
			d := dbtest.NewDB(t)
			mine, theirs := dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)
			err := d.InTenant(t.Context(), theirs, func(_ context.Context, tx db.TenantTx) error {
				dbtest.Merchant(t, tx)
				dbtest.Merchant(t, tx)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !revoked {
				settable(t, d)
			}
			for name, text := range injected {
				n, err := stolen(t, d, mine, theirs, text)
				switch e, _ := errors.AsType[*pgconn.PgError](err); {
				case revoked && (n != 0 || e == nil):
					t.Errorf("%s: %d rows of another tenant, %v", name, n, err)
				case !revoked && name == "set_config" && (n != 2 || err != nil):
					t.Errorf("the control, %s: %d rows of another tenant, %v", name, n, err)
				case !revoked && name == "set_config in a query that is a text" && n != 2:
					t.Errorf("the control, %s: %d rows of another tenant, %v", name, n, err)
				}
			}
			// what the program itself sends goes on
			err = d.InTenant(t.Context(), theirs, func(ctx context.Context, tx db.TenantTx) error {
				var n int
				if err := tx.QueryRow(ctx, "SELECT count(*) FROM merchants").Scan(&n); err != nil || n != 2 {
					t.Errorf("its own rows: %d, %v", n, err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// settable gives set_config back to everybody, as Postgres is delivered.
func settable(t *testing.T, d *db.DB) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC")
	if err := errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// TestNobodyRunsTexts: of the functions that the program's role may call, none that is not Postgres's own runs a text
// as a statement, or changes a setting but how a statement is planned. app.end_some puts names of tables from the
// catalogue into one statement, and takes a number only.
func TestNobodyRunsTexts(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	var found []string
	err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, `SELECT p.oid::regprocedure::text FROM pg_proc p
			JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
				AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')
				AND p.oid::regprocedure::text <> 'app.end_some(integer)'
				AND (p.prosrc ~* '\mexecute\M' OR p.prosrc ~* '\mset_config\M'
					OR p.prosrc ~* '\mset\s+(local|session)\M' AND p.proname NOT IN ('plan_anew', 'plan_once'))
			ORDER BY 1`)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}
