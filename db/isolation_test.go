package db_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/db/migrations/fixtures"
	"zhitong/internal/id"
)

// unprotected are the tables of schema public without tenant isolation, each with the reason.
func unprotected() map[string]string {
	return map[string]string{
		"tenant_directory": "lists tenants for sweeps: identifiers and dates, nothing that is anyone's",
		"installation_key": "one row of the installation: a key that the master keyset wraps",
		"people":           "a person may be a member of several tenants; the address is a keyed digest, and sealed",
		"person_totps":     "a person's own, sealed",
		"recovery_codes":   "a person's own, keyed digests",
		"sessions":         "a person's own; what the browser holds is kept as a hash",
		"sign_in_limits":   "keyed digests of accounts and addresses, and how often they failed",
		"memberships":      "which tenants a person is a member of, identifiers only",
		"one_time_links":   "what a mailed link does; it is found before anybody is signed in",
		"passkeys":         "a person's own; public halves of keys",
		"spent_challenges": "digests of what passkeys have signed, for minutes",
		"sandbox_ends":     "which sandboxes end or have ended: identifiers and dates, nothing that is anyone's",
		"goose_db_version": "goose's list of applied migrations",
	}
}

// appendOnly are the tables whose rows stay as they were written.
func appendOnly() []string { return []string{"ledger_postings", "audit_log", "events"} }

func errorAs(err error) (*pgconn.PgError, bool) { return errors.AsType[*pgconn.PgError](err) }

func sqlState(err error) string {
	if pe, ok := errorAs(err); ok {
		return pe.Code
	}
	return fmt.Sprint(err)
}

