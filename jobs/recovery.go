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

	"zhitong/internal/clock"
	"zhitong/queue"
	"zhitong/tenants/orders"
)

const (
	// recoverEvery is how often it is looked for what lost its job.
	recoverEvery = 5 * time.Minute
	// recoverTimeout bounds one search; the next goes on where it was broken off.
	recoverTimeout = 4 * time.Minute
	// recoverMax is how many discarded jobs are taken up at a time.
	recoverMax = 1000
	// recoverWaitMax is how long a discarded job waits at most until it is taken up again: twice as long each time.
	recoverWaitMax = 6 * time.Hour
)

// recovery takes up again what lost its job: a job that moves money, payments or applications is never given up for
// good, and an order whose time is up is closed even when nobody watches it any more.
type recovery struct {
	river.WorkerDefaults[queue.Recovery]
	orders *orders.Service
	clock  clock.Clock
	log    *slog.Logger
}

func (w *recovery) Work(ctx context.Context, _ *river.Job[queue.Recovery]) error {
	watched, err := w.orders.WatchOverdue(ctx)
	again, rerr := w.discarded(ctx)
	if watched > 0 || again > 0 {
		w.log.WarnContext(ctx, "lost jobs", slog.Int("unwatched_payments", watched), slog.Int("discarded_jobs", again))
	}
	return errors.Join(err, rerr)
}

// Timeout implements river.Worker.
func (w *recovery) Timeout(*river.Job[queue.Recovery]) time.Duration { return recoverTimeout }

// discarded makes discarded jobs available for one more attempt. Use cases can be run again from any step, and find
// nothing to do when all is done.
func (w *recovery) discarded(ctx context.Context) (n int, err error) {
	client := river.ClientFromContext[pgx.Tx](ctx)
	list, err := client.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateDiscarded).
		Queues(queue.QueuePayments, queue.QueueMoney, queue.QueueOnboarding).
		OrderBy(river.JobListOrderByFinalizedAt, river.SortOrderAsc).First(recoverMax))
	if err != nil {
		return 0, fmt.Errorf("list the discarded jobs: %w", err)
	}
	usual := map[string]int{}
	for _, a := range queue.All() {
		usual[a.Kind()] = a.InsertOpts().MaxAttempts
	}
	for _, j := range list.Jobs {
		if j.FinalizedAt == nil || w.clock.Now().Before(j.FinalizedAt.Add(recoverWait(j.MaxAttempts-usual[j.Kind]))) {
			continue
		}
		if _, err := client.JobRetry(ctx, j.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
			return n, fmt.Errorf("take job %d up again: %w", j.ID, err)
		}
		n++
	}
	return n, nil
}

// recoverWait is how long a job that was taken up so many times is left alone.
func recoverWait(times int) time.Duration {
	if times <= 0 {
		return 0
	}
	return min(recoverEvery<<min(times-1, 10), recoverWaitMax)
}
