// Package sandboxes ends sandboxes that nobody uses: each is announced to its owners, closed, and deleted whole. A use
// in between stops it. Platforms that move money never end by themselves.
package sandboxes

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/files"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

const (
	// Notice is for how long the end of a sandbox is announced. app.end_some has it, too, as its floor.
	Notice     = noticeDays * 24 * time.Hour
	noticeDays = 14
	// batchSize is how many rows a transaction deletes.
	batchSize = 1000
	// leavingMax is how many sandboxes that are being deleted are listed at a time.
	leavingMax = 100
)

// Mailer hands a mail over. Its errors are those of package mail.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Config is what a Service needs.
type Config struct {
	DB     *db.DB
	Vault  *vault.Vault
	Clock  clock.Clock
	Files  *files.Service
	Mails  Mailer            // nil: owners are told by the event only
	Unused time.Duration     // after which a sandbox ends; 0: none does
	Batch  int               // rows a transaction; 0: the usual number
	Step   func(name string) // nil in production; tests crash at a step
}

// Service carries the end of sandboxes.
type Service struct {
	db     *db.DB
	vault  *vault.Vault
	clock  clock.Clock
	files  *files.Service
	mails  Mailer
	unused time.Duration
	batch  int32
	step   func(string)
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, vault: c.Vault, clock: c.Clock, files: c.Files, mails: c.Mails, unused: c.Unused,
		batch: batchSize, step: func(string) {}}
	if c.Batch > 0 {
		s.batch = int32(c.Batch) //nolint:gosec // a test's
	}
	if c.Step != nil {
		s.step = c.Step
	}
	return s
}

// Step is what is to be done with a sandbox.
type Step string

// The steps, in order. Nothing is one, too.
const (
	Nothing  Step = ""
	Announce Step = "announce"
	Withdraw Step = "withdraw" // it was used, or need not end any more
	Close    Step = "close"
	Delete   Step = "delete"
)

// Steps lists what can be done.
func Steps() []Step { return []Step{Announce, Withdraw, Close, Delete} }

// State is how a platform stands.
type State struct {
	Tenant    id.Tenant
	Name      string
	UsedAt    time.Time
	Announced *time.Time
	Closed    *time.Time
	Next      Step // what the next sweep does
	look      dbsqlc.SandboxLookRow
	end       dbsqlc.SandboxEndGetRow
}

// read locks a tenant and tells how it stands. Atomic.
func (s *Service) read(ctx context.Context, tx db.TenantTx) (v State, err error) {
	if v.look, err = q.SandboxLook(ctx, tx); err != nil {
		return v, fmt.Errorf("read when the platform was used last: %w", err)
	}
	v.Tenant, v.Name, v.UsedAt = tx.Tenant(), v.look.Name, v.look.UsedAt
	v.end, err = q.SandboxEndGet(ctx, tx, noticeDays, uuid.UUID(tx.Tenant()))
	if err != nil && !db.IsNoRows(err) {
		return v, fmt.Errorf("read how far its end is: %w", err)
	}
	if err == nil {
		v.Announced, v.Closed = &v.end.AnnouncedAt, v.end.ClosedAt
	}
	v.Next = s.next(v, s.clock.Now())
	return v, nil
}

// next is what is to be done. The last use is compared with the program's time, which has dated it, and everything else
// with Postgres's.
func (s *Service) next(v State, now time.Time) Step {
	sandbox := v.look.Mode == vocabulary.ModeSandbox && !tenants.OfAlipay(v.look.Gateway) && v.look.TwinID.IsZero()
	due := sandbox && now.Sub(v.UsedAt) >= s.unused
	if v.Announced == nil {
		if due && v.look.Status == tenants.StatusActive {
			return Announce
		}
		return Nothing
	}
	expected := tenants.StatusActive
	if v.Closed != nil {
		expected = tenants.StatusClosed
	}
	switch {
	case v.end.LeftAt != nil:
		return Nothing
	case !due, v.look.Status != expected: // it was used, or somebody has opened or suspended it
		return Withdraw
	case v.Closed != nil:
		if v.end.Quiet { // what was under way when it was closed has ended
			return Delete
		}
		return Nothing
	case v.end.Stale: // nobody swept for so long that the owners were told of another day
		return Withdraw
	case v.end.Noticed:
		return Close
	}
	return Nothing
}

// Look does what is to be done with a tenant, and tells what it was. A sandbox that leaves is deleted whole before Look
// returns, or by [Service.Finish] when that is broken off.
func (s *Service) Look(ctx context.Context, tenant id.Tenant) (done Step, err error) {
	if s.unused <= 0 {
		return Nothing, nil
	}
	proof, err := s.vault.SandboxProof(ctx, s.db, tenant)
	if err != nil {
		return Nothing, err
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		v, err := s.read(ctx, tx)
		if done = v.Next; err != nil || done == Nothing {
			return err
		}
		err = s.do(ctx, tx, v, proof)
		s.step(string(done) + " deciding")
		return err
	})
	if err != nil || done == Nothing {
		return Nothing, err
	}
	s.step(string(done))
	if done == Delete {
		return done, s.delete(ctx, tenant)
	}
	return done, nil
}

// Due tells how every sandbox stands of which something is announced, or would be by the next sweep. It changes
// nothing.
func (s *Service) Due(ctx context.Context, fn func(State) error) error {
	if s.unused <= 0 {
		return nil
	}
	_, err := tenants.Each(ctx, s.db, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
		var v State
		err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
			v, err = s.read(ctx, tx)
			return err
		})
		if err != nil || v.Announced == nil && v.Next == Nothing {
			return err
		}
		return fn(v)
	})
	return err
}

// Finish goes on deleting the sandboxes of a shard whose deletion was broken off.
func (s *Service) Finish(ctx context.Context, shard int) error {
	var leaving []id.Tenant
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		rows, err := q.SandboxLeavingList(ctx, tx, queue.Shards, int32(shard), leavingMax) //nolint:gosec // few
		for _, r := range rows {
			leaving = append(leaving, id.Tenant(r))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("list the sandboxes that are being deleted: %w", err)
	}
	for _, t := range leaving {
		if err := s.delete(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
