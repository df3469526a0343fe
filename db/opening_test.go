package db_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
)

// TestOpeningIsNotPrepared: the statements that set the tenant are sent as text. Prepared by name, each tenant would
// take a place in the connection's cache and, at its first transaction, a round trip.
func TestOpeningIsNotPrepared(t *testing.T) {
	t.Parallel()
	d, w := throughWire(t)
	tenants := []id.Tenant{dbtest.NewTenant(t, d), dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)}
	read := func(tenant id.Tenant) (trips int) {
		before := w.roundTrips()
		if err := d.InMerchant(t.Context(), tenant, id.New[id.Merchant](),
			func(ctx context.Context, tx db.TenantTx) error {
				_, err := count(ctx, tx)
				return err
			}); err != nil {
			t.Fatal(err)
		}
		return w.roundTrips() - before
	}
	read(tenants[0]) // the connection prepares the query itself
	for _, tenant := range tenants[1:] {
		if trips := read(tenant); trips != 2 {
			t.Errorf("the first transaction of another tenant takes %d round trips, want 2", trips)
		}
	}
	var prepared []string
	if err := d.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, "SELECT statement FROM pg_prepared_statements")
		if err != nil {
			return err
		}
		prepared, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(prepared) == 0 {
		t.Error("nothing is prepared: the query should be")
	}
	for _, sql := range prepared {
		if strings.Contains(strings.ToLower(sql), "set local") {
			t.Errorf("prepared: %s", sql)
		}
	}
}

// TestUnsafeModesAreRefused: modes of pgx that guess the types of parameters send an absent identifier as zeros.
func TestUnsafeModesAreRefused(t *testing.T) {
	t.Parallel()
	url := dbtest.AppURL(t, dbtest.NewDB(t))
	for mode, fine := range map[string]bool{
		"cache_statement": true,
		"cache_describe":  true,
		"describe_exec":   false,
		"exec":            false,
		"simple_protocol": false,
	} {
		d, err := db.Open(t.Context(), db.Config{URL: url + "&default_query_exec_mode=" + mode, MaxConns: 1})
		if fine != (err == nil) {
			t.Errorf("%s: %v", mode, err)
		}
		if err != nil {
			continue
		}
		tenant := dbtest.NewTenant(t, d)
		if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			_, err := count(ctx, tx)
			return err
		}); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		d.Close()
	}
}

// TestErrorsNameTheirQuery: whoever reads a log finds the statement, however it was sent.
func TestErrorsNameTheirQuery(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	const broken = "-- name: BrokenQuery :one\nSELECT 1 / (count(*) - count(*)) FROM tenants " +
		"WHERE tenant_id = app.tenant_id()"
	for name, send := range map[string]func(ctx context.Context, tx db.TenantTx) error{
		"QueryRow": func(ctx context.Context, tx db.TenantTx) error {
			var n int
			return tx.QueryRow(ctx, broken).Scan(&n)
		},
		"Query": func(ctx context.Context, tx db.TenantTx) error {
			rows, err := tx.Query(ctx, broken)
			if err != nil {
				return err
			}
			_, err = pgx.CollectRows(rows, pgx.RowTo[int])
			return err
		},
		"Exec": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, broken)
			return err
		},
		"Later, at the commit": func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Later().Exec(ctx, broken)
			return err
		},
		"Later, before a read": func(ctx context.Context, tx db.TenantTx) error {
			if _, err := tx.Later().Exec(ctx, broken); err != nil {
				return err
			}
			_, err := count(ctx, tx)
			return err
		},
		"Ask": func(ctx context.Context, tx db.TenantTx) error {
			return tx.Ask(ctx, func(ctx context.Context, r db.Asked) error {
				var n int
				return r.QueryRow(ctx, broken).Scan(&n)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := d.InTenant(t.Context(), tenant, send); err == nil ||
				!strings.Contains(err.Error(), "query BrokenQuery") {
				t.Errorf("%v", err)
			}
		})
	}
}
