package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants/contacts"
)

// contactErase erases a buyer's contact, until the last of its orders is final.
type contactErase struct {
	river.WorkerDefaults[queue.ContactErase]
	contacts *contacts.Service
}

// Work implements river.Worker.
func (w *contactErase) Work(ctx context.Context, job *river.Job[queue.ContactErase]) error {
	after, err := w.contacts.Run(ctx, job.Args.TenantID.ID, job.Args.ErasureID.ID)
	return again(after, gone(err, contacts.CodeErasureNotFound))
}

// Timeout implements river.Worker.
func (w *contactErase) Timeout(*river.Job[queue.ContactErase]) time.Duration { return sweepTimeout }
