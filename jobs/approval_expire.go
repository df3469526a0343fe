package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/approvals"
)

// approvalExpire ends the approvals that nobody has decided in time, and does what was approved and is due.
type approvalExpire struct {
	river.WorkerDefaults[queue.ApprovalExpire]
	db        *db.DB
	approvals *approvals.Service
}

// Work implements river.Worker.
func (w *approvalExpire) Work(ctx context.Context, job *river.Job[queue.ApprovalExpire]) error {
	return sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.ApprovalExpire{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error {
			return errors.Join(w.approvals.Expire(ctx, tenant), w.approvals.CarryOut(ctx, tenant))
		})
}

// Timeout implements river.Worker.
func (w *approvalExpire) Timeout(*river.Job[queue.ApprovalExpire]) time.Duration { return sweepTimeout }
