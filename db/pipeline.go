package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/internal/id"
)

// TenantTx is a transaction of one tenant. It has queries and no commit; only [DB.InTenant] makes one.
type TenantTx struct {
	*pipeline
	tenant id.Tenant
}

// Tenant is whose transaction it is.
func (tx TenantTx) Tenant() id.Tenant { return tx.tenant }

// BeyondMerchant takes the wall between merchants away for what follows in the transaction, where a caller that is one
// merchant makes the platform write or count what no merchant reads. Everything that says what the caller may do must
// have been read before. internal/tidy lists who may call it. It costs no round trip, and nothing for other callers.
func (tx TenantTx) BeyondMerchant() {
	if tx.merchant {
		queueSetting(&tx.queue, settingMerchant, "")
		tx.merchant = false
	}
}

// SharedTx is a transaction without a tenant, for the tables that have none.
type SharedTx struct{ *pipeline }

// Shared is the transaction for the tables that have no tenant: what is done to them is done together with what is done
// to the tenant's, or not at all.
func (tx TenantTx) Shared() SharedTx { return SharedTx{tx.pipeline} }

// pipeline is a transaction that starts with its first query and keeps writes back until something must be read.
type pipeline struct {
	conn *pgx.Conn
	open func(*pgx.Batch)
	// tenant is the argument that takes the place of app.tenant_id() in a statement; nil in a SharedTx.
	tenant any
	// merchant tells that row-level security hides other merchants' rows.
	merchant bool
	queue    pgx.Batch
	kept     map[any]any
	repairs  map[string]func()
	began    bool
	ended    bool
	// stillborn tells that the connection was dead before the transaction began: nothing of it reached Postgres, and
	// another connection may do.
	stillborn bool
	// failed is the first error of a batch. Nothing runs after it: Postgres may not even have seen the batch, and with
	// it the beginning of the transaction, or the writes that were queued.
	failed error
}

// errEnded is what a transaction says that is used after its function returned.
var errEnded = errors.New("db: the transaction has ended")

// usable tells why nothing can be sent any more.
func (p *pipeline) usable() error {
	switch {
	case p.ended:
		return errEnded
	case p.failed != nil:
		return fmt.Errorf("db: the transaction had failed before: %w", p.failed)
	}
	return nil
}

// fail remembers the first failure.
func (p *pipeline) fail(err error) error {
	if err != nil && p.failed == nil {
		p.failed = err
	}
	return err
}

// Later is a place for writes whose result nobody reads: they are sent with the next query, or with the commit, and a
// failure surfaces there. Its Query and QueryRow fail.
func (p *pipeline) Later() Later { return Later{p} }

// AgainWhen makes the transaction run again when the named condition of app.require refuses it: repair makes the
// process forget what was out of date.
func (p *pipeline) AgainWhen(condition string, repair func()) {
	if p.repairs == nil {
		p.repairs = map[string]func(){}
	}
	p.repairs[condition] = repair
}

// repaired tells whether a condition of AgainWhen has refused the transaction.
func (p *pipeline) repaired(err error) bool {
	again := false
	for condition, repair := range p.repairs {
		if Violates(err, condition) {
			repair()
			again = true
		}
	}
	return again
}

// next is the batch to send: the opening if there was none yet, then what was queued.
func (p *pipeline) next() *pgx.Batch {
	b := &pgx.Batch{}
	if !p.began {
		p.open(b)
		p.began = true
	}
	b.QueuedQueries = append(b.QueuedQueries, p.queue.QueuedQueries...)
	p.queue = pgx.Batch{}
	return b
}

// send sends everything queued and the given statements, reads the results before theirs, and leaves those to be read.
func (p *pipeline) send(ctx context.Context, statements ...*question) (pgx.BatchResults, error) {
	if err := p.usable(); err != nil {
		return nil, err
	}
	opening := !p.began
	b := p.next()
	before := b.QueuedQueries
	for _, s := range statements {
		sql, args := p.bind(s.sql, s.args)
		b.Queue(sql, args...)
	}
	br := p.conn.SendBatch(ctx, b)
	for i, q := range before {
		if _, err := br.Exec(); err != nil {
			err = p.fail(named(q.SQL, errors.Join(err, ignoreSame(br.Close(), err))))
			p.stillborn = opening && i == 0 && p.conn.IsClosed() && ctx.Err() == nil
			return nil, err
		}
	}
	return br, nil
}

