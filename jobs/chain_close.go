package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/chain"
)

// chainClose closes what must stay as it was written.
type chainClose struct {
	river.WorkerDefaults[queue.ChainClose]
	db     *db.DB
	chain  *chain.Service
	closed prometheus.Counter
}

func newChainClose(d Deps) *chainClose {
	w := &chainClose{db: d.DB, chain: d.Chain,
		closed: prometheus.NewCounter(prometheus.CounterOpts{Name: "zhitong_chain_rows_closed_total",
			Help: "Audit entries, postings and events that were put into a link of their chain."})}
	d.Registry.MustRegister(w.closed)
	return w
}

// Work implements river.Worker. It fails, and is tried again, while a transaction has been open for too long.
func (w *chainClose) Work(ctx context.Context, job *river.Job[queue.ChainClose]) error {
	if err := w.chain.Quiet(ctx); err != nil {
		return err
	}
	return sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.ChainClose{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error {
			n, err := w.chain.Close(ctx, tenant)
			w.closed.Add(float64(n)) //nolint:forbidigo // Prometheus counts in them
			return err
		})
}

// Timeout implements river.Worker.
func (w *chainClose) Timeout(*river.Job[queue.ChainClose]) time.Duration { return sweepTimeout }
