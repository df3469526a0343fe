package migrations_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"zhitong/db/dbtest"
	"zhitong/db/migrations"
	"zhitong/db/migrations/fixtures"
	"zhitong/internal/id"
)

// beforeSequence is the last migration without numbers of events.
const beforeSequence = 11

// empty is a database with nothing in it, and a migrator for it.
func empty(t *testing.T) (ownerURL string, m *migrations.Migrator) {
	t.Helper()
	d := dbtest.NewDB(t)
	ownerURL = dbtest.OwnerURL(t, d)
	m = open(t, ownerURL)
	if _, err := m.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return ownerURL, m
}

func open(t *testing.T, url string) *migrations.Migrator {
	t.Helper()
	m, err := migrations.Open(t.Context(), url, dbtest.AppRole)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// schema describes everything that migrations make, in text that is the same for the same schema.
func schema(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('public', 'app', 'river'))
		SELECT format('column %s.%s.%s %s null:%s default:%s', n.nspname, c.relname, a.attname,
			format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
		  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN ours n ON n.oid = c.relnamespace
		    LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
		 WHERE a.attnum > 0 AND NOT a.attisdropped
		UNION ALL SELECT format('relation %s.%s %s rls:%s %s options:%s acl:%s', n.nspname, c.relname, c.relkind,
			c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl) FROM pg_class c JOIN ours n
			ON n.oid = c.relnamespace
		UNION ALL SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(c.oid))
			FROM pg_constraint c JOIN ours n ON n.oid = c.connamespace
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes JOIN ours ON nspname = schemaname
		UNION ALL SELECT 'policy ' || p::text FROM pg_policies p JOIN ours ON nspname = schemaname
		UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '') FROM pg_proc p
			JOIN ours n ON n.oid = p.pronamespace
		UNION ALL SELECT format('view %s: %s', c.relname, pg_get_viewdef(c.oid)) FROM pg_class c JOIN ours n
			ON n.oid = c.relnamespace WHERE relkind = 'v'
		UNION ALL SELECT format('schema %s %s', nspname, nspacl) FROM pg_namespace WHERE nspname IN ('app', 'river')
		UNION ALL SELECT format('default privileges in %s: %s', n.nspname, defaclacl) FROM pg_default_acl a JOIN ours n
			ON n.oid = a.defaclnamespace
		UNION ALL SELECT format('type %s.%s', n.nspname, typname) FROM pg_type t JOIN ours n ON n.oid = t.typnamespace
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// notGoose drops goose's own table, which is made once and stays.
func notGoose(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines),
		func(s string) bool { return strings.Contains(s, "goose_db_version") })
}

func tables(t *testing.T, conn *pgx.Conn) map[string]bool {
	t.Helper()
	rows, err := conn.Query(
		t.Context(),
		"SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'river') "+
			"AND tablename <> 'goose_db_version'",
	)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// riversOwn are River's tables that it fills itself while it runs.
func riversOwn(table string) bool {
	return strings.HasPrefix(table, "river.") && table != "river.river_job"
}

// climb migrates up step by step, over the fixture rows of every step before, and checks that each new table got a row.
func climb(t *testing.T, m *migrations.Migrator, conn *pgx.Conn, tenant id.Tenant) {
	t.Helper()
	ctx := t.Context()
	if _, err := conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", tenant.UUID().String()); err != nil {
		t.Fatal(err)
	}
	all, err := fixtures.All()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	filled := map[string]bool{}
	for i, s := range steps {
		if s.Version != int64(i+1) {
			t.Fatalf("migration %d has number %d: there is a gap or a number twice", i+1, s.Version)
		}
		if done, err := m.UpTo(ctx, s.Version); err != nil || !slices.Equal(done, []int64{s.Version}) {
			t.Fatalf("up to %s: %v, %v", s.Name, done, err)
		}
		for _, f := range all {
			if f.Version == s.Version {
				if _, err := conn.Exec(ctx, f.SQL); err != nil {
					t.Fatalf("fixture of %s: %v", s.Name, err)
				}
			}
		}
		for table := range tables(t, conn) {
			if filled[table] || riversOwn(table) {
				continue
			}
			var n int
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n == 0 {
				t.Errorf("%s: table %s has no fixture row (%v); add one to db/migrations/fixtures", s.Name, table, err)
			}
			filled[table] = true
		}
	}
	if last := all[len(all)-1].Version; last > int64(len(steps)) {
		t.Errorf("fixture %d has no migration", last)
	}
}

