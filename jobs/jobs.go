// Package jobs runs what must happen after a transaction and survive any crash: River workers, one file per kind, as
// thin as handlers. A worker calls one phased use case, which can be run again from any step; the job's arguments are
// identifiers only.
//
// Jobs are inserted by the transaction that makes them necessary (package queue). Nothing is notified: the queues are
// polled, because a NOTIFY in a paying transaction would take a lock that every commit shares.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/queue"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
	"zhitong/tenants/books"
	"zhitong/tenants/chain"
	"zhitong/tenants/contacts"
	"zhitong/tenants/notices"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/overview"
	"zhitong/tenants/people"
	"zhitong/tenants/recovery"
	"zhitong/tenants/retention"
	"zhitong/tenants/sandboxes"
	"zhitong/tenants/splits"
	"zhitong/tenants/tasks"
	"zhitong/tenants/webhooks"
)

// Timing of the queues. A job that hangs is cut off after its timeout; one that is still running a while after that
// belongs to a program that died, and is given to another. River's default is an hour. A kind that needs longer says so
// by its worker's Timeout, and waits that much longer for another program; those that move money do not.
const (
	jobTimeout     = 30 * time.Second
	rescueAfter    = jobTimeout + 5*time.Second
	pollInterval   = 100 * time.Millisecond
	fetchCooldown  = 50 * time.Millisecond
	softStop       = 10 * time.Second
	completedKept  = 24 * time.Hour
	discardedKept  = 90 * 24 * time.Hour
	workersMoney   = 16
	workersPayment = 16
	workersWebhook = 64
	workersFailing = 16
	workersOther   = 4
	workersBooks   = 2
	workersTasks   = 2
	workersNotices = 8
)

// Deps are the use cases that the workers call.
type Deps struct {
	DB         *db.DB
	Orders     *orders.Service
	Splits     *splits.Service
	Onboarding *onboarding.Service
	Webhooks   *webhooks.Service
	Retention  *retention.Service
	Contacts   *contacts.Service
	Recovery   *recovery.Service
	Books      *books.Service
	Chain      *chain.Service
	Tasks      *tasks.Service
	Overview   *overview.Service
	Notices    *notices.Service
	People     *people.Service
	Access     *access.Service
	Post       people.Post
	Approvals  *approvals.Service
	Sandboxes  *sandboxes.Service
	Clock      clock.Clock
	Log        *slog.Logger
	Registry   prometheus.Registerer
}

