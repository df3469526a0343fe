package queue

import (
	"context"
	"fmt"
	"time"

	"zhitong/db/dbsqlc"
)

// pass makes each job that waits wait less; what is due then is available at once.
const pass = `UPDATE river.river_job
SET scheduled_at = scheduled_at - $1::int8 * interval '1 millisecond',
    state = CASE WHEN scheduled_at - $1::int8 * interval '1 millisecond' <= now()
        THEN 'available' ELSE state::text END::river.river_job_state
WHERE state IN ('scheduled', 'retryable')`

// Pass lets a time pass for every job that waits, for a sandbox whose clock was moved ahead: jobs wait by the time of
// Postgres, which nobody moves. It looks at once for what has become due without a job.
func Pass(ctx context.Context, w dbsqlc.DBTX, by time.Duration) error {
	if by <= 0 {
		return nil
	}
	if _, err := w.Exec(ctx, pass, by.Milliseconds()); err != nil {
		return fmt.Errorf("let time pass for jobs: %w", err)
	}
	for n := range Shards { // what only time calls for is looked for at once
		all := Sweep{Shard: n}
		if err := Insert(ctx, w, Job{Args: Recovery{Sweep: all}}, Job{Args: ApprovalExpire{Sweep: all}}); err != nil {
			return err
		}
	}
	return nil
}
