package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/queue"
)

// River works a queue in the order of arrival, so ten thousand jobs of one tenant would stand before the next tenant's
// first. The order is by priority before that: whoever has more jobs waiting than aheadMax, and than twice as many as
// the tenant in the middle, has the rest set back behind the others'. Where all have much waiting the order of arrival
// is fair already, and nothing is written.
const (
	aheadMax  = 32
	fairEvery = time.Second
	// lookedAt bounds how much of a backlog one look reads, about a microsecond a job.
	lookedAt = 100_000
	// fairWithin bounds one look.
	fairWithin = 5 * time.Second
)

// setBack joins by nothing but the number, which leaves no bad plan: what Postgres knows of a queue is always out of
// date. A job that has been taken meanwhile has no use for its priority.
const setBack = `
WITH waiting AS MATERIALIZED (
    SELECT id, queue, args ->> 'tenant_id' AS tenant,
      row_number() OVER (PARTITION BY queue, args ->> 'tenant_id' ORDER BY scheduled_at, id) AS n
      FROM (SELECT id, queue, args, scheduled_at FROM river.river_job WHERE state = 'available' AND queue = ANY($1)
        AND priority = 1 LIMIT $2) j
), contended AS MATERIALIZED (
    SELECT queue, greatest($3, 2 * percentile_disc(0.5) WITHIN GROUP (ORDER BY jobs)) AS ahead
      FROM (SELECT queue, tenant, count(*) AS jobs FROM waiting GROUP BY queue, tenant) t GROUP BY queue
        HAVING count(*) > 1
)
UPDATE river.river_job j SET priority = 2
  FROM unnest(ARRAY(SELECT id FROM waiting
    WHERE n > (SELECT ahead FROM contended c WHERE c.queue = waiting.queue))) AS u (id)
 WHERE j.id = u.id`

// execer is a pool.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Fair keeps one tenant's backlog from standing before everybody else's.
type Fair struct {
	db  execer
	log *slog.Logger
}

// NewFair makes a Fair.
func NewFair(db execer, log *slog.Logger) *Fair { return &Fair{db, log} }

// Run looks at the queues every second until ctx ends. Several programs may do it at once.
func (f *Fair) Run(ctx context.Context) {
	tick := time.NewTicker(fairEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n, err := f.Once(ctx); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "the queues were not looked at", slog.Any("error", err)) // in a second again
		} else if n > 0 {
			f.log.InfoContext(ctx, "jobs of a tenant with a long backlog stand behind the others'",
				slog.Int64("jobs", n))
		}
	}
}

// Once looks at the queues and tells how many jobs it set back. Deliveries of webhooks have limits of their own.
func (f *Fair) Once(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, fairWithin)
	defer cancel()
	tag, err := f.db.Exec(
		ctx,
		setBack,
		[]string{queue.QueuePayments, queue.QueueMoney, queue.QueueOnboarding},
		lookedAt,
		aheadMax,
	)
	if err != nil {
		return 0, fmt.Errorf("set a long backlog back: %w", err)
	}
	return tag.RowsAffected(), nil
}
