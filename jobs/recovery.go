package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/recovery"
)

const (
	// retryMax is how many discarded jobs are taken up at a time.
	retryMax = 1000
	// retryTimeout bounds one search for them; the next goes on where it was broken off.
	retryTimeout = 4 * time.Minute
	// retryWaitMax is how long a discarded job waits at most until it is taken up again: twice as long each time.
	retryWaitMax = 6 * time.Hour
)

// lostJobs gives what lost its job a new one, in every tenant of a shard.
type lostJobs struct {
	river.WorkerDefaults[queue.Recovery]
	db   *db.DB
	lost *recovery.Service
	log  *slog.Logger
}

// Work implements river.Worker.
func (w *lostJobs) Work(ctx context.Context, job *river.Job[queue.Recovery]) error {
	found := recovery.Found{}
	err := sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.Recovery{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error { return w.lost.Tenant(ctx, tenant, found) })
	for kind, n := range found {
		w.log.WarnContext(ctx, "lost jobs", slog.String("kind", kind), slog.Int("jobs", n))
	}
	return err
}

// Timeout implements river.Worker.
func (w *lostJobs) Timeout(*river.Job[queue.Recovery]) time.Duration { return sweepTimeout }

// discardedRetry takes up again what was given up: a job that moves money, payments or applications is never given up
// for good.
type discardedRetry struct {
	river.WorkerDefaults[queue.DiscardedRetry]
	clock clock.Clock
	log   *slog.Logger
}

// Work implements river.Worker.
func (w *discardedRetry) Work(ctx context.Context, _ *river.Job[queue.DiscardedRetry]) error {
	n, err := w.discarded(ctx)
	if n > 0 {
		w.log.WarnContext(ctx, "discarded jobs are taken up again", slog.Int("jobs", n))
	}
	return err
}

// Timeout implements river.Worker.
func (w *discardedRetry) Timeout(*river.Job[queue.DiscardedRetry]) time.Duration { return retryTimeout }

// discarded makes discarded jobs available for one more attempt. Use cases can be run again from any step, and find
// nothing to do when all is done.
func (w *discardedRetry) discarded(ctx context.Context) (n int, err error) {
	client := river.ClientFromContext[pgx.Tx](ctx)
	list, err := client.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateDiscarded).
		Queues(queue.QueuePayments, queue.QueueMoney, queue.QueueOnboarding).
		OrderBy(river.JobListOrderByFinalizedAt, river.SortOrderAsc).First(retryMax))
	if err != nil {
		return 0, fmt.Errorf("list the discarded jobs: %w", err)
	}
	usual := map[string]int{}
	for _, a := range queue.All() {
		usual[a.Kind()] = a.InsertOpts().MaxAttempts
	}
	for _, j := range list.Jobs {
		if j.FinalizedAt == nil || w.clock.Now().Before(j.FinalizedAt.Add(retryWait(j.MaxAttempts-usual[j.Kind]))) {
			continue
		}
		if _, err := client.JobRetry(ctx, j.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
			return n, fmt.Errorf("take job %d up again: %w", j.ID, err)
		}
		n++
	}
	return n, nil
}

// retryWait is how long a job that was taken up so many times is left alone.
func retryWait(times int) time.Duration {
	if times <= 0 {
		return 0
	}
	return min(recoverEvery<<min(times-1, 10), retryWaitMax)
}