func superuser(t *testing.T, d *db.DB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func strs(t *testing.T, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// unguarded lists what is wrong with the tenant isolation of a database, read from its catalog.
func unguarded(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	var allowed []string
	for table := range unprotected() {
		allowed = append(allowed, table)
	}
	const ours = `SELECT c.oid AS rel, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'f') AND c.relname <> ALL ($1)`
	return strs(t, conn, `WITH ours AS (`+ours+`),
		tenant AS (SELECT o.rel, a.attnum, a.attnotnull, pg_get_expr(d.adbin, d.adrelid) AS def FROM ours o
			JOIN pg_attribute a ON a.attrelid = o.rel AND a.attname = 'tenant_id' AND NOT a.attisdropped
			LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum))
		SELECT relname || ': no column tenant_id' FROM ours o
			WHERE NOT EXISTS (SELECT FROM tenant t WHERE t.rel = o.rel)
		UNION ALL SELECT relname || ': tenant_id may be null' FROM ours JOIN tenant t USING (rel) WHERE NOT attnotnull
		UNION ALL SELECT relname || ': tenant_id has no default' FROM ours JOIN tenant t USING (rel)
			WHERE def IS DISTINCT FROM 'app.tenant_id()' AND relname <> 'tenants'
		UNION ALL SELECT relname || ': row-level security is off' FROM ours WHERE NOT relrowsecurity
		UNION ALL SELECT relname || ': row-level security is not forced' FROM ours WHERE NOT relforcerowsecurity
		UNION ALL SELECT relname || ': no policy of the tenant' FROM ours o
			WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = o.rel AND p.polpermissive AND p.polcmd = '*'
			AND p.polroles = '{0}'
			AND pg_get_expr(p.polqual, p.polrelid) ~ '^\(*tenant_id = app\.tenant_id\(\)\)( AND |$)'
				AND pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid))
		UNION ALL SELECT relname || ': another permissive policy widens the tenant''s: ' || polname FROM ours
			JOIN pg_policy p ON p.polrelid = rel WHERE polpermissive AND polname <> 'tenant'
		UNION ALL SELECT relname || ': no primary key' FROM ours o
			WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = o.rel AND i.indisprimary)
		UNION ALL SELECT relname || ': tenant_id is not first in ' || i.indexrelid::regclass FROM ours
			JOIN tenant t USING (rel) JOIN pg_index i ON i.indrelid = rel WHERE i.indkey[0] <> t.attnum
		UNION ALL SELECT relname || ': foreign key ' || conname || ' does not begin with tenant_id' FROM ours
			JOIN tenant t USING (rel) JOIN pg_constraint k ON k.conrelid = rel AND k.contype = 'f'
			WHERE k.conkey[1] <> t.attnum OR k.confkey[1] <> coalesce((SELECT r.attnum FROM tenant r
				WHERE r.rel = k.confrelid), -1)
		UNION ALL SELECT relname || ': ' || privilege_type || ' is granted to ' || grantee FROM ours
			JOIN information_schema.table_privileges g ON (g.table_schema, g.table_name) = ('public', relname)
			WHERE grantee NOT IN ($2, $3) OR grantee = $3
				AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
		UNION ALL SELECT c.relname || ': a view that reads as its owner' FROM pg_class c
			WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
			AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false)
		UNION ALL SELECT p.oid::regprocedure || ': runs as its owner' FROM pg_proc p
			WHERE p.pronamespace IN ('public'::regnamespace, 'app'::regnamespace) AND p.prosecdef
			AND NOT (p.oid::regprocedure::text = ANY ($4) AND p.proowner = $2::regrole
				AND p.proconfig = '{"search_path=pg_catalog, public"}')
		ORDER BY 1`, allowed, dbtest.OwnerRole, dbtest.AppRole, asOwner())
}

// asOwner are the functions that delete, as the tables' owner, what the programs' role may not: rows of the tenant that
// is set (the owner is walled off, too) that are older than a floor. TestAttackRetention and TestAttackEnd try them.
func asOwner() []string {
	return []string{"app.expire_events(uuid,uuid,boolean)", "app.expire_audit_log(uuid,uuid)",
		"app.end_some(integer)"}
}

func TestEveryTableIsProtected(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	conn := superuser(t, d)
	for _, fault := range unguarded(t, conn) {
		t.Error(fault)
	}
	for table, reason := range unprotected() {
		if len(
			strs(
				t,
				conn,
				"SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename = $1",
				table,
			),
		) != 1 {
			t.Errorf("%s is on the list of tables without a wall (%s) and does not exist", table, reason)
		}
	}
}

// TestUnprotectedTableIsFound is the control of the test above: each way to forget isolation is found.
func TestUnprotectedTableIsFound(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	conn := superuser(t, d)
	for _, c := range []struct{ sql, want string }{
		{"CREATE TABLE forgotten (id uuid PRIMARY KEY)", "forgotten: no column tenant_id"},
		{"CREATE TABLE bare (tenant_id uuid, id uuid)", "bare: row-level security is off"},
		{"CREATE TABLE open (tenant_id uuid PRIMARY KEY)", "open: no policy of the tenant"},
		{"CREATE TABLE loose (tenant_id uuid NOT NULL DEFAULT app.tenant_id(), id uuid PRIMARY KEY)",
			"loose: tenant_id is not first in loose_pkey"},
		{"ALTER TABLE orders NO FORCE ROW LEVEL SECURITY", "orders: row-level security is not forced"},
		{"ALTER TABLE payments DISABLE ROW LEVEL SECURITY", "payments: row-level security is off"},
		{"CREATE POLICY wide ON refunds USING (true)", "refunds: another permissive policy widens the tenant's: wide"},
		{"ALTER POLICY tenant ON splits USING (true)", "splits: no policy of the tenant"},
		{"CREATE UNIQUE INDEX shared ON products (name)", "products: tenant_id is not first in shared"},
		{"CREATE TABLE child (tenant_id uuid PRIMARY KEY, d uuid REFERENCES tenant_directory)",
			"child: foreign key child_d_fkey does not begin with tenant_id"},
		{"GRANT SELECT ON cases TO PUBLIC", "cases: SELECT is granted to PUBLIC"},
		{"GRANT TRUNCATE ON events TO " + dbtest.AppRole, "events: TRUNCATE is granted to " + dbtest.AppRole},
		{"CREATE VIEW peek AS SELECT * FROM orders", "peek: a view that reads as its owner"},
		{"CREATE FUNCTION app.peek() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
			"app.peek(): runs as its owner"},
	} {
		if _, err := conn.Exec(t.Context(), c.sql); err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		if found := unguarded(t, conn); !slices.Contains(found, c.want) {
			t.Errorf("after %s: found %v", c.sql, found)
		}
	}
}

func TestApplicationRole(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	conn := superuser(t, d)
	for _, fault := range strs(t, conn, `
		SELECT 'is a superuser' FROM pg_roles WHERE rolname = $1 AND rolsuper
		UNION ALL SELECT 'bypasses row-level security' FROM pg_roles WHERE rolname = $1 AND rolbypassrls
		UNION ALL SELECT 'may make roles or databases' FROM pg_roles WHERE rolname = $1
			AND (rolcreaterole OR rolcreatedb)
		UNION ALL SELECT 'is a member of ' || roleid::regrole FROM pg_auth_members WHERE member = $1::regrole
		UNION ALL SELECT 'owns ' || oid::regclass FROM pg_class WHERE relowner = $1::regrole
		UNION ALL SELECT 'owns ' || oid::regprocedure FROM pg_proc WHERE proowner = $1::regrole
		UNION ALL SELECT 'owns schema ' || nspname FROM pg_namespace WHERE nspowner = $1::regrole
		UNION ALL SELECT 'owns database ' || datname FROM pg_database WHERE datdba = $1::regrole
		UNION ALL SELECT 'may create in schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_'
			AND has_schema_privilege($1, oid, 'CREATE')
		UNION ALL SELECT 'owner is superuser or bypasses' FROM pg_roles WHERE rolname = $2
			AND (rolsuper OR rolbypassrls)`, dbtest.AppRole, dbtest.OwnerRole) {
		t.Error(fault)
	}
	// Only what clients opened: a background worker of Postgres (autovacuum) has no user, and comes when it likes.
	who := strs(t, conn, "SELECT usename::text FROM pg_stat_activity WHERE datname = current_database() "+
		"AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
	if slices.Contains(who, "postgres") {
		t.Errorf("tests are logged in as %v", who)
	}
	if err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		var who string
		err := tx.QueryRow(ctx, "SELECT current_user").Scan(&who)
		if who != dbtest.AppRole {
			t.Errorf("tests are logged in as %s", who)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// protected are the tenant tables, and what the application may do with each.
func protected(t *testing.T, conn *pgx.Conn) (names []string, may map[string]bool) {
	t.Helper()
	may = map[string]bool{}
	names = strs(
		t,
		conn,
		"SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "+
			"AND relrowsecurity ORDER BY 1",
	)
	if len(names) < 25 {
		t.Fatalf("only %d tables: %v", len(names), names)
	}
	for _, g := range strs(t, conn, "SELECT table_name || ' ' || privilege_type "+
		"FROM information_schema.table_privileges WHERE grantee = $1", dbtest.AppRole) {
		may[g] = true
	}
	return names, may
}

// filled makes a tenant with one row in every table.
func filled(t *testing.T, d *db.DB) id.Tenant {
	t.Helper()
	all, err := fixtures.All()
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`(?m)^--.*$`)
	tenant := id.New[id.Tenant]()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		for _, f := range all {
			for statement := range strings.SplitSeq(comment.ReplaceAllString(f.SQL, ""), ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if _, err := tx.Exec(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return tenant
}

// try runs one statement of a tenant and takes it back.
func try(
	t *testing.T,
	d *db.DB,
	tenant id.Tenant,
	merchant id.Merchant,
	sql string,
	args ...any,
) (rows int64, err error) {
	t.Helper()
	err = d.InMerchant(t.Context(), tenant, merchant, func(ctx context.Context, tx db.TenantTx) error {
		tag, err := tx.Exec(ctx, sql, args...)
		if err != nil {
			return err
		}
		rows = tag.RowsAffected()
		return errUndo
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return rows, err
}

// insertRow is the statement that writes a row given as JSON: all columns but those that the database makes.
func insertRow(t *testing.T, d *db.DB, table string) (sql string) {
	t.Helper()
	if err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		return tx.QueryRow(ctx, `
			SELECT format('INSERT INTO %1$I (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1::text::jsonb)',
				$1::text, string_agg(quote_ident(attname), ', ' ORDER BY attnum))
			FROM pg_attribute
			WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
			table).Scan(&sql)
	}); err != nil {
		t.Fatal(err)
	}
	return sql
}

// TestTwoTenants tries every table from the other side, with the same rows on both.
func TestTwoTenants(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a, b := filled(t, d), filled(t, d)
	conn := superuser(t, d)
	names, may := protected(t, conn)
	none := id.Merchant{}
	for _, table := range names {
		var theirs string // the other tenant's row, whole
		if err := conn.QueryRow(t.Context(), "SELECT to_jsonb(t)::text FROM "+table+" t WHERE tenant_id = $1 LIMIT 1",
			a).Scan(&theirs); err != nil {
			t.Fatalf("%s has no row of the other tenant: %v", table, err)
		}
		total := strs(t, conn, "SELECT count(*)::text FROM "+table+" WHERE tenant_id = $1", a)[0]
		if n, err := try(t, d, b, none, "SELECT FROM "+table+" WHERE tenant_id = $1", a); n != 0 || err != nil {
			t.Errorf("%s: reads %d rows of another tenant, %v", table, n, err)
		}
		if n, err := try(t, d, b, none, "SELECT FROM "+table); fmt.Sprint(n) != total || err != nil {
			t.Errorf("%s: reads %d rows, its own are %s; %v", table, n, total, err)
		}
		_, err := try(
			t,
			d,
			b,
			none,
			insertRow(t, d, table),
			theirs,
		)
		if sqlState(err) != "42501" || !strings.Contains(fmt.Sprint(err), "row-level security") {
			t.Errorf("%s: inserts a row of another tenant: %v", table, err)
		}
		if may[table+" UPDATE"] {
			if n, err := try(t, d, b, none, "UPDATE "+table+" SET tenant_id = tenant_id WHERE tenant_id = $1",
				a); n != 0 ||
				err != nil {
				t.Errorf("%s: updates %d rows of another tenant, %v", table, n, err)
			}
			if _, err := try(t, d, b, none, "UPDATE "+table+" SET tenant_id = $1", a); sqlState(err) != "42501" {
				t.Errorf("%s: gives its rows to another tenant: %v", table, err)
			}
		}
		if may[table+" DELETE"] {
			if n, err := try(t, d, b, none, "DELETE FROM "+table+" WHERE tenant_id = $1", a); n != 0 || err != nil {
				t.Errorf("%s: deletes %d rows of another tenant, %v", table, n, err)
			}
		}
		if _, err := try(t, d, b, none, "TRUNCATE "+table); sqlState(err) != "42501" {
			t.Errorf("%s: truncates: %v", table, err)
		}
		for _, sql := range []string{"SELECT FROM " + table,
			"SELECT FROM " + table + " WHERE tenant_id = '" + a.UUID().String() + "'"} {
			err := d.Shared(t.Context(),
				func(ctx context.Context, tx db.SharedTx) error { _, err := tx.Exec(ctx, sql); return err })
			if sqlState(err) != "42501" || !strings.Contains(err.Error(), "no tenant is set") {
				t.Errorf("%s without a tenant: %v", sql, err)
			}
		}
	}
	if n, err := try(t, d, b, none, "SELECT FROM ledger_entries WHERE tenant_id = $1", a); n != 0 || err != nil {
		t.Errorf("ledger_entries: reads %d rows of another tenant, %v", n, err)
	}
	if n, err := try(t, d, b, none, "SELECT FROM ledger_entries"); n != 4 || err != nil {
		t.Errorf("ledger_entries: reads %d rows of its own, %v", n, err)
	}
}

// TestForeignKeysStayInside: the row that is pointed to must be the same tenant's, although foreign keys do not see
// row-level security.
func TestForeignKeysStayInside(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a, b := filled(t, d), dbtest.NewTenant(t, d)
	_ = a
	for _, sql := range []string{
		"INSERT INTO applications (id, merchant_id, status, sealed_form) " +
			"VALUES (gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'draft', '')",
		"INSERT INTO card_key_imports (id, product_id, accepted, duplicates) " +
			"VALUES (gen_random_uuid(), '00000000-0000-7000-8000-000000000022', 0, 0)",
		"INSERT INTO settlements (id, payment_id, order_id, amount_fen, royalty_freeze, status) " +
			"VALUES (gen_random_uuid(), '00000000-0000-7000-8000-000000000042', gen_random_uuid(), 1, true, 'pending')",
	} {
		if _, err := try(t, d, b, id.Merchant{}, sql); sqlState(err) != "23503" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A42 the ledger changed by the application", func(t *testing.T) {
		t.Parallel()
		d := dbtest.NewDB(t)
		tenant := filled(t, d)
		for _, table := range appendOnly() {
			for _, sql := range []string{"UPDATE " + table + " SET tenant_id = tenant_id", "DELETE FROM " + table,
				"TRUNCATE " + table, "ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY",
				"DROP TABLE " + table, "SELECT FROM " + table + " FOR UPDATE"} {
				if n, err := try(t, d, tenant, id.Merchant{}, sql); sqlState(err) != "42501" {
					t.Errorf("%s: %d rows, %v", sql, n, err)
				}
			}
			if n, err := try(t, d, tenant, id.Merchant{}, "SELECT FROM "+table); n == 0 || err != nil {
				t.Errorf("the control: %s has %d rows to change, %v", table, n, err)
			}
		}
	})
}