func TestUpDownUp(t *testing.T) {
	t.Parallel()
	ownerURL, m := empty(t)
	conn := connect(t, ownerURL)
	ctx := t.Context()
	if left := notGoose(schema(t, conn)); len(left) > 0 {
		t.Fatalf("all the way down leaves:\n%s", strings.Join(left, "\n"))
	}
	climb(t, m, conn, id.New[id.Tenant]())
	first := schema(t, conn)
	if len(first) < 200 {
		t.Fatalf("the description of the schema has only %d lines", len(first))
	}

	steps, err := m.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slices.Backward(steps) { // one at a time, over the rows
		if s.AppliedAt.IsZero() {
			t.Errorf("%s is not applied", s.Name)
		}
		if _, err := m.DownTo(ctx, s.Version-1); err != nil {
			t.Fatalf("down from %s: %v", s.Name, err)
		}
	}
	if left := notGoose(schema(t, conn)); len(left) > 0 {
		t.Fatalf("all the way down leaves:\n%s", strings.Join(left, "\n"))
	}
	if pending, err := m.Pending(ctx); err != nil || !pending {
		t.Errorf("nothing is pending, %v", err)
	}
	climb(t, m, conn, id.New[id.Tenant]())
	second := schema(t, conn)
	if !slices.Equal(first, second) {
		t.Errorf(
			"another schema after down and up:\nonly before: %v\nonly after: %v",
			minus(first, second),
			minus(second, first),
		)
	}
	if done, err := m.Up(ctx); err != nil || len(done) > 0 {
		t.Errorf("up once more did %v, %v", done, err)
	}
	if pending, err := m.Pending(ctx); err != nil || pending {
		t.Errorf("still pending, %v", err)
	}
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// Several programs that start at once migrate once.
func TestMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	ownerURL, _ := empty(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := migrations.Migrate(t.Context(), ownerURL, dbtest.AppRole); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := migrations.CheckNewest(t.Context(), connect(t, ownerURL)); err != nil {
		t.Error(err)
	}
}

// Events from before they were numbered get their numbers, subject by subject, and tenant by tenant.
func TestEventsFromBeforeAreNumbered(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	m, conn := open(t, dbtest.OwnerURL(t, d)), connect(t, dbtest.AdminURL(t, d))
	if _, err := m.DownTo(t.Context(), beforeSequence); err != nil {
		t.Fatal(err)
	}
	subjects := []uuid.UUID{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())}
	for _, tenant := range []id.Tenant{dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)} {
		for _, subject := range append(subjects, subjects[0]) {
			_, err := conn.Exec(t.Context(), "INSERT INTO events "+
				"(tenant_id, id, type, subject_type, subject_id, data) "+
				"VALUES ($1, $2, 'order.paid', 'order', $3, '{}')", tenant, id.New[id.Event](), subject)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), "SELECT sequence FROM events ORDER BY tenant_id, id")
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil || !slices.Equal(got, []int{1, 1, 2, 1, 1, 2}) {
		t.Errorf("the numbers are %v, %v", got, err)
	}
}

// A migration that was broken off in the middle of River's part goes on where it stopped.
func TestRiverGoesOn(t *testing.T) {
	t.Parallel()
	ownerURL, m := empty(t)
	ctx := t.Context()
	if _, err := m.UpTo(ctx, 7); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, ownerURL)
	if _, err := conn.Exec(ctx, "CREATE SCHEMA river; CREATE TABLE river.river_leader (broken int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(ctx); err == nil {
		t.Fatal("migrated over a table that is in the way")
	}
	if _, err := conn.Exec(ctx, "DROP TABLE river.river_leader"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestRiverIsNewest(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	rm, err := rivermigrate.New(riverpgxv5.New(d.Pool()), &rivermigrate.Config{Schema: "river"})
	if err != nil {
		t.Fatal(err)
	}
	have, err := rm.ExistingVersions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := rm.AllVersions(); len(have) != len(want) {
		t.Errorf(
			"the schema has %d of River's %d migrations: add a migration that runs the new ones",
			len(have),
			len(want),
		)
	}
}

func TestCheckNewest(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	ctx := t.Context()
	app := connect(t, dbtest.AppURL(t, d))
	if err := migrations.CheckNewest(ctx, app); err != nil {
		t.Errorf("newest: %v", err)
	}
	m := open(t, dbtest.OwnerURL(t, d))
	newest, err := migrations.Newest()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.DownTo(ctx, newest-1); err != nil {
		t.Fatal(err)
	}
	if err := migrations.CheckNewest(ctx, app); err == nil {
		t.Error("a database that is one migration behind was taken for new")
	}
	if _, err := connect(t, dbtest.OwnerURL(t, d)).Exec(ctx, "DROP TABLE goose_db_version"); err != nil {
		t.Fatal(err)
	}
	if err := migrations.CheckNewest(ctx, app); err == nil || !strings.Contains(err.Error(), "version 0") {
		t.Errorf("a database that was never migrated: %v", err)
	}
}

func TestOpenRefusesRoles(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"", "a b", "x'; DROP TABLE tenants; --", "Zhitong", strings.Repeat("a", 64)} {
		if m, err := migrations.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none", role); err == nil {
			m.Close()
			t.Errorf("took role %q", role)
		}
	}
}

// The role that migrates is an ordinary one, and its session waits for locks only so long.
func TestLockTimeout(t *testing.T) {
	t.Parallel()
	ownerURL, m := empty(t)
	ctx := t.Context()
	if _, err := m.UpTo(ctx, 2); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, ownerURL)
	var super, bypass bool
	if err := conn.QueryRow(ctx,
		"SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").Scan(&super, &bypass); err != nil ||
		super ||
		bypass {
		t.Errorf("the owner is superuser %v, bypasses row-level security %v, %v", super, bypass, err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "LOCK TABLE tenants IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	var wait string
	if err := conn.QueryRow(ctx,
		"SELECT setting FROM pg_settings WHERE name = 'lock_timeout'").Scan(&wait); err != nil ||
		wait != "0" {
		t.Errorf("the server's own lock_timeout is %s, %v: this test shows nothing", wait, err)
	}
	u, err := url.Parse(ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("lock_timeout", "50ms")
	u.RawQuery = q.Encode()
	_, err = open(t, u.String()).DownTo(ctx, 1)
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "55P03" {
		t.Errorf("while another holds the table: %v", err)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	a, err := migrations.Hash()
	if err != nil {
		t.Fatal(err)
	}
	b, err := migrations.Hash()
	if err != nil || a != b || len(a) != 16 {
		t.Errorf("%s, then %s, %v", a, b, err)
	}
}
