package queue

import (
	"context"
	"fmt"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// insertWebhookDeliveries makes one job per enabled endpoint that takes the type. The row is what Insert writes for
// WebhookDeliver; a test compares them. An endpoint that is failing has a queue of its own.
const insertWebhookDeliveries = `INSERT INTO river.river_job (args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
SELECT jsonb_build_object('tenant_id', e.tenant_id, 'event_id', $1::uuid, 'endpoint_id', e.id), $3, $4, '{}', $5, CASE WHEN e.failing_since IS NULL THEN $6 ELSE $7 END, now(), 'available', '{}'
  FROM webhook_endpoints e WHERE e.status = 'enabled' AND (e.event_types = '{}' OR $2 = ANY(e.event_types))`

// InsertWebhookDeliveries queues the delivery of an event to every endpoint of the tenant that takes its type. It reads
// nothing back, so w may be the transaction's Later.
func InsertWebhookDeliveries(ctx context.Context, w dbsqlc.DBTX, event id.Event, eventType string) error {
	o := WebhookDeliver{}.InsertOpts()
	_, err := w.Exec(
		ctx,
		insertWebhookDeliveries,
		event,
		eventType,
		WebhookDeliver{}.Kind(),
		o.MaxAttempts,
		o.Priority,
		o.Queue,
		QueueFailing,
	)
	return err
}

// SetAside moves a job that is being worked to the queue of endpoints that are failing, for its next attempt.
func SetAside(ctx context.Context, w dbsqlc.DBTX, job int64) error {
	if _, err := w.Exec(ctx, "UPDATE river.river_job SET queue = $2 WHERE id = $1 AND queue <> $2", job, QueueFailing); err != nil {
		return fmt.Errorf("set job %d aside: %w", job, err)
	}
	return nil
}
