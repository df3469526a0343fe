package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/retention"
)

// retentionSweep deletes what has been kept long enough, in every tenant of a shard.
type retentionSweep struct {
	river.WorkerDefaults[queue.RetentionSweep]
	db        *db.DB
	retention *retention.Service
}

// Work implements river.Worker.
func (w *retentionSweep) Work(ctx context.Context, job *river.Job[queue.RetentionSweep]) error {
	var r retention.Result
	return sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.RetentionSweep{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error { return w.retention.Tenant(ctx, tenant, &r) })
}

// Timeout implements river.Worker.
func (w *retentionSweep) Timeout(*river.Job[queue.RetentionSweep]) time.Duration { return sweepTimeout }
