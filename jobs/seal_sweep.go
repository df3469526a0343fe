package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/contacts"
)

// sealSweep seals what programs of before wrote as it was, in every tenant of a shard.
type sealSweep struct {
	river.WorkerDefaults[queue.SealSweep]
	db       *db.DB
	contacts *contacts.Service
	log      *slog.Logger
}

// Work implements river.Worker.
func (w *sealSweep) Work(ctx context.Context, job *river.Job[queue.SealSweep]) error {
	done := contacts.Counts{}
	err := sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.SealSweep{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error { return w.contacts.Tenant(ctx, tenant, done) })
	if len(done) > 0 {
		w.log.InfoContext(ctx, "sealed what was written before", "shard", job.Args.Shard, "rows", done)
	}
	return err
}

// Timeout implements river.Worker.
func (w *sealSweep) Timeout(*river.Job[queue.SealSweep]) time.Duration { return sweepTimeout }