// NewClient makes the River client that works every queue. Start and stop it with the program.
func NewClient(pool *pgxpool.Pool, d Deps) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	for _, add := range []func() error{
		func() error { return river.AddWorkerSafely(workers, &paymentWatch{orders: d.Orders}) },
		func() error { return river.AddWorkerSafely(workers, &refundExecute{orders: d.Orders}) },
		func() error { return river.AddWorkerSafely(workers, &paymentReconcile{orders: d.Orders}) },
		func() error { return river.AddWorkerSafely(workers, &splitExecute{splits: d.Splits}) },
		func() error {
			return river.AddWorkerSafely(workers, newWebhookDeliver(d.Webhooks, pool))
		},
		func() error { return river.AddWorkerSafely(workers, &onboardingSubmit{onboarding: d.Onboarding}) },
		func() error { return river.AddWorkerSafely(workers, &onboardingWatch{onboarding: d.Onboarding}) },
		func() error {
			return river.AddWorkerSafely(workers, newRetentionSweep(d.DB, d.Retention, d.Log, d.Registry))
		},
		func() error {
			return river.AddWorkerSafely(workers, &sealSweep{db: d.DB, contacts: d.Contacts, log: d.Log})
		},
		func() error { return river.AddWorkerSafely(workers, &contactErase{contacts: d.Contacts}) },
		func() error {
			return river.AddWorkerSafely(workers, &lostJobs{db: d.DB, lost: d.Recovery, log: d.Log})
		},
		func() error { return river.AddWorkerSafely(workers, newBookLook(d.DB, d.Books, d.Registry)) },
		func() error { return river.AddWorkerSafely(workers, newChainClose(d)) },
		func() error { return river.AddWorkerSafely(workers, newOverviewRoll(d)) },
		func() error { return river.AddWorkerSafely(workers, newSandboxSweep(d)) },
		func() error { return river.AddWorkerSafely(workers, &sandboxMail{sandboxes: d.Sandboxes}) },
		func() error {
			return river.AddWorkerSafely(workers, &approvalExpire{db: d.DB, approvals: d.Approvals})
		},
		func() error { return river.AddWorkerSafely(workers, &checkoutCode{orders: d.Orders, log: d.Log}) },
		func() error { return river.AddWorkerSafely(workers, &personMail{people: d.People, log: d.Log}) },
		func() error { return river.AddWorkerSafely(workers, &linkMail{people: d.People, log: d.Log}) },
		func() error { return river.AddWorkerSafely(workers, &placeMail{people: d.People, log: d.Log}) },
		func() error { return river.AddWorkerSafely(workers, &memberTold{access: d.Access}) },
		func() error {
			return river.AddWorkerSafely(workers, &invitationMail{access: d.Access, post: d.Post, log: d.Log})
		},
		func() error {
			return river.AddWorkerSafely(workers, &resetMail{approvals: d.Approvals, post: d.Post, log: d.Log})
		},
		func() error { return river.AddWorkerSafely(workers, &taskRun{tasks: d.Tasks, log: d.Log}) },
		func() error { return river.AddWorkerSafely(workers, &noticeTake{db: d.DB, notices: d.Notices}) },
		func() error { return river.AddWorkerSafely(workers, newNoticeSend(d)) },
		func() error { return river.AddWorkerSafely(workers, &noticeAlarm{notices: d.Notices}) },
		func() error { return river.AddWorkerSafely(workers, &discardedRetry{clock: d.Clock, log: d.Log}) },
	} {
		if err := add(); err != nil {
			return nil, fmt.Errorf("register a worker: %w", err)
		}
	}
	m := newMetrics(d.Registry)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		ID:       clientID(),
		Schema:   "river",
		Queues:   queues(),
		Workers:  workers,
		PollOnly: true,
		// during an upgrade two versions share the queues: a kind of the newer one is left to it
		FetchOnlyKnownKinds:         true,
		FetchPollInterval:           pollInterval,
		FetchCooldown:               fetchCooldown,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: completedKept,
		DiscardedJobRetentionPeriod: discardedKept,
		SoftStopTimeout:             softStop,
		RetryPolicy:                 retries{},
		PeriodicJobs:                periodic(),
		ReindexerIndexNames:         []string{}, // the application's role owns no index; autovacuum keeps them small
		Logger:                      d.Log,
		ErrorHandler:                &errorHandler{log: d.Log},
		Plugins:                     []rivertype.Plugin{&observe{log: d.Log, metrics: m}},
	})
	if err != nil {
		return nil, fmt.Errorf("make the job client: %w", err)
	}
	return client, nil
}

// clientID names this process in the rows of the jobs it works, and as the leader: host, start and process.
func clientID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	now := time.Now() //nolint:forbidigo // River's time, not the product's
	return fmt.Sprintf("%.60s_%d_%d", host, now.UnixMilli(), os.Getpid())
}

func queues() map[string]river.QueueConfig {
	return map[string]river.QueueConfig{
		queue.QueuePayments:    {MaxWorkers: workersPayment},
		queue.QueueMoney:       {MaxWorkers: workersMoney},
		queue.QueueWebhooks:    {MaxWorkers: workersWebhook},
		queue.QueueFailing:     {MaxWorkers: workersFailing},
		queue.QueueOnboarding:  {MaxWorkers: workersOther},
		queue.QueueMaintenance: {MaxWorkers: 1},
		queue.QueueBooks:       {MaxWorkers: workersBooks},
		queue.QueueFigures:     {MaxWorkers: 1},
		queue.QueueMails:       {MaxWorkers: workersOther},
		queue.QueueTasks:       {MaxWorkers: workersTasks},
		queue.QueueNotices:     {MaxWorkers: workersNotices},
	}
}

