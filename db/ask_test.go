package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
)

// ask is a read of Ask that adds the names to have, with as many queries as it is told, one after the other.
func ask(have *[]string, queries ...string) func(context.Context, db.Asked) error {
	return func(ctx context.Context, r db.Asked) error {
		for _, q := range queries {
			rows, err := r.Query(ctx, q)
			if err != nil {
				return err
			}
			names, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			*have = append(*have, names...)
		}
		return nil
	}
}

// TestAsk: reads of several packages are one round trip, together with what was left for later; the slowest read
// decides how many.
func TestAsk(t *testing.T) {
	t.Parallel()
	d, w := throughWire(t)
	tenant := dbtest.NewTenant(t, d)
	const (
		one   = "SELECT 'one'"
		two   = "SELECT 'two'"
		three = "SELECT 'three'"
		kept  = "SELECT name FROM split_rules WHERE tenant_id = app.tenant_id()"
	)
	var a, b, c []string
	once := func() {
		a, b, c = nil, nil, nil
		if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			if err := keep(ctx, tx.Later(), "kept"); err != nil {
				return err
			}
			if err := tx.Ask(ctx, ask(&a, one), ask(&b, two, three), ask(&c, kept)); err != nil {
				return err
			}
			return errUndo
		}); !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	}
	once() // prepares the statements
	before := w.roundTrips()
	once()
	if trips := w.roundTrips() - before; trips != 3 { // two of questions, one of the rollback
		t.Errorf("%d round trips, want 3", trips)
	}
	if !slices.Equal(a, []string{"one"}) || !slices.Equal(b, []string{"two", "three"}) ||
		!slices.Equal(c, []string{"kept"}) {
		t.Errorf("read %v, %v, %v", a, b, c)
	}
}

// TestAskFails: a failure is the first one in the order of the reads, the others end, and nothing is stored.
func TestAskFails(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	errMine := errors.New("mine")
	for name, c := range map[string]struct {
		reads func(have *[]string) []func(context.Context, db.Asked) error
		want  func(error) bool
	}{
		"a read's own": {
			func(have *[]string) []func(context.Context, db.Asked) error {
				return []func(context.Context, db.Asked) error{
					ask(have, "SELECT 'a'"), func(context.Context, db.Asked) error { return errMine },
				}
			},
			func(err error) bool { return errors.Is(err, errMine) },
		},
		"no row": {
			func(have *[]string) []func(context.Context, db.Asked) error {
				return []func(context.Context, db.Asked) error{
					func(ctx context.Context, r db.Asked) error {
						var s string
						return r.QueryRow(ctx, "SELECT 'a' WHERE false").Scan(&s)
					},
					ask(have, "SELECT 'a'"),
				}
			},
			db.IsNoRows,
		},
		"Postgres's": {
			func(have *[]string) []func(context.Context, db.Asked) error {
				return []func(context.Context, db.Asked) error{
					ask(have, "SELECT 'a'", "SELECT 'b'"), ask(have, "SELECT (1 / 0)::text"), ask(have, "SELECT 'c'"),
				}
			},
			func(err error) bool { return err != nil },
		},
		"a panic": {
			func(have *[]string) []func(context.Context, db.Asked) error {
				return []func(context.Context, db.Asked) error{
					ask(have, "SELECT 'a'", "SELECT 'b'"), func(context.Context, db.Asked) error { panic(errMine) },
				}
			},
			func(err error) bool { return errors.Is(err, errMine) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var have []string
			err := func() (err error) {
				defer func() {
					if p, ok := recover().(error); ok {
						err = p
					}
				}()
				return d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
					if err := keep(ctx, tx.Later(), name); err != nil {
						return err
					}
					return tx.Ask(ctx, c.reads(&have)...)
				})
			}()
			if !c.want(err) {
				t.Errorf("%v", err)
			}
		})
	}
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := count(ctx, tx) // the pool's connections are usable
		return err
	}); err != nil {
		t.Error(err)
	}
}
