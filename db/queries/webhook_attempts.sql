-- name: WebhookAttemptInsert :exec
INSERT INTO webhook_attempts (id, endpoint_id, event_id, attempt, response_status, error, duration_ms, created_at)
VALUES (@id, @endpoint_id, @event_id, @attempt, sqlc.narg(response_status), @error, @duration_ms, @created_at);

-- name: WebhookAttemptList :many
SELECT id, endpoint_id, event_id, attempt, response_status, error, duration_ms, created_at
FROM webhook_attempts WHERE endpoint_id = @endpoint_id AND id < @before ORDER BY id DESC LIMIT sqlc.arg(page_size);
