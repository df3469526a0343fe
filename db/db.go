// Package db is the way to Postgres: the pool, the transaction of one tenant, and nothing that could read without a
// tenant by mistake.
//
// A [TenantTx] is only made by [DB.InTenant]. It sends BEGIN and the tenant together with its first query, and COMMIT
// together with the writes that were left for [TenantTx.Later], so that a use case that reads once and writes many
// times costs two round trips.
package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"

	"zhitong/internal/id"
)

// rollbackTimeout bounds a rollback after the caller's context has ended.
const rollbackTimeout = 3 * time.Second

// attemptsMax is how often a transaction is tried that Postgres broke off for a deadlock or a serialization failure,
// whose connection turned out to be dead, or that was refused by a condition of AgainWhen.
const attemptsMax = 3

// againWithin bounds the wait before the second try; a third may wait twice as long.
const againWithin = 20 * time.Millisecond

// DB is a pool of connections of the application's role.
type DB struct {
	pool  *pgxpool.Pool
	turns *turns
	step  func(name string)
}

// Config says where the database is and how many connections to keep.
type Config struct {
	URL      string
	MaxConns int32
	// Tracer, when set, sees every query.
	Tracer pgx.QueryTracer
	// Step, for tests of crashes, is called with "before commit" and "after commit" of each transaction; it may end the
	// program there.
	Step func(name string)
}

// Open makes the pool. It does not connect: a database that is away is an error of the first query, so that a program
// can start before it.
func Open(ctx context.Context, c Config) (*DB, error) {
	pc, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	if c.MaxConns > 0 {
		pc.MaxConns = c.MaxConns
	}
	pc.ConnConfig.Tracer = c.Tracer
	pc.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// A prepared statement keeps its plan. One that was made while a table was empty would read that table from end to
	// end until the next ANALYZE, however much it has grown. Every query names its tenant, and every index begins with
	// it, so there is always a better way. Where there is none, the price of a sequential scan is beyond what JIT
	// compiles for, so that is off as well: it pays for no statement of ours.
	pc.ConnConfig.RuntimeParams["enable_seqscan"] = "off"
	pc.ConnConfig.RuntimeParams["jit"] = "off"
	// Nor do parallel workers: to start them takes longer than what is read here, and they are started for a branch of
	// a statement that turns out to be for nothing, too.
	pc.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
	if m := pc.ConnConfig.DefaultQueryExecMode; m != pgx.QueryExecModeCacheStatement &&
		m != pgx.QueryExecModeCacheDescribe {
		return nil, fmt.Errorf("the database address asks for default_query_exec_mode %q; only cache_statement and "+
			"cache_describe are safe: in the others an identifier that is not there is not NULL", m)
	}
	pc.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		pgxuuid.Register(c.TypeMap()) // without it a uuid.UUID is tried as binary, fails, and is sent as text
		// Without it a time that is read has the zone of the machine, and so has an answer of the API that repeats it.
		c.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID,
			Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return describeSettings(ctx, c)
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("make the connection pool: %w", err)
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &DB{pool: pool, turns: newTurns(int(pc.MaxConns)), step: c.Step}, nil
}

// Close closes every connection.
func (d *DB) Close() { d.pool.Close() }

// Pool is for River's driver and for migrations. Domain code has no use for it.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.pool.Ping(ctx) }

// InTenant runs fn in one transaction of one tenant and commits when fn returns nil. After a deadlock or serialization
// failure fn runs again, so it must do nothing but work on tx.
func (d *DB) InTenant(ctx context.Context, tenant id.Tenant, fn func(ctx context.Context, tx TenantTx) error) error {
	return d.InMerchant(ctx, tenant, id.Merchant{}, fn)
}

// InMerchant is InTenant for a caller that is one merchant of the tenant: row-level security hides every other
// merchant's rows too. The zero merchant is the whole tenant.
func (d *DB) InMerchant(
	ctx context.Context,
	tenant id.Tenant,
	merchant id.Merchant,
	fn func(ctx context.Context, tx TenantTx) error,
) error {
	if tenant.IsZero() {
		return errors.New("db: no tenant")
	}
	return d.run(ctx, tenant, opening(tenant, merchant),
		func(ctx context.Context, p *pipeline) error {
			p.tenant, p.merchant = tenant, !merchant.IsZero()
			return fn(ctx, TenantTx{p, tenant})
		})
}

// Shared runs fn in a transaction without a tenant: it reaches the tables that have none, and every tenant table
// raises.
func (d *DB) Shared(ctx context.Context, fn func(ctx context.Context, tx SharedTx) error) error {
	return d.run(
		ctx,
		id.Tenant{},
		func(b *pgx.Batch) { b.Queue("begin") },
		func(ctx context.Context, p *pipeline) error { return fn(ctx, SharedTx{p}) },
	)
}

func (d *DB) run(
	ctx context.Context,
	tenant id.Tenant,
	open func(*pgx.Batch),
	fn func(context.Context, *pipeline) error,
) error {
	for attempt := 1; ; attempt++ {
		again, err := d.once(ctx, tenant, open, fn)
		if err == nil || attempt == attemptsMax || !again {
			return err
		}
		select { // two that broke each other off must not meet again
		case <-time.After(rand.N(againWithin) * time.Duration(attempt)):
		case <-ctx.Done():
			return err
		}
	}
}

func (d *DB) once(
	ctx context.Context,
	tenant id.Tenant,
	open func(*pgx.Batch),
	fn func(context.Context, *pipeline) error,
) (again bool, err error) {
	if err := d.turns.enter(ctx, tenant); err != nil {
		return false, fmt.Errorf("wait for a database connection: %w", err)
	}
	defer d.turns.leave()
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("get a database connection: %w", err)
	}
	defer conn.Release()
	p := &pipeline{conn: conn.Conn(), open: open}
	defer func() { // also when fn panics
		if p.began && !p.ended {
			p.rollback(ctx)
		}
	}()
	if err := fn(ctx, p); err != nil {
		return p.stillborn || brokenOff(err) || p.repaired(err), err
	}
	d.step("before commit")
	if err := p.commit(ctx); err != nil {
		return p.stillborn || brokenOff(err) || p.repaired(err), err
	}
	d.step("after commit")
	return false, nil
}

// brokenOff tells whether Postgres gave the transaction up for reasons that another try does not meet.
func brokenOff(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pe.Code == "40001" || pe.Code == "40P01")
}
