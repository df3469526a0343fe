// Package retention deletes what has been kept long enough, as [Rules] say. It does so tenant by tenant and table by
// table, in short transactions of a bounded number of rows each, and can be broken off and run again at any time: how
// far it came in a large table is written in the transaction that deleted.
package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/chain"
	"zhitong/tenants/files"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tasks"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

const (
	// batchSize is how many rows one transaction looks at.
	batchSize = 1000
	// roundsMax bounds the transactions for one table of a tenant, so that a large tenant does not hold up the others.
	roundsMax = 500
)

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Clock clock.Clock
	Vault *vault.Vault
	Files *files.Service    // nil: files stay
	Batch int               // rows a transaction; 0: the usual number
	Step  func(name string) // nil in production; tests crash at a step
}

// Service carries the sweep.
type Service struct {
	db    *db.DB
	clock clock.Clock
	vault *vault.Vault
	chain *chain.Service
	files *files.Service
	batch int32
	step  func(string)
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, clock: c.Clock, vault: c.Vault, files: c.Files,
		chain: chain.New(chain.Config{DB: c.DB, Vault: c.Vault, Clock: c.Clock}),
		batch: batchSize, step: func(string) {}}
	if c.Batch > 0 {
		s.batch = int32(c.Batch) //nolint:gosec // a test's
	}
	if c.Step != nil {
		s.step = c.Step
	}
	return s
}

// Result says how many rows a sweep deleted, by table.
type Result struct {
	Tenants int64
	Deleted map[string]int64
}

// cut is what is due of a tenant at a moment.
type cut struct {
	now                      time.Time
	events, attempts, audits time.Time // what is older goes
	drafts                   time.Time
}

// days is so many days before the moment.
func (c cut) days(n int) time.Time { return c.now.Add(-time.Duration(n) * 24 * time.Hour) }

// part deletes a bounded number of rows of one table, and tells whether there may be more.
type part struct {
	table string
	run   func(ctx context.Context, tx db.TenantTx, c cut) (deleted int64, more bool, err error)
}

func (s *Service) parts() []part {
	return []part{
		{"idempotency_keys", func(ctx context.Context, tx db.TenantTx, _ cut) (int64, bool, error) {
			n, err := idempotency.Forget(ctx, tx, idempotency.Kept, idempotency.KeptMoney)
			return n, n > 0, err
		}},
		{"application_images", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			before := c.days(imagesDays)
			n, err := q.ApplicationImageForget(ctx, tx, &before)
			return n, false, err
		}},
		{"applications", s.drafts},
		{"webhook_attempts", s.attempts},
		{"webhook_endpoints", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			n, err := q.WebhookEndpointExpire(ctx, tx, c.days(endpointsDays), s.batch)
			return n, n >= int64(s.batch), err
		}},
		{"events", s.events},
		{"events", s.lastEvents},
		{"audit_log", s.audits},
		{"notifications", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			n, err := q.NotificationExpire(ctx, tx, id.First[uuid.UUID](c.days(appliedDays)),
				id.First[uuid.UUID](c.days(decidedDays)), s.batch)
			return n, n >= int64(s.batch), err
		}},
		{"cases", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			before := c.days(decidedDays)
			n, err := q.CaseExpire(ctx, tx, id.First[id.Case](before), before, s.batch)
			return n, n >= int64(s.batch), err
		}},
		{"notices", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			n, err := q.NoticeExpire(ctx, tx, id.First[id.Notice](c.days(noticesDays)), s.batch)
			return n, n >= int64(s.batch), err
		}},
		{"api_requests", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			n, err := q.APIRequestExpire(ctx, tx, id.First[id.Request](c.days(requestsDays)), s.batch)
			return n, n >= int64(s.batch), err
		}},
		{"tasks", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			n, err := tasks.Forget(ctx, tx, c.now.Add(-tasks.Kept))
			return n, n > 0, err
		}},
		{"approvals", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			n, err := q.ApprovalForget(ctx, tx, c.days(approvalsDays))
			return n, n > 0, err
		}},
		{"checkout_codes", func(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
			before := c.days(codesDays)
			n, err := q.CheckoutCodeExpire(ctx, tx, id.First[id.Order](before), before, s.batch)
			return n, n >= int64(s.batch), err
		}},
	}
}

