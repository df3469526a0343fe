package db

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Asked is where a read of [TenantTx.Ask] asks: dbsqlc's functions take it in the place of a transaction.
type Asked struct {
	p   *pipeline
	ask func(*question) bool
}

// question is a statement and the answer to it.
type question struct {
	sql  string
	args []any
	rows pgx.Rows
	err  error
}

var errAskStopped = errors.New("db: the other reads of this Ask were broken off")

// Ask runs several reads, of several packages, in one round trip: each runs up to its query, all queries are sent
// together, and each goes on with its own rows, in the order of the reads. One that asks a second time waits for the
// others' second questions. It is to reads what Later is to writes.
//
// A read works on its own Asked only. Ask returns the first error of a read, in their order; after an error of Postgres
// the transaction has failed and every later read fails too.
func (p *pipeline) Ask(ctx context.Context, reads ...func(ctx context.Context, r Asked) error) error {
	if err := p.usable(); err != nil {
		return err
	}
	errs := make([]error, len(reads))
	next := make([]func() (*question, bool), len(reads))
	asking := make([]int, 0, len(reads)) // which reads wait for an answer …
	open := make([]*question, 0, len(reads))
	resume := func(i int) { // … until they have one
		if q, ok := next[i](); ok {
			asking, open = append(asking, i), append(open, q)
		}
	}
	for i, read := range reads {
		n, stop := iter.Pull(func(yield func(*question) bool) { errs[i] = read(ctx, Asked{p, yield}) })
		defer stop() //nolint:gocritic // each read ends with Ask, whatever broke the others off
		next[i] = n
		resume(i)
	}
	for len(open) > 0 {
		answered, questions := asking, open
		asking, open = make([]int, 0, len(reads)), make([]*question, 0, len(reads))
		br, err := p.send(ctx, questions...)
		for j, q := range questions {
			if q.err = err; err == nil {
				q.rows, q.err = p.answer(br, q.sql)
			}
			resume(answered[j])
			if q.rows != nil {
				q.rows.Close() // whatever the read left: the next answer follows
			}
		}
		if err == nil {
			err = p.fail(br.Close())
		}
		if err != nil { // a read that did not mind is not asked again, and the first that did says what failed
			return cmp.Or(cmp.Or(errs...), err)
		}
	}
	return cmp.Or(errs...)
}

// answer is the next result of a batch.
func (p *pipeline) answer(br pgx.BatchResults, sql string) (pgx.Rows, error) {
	r, err := br.Query()
	if err != nil {
		return nil, p.fail(named(sql, err))
	}
	return &rows{Rows: r, sql: sql, done: func() error { return nil }, fail: p.fail}, nil
}

// Query implements dbsqlc.DBTX.
func (a Asked) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	q := &question{sql: sql, args: args}
	if !a.ask(q) {
		return nil, errAskStopped
	}
	return q.rows, q.err
}

// QueryRow implements dbsqlc.DBTX.
func (a Asked) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	r, err := a.Query(ctx, sql, args...)
	return row{sql, r, err}
}

// Exec implements dbsqlc.DBTX, for a statement that locks or checks.
func (a Asked) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	r, err := a.Query(ctx, sql, args...)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	r.Close()
	return r.CommandTag(), r.Err()
}

// Keep remembers a value until the transaction ends, so that what one use case has read another need not read again.
func (p *pipeline) Keep(key, value any) {
	if p.kept == nil {
		p.kept = map[any]any{}
	}
	p.kept[key] = value
}

// Kept is what was remembered under the key, or nil.
func (p *pipeline) Kept(key any) any { return p.kept[key] }
