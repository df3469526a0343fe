package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants"
)

const (
	// sweepEvery is how often what has been kept long enough is deleted.
	sweepEvery = 6 * time.Hour
	// sealEvery is how often it is looked for what a program of before wrote as it was. The first time comes as late
	// after an upgrade, when no such program should run any more: what is sealed it cannot read.
	sealEvery = time.Hour
	// recoverEvery is how often it is looked for what lost its job.
	recoverEvery = 5 * time.Minute
	// compareEvery is how often payments whose time has come are compared with the acquirer's book.
	compareEvery = 5 * time.Minute
	// closeEvery is how often batches of what must stay as it is are closed.
	closeEvery = 15 * time.Minute
	// rollEvery is how often figures are summed.
	rollEvery = time.Minute
	// expireEvery is how often approvals that nobody has decided in time are ended.
	expireEvery = 5 * time.Minute
	// sweepBudget is how long one job goes through tenants. Then another goes on where it stopped.
	sweepBudget = 4 * time.Minute
	// sweepTimeout ends a job that does not stop by itself.
	sweepTimeout = sweepBudget + time.Minute
)

// sweep goes through a shard of the tenants. When its time is up it leaves the rest to another job, which goOn makes.
func sweep(
	ctx context.Context,
	d *db.DB,
	s queue.Sweep,
	goOn func(queue.Sweep) river.JobArgs,
	fn func(ctx context.Context, tenant id.Tenant) error,
) error {
	within, cancel := context.WithTimeout(ctx, sweepBudget)
	defer cancel()
	at, err := tenants.Each(within, d, tenants.Shard{Number: s.Shard, Of: queue.Shards, After: s.After.ID}, fn)
	if within.Err() == nil || ctx.Err() != nil {
		return err
	}
	rest := queue.Sweep{Shard: s.Shard, After: queue.RefTo(at)}
	if _, err := river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, goOn(rest), nil); err != nil {
		return fmt.Errorf("leave the rest of the tenants to another job: %w", err)
	}
	return nil
}

// periodic are the jobs that no transaction makes necessary. The leader inserts them.
func periodic() []*river.PeriodicJob {
	all := []*river.PeriodicJob{every(recoverEvery, queue.DiscardedRetry{}), every(takeEvery, queue.NoticeTake{})}
	for n := range queue.Shards {
		all = append(all,
			every(recoverEvery, queue.Recovery{Sweep: queue.Sweep{Shard: n}}),
			every(compareEvery, queue.BookLook{Sweep: queue.Sweep{Shard: n}}),
			every(sealEvery, queue.SealSweep{Sweep: queue.Sweep{Shard: n}}),
			every(closeEvery, queue.ChainClose{Sweep: queue.Sweep{Shard: n}}),
			every(rollEvery, queue.OverviewRoll{Sweep: queue.Sweep{Shard: n}}),
			every(expireEvery, queue.ApprovalExpire{Sweep: queue.Sweep{Shard: n}}),
			every(sweepEvery, queue.SandboxSweep{Sweep: queue.Sweep{Shard: n}}),
			every(sweepEvery, queue.RetentionSweep{Sweep: queue.Sweep{Shard: n}}))
	}
	return all
}

func every(interval time.Duration, a river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(
		river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return a, nil },
		nil,
	)
}
