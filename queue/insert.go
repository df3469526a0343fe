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
//
// River and Postgres tell when a job is due, never the program's clock. So a job says how long it waits, not until
// when: a job of a program whose clock is a day ahead would wait for a day.
const insert = `INSERT INTO river.river_job
    (args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
VALUES ($1, $2, $3, '{}', $4, $5, now() + $6::int8 * interval '1 millisecond',
    CASE WHEN $6::int8 > 0 THEN 'scheduled' ELSE 'available' END::river.river_job_state, '{}')`

// Job is one job to insert. It is due after Wait; zero means now.
type Job struct {
	Args JobArgs
	Wait time.Duration
}

// Insert writes jobs. It reads nothing back, so w may be the transaction's Later.
func Insert(ctx context.Context, w dbsqlc.DBTX, jobs ...Job) error {
	for _, j := range jobs {
		raw, err := json.Marshal(j.Args)
		if err != nil {
			return fmt.Errorf("write the arguments of %s: %w", j.Args.Kind(), err)
		}
		o := j.Args.InsertOpts()
		if _, err := w.Exec(ctx, insert, raw, j.Args.Kind(), o.MaxAttempts, o.Priority, o.Queue,
			j.Wait.Milliseconds()); err != nil {
			return fmt.Errorf("insert job %s: %w", j.Args.Kind(), err)
		}
	}
	return nil
}
