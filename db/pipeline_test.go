package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
)

const (
	insertRule = "INSERT INTO split_rules (id, name) VALUES ($1, $2)"
	countRules = "SELECT count(*) FROM split_rules"
)

// keep leaves a row to be written.
func keep(ctx context.Context, w interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}, name string) error {
	_, err := w.Exec(ctx, insertRule, id.New[id.SplitRule](), name)
	return err
}

// rules are the names that are stored.
func rules(t *testing.T, d *db.DB, tenant id.Tenant) (names []string) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := tx.Query(ctx, "SELECT name FROM split_rules ORDER BY name")
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func wantRules(t *testing.T, d *db.DB, tenant id.Tenant, want ...string) {
	t.Helper()
	if have := rules(t, d, tenant); !slices.Equal(have, want) {
		t.Errorf("stored %v, want %v", have, want)
	}
}

func count(ctx context.Context, tx db.TenantTx) (n int, err error) {
	err = tx.QueryRow(ctx, countRules).Scan(&n)
	return n, err
}

var errUndo = errors.New("undo")

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	read := func(ctx context.Context, tx db.TenantTx) error {
		_, err := count(ctx, tx)
		return err
	}
	write := func(n int) func(ctx context.Context, tx db.TenantTx) error {
		return func(ctx context.Context, tx db.TenantTx) error {
			for range n {
				if err := keep(ctx, tx.Later(), id.New[id.SplitRule]().String()); err != nil {
					return err
				}
			}
			return nil
		}
	}
	fail := func(context.Context, db.TenantTx) error { return errUndo }
	flush := func(ctx context.Context, tx db.TenantTx) error { return tx.Flush(ctx) }
	type steps = []func(context.Context, db.TenantTx) error
	for _, c := range []struct {
		name  string
		steps steps
		want  int
	}{
		{"nothing", steps{}, 0},
		{"nothing, and an error", steps{fail}, 0},
		{"write once", steps{write(1)}, 1},
		{"write many", steps{write(20)}, 1},
		{"read", steps{read}, 2},
		{"read once, write many", steps{read, write(20)}, 2},
		{"write, read what was written, write", steps{write(2), read, write(2)}, 2},
		{"read twice", steps{read, read}, 3},
		{"read, write, error", steps{read, write(2), fail}, 2},
		{"write, error", steps{write(2), fail}, 0},
		{"write, flush, read", steps{write(2), flush, read}, 3},
		{"flush nothing", steps{flush}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, w := throughWire(t)
			tenant := dbtest.NewTenant(t, d)
			once := func() {
				err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
					for _, s := range c.steps {
						if err := s(ctx, tx); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil && !errors.Is(err, errUndo) {
					t.Fatal(err)
				}
			}
			once() // a connection prepares each statement at its first use
			before := w.roundTrips()
			once()
			if have := w.roundTrips() - before; have != c.want {
				t.Errorf("%d round trips, want %d", have, c.want)
			}
		})
	}
}

