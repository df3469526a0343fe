-- name: EventInsert :exec
-- Events of one subject, in order. They get the subject's next numbers; @numbers counts them from 1 (generate_series, of
-- which Postgres expects a thousand rows, would have the statement planned anew each time). Whoever changes a subject has locked it, so two
-- transactions never write events of one subject at the same time; if they did, the index events_sequence would break
-- one of them off.
INSERT INTO events (
    tenant_id,
    id,
    type,
    subject_type,
    subject_id,
    data,
    created_at,
    sequence
)
SELECT
    t.tenant_id,
    unnest(@ids::uuid[]),
    unnest(@types::text[]),
    @subject_type,
    @subject_id,
    unnest(@data::text[])::jsonb,
    @created_at,
    coalesce(max(e.sequence), 0) + unnest(@numbers::int[])
FROM tenants t
LEFT JOIN events e ON e.tenant_id = app.tenant_id() AND e.subject_id = @subject_id AND e.sequence > 0
WHERE t.tenant_id = app.tenant_id()
GROUP BY t.tenant_id;

-- name: EventGet :one
SELECT sqlc.embed(e), t.mode
FROM events e
JOIN tenants t ON t.tenant_id = app.tenant_id()
WHERE e.tenant_id = app.tenant_id() AND e.id = @id;

-- name: EventOfAct :one
-- Whether a member's act was told already.
SELECT EXISTS (
    SELECT
    FROM events e
    WHERE e.tenant_id = app.tenant_id()
        AND e.subject_id = sqlc.arg(member)::uuid
        AND e.sequence > 0
        AND e.data ->> 'act_id' = sqlc.arg(act)::text
);

-- name: EventList :many
-- Planned anew each time: a filter that is not given costs nothing.
SELECT sqlc.embed(e), t.mode
FROM events e
JOIN tenants t ON t.tenant_id = app.tenant_id()
WHERE e.tenant_id = app.tenant_id()
    AND e.id > @after
    AND e.id < @before
    AND e.created_at >= sqlc.arg(made_from)
    AND e.created_at < sqlc.arg(made_until)
    AND (cardinality(@types::text[]) = 0 OR e.type = ANY(@types::text[]))
    AND (@subject_type::text = '' OR e.subject_type = @subject_type)
    AND (@subject_id::uuid = '00000000-0000-0000-0000-000000000000'
        OR (e.subject_id = @subject_id::uuid AND e.sequence > 0))
ORDER BY CASE WHEN @oldest_first::boolean THEN e.id END, e.id DESC LIMIT sqlc.arg(page_size);

-- name: EventCount :one
-- How many rows EventList gives on all pages, or as many as are looked at.
SELECT count(*)
FROM (
    SELECT 1
    FROM events e
    WHERE e.tenant_id = app.tenant_id()
        AND e.id > @after
        AND e.id < @before
        AND e.created_at >= sqlc.arg(made_from)
        AND e.created_at < sqlc.arg(made_until)
        AND (cardinality(@types::text[]) = 0 OR e.type = ANY(@types::text[]))
        AND (@subject_type::text = '' OR e.subject_type = @subject_type)
        AND (@subject_id::uuid = '00000000-0000-0000-0000-000000000000'
            OR (e.subject_id = @subject_id::uuid AND e.sequence > 0))
    LIMIT sqlc.arg(at_most)
) few;

-- name: EventUndeliveredList :many
-- Events since a moment (an id sorts by its time) that an endpoint should have and never took. One that was made for a
-- single endpoint is not among them.
SELECT
    e.id AS event_id,
    w.id AS endpoint_id
FROM webhook_endpoints w
JOIN events e
  ON e.tenant_id = app.tenant_id()
 AND e.id > @after
 AND e.created_at > w.listens_since
 AND e.created_at < @before
 AND e.type <> 'webhook.test'
 AND (w.event_types = '{}' OR e.type = ANY (w.event_types))
WHERE w.tenant_id = app.tenant_id()
  AND w.status = 'enabled'
  AND w.deleted_at IS NULL
  AND NOT EXISTS (
    SELECT
    FROM webhook_attempts a
    WHERE a.tenant_id = app.tenant_id()
      AND a.endpoint_id = w.id
      AND a.event_id = e.id
      AND a.id > @after_attempt
      AND a.response_status BETWEEN 200 AND 299
  )
ORDER BY e.id
LIMIT sqlc.arg(page_size);

-- name: EventNewest :many
-- The newest event, if there is one.
SELECT id
FROM events
WHERE tenant_id = app.tenant_id()
ORDER BY id DESC
LIMIT 1;

-- name: EventSince :many
SELECT
    id,
    type,
    subject_type,
    subject_id,
    created_at
FROM events
WHERE tenant_id = app.tenant_id()
  AND id > @after
ORDER BY id
LIMIT sqlc.arg(page_size);
