-- name: APIRequestInsert :exec
-- Requests of one tenant. One that is there already, after an answer of the database that was lost, stays as it is.
INSERT INTO api_requests (
    tenant_id,
    id,
    operation,
    method,
    path,
    status,
    code,
    duration_us,
    actor_id,
    client_address,
    replayed,
    body,
    created_at
)
SELECT
    t.tenant_id,
    unnest(@ids::uuid[]),
    unnest(@operations::text[]),
    unnest(@methods::text[]),
    unnest(@paths::text[]),
    unnest(@statuses::int[]),
    unnest(@codes::text[]),
    unnest(@durations::bigint[]),
    unnest(@actor_ids::text[]),
    unnest(@addresses::text[]),
    unnest(@replays::boolean[]),
    nullif(unnest(@bodies::text[]), '')::jsonb,
    unnest(@times::timestamptz[])
FROM tenants t
WHERE t.tenant_id = app.tenant_id()
ON CONFLICT DO NOTHING;

-- name: APIRequestGet :one
SELECT *
FROM api_requests
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: APIRequestList :many
-- Planned anew each time: a filter that is not given costs nothing.
SELECT
    id,
    operation,
    method,
    path,
    status,
    code,
    duration_us,
    actor_id,
    client_address,
    replayed,
    created_at
FROM api_requests
WHERE tenant_id = app.tenant_id()
  AND id > @after
  AND id < @before
  AND created_at >= sqlc.arg(made_from)
  AND created_at < sqlc.arg(made_until)
  AND (NOT sqlc.arg(failed)::boolean OR status >= 400)
  AND (@operation::text = '' OR operation = @operation::text)
  AND (@code::text = '' OR code = @code::text)
  AND (@actor_id::text = '' OR actor_id = @actor_id::text)
ORDER BY CASE WHEN @oldest_first::boolean THEN id END, id DESC
LIMIT sqlc.arg(page_size);

-- name: APIRequestExpire :execrows
DELETE FROM api_requests
WHERE tenant_id = app.tenant_id()
  AND id IN (
    SELECT r.id
    FROM api_requests r
    WHERE r.tenant_id = app.tenant_id() AND r.id < @before
    ORDER BY r.id
    LIMIT sqlc.arg(batch)
  );