func TestLater(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	t.Run("is seen by the next query", func(t *testing.T) {
		t.Parallel()
		tenant := dbtest.NewTenant(t, d)
		err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			if err := keep(ctx, tx.Later(), "a"); err != nil {
				return err
			}
			n, err := count(ctx, tx)
			if n != 1 {
				t.Errorf("the query sees %d rows", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		wantRules(t, d, tenant, "a")
	})
	t.Run("fails at the commit and takes everything back", func(t *testing.T) {
		t.Parallel()
		tenant := dbtest.NewTenant(t, d)
		err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			if err := keep(ctx, tx, "first"); err != nil {
				return err
			}
			return errors.Join(
				keep(ctx, tx.Later(), "twice"),
				keep(ctx, tx.Later(), "twice"),
				keep(ctx, tx.Later(), "last"),
			)
		})
		if !db.Violates(err, "split_rules_tenant_id_name_key") {
			t.Errorf("%v", err)
		}
		wantRules(t, d, tenant)
	})
	t.Run("fails at the next query and takes everything back", func(t *testing.T) {
		t.Parallel()
		tenant := dbtest.NewTenant(t, d)
		err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			if err := errors.Join(keep(ctx, tx.Later(), "twice"), keep(ctx, tx.Later(), "twice")); err != nil {
				return err
			}
			_, err := count(ctx, tx)
			if !db.Violates(err, "split_rules_tenant_id_name_key") {
				t.Errorf("the query said %v", err)
			}
			return err
		})
		if !db.Violates(err, "split_rules_tenant_id_name_key") {
			t.Errorf("%v", err)
		}
		wantRules(t, d, tenant)
	})
	t.Run("does not read", func(t *testing.T) {
		t.Parallel()
		err := d.InTenant(t.Context(), dbtest.NewTenant(t, d), func(ctx context.Context, tx db.TenantTx) error {
			if _, err := tx.Later().Query(ctx, countRules); err == nil {
				t.Error("Later gave rows")
			}
			var n int
			if err := tx.Later().QueryRow(ctx, countRules).Scan(&n); err == nil {
				t.Error("Later gave a row")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A failure that the caller passes over must not let the rest of the transaction through: neither what Postgres refused
// nor what never reached it.
func TestSwallowedFailureStoresNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	for name, bad := range map[string]func(context.Context, db.TenantTx) error{
		"refused by Postgres": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, "SELECT 1/0")
			return err
		},
		"not SQL": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, "SELEKT 1")
			return err
		},
		"a bad argument": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, "SELECT $1::int2", 1<<20)
			return err
		},
		"too few arguments": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, "SELECT $1::int2")
			return err
		},
		"by a query": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Query(ctx, "SELEKT 1")
			return err
		},
		"by a row": func(ctx context.Context, tx db.TenantTx) error {
			return tx.QueryRow(ctx, "SELECT 1/0").Scan(new(int))
		},
		"by a row of a table": func(ctx context.Context, tx db.TenantTx) error {
			return tx.QueryRow(ctx, "SELECT 1/(n-1) FROM generate_series(1,2) n").Scan(new(int))
		},
		"by a flush": func(ctx context.Context, tx db.TenantTx) error {
			return errors.Join(keep(ctx, tx.Later(), ""), tx.Flush(ctx))
		},
		"by a flush, not sent": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Later().Exec(ctx, "SELECT $1::int2", 1<<20)
			return errors.Join(err, tx.Flush(ctx))
		},
	} {
		for _, where := range []string{"first", "later"} {
			t.Run(name+", "+where, func(t *testing.T) {
				t.Parallel()
				tenant := dbtest.NewTenant(t, d)
				queue := fmt.Sprintf("test_%s", tenant)
				err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
					if err := keep(ctx, tx.Later(), "before"); err != nil {
						return err
					}
					if where == "later" {
						if _, err := count(ctx, tx); err != nil {
							return err
						}
					}
					if err := bad(ctx, tx); err == nil {
						t.Error("the statement did not fail")
					}
					// a table without a tenant would take it even outside a transaction
					_, _ = tx.Exec(
						ctx,
						"INSERT INTO river.river_job (kind, args, queue) VALUES ('test', '{}', $1)",
						queue,
					)
					_, _ = tx.Later().
						Exec(ctx, "INSERT INTO river.river_job (kind, args, queue) VALUES ('test', '{}', $1)", queue)
					return nil
				})
				if err == nil {
					t.Error("committed")
				}
				wantRules(t, d, tenant)
				var n int
				if err := d.Pool().QueryRow(t.Context(), "SELECT count(*) FROM river.river_job WHERE queue = $1",
					queue).Scan(&n); err != nil ||
					n != 0 {
					t.Errorf("%d jobs were stored, %v", n, err)
				}
			})
		}
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDBWith(t, db.Config{MaxConns: 1}) // the one connection must be usable afterwards
	tenant := dbtest.NewTenant(t, d)
	ctx := t.Context()

	err := d.InTenant(ctx, tenant,
		func(ctx context.Context, tx db.TenantTx) error { return errors.Join(keep(ctx, tx, "error"), errUndo) })
	if !errors.Is(err, errUndo) {
		t.Errorf("%v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = d.InTenant(ctx, tenant,
			func(ctx context.Context, tx db.TenantTx) error { _ = keep(ctx, tx, "panic"); panic("oh") })
	}()
	wantRules(t, d, tenant)
	if n := d.Pool().Stat().NewConnsCount(); n != 1 {
		t.Errorf("%d connections were made: a rollback lost one", n)
	}

	stopped, cancel := context.WithCancel(ctx)
	err = d.InTenant(stopped, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := keep(ctx, tx, "cancelled"); err != nil {
			return err
		}
		cancel()
		return keep(ctx, tx.Later(), "and then")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("commit of a cancelled transaction: %v", err)
	}
	wantRules(t, d, tenant)

	brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	err = d.InTenant(brief, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := keep(ctx, tx, "too late"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT pg_sleep(60)")
		return err
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a query over its time: %v", err)
	}
	wantRules(t, d, tenant)
}

