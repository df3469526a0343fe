package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// insertWebhookDeliveries writes what Insert writes for each of several WebhookDeliver; a test compares them.
const insertWebhookDeliveries = `
INSERT INTO river.river_job (
    args,
    kind,
    max_attempts,
    metadata,
    priority,
    queue,
    scheduled_at,
    state,
    tags
)
SELECT
    d.args,
    $3,
    $4,
    '{}',
    $5,
    d.queue,
    now(),
    'available',
    '{}'
FROM unnest($1::text[]::jsonb[], $2::text[]) AS d (args, queue)`

// Delivery is an event that one endpoint is told of. An endpoint that is failing has a queue of its own.
type Delivery struct {
	Event    id.Event
	Endpoint id.WebhookEndpoint
	Failing  bool
}

// InsertWebhookDeliveries queues deliveries, in one statement. It reads nothing back, so w may be the transaction's
// Later.
func InsertWebhookDeliveries(ctx context.Context, w dbsqlc.DBTX, tenant id.Tenant, due []Delivery) error {
	if len(due) == 0 {
		return nil
	}
	o := WebhookDeliver{}.InsertOpts()
	args, queues := make([]string, len(due)), make([]string, len(due))
	for i, d := range due {
		raw, err := json.Marshal(WebhookDeliver{TenantID: RefTo(tenant), EventID: RefTo(d.Event),
			EndpointID: RefTo(d.Endpoint)})
		if err != nil {
			return fmt.Errorf("write the arguments of %s: %w", WebhookDeliver{}.Kind(), err)
		}
		args[i], queues[i] = string(raw), o.Queue
		if d.Failing {
			queues[i] = QueueFailing
		}
	}
	_, err := w.Exec(ctx, insertWebhookDeliveries, args, queues, WebhookDeliver{}.Kind(), o.MaxAttempts, o.Priority)
	if err != nil {
		return fmt.Errorf("insert job %s: %w", WebhookDeliver{}.Kind(), err)
	}
	return nil
}

// setAside moves a job; the comparison spares a write.
const setAside = `
UPDATE river.river_job SET
    queue = $2
WHERE id = $1
  AND queue <> $2`

// SetAside moves a job that is being worked to the queue of endpoints that are failing, for its next attempt.
func SetAside(ctx context.Context, w dbsqlc.DBTX, job int64) error {
	if _, err := w.Exec(ctx, setAside, job, QueueFailing); err != nil {
		return fmt.Errorf("set job %d aside: %w", job, err)
	}
	return nil
}
