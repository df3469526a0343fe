package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/notices"
)

const (
	// takeEvery is how often it is looked for what people are to be told.
	takeEvery = 15 * time.Second
	// takeBudget is how long one job goes through tenants. Then another goes on where it stopped.
	takeBudget = 20 * time.Second
)

// noticeTake gathers what people are to be told.
type noticeTake struct {
	river.WorkerDefaults[queue.NoticeTake]
	db      *db.DB
	notices *notices.Service
}

// Work implements river.Worker.
func (w *noticeTake) Work(ctx context.Context, job *river.Job[queue.NoticeTake]) error {
	within, cancel := context.WithTimeout(ctx, takeBudget)
	defer cancel()
	at, err := tenants.EachTold(within, w.db, job.Args.After.ID, func(ctx context.Context, t id.Tenant) error {
		return w.notices.Take(ctx, t)
	})
	if within.Err() == nil || ctx.Err() != nil {
		return err
	}
	rest := queue.NoticeTake{After: queue.RefTo(at)}
	if _, err := river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, rest, nil); err != nil {
		return fmt.Errorf("leave the rest of the tenants to another job: %w", err)
	}
	return nil
}

// noticeSend sends one message.
type noticeSend struct {
	river.WorkerDefaults[queue.NoticeSend]
	notices *notices.Service
	log     *slog.Logger
	sent    *prometheus.CounterVec
}

func newNoticeSend(d Deps) *noticeSend {
	w := &noticeSend{notices: d.Notices, log: d.Log, sent: prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "zhitong_notices_total", Help: "Attempts to tell people, by channel and outcome."},
		[]string{"channel", "outcome"},
	)}
	d.Registry.MustRegister(w.sent)
	return w
}

// Work implements river.Worker.
func (w *noticeSend) Work(ctx context.Context, job *river.Job[queue.NoticeSend]) error {
	sent, err := w.notices.Send(ctx, job.Args.TenantID.ID, job.Args.NoticeID.ID)
	if err != nil || sent.Outcome == "" {
		return err
	}
	w.sent.WithLabelValues(string(sent.Channel), sent.Outcome).Inc()
	w.log.InfoContext(ctx, "notice", slog.String("tenant", job.Args.TenantID.ID.String()),
		slog.String("notice", job.Args.NoticeID.ID.String()), slog.String("route", sent.Route.String()),
		slog.String("channel", string(sent.Channel)), slog.String("outcome", sent.Outcome))
	return nil
}

// noticeAlarm tells the owners of a route that fails.
type noticeAlarm struct {
	river.WorkerDefaults[queue.NoticeAlarm]
	notices *notices.Service
}

// Work implements river.Worker.
func (w *noticeAlarm) Work(ctx context.Context, job *river.Job[queue.NoticeAlarm]) error {
	return w.notices.Alarm(ctx, job.Args.TenantID.ID, job.Args.RouteID.ID)
}