func TestRows(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDBWith(t, db.Config{MaxConns: 1})
	tenant := dbtest.NewTenant(t, d)
	in := func(fn func(ctx context.Context, tx db.TenantTx) error) error {
		return d.InTenant(t.Context(), tenant, fn)
	}

	if err := in(func(ctx context.Context, tx db.TenantTx) error { // closed early
		rows, err := tx.Query(ctx, "SELECT n FROM generate_series(1, 1000) n")
		if err != nil {
			return err
		}
		rows.Next()
		rows.Close()
		rows.Close()
		return errors.Join(rows.Err(), keep(ctx, tx, "closed early"))
	}); err != nil {
		t.Error(err)
	}
	if err := in(func(ctx context.Context, tx db.TenantTx) error { // no rows is not a failure
		var name string
		if err := tx.QueryRow(ctx, "SELECT name FROM split_rules WHERE name = 'none'").Scan(&name); !db.IsNoRows(err) {
			t.Errorf("no row: %v", err)
		}
		return keep(ctx, tx, "no rows")
	}); err != nil {
		t.Error(err)
	}
	if err := in(func(ctx context.Context, tx db.TenantTx) error { // more than one row
		var n int
		if err := tx.QueryRow(ctx, "SELECT n FROM generate_series(7, 9) n").Scan(&n); err != nil || n != 7 {
			t.Errorf("first of three: %d, %v", n, err)
		}
		return keep(ctx, tx, "one of many")
	}); err != nil {
		t.Error(err)
	}
	if err := in(func(ctx context.Context, tx db.TenantTx) error { // fails after some rows
		rows, err := tx.Query(ctx, "SELECT 1/(3-n) FROM generate_series(1, 5) n")
		if err != nil {
			return err
		}
		_, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	}); err == nil {
		t.Error("a query that failed after some rows was taken for whole")
	}
	if err := in(func(ctx context.Context, tx db.TenantTx) error { // left open: a bug of the caller
		if err := keep(ctx, tx, "left open"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT n FROM generate_series(1, 1000) n")
		if err == nil {
			rows.Next()
		}
		return err
	}); err == nil {
		t.Error("committed with rows left open")
	}
	wantRules(t, d, tenant, "closed early", "no rows", "one of many")
}

func TestUseAfterTheEnd(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	var leaked db.TenantTx
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		leaked = tx
		return keep(ctx, tx, "inside")
	}); err != nil {
		t.Fatal(err)
	}
	if err := keep(t.Context(), leaked, "outside"); err == nil {
		t.Error("a transaction wrote after its end")
	}
	if err := keep(t.Context(), leaked.Later(), "outside"); err == nil {
		t.Error("a transaction took a write after its end")
	}
	if err := leaked.Flush(t.Context()); err == nil {
		t.Error("a transaction flushed after its end")
	}
	wantRules(t, d, tenant, "inside")
}

func TestTenantIsForgottenAfterwards(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDBWith(t, db.Config{MaxConns: 1})
	tenant := dbtest.NewTenant(t, d)
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		if tx.Tenant() != tenant {
			t.Error("another tenant's transaction")
		}
		return keep(ctx, tx, "a")
	}); err != nil {
		t.Fatal(err)
	}
	err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		var n int
		return tx.QueryRow(ctx, countRules).Scan(&n)
	})
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "42501" {
		t.Errorf("a tenant table read without a tenant: %v", err)
	}
	if err := d.InTenant(t.Context(), id.Tenant{}, func(context.Context, db.TenantTx) error {
		return nil
	}); err == nil {
		t.Error("a transaction of no tenant")
	}
	if err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		var n int
		err := tx.QueryRow(ctx, "SELECT count(*) FROM tenant_directory").Scan(&n)
		if n != 1 {
			t.Errorf("the directory has %d rows", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// Identifiers travel as uuid, alone and in arrays, and the zero one as NULL.
func TestIdentifiersInSQL(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	want := []id.CardKey{id.New[id.CardKey](), id.New[id.CardKey]()}
	var one, none id.CardKey
	var text string
	var all []id.CardKey
	if err := tx.QueryRow(t.Context(), "SELECT $1::uuid, $1::uuid::text, NULL::uuid, "+
		"(SELECT array_agg(u) FROM unnest($2::uuid[]) u)", want[0], want).
		Scan(&one, &text, &none, &all); err != nil {
		t.Fatal(err)
	}
	if one != want[0] || text != want[0].UUID().String() || !none.IsZero() || !slices.Equal(all, want) {
		t.Errorf("read %v, %s, %v, %v", one, text, none, all)
	}
	var null bool
	if err := tx.QueryRow(t.Context(), "SELECT $1::uuid IS NULL", id.CardKey{}).Scan(&null); err != nil || !null {
		t.Errorf("the zero identifier is not NULL, %v", err)
	}
}
