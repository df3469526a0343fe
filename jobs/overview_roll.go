package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/overview"
)

// rollTimeout ends a job that sums. The first sums of a platform with millions of orders are one transaction, which
// takes minutes: it may not be broken off with the budget of a sweep, or it would never come to its end.
const rollTimeout = time.Hour

// overviewRoll sums what has happened.
type overviewRoll struct {
	river.WorkerDefaults[queue.OverviewRoll]
	db       *db.DB
	overview *overview.Service
	summed   prometheus.Counter
}

func newOverviewRoll(d Deps) *overviewRoll {
	w := &overviewRoll{db: d.DB, overview: d.Overview,
		summed: prometheus.NewCounter(prometheus.CounterOpts{Name: "zhitong_overview_facts_summed_total",
			Help: "Events and postings that were summed into figures."})}
	d.Registry.MustRegister(w.summed)
	return w
}

// Work implements river.Worker.
func (w *overviewRoll) Work(ctx context.Context, job *river.Job[queue.OverviewRoll]) error {
	horizon, err := w.overview.Horizon(ctx)
	if err != nil {
		return err
	}
	return sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.OverviewRoll{Sweep: rest} },
		func(_ context.Context, tenant id.Tenant) error {
			n, err := w.overview.Roll(ctx, tenant, horizon) // the job's time, not the sweep's
			w.summed.Add(float64(n))                        //nolint:forbidigo // Prometheus counts in them
			return err
		})
}

// Timeout implements river.Worker.
func (w *overviewRoll) Timeout(*river.Job[queue.OverviewRoll]) time.Duration { return rollTimeout }
