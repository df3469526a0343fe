package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
)

// admin runs a statement as the superuser in a test's database.
func admin(t *testing.T, d *db.DB, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Two transactions lock two rows in opposite order: Postgres breaks one off, and it is run again.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	admin(
		t,
		d,
		"ALTER ROLE "+dbtest.AppRole+" IN DATABASE "+d.Pool().
			Config().
			ConnConfig.Database+" SET deadlock_timeout = '300ms'",
	)
	tenant := dbtest.NewTenant(t, d)
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		return errors.Join(keep(ctx, tx.Later(), "a"), keep(ctx, tx.Later(), "b"))
	}); err != nil {
		t.Fatal(err)
	}
	var runs atomic.Int32
	var both, done sync.WaitGroup
	both.Add(2)
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		done.Go(func() {
			first := true
			err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
				runs.Add(1)
				for i, name := range order {
					if _, err := tx.Exec(ctx, "UPDATE split_rules SET created_at = created_at + '1 day' "+
						"WHERE name = $1", name); err != nil {
						return err
					}
					if i == 0 && first { // hold it until the other holds its own
						first = false
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := runs.Load(); n < 3 { // two that met and one again; on a slow machine Postgres may break off both
		t.Errorf("ran %d times: they never met", n)
	}
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		var n int
		err := tx.QueryRow(ctx, "SELECT count(*) FROM split_rules WHERE created_at BETWEEN now() + '47 hours' "+
			"AND now() + '49 hours'").Scan(&n)
		if n != 2 {
			t.Errorf("%d of 2 rows have both changes", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenOffIsTriedAgainABoundedNumberOfTimes(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	for _, c := range []struct {
		code  string
		later bool
		runs  int
	}{{"40001", false, 3}, {"40P01", false, 3}, {"40001", true, 3}, {"23505", false, 1}, {"42501", false, 1}} {
		runs := 0
		err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			runs++
			raise := fmt.Sprintf("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '%s'; END $$", c.code)
			if c.later {
				_, err := tx.Later().Exec(ctx, raise)
				return err
			}
			_, err := tx.Exec(ctx, raise)
			return err
		})
		if err == nil || runs != c.runs {
			t.Errorf("%s (left for later: %v) ran %d times, want %d; %v", c.code, c.later, runs, c.runs, err)
		}
	}
}

// Connections that died in the pool are nobody's failure: the transaction begins on another.
func TestDeadConnectionInThePool(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"reads", "only writes"} {
		d := dbtest.NewDBWith(t, db.Config{MaxConns: 1})
		tenant := dbtest.NewTenant(t, d)
		var pid int
		if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			return tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid)
		}); err != nil {
			t.Fatal(err)
		}
		admin(t, d, "SELECT pg_terminate_backend($1, 5000)", pid)
		runs := 0
		err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			runs++
			if how == "only writes" {
				return keep(ctx, tx.Later(), how)
			}
			return keep(ctx, tx, how)
		})
		switch {
		case how == "reads" && (err != nil || runs != 2):
			t.Errorf("ran %d times, %v", runs, err)
		case how == "only writes" && err != nil && !db.IsUnavailable(err):
			// COMMIT was sent, too: when nothing tells that it was not received, it is not sent again
			t.Errorf("%v", err)
		case err == nil:
			wantRules(t, d, tenant, how)
		}
	}
}

// The server ends the connection in the middle: an error that says "away", nothing stored, and the next transaction
// works.
func TestConnectionKilled(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDBWith(t, db.Config{MaxConns: 1})
	tenant := dbtest.NewTenant(t, d)
	for _, where := range []string{"at the next query", "at the commit"} {
		err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			var pid int
			if err := errors.Join(keep(ctx, tx, where),
				tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid)); err != nil {
				return err
			}
			admin(t, d, "SELECT pg_terminate_backend($1, 5000)", pid)
			if where == "at the commit" {
				return nil
			}
			_, err := count(ctx, tx)
			return err
		})
		if !db.IsUnavailable(err) {
			t.Errorf("killed %s: %v", where, err)
		}
		wantRules(t, d, tenant)
	}
}

// The answer to a commit is lost: the caller learns that the database was away and cannot know that its rows are
// stored. They are.
func TestCommitAnswerLost(t *testing.T) {
	t.Parallel()
	d, w := throughWire(t)
	tenant := dbtest.NewTenant(t, d)
	err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := keep(ctx, tx, "stored"); err != nil {
			return err
		}
		w.loseNextAnswer()
		return nil
	})
	if !db.IsUnavailable(err) {
		t.Errorf("%v", err)
	}
	wantRules(t, d, tenant, "stored")
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := fmt.Sprintf("postgres://nobody@%s/none?sslmode=disable", l.Addr())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Config{URL: url})
	if err != nil {
		t.Fatalf("opening connects: %v", err)
	}
	defer d.Close()
	err = d.InTenant(t.Context(), id.New[id.Tenant](),
		func(context.Context, db.TenantTx) error { t.Error("ran without a database"); return nil })
	if !db.IsUnavailable(err) {
		t.Errorf("%v", err)
	}
	if err := d.Ping(t.Context()); !db.IsUnavailable(err) {
		t.Errorf("ping: %v", err)
	}
}

func TestIsUnavailable(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	raise := func(code string) error {
		return d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
			_, err := tx.Exec(ctx, fmt.Sprintf("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '%s'; END $$", code))
			return err
		})
	}
	for code, want := range map[string]bool{"08006": true, "57P01": true, "57P03": true, "53100": true, "53300": true,
		"25006": true,
		"23505": false, "42501": false, "22012": false, "40001": false, "57014": false} {
		if have := db.IsUnavailable(raise(code)); have != want {
			t.Errorf("%s: %v", code, have)
		}
	}
	for _, err := range []error{nil, errUndo, pgx.ErrNoRows, context.Canceled} {
		if db.IsUnavailable(err) {
			t.Errorf("%v is an outage", err)
		}
	}
	for _, err := range []error{io.ErrUnexpectedEOF, &net.OpError{Op: "read", Err: errors.New("reset")},
		fmt.Errorf("x: %w", net.ErrClosed)} {
		if !db.IsUnavailable(err) {
			t.Errorf("%v is no outage", err)
		}
	}
	if db.IsNoRows(nil) || db.Violates(nil, "x") || db.Violates(raise("23505"), "x") {
		t.Error("an error that is none")
	}
}
