package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/sandboxes"
)

// sandboxSweep ends the sandboxes that nobody uses.
type sandboxSweep struct {
	river.WorkerDefaults[queue.SandboxSweep]
	db        *db.DB
	sandboxes *sandboxes.Service
	log       *slog.Logger
	done      *prometheus.CounterVec
}

func newSandboxSweep(d Deps) *sandboxSweep {
	w := &sandboxSweep{db: d.DB, sandboxes: d.Sandboxes, log: d.Log,
		done: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_sandboxes_ended_total",
			Help: "Sandboxes that nobody uses, by what was done: announce, withdraw, close, delete."},
			[]string{"step"})}
	for _, s := range sandboxes.Steps() {
		w.done.WithLabelValues(string(s))
	}
	d.Registry.MustRegister(w.done)
	return w
}

// Work implements river.Worker.
func (w *sandboxSweep) Work(ctx context.Context, job *river.Job[queue.SandboxSweep]) error {
	broken := w.sandboxes.Finish(ctx, job.Args.Shard) // the others go on all the same
	return errors.Join(broken, sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.SandboxSweep{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error {
			step, err := w.sandboxes.Look(ctx, tenant)
			if step != sandboxes.Nothing {
				w.done.WithLabelValues(string(step)).Inc()
				w.log.InfoContext(ctx, "a sandbox that nobody uses", slog.String("tenant", tenant.String()),
					slog.String("step", string(step)))
			}
			return err
		}))
}

// Timeout implements river.Worker.
func (w *sandboxSweep) Timeout(*river.Job[queue.SandboxSweep]) time.Duration { return sweepTimeout }

// sandboxMail tells the owners that their sandbox is to end.
type sandboxMail struct {
	river.WorkerDefaults[queue.SandboxMail]
	sandboxes *sandboxes.Service
}

func (w *sandboxMail) Work(ctx context.Context, job *river.Job[queue.SandboxMail]) error {
	return w.sandboxes.Mail(ctx, job.Args.TenantID.ID)
}
