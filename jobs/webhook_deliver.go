package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"zhitong/jobs/args"
	"zhitong/tenants/webhooks"
)

// webhookDeliver sends one event to one endpoint.
type webhookDeliver struct {
	river.WorkerDefaults[args.WebhookDeliver]
	webhooks *webhooks.Service

	mu    sync.Mutex
	asked map[int64]time.Time // by job: when its receiver wants to be called again
}

// Work implements river.Worker.
func (w *webhookDeliver) Work(ctx context.Context, job *river.Job[args.WebhookDeliver]) error {
	r, err := w.webhooks.Deliver(ctx, job.Args.TenantID, job.Args.EventID, job.Args.EndpointID, job.Attempt)
	switch {
	case err != nil:
		return err
	case r.Delivered:
		return nil
	case r.Stop:
		return river.JobCancel(errors.New(r.Failure))
	}
	if r.RetryAfter > 0 && job.Attempt < job.MaxAttempts {
		w.mu.Lock()
		w.asked[job.ID] = time.Now().Add(r.RetryAfter) //nolint:forbidigo // River's time, not the product's
		w.mu.Unlock()
	}
	return errors.New(r.Failure)
}

// NextRetry follows the schedule, a tenth early or late so that receivers are not called in step; a receiver may ask for a later time.
func (w *webhookDeliver) NextRetry(job *river.Job[args.WebhookDeliver]) time.Time {
	delays := webhooks.Backoff()
	d := delays[min(max(job.Attempt, 1), len(delays))-1]
	at := time.Now().Add(d - d/10 + rand.N(d/5)) //nolint:forbidigo // River's time, not the product's
	w.mu.Lock()
	asked, ok := w.asked[job.ID]
	delete(w.asked, job.ID)
	w.mu.Unlock()
	if ok && asked.After(at) {
		return asked
	}
	return at
}
