// Package world is what a measurement stands on: a database of its own on the given server, migrated by the product and
// used as the application's role, and the programs around it, each a process of its own.
package world

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/migrations"
	"zhitong/tenants"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/seed"
)

const (
	ownerRole = "zt_bench_owner"
	appRole   = "zt_bench_app"
	password  = "zt-bench" // these roles exist on the bench's own server only
)

// Tools are the programs that measurements need.
type Tools struct {
	Zhitong string // the product
	Bench   string // this program
	PGBench string
	Dir     string // for files that are gone afterwards
}

// World is a database full of tenants.
type World struct {
	Tools
	Keys    recording.Keys
	Tenants int64
	APIKeys []string // of the first tenants
	Create  recording.Transaction
	Paid    recording.Transaction

	admin    *url.URL
	database string
	super    *pgx.Conn // superuser in the database
	pending  int64     // orders up to this number wait for their payment …
	used     int64     // … and up to this one have been taken
	created  int64     // numbers of orders that pgbench made
	keys     int64
}

// apiKeysMax is how many tenants have an API key that is known.
const apiKeysMax = 64

// firstOrder leaves numbers free for what fills the database.
const firstOrder = 1 << 40

// New makes a database with the given number of tenants. adminURL is a superuser's address.
func New(ctx context.Context, t Tools, adminURL, database string, tenantCount int64) (_ *World, err error) {
	u, err := url.Parse(adminURL)
	if err != nil {
		return nil, errors.New("the address of Postgres cannot be read")
	}
	w := &World{Tools: t, admin: u, database: database, Tenants: tenantCount, pending: firstOrder, used: firstOrder}
	if w.Keys, err = recording.NewKeys(); err != nil {
		return nil, err
	}
	if err := w.record(ctx); err != nil {
		return nil, fmt.Errorf("record the product's statements: %w", err)
	}
	if err := w.makeDatabase(ctx, database); err != nil {
		return nil, err
	}
	if w.super, err = pgx.Connect(ctx, w.url("", database)); err != nil {
		return nil, fmt.Errorf("connect to the bench's database: %w", err)
	}
	return w, w.AddTenants(ctx, 1, tenantCount)
}

// AddTenants makes more tenants.
func (w *World) AddTenants(ctx context.Context, from, to int64) error {
	const step = 1000
	for ; from <= to; from += step {
		if err := w.bulk(ctx, func(c seed.Conn) error {
			return seed.Tenants(ctx, c, from, min(to, from+step-1), w.Keys.Connection, "")
		}); err != nil {
			return err
		}
	}
	for t := int64(len(w.APIKeys)) + 1; t <= min(to, apiKeysMax); t++ {
		k := tenants.MakeKey(tenants.ModeSandbox, recording.Actor(t).Tenant)
		if _, err := w.super.Exec(ctx, "UPDATE api_keys SET secret_hash = $1 WHERE id = $2", k.Hash[:],
			seed.UID(seed.APIKey, t)); err != nil {
			return fmt.Errorf("set an API key: %w", err)
		}
		w.APIKeys = append(w.APIKeys, k.Secret.Reveal())
	}
	w.Tenants = to
	return nil
}

// bulk runs fn without the checks of foreign keys, which what it writes keeps anyway.
func (w *World) bulk(ctx context.Context, fn func(seed.Conn) error) error {
	if _, err := w.super.Exec(ctx, "SET session_replication_role = replica; SET synchronous_commit = off"); err != nil {
		return err
	}
	if err := fn(w.super); err != nil {
		return err
	}
	_, err := w.super.Exec(ctx, "RESET session_replication_role; RESET synchronous_commit")
	return err
}

// Fill makes orders that are done, numbered from … to.
func (w *World) Fill(ctx context.Context, from, to int64) error {
	return w.bulk(ctx, func(c seed.Conn) error { return seed.Orders(ctx, c, from, to, w.Tenants, true) })
}

