package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/events"
	"zhitong/tenants/webhooks"
)

const (
	// atOnce is how many deliveries one process makes to one endpoint at a time: a receiver that hangs holds so many
	// workers and no more.
	atOnce        = 8
	atOnceFailing = 2
	// turnWait is how long a delivery waits when its endpoint has enough of them.
	turnWait        = time.Second
	turnWaitFailing = 5 * time.Second
)

// webhookDeliver sends one event to one endpoint.
type webhookDeliver struct {
	river.WorkerDefaults[queue.WebhookDeliver]
	webhooks *webhooks.Service
	db       dbsqlc.DBTX

	mu    sync.Mutex
	asked map[int64]time.Time        // by job: when its receiver wants to be called again
	busy  map[id.WebhookEndpoint]int // deliveries under way
}

func newWebhookDeliver(s *webhooks.Service, db dbsqlc.DBTX) *webhookDeliver {
	return &webhookDeliver{webhooks: s, db: db, asked: map[int64]time.Time{}, busy: map[id.WebhookEndpoint]int{}}
}

// Work implements river.Worker.
func (w *webhookDeliver) Work(ctx context.Context, job *river.Job[queue.WebhookDeliver]) error {
	most, wait := atOnce, turnWait
	if job.Queue == queue.QueueFailing {
		most, wait = atOnceFailing, turnWaitFailing
	}
	if !w.enter(job.Args.EndpointID.ID, most) {
		return river.JobSnooze(wait + rand.N(wait))
	}
	defer w.leave(job.Args.EndpointID.ID)
	r, err := w.webhooks.Deliver(ctx, job.Args.TenantID.ID, job.Args.EventID.ID, job.Args.EndpointID.ID, job.Attempt)
	switch {
	case err != nil:
		return gone(err, events.CodeNotFound) // it is deleted once it has been kept long enough
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
	return errors.Join(errors.New(r.Failure), queue.SetAside(ctx, w.db, job.ID))
}

func (w *webhookDeliver) enter(e id.WebhookEndpoint, most int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[e] >= most {
		return false
	}
	w.busy[e]++
	return true
}

func (w *webhookDeliver) leave(e id.WebhookEndpoint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[e]--; w.busy[e] == 0 {
		delete(w.busy, e)
	}
}

// NextRetry follows the schedule, a tenth early or late so that receivers are not called in step; a receiver may ask
// for a later time.
func (w *webhookDeliver) NextRetry(job *river.Job[queue.WebhookDeliver]) time.Time {
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
