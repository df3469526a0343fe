package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants/splits"
)

// splitExecute settles a payment and splits it.
type splitExecute struct {
	river.WorkerDefaults[queue.SplitExecute]
	splits *splits.Service
}

func (w *splitExecute) Work(ctx context.Context, job *river.Job[queue.SplitExecute]) error {
	out, err := w.splits.Execute(ctx, job.Args.TenantID.ID, job.Args.PaymentID.ID)
	if err != nil {
		return err
	}
	if out.State == splits.Refused { // a case is open; another try would find the same
		return river.JobCancel(errors.New(out.Reason))
	}
	return again(out.Wait, nil)
}