// Pending makes sure that so many orders wait for their payment, and Stock that so many card keys are free.
func (w *World) Pending(ctx context.Context, n int64) error {
	if have := w.pending - w.used; have < n {
		err := w.bulk(ctx, func(c seed.Conn) error {
			return seed.Orders(ctx, c, w.pending+1, w.pending+n-have, w.Tenants, false)
		})
		if err != nil {
			return err
		}
		w.pending += n - have
	}
	return nil
}

// Stock makes n more card keys free.
func (w *World) Stock(ctx context.Context, n int64) error {
	err := w.bulk(ctx, func(c seed.Conn) error { return seed.Keys(ctx, c, w.keys+1, w.keys+n, w.Tenants) })
	w.keys += n
	return err
}

// Settle lets the server tidy up after filling, so that it does not while something is measured.
func (w *World) Settle(ctx context.Context) error {
	for _, sql := range []string{"VACUUM (FREEZE, ANALYZE)", "CHECKPOINT"} {
		if _, err := w.super.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// Take gives the first of n orders that wait for their payment and have not been given before.
func (w *World) Take(n int64) (first int64, err error) {
	if w.pending-w.used < n {
		return 0, fmt.Errorf("only %d orders wait, %d are needed", w.pending-w.used, n)
	}
	first = w.used + 1
	w.used += n
	return first, nil
}

// Delivered counts the delivered orders among those numbered from … to.
func (w *World) Delivered(ctx context.Context, from, to int64) (n int64, err error) {
	err = w.super.QueryRow(ctx, "SELECT count(*) FROM orders WHERE id BETWEEN $1 AND $2 AND status = 'delivered'",
		seed.UID(seed.Order, from), seed.UID(seed.Order, to)).Scan(&n)
	return n, err
}

// Query reads one value as superuser.
func (w *World) Query(ctx context.Context, to any, sql string, args ...any) error {
	return w.super.QueryRow(ctx, sql, args...).Scan(to)
}

// Exec runs a statement as superuser.
func (w *World) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := w.super.Exec(ctx, sql, args...)
	return err
}

// AppURL is the address for the application's role.
func (w *World) AppURL() string { return w.url(appRole, w.database) }

// Close drops the database.
func (w *World) Close(ctx context.Context) error {
	_ = w.super.Close(ctx)
	return w.asAdmin(ctx, "DROP DATABASE IF EXISTS "+w.database+" WITH (FORCE)")
}

func (w *World) url(role, database string) string {
	u := *w.admin
	if role != "" {
		u.User = url.UserPassword(role, password)
	}
	u.Path = "/" + database
	return u.String()
}

func (w *World) asAdmin(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, w.admin.String())
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

func (w *World) makeDatabase(ctx context.Context, name string) error {
	role := "DO $$ BEGIN CREATE ROLE %[1]s LOGIN PASSWORD '" + password + "'; EXCEPTION WHEN duplicate_object THEN " +
		"NULL; END $$"
	err := w.asAdmin(ctx, fmt.Sprintf(role, ownerRole), fmt.Sprintf(role, appRole),
		"DROP DATABASE IF EXISTS "+name+" WITH (FORCE)",
		"CREATE DATABASE "+name+" OWNER "+ownerRole)
	if err != nil {
		return err
	}
	m, err := migrations.Open(ctx, w.url(ownerRole, name), appRole)
	if err != nil {
		return err
	}
	defer m.Close()
	_, err = m.Up(ctx)
	return err
}

// record takes down the product's statements, in a database that is dropped again.
func (w *World) record(ctx context.Context) error {
	name := w.database + "_recording"
	if err := w.makeDatabase(ctx, name); err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{URL: w.url(appRole, name), MaxConns: 4, Tracer: recording.Tracer{}})
	if err != nil {
		return err
	}
	w.Create, w.Paid, err = recording.Both(ctx, d, w.Keys)
	d.Close()
	return errors.Join(err, w.asAdmin(ctx, "DROP DATABASE "+name+" WITH (FORCE)"))
}

// path is a file of the world's.
func (w *World) path(name string) string { return filepath.Join(w.Dir, name) }

// write makes a file.
func (w *World) write(name string, content []byte) (string, error) {
	p := w.path(name)
	if err := os.WriteFile(p, content, 0o600); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return p, nil
}
