package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/orders"
)

// paymentReconcile books what moved of a payment without us.
type paymentReconcile struct {
	river.WorkerDefaults[queue.PaymentReconcile]
	orders *orders.Service
}

func (w *paymentReconcile) Work(ctx context.Context, job *river.Job[queue.PaymentReconcile]) error {
	after, err := w.orders.Reconcile(ctx, job.Args.TenantID.ID, job.Args.PaymentID.ID)
	return again(after, gone(err, tenants.CodeOrderNotFound))
}
