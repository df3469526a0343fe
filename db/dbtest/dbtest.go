// Package dbtest gives tests a real Postgres with the product's schema, logged in as the application's role, so that
// row-level security is on in every test.
//
//   - [TestTx] is a transaction of a fresh tenant that is rolled back at the end: for functions that work on one
//     transaction.
//   - [NewDB] is a database of its own, cloned from a template: for phased functions, workers and races. [NewTenant]
//     makes tenants in it.
//
// The server is named by the environment variable ZHITONG_TEST_DATABASE_URL, a superuser's address; without it a test
// fails and says what to type. The template is named by the hash of the migrations and made once, whichever test
// process comes first. Roles and databases here begin with zhitong_test or zt_: nothing else on the server is touched.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/migrations"
	"zhitong/internal/id"
)

const (
	// OwnerRole owns the test databases and their tables; AppRole is what tests log in as. Their password is known:
	// they exist on test servers only.
	OwnerRole = "zhitong_test_owner"
	AppRole   = "zhitong_test_app"
	password  = "zhitong-test"

	// maxConns bounds one database's pool, liveDatabases how many of them one test process has at a time: a server for
	// tests takes 200 connections.
	maxConns      = 6
	liveDatabases = 12
	// setupLock is the advisory lock under which roles and templates are made.
	setupLock = 0x7a74746573740001
	// keptFor is how long databases of failed and killed tests stay.
	keptFor = 6 * time.Hour
	// setupTimeout bounds the making of the template.
	setupTimeout = 2 * time.Minute
)

const howToStart = `no test database: set ZHITONG_TEST_DATABASE_URL to a superuser's address of a Postgres for tests,
or type

    go run ./test/testdb -- go test ./...
`

// server is the test server as this process knows it.
type server struct {
	admin    *url.URL // superuser, maintenance database
	template string
	shared   *db.DB // one database for every TestTx, of all processes: nothing is ever committed there
	live     chan struct{}
}

// theServer prepares the server once per process; a failure is the failure of every test.
var theServer = sync.OnceValues(func() (*server, error) {
	address := os.Getenv("ZHITONG_TEST_DATABASE_URL")
	if address == "" {
		return nil, errors.New(howToStart)
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, errors.New(
			"ZHITONG_TEST_DATABASE_URL: want an address of the form postgres://user:password@host:port/postgres",
		)
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	s := &server{admin: u, live: make(chan struct{}, liveDatabases)}
	if err := s.prepare(ctx); err != nil {
		return nil, fmt.Errorf("prepare the test server: %w", err)
	}
	s.shared, err = db.Open(ctx,
		db.Config{URL: s.url(AppRole, s.sharedName()), MaxConns: int32(min(32, 8+2*runtime.GOMAXPROCS(0)))})
	if err != nil {
		return nil, err
	}
	return s, nil
})

func get(t testing.TB) *server {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sharedName is the database of TestTx.
func (s *server) sharedName() string {
	return strings.Replace(s.template, "zt_template_", "zt_shared_", 1)
}

// url is the address of a database for a role; the superuser's when role is empty.
func (s *server) url(role, database string) string {
	u := *s.admin
	if role != "" {
		u.User = url.UserPassword(role, password)
	}
	u.Path = "/" + database
	q := u.Query()
	q.Del("dbname")
	q.Del("user")
	q.Del("password")
	u.RawQuery = q.Encode()
	return u.String()
}

// as connects as the superuser and runs do.
func (s *server) as(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

// prepare makes roles, template and shared database, and drops what old runs left, one process at a time.
func (s *server) prepare(ctx context.Context) error {
	hash, err := migrations.Hash()
	if err != nil {
		return err
	}
	s.template = "zt_template_" + hash
	return s.as(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(setupLock)); err != nil {
			return err
		}
		for _, role := range []string{OwnerRole, AppRole} {
			if err := makeRole(ctx, conn, role); err != nil {
				return err
			}
		}
		if err := dropOld(ctx, conn); err != nil {
			return err
		}
		if err := s.makeTemplate(ctx, conn); err != nil {
			return err
		}
		return s.makeShared(ctx, conn)
	})
}

func makeRole(ctx context.Context, conn *pgx.Conn, role string) error {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
		role).Scan(&exists); err != nil {
		return err
	}
	if exists {
		return nil
	}
	_, err := conn.Exec(
		ctx,
		fmt.Sprintf(
			"CREATE ROLE %s LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '%s'",
			role,
			password,
		),
	)
	return err
}

// dropOld drops databases of this package that were made long ago. Those in use, and those another process has just
// dropped, are passed over.
func dropOld(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(
		ctx,
		`SELECT d.datname FROM pg_database d JOIN pg_shdescription c ON c.objoid = d.oid
			AND c.classoid = 'pg_database'::regclass
		WHERE d.datname LIKE 'zt\_%' AND c.description LIKE 'dbtest %'
			AND split_part(c.description, ' ', 2)::timestamptz < $1`,
		time.Now().Add(-keptFor), //nolint:forbidigo // the machine's: test runs whose clocks differ share the server
	)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, n := range names {
		// best effort: rubbish that stays is dropped next time
		_, _ = conn.Exec(ctx, "ALTER DATABASE "+n+" IS_TEMPLATE false")
		_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+n)
	}
	return nil
}

