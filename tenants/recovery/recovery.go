// Package recovery finds what lost its job. What a row's status calls for is done by a job, and a job can be lost: a
// queue that is restored from another moment than the data, an operator's mistake, or a coordinator of a distributed
// database that dies between two commits. So every such status is looked for, and what has no job is given one.
package recovery

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/splits"
)

var q = dbsqlc.New()

const (
	// overdue is how long after its expiry an order that still awaits its payment is looked at: its watch closes it
	// long before that.
	overdue = 5 * time.Minute
	// settled is how long a change has been there before its job is missed; the two are written by one transaction.
	settled = time.Minute
	// reach is how old an order or event may be whose status alone says little. Each search reads those of so long.
	reach = 24 * time.Hour
	// page bounds how much of one kind one tenant gets back at a time.
	page = 1000
)

// Service carries the search.
type Service struct {
	db    *db.DB
	clock clock.Clock
}

// New makes a Service.
func New(d *db.DB, c clock.Clock) *Service { return &Service{d, c} }

// Found says how many jobs of each kind were lost.
type Found map[string]int

// search lists the jobs that the rows of a tenant call for, whether they are there or not.
type search func(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error)

// Tenant gives each row of a tenant that lost its job a new one, and adds to found how many. It can be broken off and
// run again at any time: a use case that is run twice finds nothing to do.
func (s *Service) Tenant(ctx context.Context, tenant id.Tenant, found Found) error {
	for _, find := range []search{unwatched, unsettled, unfrozen, unrefunded, unreconciled, undecided, undelivered,
		undone, unerased} {
		var lost []queue.JobArgs
		err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			wanted, err := find(ctx, tx, s.clock.Now())
			if err != nil || len(wanted) == 0 {
				return err
			}
			if lost, err = queue.Lost(ctx, tx, wanted); err != nil {
				return err
			}
			for _, a := range lost {
				if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: a}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("look for lost jobs: %w", err)
		}
		for _, a := range lost {
			found[a.Kind()]++
		}
	}
	return nil
}

// unwatched are unpaid orders whose time is up.
func unwatched(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	late, err := q.PaymentOverdueList(ctx, tx, id.First[id.Order](now.Add(-reach)), now.Add(-overdue), page)
	return jobsOf(late, func(p id.Payment) queue.JobArgs {
		return queue.PaymentWatch{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(p)}
	}), err
}

// unsettled are paid orders whose money is not settled and split to the end.
func unsettled(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	before := now.Add(-settled)
	paid, err := q.PaymentUnsettledList(ctx, tx, page, id.First[id.Order](now.Add(-reach)), &before)
	return jobsOf(paid, func(p id.Payment) queue.JobArgs {
		return queue.SplitExecute{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(p)}
	}), err
}

// unfrozen are payments whose frozen money Alipay has freed by itself: the book does not say so yet.
func unfrozen(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	freed, err := q.SettlementFreezeEndedList(ctx, tx, now.Add(-splits.FreezeEnds), page)
	return jobsOf(freed, func(p id.Payment) queue.JobArgs {
		return queue.SplitExecute{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(p)}
	}), err
}

// unrefunded are refunds under way.
func unrefunded(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	pending, err := q.RefundPendingList(ctx, tx, now.Add(-settled), page)
	return jobsOf(pending, func(r id.Refund) queue.JobArgs {
		return queue.RefundExecute{TenantID: queue.RefTo(tx.Tenant()), RefundID: queue.RefTo(r)}
	}), err
}

// unreconciled are payments whose money moved without us.
func unreconciled(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	noted, err := q.ReconciliationPendingList(ctx, tx, now.Add(-settled), page)
	return jobsOf(noted, func(p id.Payment) queue.JobArgs {
		return queue.PaymentReconcile{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(p)}
	}), err
}

// undecided are applications that are to be sent, or were and are not decided.
func undecided(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	since, before := now.Add(-onboarding.WatchEnds), now.Add(-settled)
	open, err := q.ApplicationUndecidedList(ctx, tx, &since, &before, page)
	return jobsOf(open, func(r dbsqlc.ApplicationUndecidedListRow) queue.JobArgs {
		if r.Status == vocabulary.ApplicationSubmitted {
			return queue.OnboardingSubmit{TenantID: queue.RefTo(tx.Tenant()), ApplicationID: queue.RefTo(r.ID)}
		}
		return queue.OnboardingWatch{TenantID: queue.RefTo(tx.Tenant()), ApplicationID: queue.RefTo(r.ID)}
	}), err
}

// undone are tasks under way.
func undone(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	open, err := q.TaskOpenList(ctx, tx, now.Add(-settled), page)
	return jobsOf(open, func(t id.Task) queue.JobArgs {
		return queue.TaskRun{TenantID: queue.RefTo(tx.Tenant()), TaskID: queue.RefTo(t)}
	}), err
}

// undelivered are events that an endpoint never took. One that was given up is not lost: its job is kept as discarded.
func undelivered(ctx context.Context, tx db.TenantTx, now time.Time) ([]queue.JobArgs, error) {
	rows, err := q.EventUndeliveredList(ctx, tx, dbsqlc.EventUndeliveredListParams{
		After:        id.First[id.Event](now.Add(-reach)),
		AfterAttempt: id.First[id.WebhookDelivery](now.Add(-reach)),
		Before:       now.Add(-settled),
		PageSize:     page,
	})
	return jobsOf(rows, func(r dbsqlc.EventUndeliveredListRow) queue.JobArgs {
		return queue.WebhookDeliver{
			TenantID: queue.RefTo(tx.Tenant()), EventID: queue.RefTo(r.EventID), EndpointID: queue.RefTo(r.EndpointID),
		}
	}), err
}

// unerased are contacts that are to be erased.
func unerased(ctx context.Context, tx db.TenantTx, _ time.Time) ([]queue.JobArgs, error) {
	open, err := q.ErasureOpenList(ctx, tx, page)
	return jobsOf(open, func(e id.Erasure) queue.JobArgs {
		return queue.ContactErase{TenantID: queue.RefTo(tx.Tenant()), ErasureID: queue.RefTo(e)}
	}), err
}

func jobsOf[T any](rows []T, job func(T) queue.JobArgs) []queue.JobArgs {
	all := make([]queue.JobArgs, len(rows))
	for i, r := range rows {
		all[i] = job(r)
	}
	return all
}