// retries doubles the wait after each failure, up to an hour, and never waits longer than a third of the time since the
// job was made: what failed by accident is soon repeated, after an outage of minutes work goes on within a minute or
// so, and the attempts last for twenty hours; then the recovery takes over.
type retries struct{}

// NextRetry implements river.ClientRetryPolicy.
func (retries) NextRetry(job *rivertype.JobRow) time.Time { return retryIn(job, time.Hour) }

// retryIn is when a failed job is tried again: after twice as long each time, at most longest, and a tenth sooner or
// later.
func retryIn(job *rivertype.JobRow, longest time.Duration) time.Time {
	now := time.Now() //nolint:forbidigo // River's time, not the product's
	d := min(longest, max(time.Second, now.Sub(job.CreatedAt)/3))
	if n := len(job.Errors); n < 12 { // 2^12 s is more than an hour
		d = min(time.Second<<n, d)
	}
	return now.Add(d - d/10 + rand.N(d/5))
}

// gone ends a job whose subject no longer exists; another try would find the same.
func gone(err error, codes ...fault.Code) error {
	for _, c := range codes {
		if fault.CodeOf(err) == c {
			return river.JobCancel(err)
		}
	}
	return err
}

// again turns "ask once more after" into River's snooze.
func again(after time.Duration, err error) error {
	if err != nil || after == 0 {
		return err
	}
	return river.JobSnooze(after)
}

// errorHandler logs what River would only store.
type errorHandler struct{ log *slog.Logger }

func (h *errorHandler) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level := slog.LevelWarn
	if job.Attempt >= job.MaxAttempts {
		level = slog.LevelError // discarded: a person has to look
	}
	h.log.Log(
		ctx,
		level,
		"job failed",
		slog.String("kind", job.Kind),
		slog.Int64("job", job.ID),
		slog.Int("attempt", job.Attempt),
		slog.Int("attempts_max", job.MaxAttempts),
		slog.Any("error", err),
	)
	return nil
}

func (h *errorHandler) HandlePanic(
	ctx context.Context,
	job *rivertype.JobRow,
	value any,
	trace string,
) *river.ErrorHandlerResult {
	h.log.ErrorContext(
		ctx,
		"job panicked",
		slog.String("kind", job.Kind),
		slog.Int64("job", job.ID),
		slog.Any("panic", value),
		slog.String("trace", trace),
	)
	return nil
}

// observe writes one line and one measurement per job.
type observe struct {
	river.MiddlewareDefaults
	log     *slog.Logger
	metrics *metrics
}

func (o *observe) Work(ctx context.Context, job *rivertype.JobRow, next func(context.Context) error) error {
	elapsed := clock.Stopwatch()
	err := next(ctx)
	took := elapsed()
	outcome := outcomeOf(err)
	o.metrics.observe(job.Kind, outcome, took)
	o.log.DebugContext(
		ctx,
		"job",
		slog.String("kind", job.Kind),
		slog.Int64("job", job.ID),
		slog.String("outcome", outcome),
		slog.Duration("duration", took),
	)
	return err
}

func outcomeOf(err error) string {
	var snooze *rivertype.JobSnoozeError
	var cancel *rivertype.JobCancelError
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &snooze):
		return "snoozed"
	case errors.As(err, &cancel):
		return "canceled"
	default:
		return "failed"
	}
}

type metrics struct {
	jobs *prometheus.CounterVec
	took *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		jobs: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "zhitong_jobs_total", Help: "Jobs worked, by kind and outcome."},
			[]string{"kind", "outcome"},
		),
		took: prometheus.NewHistogramVec(
			prometheus.HistogramOpts{
				Name:    "zhitong_job_duration_seconds",
				Help:    "How long jobs took.",
				Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
			},
			[]string{"kind"},
		),
	}
	r.MustRegister(m.jobs, m.took)
	return m
}

func (m *metrics) observe(kind, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Inc()
	m.took.WithLabelValues(kind).Observe(took.Seconds())
}