// makeTemplate migrates a database as the owner role and marks it as a template: the mark says that it is whole.
func (s *server) makeTemplate(ctx context.Context, conn *pgx.Conn) error {
	var whole bool
	err := conn.QueryRow(ctx, "SELECT datistemplate FROM pg_database WHERE datname = $1", s.template).Scan(&whole)
	if err == nil && whole {
		return stamp(ctx, conn, s.template)
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + s.template + " WITH (FORCE)",
		"CREATE DATABASE " + s.template + " TEMPLATE template0 ENCODING 'UTF8' OWNER " + OwnerRole,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := migrations.Migrate(ctx, s.url(OwnerRole, s.template), AppRole); err != nil {
		return err
	}
	if _, err := migrations.RevokeSettings(ctx, s.url("", s.template)); err != nil {
		return err
	}
	if err := stamp(ctx, conn, s.template); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+s.template+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}

func (s *server) makeShared(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)",
		s.sharedName()).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		if err := s.clone(ctx, conn, s.sharedName()); err != nil {
			return err
		}
	}
	return stamp(ctx, conn, s.sharedName())
}

// clone copies the template. Its files are copied, not its pages logged: the test server writes without waiting, and a
// copy of the files takes a third of the time.
func (s *server) clone(ctx context.Context, conn *pgx.Conn, name string) error {
	_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+s.template+" STRATEGY file_copy OWNER "+OwnerRole)
	return err
}

// stamp says who made a database and when it was last wanted.
func stamp(ctx context.Context, conn *pgx.Conn, database string) error {
	now := time.Now() //nolint:forbidigo // the machine's time, as above
	_, err := conn.Exec(ctx,
		fmt.Sprintf("COMMENT ON DATABASE %s IS 'dbtest %s'", database, now.UTC().Format(time.RFC3339)))
	return err
}

// errRollback ends the transaction of TestTx.
var errRollback = errors.New("the test is over")

// TestTx is a transaction of a fresh tenant, rolled back at the end of the test. Nothing else is in the database that
// it could see. It is one transaction: use it from one goroutine, and not for what commits.
func TestTx(t testing.TB) db.TenantTx {
	t.Helper()
	d := get(t).shared
	tenant := id.New[id.Tenant]()
	opened, over, done := make(chan db.TenantTx), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- d.InTenant(context.Background(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			select {
			case opened <- tx:
				<-over
			case <-over:
			}
			return errRollback
		})
	}()
	var tx db.TenantTx
	select {
	case tx = <-opened:
	case err := <-done:
		t.Fatalf("open a test transaction: %v", err)
	}
	t.Cleanup(func() {
		close(over)
		if err := <-done; !errors.Is(err, errRollback) {
			t.Errorf("roll back the test transaction: %v", err)
		}
	})
	if err := insertTenant(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return tx
}

// NewDB is a database of the test's own, opened as the application's role. It is dropped at the end; when the test
// failed it is kept for some hours and the log says how to open it.
func NewDB(t testing.TB) *db.DB {
	t.Helper()
	return NewDBWith(t, db.Config{})
}

// NewDBWith is NewDB with a tracer or another number of connections. The address is set here.
func NewDBWith(t testing.TB, c db.Config) *db.DB {
	t.Helper()
	s := get(t)
	select {
	case s.live <- struct{}{}:
	case <-time.After(setupTimeout):
		t.Fatalf("more than %d test databases at a time", liveDatabases)
	}
	name := "zt_" + safeName(t.Name()) + "_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:10]
	if err := s.as(t.Context(), func(conn *pgx.Conn) error {
		if err := s.clone(t.Context(), conn, name); err != nil {
			return err
		}
		return stamp(t.Context(), conn, name)
	}); err != nil {
		<-s.live
		t.Fatalf("clone the template database: %v", err)
	}
	c.URL = s.url(AppRole, name)
	if c.MaxConns == 0 {
		c.MaxConns = maxConns
	}
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.finish(t, d, name) })
	return d
}

// finish closes a test's database and drops it unless it is worth looking at.
func (s *server) finish(t testing.TB, d *db.DB, name string) {
	defer func() { <-s.live }()
	d.Close()
	if t.Failed() {
		t.Logf("the test's database is kept; to open it: psql '%s'", s.url("", name))
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	if err := s.as(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		return err
	}); err != nil {
		t.Errorf("drop the test's database: %v", err)
	}
}

// safeName makes a short name for a database out of a test's.
func safeName(test string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(test) {
		if b.Len() == 24 {
			break
		}
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			b.WriteRune(r)
		}
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(test))
	return fmt.Sprintf("%s_%x", b.String(), h.Sum32())
}

// NewTenant makes a tenant in d and commits it.
func NewTenant(t testing.TB, d *db.DB) id.Tenant {
	t.Helper()
	tenant := id.New[id.Tenant]()
	if err := d.InTenant(t.Context(), tenant, insertTenant); err != nil {
		t.Fatalf("make a tenant: %v", err)
	}
	return tenant
}

// AdminURL is the superuser's address of a test's database: to look past row-level security, to break things and to
// tamper.
func AdminURL(t testing.TB, d *db.DB) string {
	t.Helper()
	return get(t).url("", d.Pool().Config().ConnConfig.Database)
}

// OwnerURL is the address of a test's database for the role that owns it and migrates.
func OwnerURL(t testing.TB, d *db.DB) string {
	t.Helper()
	return get(t).url(OwnerRole, d.Pool().Config().ConnConfig.Database)
}

// AppURL is the address of a test's database for the application's role.
func AppURL(t testing.TB, d *db.DB) string {
	t.Helper()
	return get(t).url(AppRole, d.Pool().Config().ConnConfig.Database)
}
