package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"zhitong/jobs/args"
	"zhitong/tenants/orders"
)

// refundExecute gives a buyer's money back.
type refundExecute struct {
	river.WorkerDefaults[args.RefundExecute]
	orders *orders.Service
}

func (w *refundExecute) Work(ctx context.Context, job *river.Job[args.RefundExecute]) error {
	after, err := w.orders.ExecuteRefund(ctx, job.Args.TenantID, job.Args.RefundID)
	return again(after, gone(err, orders.CodeRefundNotFound))
}
