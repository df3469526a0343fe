-- name: WebhookEndpointInsert :exec
INSERT INTO webhook_endpoints (
    tenant_id,
    id,
    url,
    event_types,
    sealed_secret,
    created_at,
    listens_since
) VALUES (
    app.tenant_id(),
    @id,
    @url,
    @event_types,
    @sealed_secret,
    @created_at,
    @created_at
);

-- name: WebhookEndpointCount :one
SELECT count(*) FROM webhook_endpoints WHERE tenant_id = app.tenant_id() AND deleted_at IS NULL;

-- name: WebhookEndpointGet :one
SELECT * FROM webhook_endpoints WHERE tenant_id = app.tenant_id() AND id = @id AND deleted_at IS NULL;

-- name: WebhookEndpointGetForUpdate :one
SELECT * FROM webhook_endpoints
WHERE tenant_id = app.tenant_id() AND id = @id AND deleted_at IS NULL
FOR NO KEY UPDATE;

-- name: WebhookEndpointList :many
SELECT * FROM webhook_endpoints
WHERE tenant_id = app.tenant_id() AND id < @before AND deleted_at IS NULL
ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- name: WebhookEndpointUpdate :exec
UPDATE webhook_endpoints
SET url = @url,
    listens_since = CASE WHEN event_types = @event_types AND status = @status THEN listens_since ELSE @at END,
    event_types = @event_types,
    status = @status,
    failing_since = @failing_since,
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: WebhookEndpointRotate :exec
UPDATE webhook_endpoints
SET sealed_secret = @sealed_secret,
    sealed_previous_secret = sqlc.narg(sealed_previous_secret),
    previous_secret_until = sqlc.narg(previous_secret_until),
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: WebhookEndpointDelete :exec
-- The row stays for its attempts; its secrets go.
UPDATE webhook_endpoints
SET status = 'disabled',
    deleted_at = @deleted_at::timestamptz,
    sealed_secret = '',
    sealed_previous_secret = NULL,
    previous_secret_until = NULL,
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: WebhookEndpointFailing :one
UPDATE webhook_endpoints
SET failing_since = coalesce(failing_since, @at::timestamptz),
    version = version + CASE WHEN failing_since IS NULL THEN 1 ELSE 0 END
WHERE tenant_id = app.tenant_id() AND id = @id
RETURNING failing_since::timestamptz AS since;

-- name: WebhookEndpointHealthy :exec
UPDATE webhook_endpoints
SET failing_since = NULL,
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id AND failing_since IS NOT NULL;

-- name: WebhookEndpointDisable :execrows
UPDATE webhook_endpoints
SET status = 'disabled',
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'enabled';

-- name: WebhookEndpointTakers :many
-- Where events are delivered to, with the types that each endpoint takes; none means all.
SELECT
    id,
    event_types,
    (failing_since IS NOT NULL)::boolean AS failing
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id()
  AND status = 'enabled'
  AND deleted_at IS NULL
ORDER BY id;
