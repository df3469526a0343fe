package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/books"
)

// bookLook asks the acquirer about the payments whose time has come.
type bookLook struct {
	river.WorkerDefaults[queue.BookLook]
	db       *db.DB
	books    *books.Service
	compared prometheus.Counter
	found    *prometheus.CounterVec
	behind   prometheus.Histogram
}

func newBookLook(d *db.DB, b *books.Service, r prometheus.Registerer) *bookLook {
	w := &bookLook{
		db:    d,
		books: b,
		compared: prometheus.NewCounter(prometheus.CounterOpts{Name: "zhitong_book_payments_compared_total",
			Help: "Payments that were compared with Alipay's book some time after they were paid."}),
		found: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_book_differences_total",
			Help: "Differences to Alipay's book that were found by comparing, by kind."}, []string{"kind"}),
		behind: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "zhitong_book_behind_seconds",
			Help: "How much later than it should a tenant's next payment is compared, of each run that did not reach " +
				"its end.",
			Buckets: prometheus.ExponentialBuckets(300, 6, 5)}),
	}
	for _, k := range books.Kinds() {
		w.found.WithLabelValues(string(k)) // so that an alert sees the first
	}
	r.MustRegister(w.compared, w.found, w.behind)
	return w
}

// Work implements river.Worker.
func (w *bookLook) Work(ctx context.Context, job *river.Job[queue.BookLook]) error {
	return sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.BookLook{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error {
			r := books.Result{Found: map[books.Kind]int{}}
			err := w.books.Tenant(ctx, tenant, &r)
			w.compared.Add(float64(r.Compared)) //nolint:forbidigo // Prometheus counts in them
			for kind, n := range r.Found {
				w.found.WithLabelValues(string(kind)).Add(float64(n)) //nolint:forbidigo // Prometheus counts in them
			}
			if r.Behind > 0 {
				w.behind.Observe(r.Behind.Seconds())
			}
			return err
		})
}

// Timeout implements river.Worker.
func (w *bookLook) Timeout(*river.Job[queue.BookLook]) time.Duration { return sweepTimeout }
