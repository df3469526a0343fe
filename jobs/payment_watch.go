package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/orders"
)

// paymentWatch asks Alipay about an unpaid payment until it is paid or its time is up.
type paymentWatch struct {
	river.WorkerDefaults[queue.PaymentWatch]
	orders *orders.Service
}

func (w *paymentWatch) Work(ctx context.Context, job *river.Job[queue.PaymentWatch]) error {
	after, err := w.orders.Watch(ctx, job.Args.TenantID.ID, job.Args.PaymentID.ID)
	return again(after, gone(err, tenants.CodeOrderNotFound))
}

// watchRetryMax is how long a watch waits at most after it failed: a buyer who has paid may be waiting for the answer.
const watchRetryMax = 9 * time.Minute

// NextRetry implements river.Worker.
func (w *paymentWatch) NextRetry(job *river.Job[queue.PaymentWatch]) time.Time {
	return retryIn(job.JobRow, watchRetryMax)
}