// ignoreSame drops the second report of one failure.
func ignoreSame(second, first error) error {
	if second == nil || errors.Is(second, first) || second.Error() == first.Error() {
		return nil
	}
	return second
}

// Exec implements dbsqlc.DBTX.
func (p *pipeline) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	br, err := p.send(ctx, &question{sql: sql, args: args})
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := br.Exec()
	if cerr := br.Close(); err == nil {
		err = cerr
	}
	return tag, p.fail(named(sql, err))
}

// Query implements dbsqlc.DBTX.
func (p *pipeline) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	br, err := p.send(ctx, &question{sql: sql, args: args})
	if err != nil {
		return nil, err
	}
	r, err := br.Query()
	if err != nil {
		return nil, p.fail(named(sql, errors.Join(err, ignoreSame(br.Close(), err))))
	}
	return &rows{Rows: r, sql: sql, done: br.Close, fail: p.fail}, nil
}

// QueryRow implements dbsqlc.DBTX.
func (p *pipeline) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	r, err := p.Query(ctx, sql, args...)
	return row{sql, r, err}
}

// Flush sends what was left for Later and waits for it.
func (p *pipeline) Flush(ctx context.Context) error {
	if err := p.usable(); err != nil {
		return err
	}
	if p.queue.Len() == 0 {
		return nil
	}
	return p.fail(p.sendAll(ctx, p.next()))
}

// sendAll sends a batch whose results nobody reads, and says which statement failed.
func (p *pipeline) sendAll(ctx context.Context, b *pgx.Batch) error {
	br := p.conn.SendBatch(ctx, b)
	for _, q := range b.QueuedQueries {
		if q.Fn != nil {
			break // Close runs it
		}
		if _, err := br.Exec(); err != nil {
			return named(q.SQL, errors.Join(err, ignoreSame(br.Close(), err)))
		}
	}
	return br.Close()
}

func (p *pipeline) commit(ctx context.Context) error {
	if err := p.usable(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if !p.began && p.queue.Len() == 0 {
		p.ended = true
		return nil
	}
	opening := !p.began
	b := p.next()
	var tag pgconn.CommandTag
	b.Queue("commit").Exec(func(t pgconn.CommandTag) error { tag = t; return nil })
	if err := p.sendAll(ctx, b); err != nil {
		p.stillborn = opening && pgconn.SafeToRetry(err) // otherwise it may be committed
		return fmt.Errorf("commit: %w", err)
	}
	p.ended = true
	if tag.String() == "ROLLBACK" {
		return errors.New("commit: the transaction had failed and was rolled back")
	}
	return nil
}

// rollback ends the transaction; a connection that cannot be brought back is closed and the pool drops it.
func (p *pipeline) rollback(ctx context.Context) {
	p.ended = true
	if p.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := p.conn.Exec(ctx, "rollback"); err != nil {
		_ = p.conn.Close(ctx)
	}
}

// Later queues writes. See [TenantTx.Later].
type Later struct{ p *pipeline }

// Exec implements dbsqlc.DBTX: it queues the statement. The tag is empty.
func (l Later) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := l.p.usable(); err != nil {
		return pgconn.CommandTag{}, err
	}
	sql, args = l.p.bind(sql, args)
	l.p.queue.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

var errLaterReads = errors.New("db: Later cannot read; use the transaction itself")

// Query implements dbsqlc.DBTX and fails.
func (Later) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errLaterReads }

// QueryRow implements dbsqlc.DBTX and fails.
func (Later) QueryRow(_ context.Context, sql string, _ ...any) pgx.Row {
	return row{sql, nil, errLaterReads}
}

// rows ends the batch it came from, and names its statement in its error.
type rows struct {
	pgx.Rows
	sql    string
	done   func() error
	fail   func(error) error
	closed bool
	err    error
}

func (r *rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *rows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.Rows.Err()
	if err := r.done(); r.err == nil {
		r.err = err
	}
	r.err = r.fail(named(r.sql, r.err))
}

func (r *rows) Err() error {
	if r.closed {
		return r.err
	}
	return r.Rows.Err()
}

// row is the first row of a query.
type row struct {
	sql  string
	rows pgx.Rows
	err  error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return named(r.sql, pgx.ErrNoRows)
	}
	if err := r.rows.Scan(dest...); err != nil {
		return named(r.sql, err)
	}
	r.rows.Close()
	return r.rows.Err()
}
