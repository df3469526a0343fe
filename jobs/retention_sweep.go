package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants/retention"
)

// sweepEvery is how often what has been kept long enough is deleted.
const sweepEvery = 6 * time.Hour

// sweepTimeout bounds one sweep; the next goes on where it was broken off.
const sweepTimeout = 20 * time.Minute

// retentionSweep deletes what has been kept long enough, in every tenant.
type retentionSweep struct {
	river.WorkerDefaults[queue.RetentionSweep]
	retention *retention.Service
}

func (w *retentionSweep) Work(ctx context.Context, _ *river.Job[queue.RetentionSweep]) error {
	_, err := w.retention.Sweep(ctx)
	return err
}

// Timeout implements river.Worker.
func (w *retentionSweep) Timeout(*river.Job[queue.RetentionSweep]) time.Duration { return sweepTimeout }

// periodic are the jobs that no transaction makes necessary. The leader inserts them.
func periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(
			river.PeriodicInterval(sweepEvery),
			func() (river.JobArgs, *river.InsertOpts) { return queue.RetentionSweep{}, nil },
			nil,
		),
		river.NewPeriodicJob(
			river.PeriodicInterval(recoverEvery),
			func() (river.JobArgs, *river.InsertOpts) { return queue.Recovery{}, nil },
			nil,
		),
	}
}
