package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"zhitong/jobs/args"
	"zhitong/tenants/orders"
)

// paymentWatch asks Alipay about an unpaid payment until it is paid or its time is up.
type paymentWatch struct {
	river.WorkerDefaults[args.PaymentWatch]
	orders *orders.Service
}

func (w *paymentWatch) Work(ctx context.Context, job *river.Job[args.PaymentWatch]) error {
	after, err := w.orders.Watch(ctx, job.Args.TenantID, job.Args.PaymentID)
	return again(after, gone(err, orders.CodeOrderNotFound))
}
