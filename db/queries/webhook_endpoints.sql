-- name: WebhookEndpointInsert :exec
INSERT INTO webhook_endpoints (id, url, event_types, sealed_secret, created_at) VALUES (@id, @url, @event_types, @sealed_secret, @created_at);

-- name: WebhookEndpointCount :one
SELECT count(*) FROM webhook_endpoints;

-- name: WebhookEndpointGet :one
SELECT id, url, event_types, status, sealed_secret, failing_since, created_at FROM webhook_endpoints WHERE id = @id;

-- name: WebhookEndpointGetForUpdate :one
SELECT id, url, event_types, status, sealed_secret, failing_since, created_at FROM webhook_endpoints WHERE id = @id FOR UPDATE;

-- name: WebhookEndpointList :many
SELECT id, url, event_types, status, sealed_secret, failing_since, created_at
FROM webhook_endpoints WHERE id < @before ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- name: WebhookEndpointUpdate :exec
UPDATE webhook_endpoints SET url = @url, event_types = @event_types, status = @status, failing_since = @failing_since WHERE id = @id;

-- name: WebhookEndpointFailing :one
UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, @at::timestamptz) WHERE id = @id RETURNING failing_since::timestamptz AS since;

-- name: WebhookEndpointHealthy :exec
UPDATE webhook_endpoints SET failing_since = NULL WHERE id = @id AND failing_since IS NOT NULL;

-- name: WebhookEndpointDisable :execrows
UPDATE webhook_endpoints SET status = 'disabled' WHERE id = @id AND status = 'enabled';
