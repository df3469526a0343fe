-- name: WebhookAttemptInsert :exec
INSERT INTO webhook_attempts (
    tenant_id,
    id,
    endpoint_id,
    event_id,
    attempt,
    response_status,
    error,
    duration_ms,
    created_at,
    url,
    request_headers,
    response_headers,
    response_body
)
VALUES (
    app.tenant_id(),
    @id,
    @endpoint_id,
    @event_id,
    @attempt,
    sqlc.narg(response_status),
    @error,
    @duration_ms,
    @created_at,
    @url,
    @request_headers,
    @response_headers,
    @response_body
);

-- name: WebhookAttemptList :many
SELECT
    id,
    endpoint_id,
    event_id,
    attempt,
    response_status,
    error,
    duration_ms,
    created_at
FROM webhook_attempts
WHERE tenant_id = app.tenant_id() AND endpoint_id = @endpoint_id AND id < @before
ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- name: WebhookAttemptGet :one
SELECT * FROM webhook_attempts
WHERE tenant_id = app.tenant_id() AND endpoint_id = @endpoint_id AND id = @id;
