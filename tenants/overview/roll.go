package overview

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants/chain"
)

// Horizon is up to where facts are summed.
type Horizon struct{ at time.Time }

// Horizon looks up to where no fact can come in any more. Its identifier is made before it is seen, which is when its
// transaction commits: whatever was made before the oldest open transaction of the programs began, and a while before
// that, is there or will never be.
func (s *Service) Horizon(ctx context.Context) (Horizon, error) {
	now := made(id.New[uuid.UUID]()) // before the look: a delay between the two does no harm
	open, err := chain.OldestOpen(ctx, s.db)
	if err != nil {
		return Horizon{}, err
	}
	return Horizon{now.Add(-open - s.settled)}, nil
}

// Roll sums the facts of a tenant up to the horizon, and tells how many events and postings that were. It may be broken
// off and run again, and run twice at once.
func (s *Service) Roll(ctx context.Context, tenant id.Tenant, h Horizon) (facts int64, err error) {
	for range roundsMax {
		n, more, err := s.rollNext(ctx, tenant, h)
		if err != nil {
			return facts, fmt.Errorf("sum the figures: %w", err)
		}
		if facts += n; !more {
			break
		}
	}
	return facts, nil
}

// rollNext sums a batch: the sums and how far they go are one transaction.
func (s *Service) rollNext(ctx context.Context, tenant id.Tenant, h Horizon) (n int64, more bool, err error) {
	upto := id.First[uuid.UUID](h.at)
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		head, err := q.OverviewHeadLock(ctx, tx)
		if err != nil {
			return fmt.Errorf("lock the head: %w", err)
		}
		s.step("locked")
		if head.RolledUntil == nil {
			return s.begin(ctx, tx, upto, h.at)
		}
		next, err := q.OverviewNext(ctx, tx, head.Passed, upto, s.batch)
		if err != nil {
			return fmt.Errorf("look for the next facts: %w", err)
		}
		last, until := batchEnd(next, int(s.batch), head.Passed, h.at)
		more = !until.Equal(h.at)
		if last == head.Passed {
			if until.After(*head.RolledUntil) {
				return q.OverviewHeadSet(ctx, tx, last, until)
			}
			return nil
		}
		n = int64(slices.IndexFunc(next, func(r dbsqlc.OverviewNextRow) bool { return r.ID == last }) + 1)
		return s.add(ctx, tx, head.Passed, last, until)
	})
	if err == nil {
		s.step("rolled")
	}
	return n, more, err
}

// batchEnd is the last fact of a batch. Of what fills its half of the batch there may be more behind its last.
func batchEnd(
	next []dbsqlc.OverviewNextRow,
	batch int,
	passed uuid.UUID,
	whole time.Time,
) (last uuid.UUID, until time.Time) {
	if len(next) == 0 {
		return passed, whole
	}
	events, postings := 0, 0
	for _, r := range next {
		if r.IsEvent {
			events++
		} else {
			postings++
		}
		if events == batch || postings == batch { // they are in order: this is the first of the two
			return r.ID, made(r.ID)
		}
	}
	return next[len(next)-1].ID, whole
}

// add sums the facts after one up to another.
func (s *Service) add(ctx context.Context, tx db.TenantTx, after, upto uuid.UUID, until time.Time) error {
	if err := q.OverviewAdd(ctx, tx, after, upto); err != nil {
		return fmt.Errorf("sum facts: %w", err)
	}
	s.step("summed")
	if err := q.OverviewAddStages(ctx, tx, after, upto); err != nil {
		return fmt.Errorf("sum the stages of the money: %w", err)
	}
	s.step("staged")
	if err := q.OverviewHeadSet(ctx, tx, upto, until); err != nil {
		return fmt.Errorf("move the head: %w", err)
	}
	s.step("headed")
	return nil
}

// begin makes the first figures of a tenant, from states and postings: the events of long ago are gone.
func (s *Service) begin(ctx context.Context, tx db.TenantTx, upto uuid.UUID, until time.Time) error {
	last, err := q.OverviewLast(ctx, tx, upto)
	if err != nil {
		return fmt.Errorf("look for the last fact: %w", err)
	}
	if err := s.rebuild(ctx, tx, last); err != nil {
		return err
	}
	return q.OverviewHeadSet(ctx, tx, last, until)
}

func (s *Service) rebuild(ctx context.Context, tx db.TenantTx, passed uuid.UUID) error {
	if err := q.OverviewFiguresDelete(ctx, tx); err != nil {
		return fmt.Errorf("delete the figures: %w", err)
	}
	if err := q.OverviewStagesDelete(ctx, tx); err != nil {
		return fmt.Errorf("delete the stages of the money: %w", err)
	}
	if err := q.OverviewRebuild(ctx, tx, passed); err != nil {
		return fmt.Errorf("make the figures anew: %w", err)
	}
	if err := q.OverviewRebuildStages(ctx, tx, passed); err != nil {
		return fmt.Errorf("make the stages of the money anew: %w", err)
	}
	s.step("rebuilt")
	return nil
}

// Rebuild makes a tenant's figures anew from states and postings, as far as they went.
func (s *Service) Rebuild(ctx context.Context, tenant id.Tenant) error {
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		head, err := q.OverviewHeadLock(ctx, tx)
		if err != nil {
			return fmt.Errorf("lock the head: %w", err)
		}
		if head.RolledUntil == nil {
			return nil // Roll makes the first ones
		}
		return s.rebuild(ctx, tx, head.Passed)
	})
}
