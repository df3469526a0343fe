package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zhitong/db/dbsqlc"
)

// hasten makes due what waits, unless its last attempt began less than a while ago.
const hasten = `UPDATE river.river_job
SET scheduled_at = now(), state = 'available'
WHERE kind = $1
  AND args @> $2::jsonb
  AND state IN ('scheduled', 'retryable')
  AND (attempted_at IS NULL OR attempted_at < now() - $3::int8 * interval '1 millisecond')`

// Hasten makes a waiting job due now: the job itself, so that there is never a second one. A job that runs, is due, or
// began its last attempt within the pause is left alone; whoever calls it, and how often, the job runs at most once in
// a pause. It reads nothing back.
func Hasten(ctx context.Context, w dbsqlc.DBTX, job JobArgs, pause time.Duration) error {
	raw, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("write the arguments of %s: %w", job.Kind(), err)
	}
	if _, err := w.Exec(ctx, hasten, job.Kind(), raw, pause.Milliseconds()); err != nil {
		return fmt.Errorf("hasten job %s: %w", job.Kind(), err)
	}
	return nil
}