// Tenant deletes what is due of one tenant, and adds to r how much that was. What fails of one table does not hold up
// the others.
func (s *Service) Tenant(ctx context.Context, t id.Tenant, r *Result) error {
	if r.Deleted == nil {
		r.Deleted = map[string]int64{}
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return err
	}
	r.Tenants++
	c := cut{now: s.clock.Now()}
	err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		own, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read for how long records stay: %w", err)
		}
		c.events, c.attempts = c.days(int(own.EventsKeptDays)), c.days(int(own.WebhookAttemptsKeptDays))
		c.audits, c.drafts = c.days(int(own.AuditLogKeptDays)), c.days(int(own.DraftsKeptDays))
		return nil
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, p := range s.parts() {
		if err := s.sweep(ctx, t, p, c, r); err != nil {
			failed = append(failed, fmt.Errorf("delete what is due of %s: %w", p.table, err))
		}
	}
	if s.files != nil {
		if err := s.sweepFiles(ctx, t, r); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// sweepFiles deletes the files whose time is up, which may lie in an object store.
func (s *Service) sweepFiles(ctx context.Context, t id.Tenant, r *Result) error {
	for range roundsMax {
		n, err := s.files.Forget(ctx, t)
		r.Deleted["files"] += int64(n)
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

func (s *Service) sweep(ctx context.Context, t id.Tenant, p part, c cut, r *Result) error {
	for range roundsMax {
		if err := ctx.Err(); err != nil {
			return err
		}
		var n int64
		var more bool
		err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
			n, more, err = p.run(ctx, tx, c)
			s.step(p.table + " deleting")
			return err
		})
		if err != nil {
			return err
		}
		r.Deleted[p.table] += n
		s.step(p.table)
		if !more {
			return nil
		}
	}
	return nil
}

// passed is how far a table was gone through, and what of it went.
type passed struct {
	deleted int64
	upto    uuid.UUID // zero: nothing more is due
	newest  uuid.UUID // of what went; zero: nothing
	before  time.Time // everything that went is older
}

// mark goes on where the last transaction stopped in the table, and keeps how far this one came. next deletes from
// after the given row on.
func (s *Service) mark(
	ctx context.Context,
	tx db.TenantTx,
	records string,
	c cut,
	next func(after uuid.UUID) (passed, error),
) (int64, bool, error) {
	after, err := q.RetentionMarkLock(ctx, tx, records, c.now)
	if err != nil {
		return 0, false, fmt.Errorf("read how far it came: %w", err)
	}
	if after == uuid.Nil {
		after[len(after)-1] = 1 // the zero identifier is NULL in SQL
	}
	p, err := next(after)
	if db.IsNoRows(err) || err == nil && p.upto == uuid.Nil {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	set := dbsqlc.RetentionMarkSetParams{Passed: p.upto, Records: records}
	if p.newest != uuid.Nil {
		set.Gone, set.GoneUntil = pgtype.UUID{Bytes: p.newest, Valid: true}, &p.before
	}
	if err := q.RetentionMarkSet(ctx, tx, set); err != nil {
		return 0, false, fmt.Errorf("keep how far it came: %w", err)
	}
	return p.deleted, true, nil
}

// went is what a function of the database says is gone.
func went(gone []uuid.UUID, upto uuid.UUID, before time.Time) passed {
	p := passed{deleted: int64(len(gone)), upto: upto, before: before}
	if len(gone) > 0 {
		p.newest = gone[len(gone)-1]
	}
	return p
}
