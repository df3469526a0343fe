package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zhitong/db/dbsqlc"
)

// insert writes one job as River's own insert does; a test compares the two rows column by column, so that an upgrade
// of River that changes the format is noticed.
const insert = `INSERT INTO river.river_job (args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
VALUES ($1, $2, $3, '{}', $4, $5, coalesce($6, now()), CASE WHEN $6 > now() THEN 'scheduled' ELSE 'available' END::river.river_job_state, '{}')`

// Job is one job to insert. A zero ScheduledAt means now.
type Job struct {
	Args        JobArgs
	ScheduledAt time.Time
}

// Insert writes jobs. It reads nothing back, so w may be the transaction's Later.
func Insert(ctx context.Context, w dbsqlc.DBTX, jobs ...Job) error {
	for _, j := range jobs {
		raw, err := json.Marshal(j.Args)
		if err != nil {
			return fmt.Errorf("write the arguments of %s: %w", j.Args.Kind(), err)
		}
		o := j.Args.InsertOpts()
		var at *time.Time
		if !j.ScheduledAt.IsZero() {
			at = &j.ScheduledAt
		}
		if _, err := w.Exec(ctx, insert, raw, j.Args.Kind(), o.MaxAttempts, o.Priority, o.Queue, at); err != nil {
			return fmt.Errorf("insert job %s: %w", j.Args.Kind(), err)
		}
	}
	return nil
}
