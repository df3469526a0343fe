package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants/orders"
	"zhitong/tenants/refunds"
)

// refundExecute gives a buyer's money back.
type refundExecute struct {
	river.WorkerDefaults[queue.RefundExecute]
	orders *orders.Service
}

func (w *refundExecute) Work(ctx context.Context, job *river.Job[queue.RefundExecute]) error {
	after, err := w.orders.ExecuteRefund(ctx, job.Args.TenantID.ID, job.Args.RefundID.ID)
	return again(after, gone(err, refunds.CodeNotFound))
}
