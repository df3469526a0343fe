package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants/retention"
)

// retentionSweep deletes what has been kept long enough, in every tenant of a shard.
type retentionSweep struct {
	river.WorkerDefaults[queue.RetentionSweep]
	db        *db.DB
	retention *retention.Service
	log       *slog.Logger
	deleted   *prometheus.CounterVec
}

func newRetentionSweep(d *db.DB, s *retention.Service, log *slog.Logger, r prometheus.Registerer) *retentionSweep {
	w := &retentionSweep{db: d, retention: s, log: log,
		deleted: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_retention_deleted_total",
			Help: "Rows that were deleted because they had been kept long enough, by table."}, []string{"table"})}
	for _, rule := range retention.Rules() {
		if rule.Days > 0 {
			w.deleted.WithLabelValues(rule.Table)
		}
	}
	r.MustRegister(w.deleted)
	return w
}

// Work implements river.Worker.
func (w *retentionSweep) Work(ctx context.Context, job *river.Job[queue.RetentionSweep]) error {
	return sweep(ctx, w.db, job.Args.Sweep,
		func(rest queue.Sweep) river.JobArgs { return queue.RetentionSweep{Sweep: rest} },
		func(ctx context.Context, tenant id.Tenant) error {
			var r retention.Result
			err := w.retention.Tenant(ctx, tenant, &r)
			for table, n := range r.Deleted {
				if n > 0 {
					w.deleted.WithLabelValues(table).Add(float64(n)) //nolint:forbidigo // Prometheus counts in them
					w.log.InfoContext(ctx, "kept long enough and deleted", slog.String("tenant", tenant.String()),
						slog.String("table", table), slog.Int64("rows", n))
				}
			}
			return err
		})
}

// Timeout implements river.Worker.
func (w *retentionSweep) Timeout(*river.Job[queue.RetentionSweep]) time.Duration { return sweepTimeout }
