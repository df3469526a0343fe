-- name: NoticeRouteInsert :exec
INSERT INTO notice_routes (
    tenant_id,
    id,
    name,
    channel,
    sealed_address,
    sealed_secret,
    address_hint,
    event_types,
    merchant_id,
    language,
    quiet_from,
    quiet_until,
    quiet_offset,
    status,
    passed,
    window_from,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @name,
    @channel,
    @sealed_address,
    @sealed_secret,
    @address_hint,
    @event_types,
    @merchant_id,
    @language,
    @quiet_from,
    @quiet_until,
    @quiet_offset,
    @status,
    @passed,
    @created_at,
    @created_at
);

-- name: NoticeRouteCount :one
SELECT count(*) FROM notice_routes WHERE tenant_id = app.tenant_id();

-- name: NoticeRouteGet :one
SELECT * FROM notice_routes WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeRouteGetForUpdate :one
SELECT * FROM notice_routes WHERE tenant_id = app.tenant_id() AND id = @id FOR NO KEY UPDATE;

-- name: NoticeRouteList :many
SELECT * FROM notice_routes
WHERE tenant_id = app.tenant_id() AND id < @before
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: NoticeRouteTakers :many
-- The routes that are told of events. One that another job holds is left to it.
SELECT * FROM notice_routes
WHERE tenant_id = app.tenant_id() AND status = 'enabled'
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED;

-- name: NoticeRouteUpdate :exec
UPDATE notice_routes
SET name = @name,
    sealed_address = @sealed_address,
    sealed_secret = @sealed_secret,
    address_hint = @address_hint,
    event_types = @event_types,
    language = @language,
    quiet_from = @quiet_from,
    quiet_until = @quiet_until,
    quiet_offset = @quiet_offset,
    status = @status,
    passed = @passed,
    failing_since = sqlc.narg(failing_since),
    failures = @failures,
    reported_at = sqlc.narg(reported_at),
    last_error = @last_error,
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeRouteDelete :exec
DELETE FROM notice_routes WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeRoutePass :exec
UPDATE notice_routes SET passed = @passed WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeRouteSpend :execrows
-- One message more in the minute that is counted, or the first of a new one; no row when the minute is full.
UPDATE notice_routes
SET window_sent = CASE WHEN window_from <= @began_before THEN 1 ELSE window_sent + 1 END,
    window_from = CASE WHEN window_from <= @began_before THEN @at ELSE window_from END
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND (window_from <= @began_before OR window_sent < sqlc.arg(most)::int);

-- name: NoticeRouteHealthy :exec
UPDATE notice_routes
SET failing_since = NULL,
    failures = 0,
    last_error = '',
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id AND (failing_since IS NOT NULL OR last_error <> '');

-- name: NoticeRouteFailing :one
UPDATE notice_routes
SET failing_since = coalesce(failing_since, @at::timestamptz),
    failures = failures + 1,
    last_error = @error,
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id
RETURNING
    failing_since::timestamptz AS since,
    failures,
    ((reported_at > sqlc.arg(reported_after)::timestamptz) IS TRUE)::boolean AS reported;

-- name: NoticeRouteReported :exec
UPDATE notice_routes SET reported_at = @at WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeRouteDisable :execrows
UPDATE notice_routes
SET status = 'disabled',
    version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'enabled';

-- name: NoticeRouteOwners :many
-- Whom the program tells that a route fails.
SELECT
    id,
    email,
    sealed_email
FROM members
WHERE tenant_id = app.tenant_id() AND role = 'owner'
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: NoticeEvents :many
-- Events behind a place that nothing comes in behind any more. The data is read only where a route needs it.
SELECT
    id,
    type,
    subject_type,
    subject_id,
    CASE WHEN sqlc.arg(with_data)::boolean THEN data ELSE '{}'::jsonb END::jsonb AS data
FROM events
WHERE tenant_id = app.tenant_id()
  AND id > @after
  AND created_at < @before
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: NoticeOrdersOf :many
-- Those of some orders whose money a merchant receives.
SELECT id
FROM orders
WHERE tenant_id = app.tenant_id()
  AND id = ANY (@orders::uuid[])
  AND merchant_of_record_id = @merchant_id;

-- name: NoticeRecent :many
-- When a message of each type went out last.
SELECT
    event_type,
    max(due_at)::timestamptz AS due_at
FROM notices
WHERE tenant_id = app.tenant_id()
  AND route_id = @route_id
  AND id > @after
  AND NOT gathering
GROUP BY event_type;

-- name: NoticeGather :exec
INSERT INTO notices (
    tenant_id,
    id,
    route_id,
    event_type,
    status,
    gathering,
    held,
    events,
    first_event,
    last_event,
    created_at,
    due_at
) VALUES (
    app.tenant_id(),
    @id,
    @route_id,
    @event_type,
    'waiting',
    true,
    @held,
    @events,
    @first_event,
    @last_event,
    @created_at,
    @due_at
)
ON CONFLICT (tenant_id, route_id, event_type) WHERE gathering DO UPDATE
SET events = notices.events + excluded.events,
    last_event = excluded.last_event;

-- name: NoticeDue :many
-- What is to be sent now, the oldest first.
SELECT
    n.id,
    n.route_id,
    n.held,
    (r.failing_since IS NOT NULL)::boolean AS failing
FROM notices n
JOIN notice_routes r ON r.tenant_id = app.tenant_id() AND r.id = n.route_id AND r.status = 'enabled'
WHERE n.tenant_id = app.tenant_id()
  AND n.status = 'waiting'
  AND n.due_at <= @at
  AND (n.claimed_until IS NULL OR n.claimed_until < @at)
ORDER BY n.due_at, n.id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE OF n SKIP LOCKED;

-- name: NoticeClaim :exec
UPDATE notices
SET gathering = false,
    claimed_until = @until
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeMerge :exec
UPDATE notices
SET status = 'merged',
    gathering = false,
    digest_id = @digest_id
WHERE tenant_id = app.tenant_id() AND id = ANY (@ids::uuid[]) AND status = 'waiting';

-- name: NoticeRouteOf :one
SELECT route_id FROM notices WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeGetForUpdate :one
SELECT * FROM notices WHERE tenant_id = app.tenant_id() AND id = @id FOR NO KEY UPDATE;

-- name: NoticeDigest :many
-- What a digest tells: itself, and what was merged into it.
SELECT
    event_type,
    sum(events)::bigint AS events
FROM notices
WHERE tenant_id = app.tenant_id() AND (id = @id OR digest_id = @id)
GROUP BY event_type
ORDER BY event_type;

-- name: NoticeBegin :exec
UPDATE notices
SET attempts = attempts + 1,
    in_doubt = true
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: NoticeSent :exec
UPDATE notices
SET status = 'sent',
    sent_at = @at::timestamptz,
    in_doubt = false,
    error = ''
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'waiting';

-- name: NoticeAgain :exec
UPDATE notices
SET due_at = @due_at,
    claimed_until = NULL,
    in_doubt = @in_doubt,
    attempts = attempts - sqlc.arg(uncounted)::int,
    error = @error
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'waiting';

-- name: NoticeGiveUp :exec
UPDATE notices
SET status = 'failed',
    gathering = false,
    error = @error
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'waiting';

-- name: NoticeRouteGaveUp :exec
-- Nothing more is sent by the route.
UPDATE notices
SET status = 'failed',
    gathering = false,
    error = @error
WHERE tenant_id = app.tenant_id() AND route_id = @route_id AND status = 'waiting';

-- name: NoticeHurry :exec
-- The route was changed: what waited for another try is tried now.
UPDATE notices
SET due_at = @at
WHERE tenant_id = app.tenant_id() AND route_id = @route_id AND status = 'waiting' AND attempts > 0 AND due_at > @at;

-- name: NoticeList :many
SELECT * FROM notices
WHERE tenant_id = app.tenant_id()
  AND id < @before
  AND (@route_id::uuid = '00000000-0000-0000-0000-000000000000' OR route_id = @route_id::uuid)
  AND (@status::text = '' OR status = @status)
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: NoticeExpire :execrows
-- One that still waits belongs to a route that does not work; its route has been told of.
DELETE FROM notices
WHERE tenant_id = app.tenant_id()
  AND id IN (
    SELECT n.id
    FROM notices n
    WHERE n.tenant_id = app.tenant_id() AND n.id < @before
    ORDER BY n.id
    LIMIT sqlc.arg(batch)
  );

-- name: NoticeTemplateGet :many
SELECT * FROM notice_templates
WHERE tenant_id = app.tenant_id() AND event_type = @event_type AND language = @language;

-- name: NoticeTemplateList :many
SELECT * FROM notice_templates
WHERE tenant_id = app.tenant_id()
ORDER BY event_type, language
LIMIT sqlc.arg(page_size);

-- name: NoticeTemplatePut :exec
INSERT INTO notice_templates (
    tenant_id,
    event_type,
    language,
    title,
    text,
    updated_at
) VALUES (
    app.tenant_id(),
    @event_type,
    @language,
    @title,
    @text,
    @updated_at
)
ON CONFLICT (tenant_id, event_type, language) DO UPDATE
SET title = excluded.title,
    text = excluded.text,
    updated_at = excluded.updated_at;

-- name: NoticeTemplateDelete :execrows
DELETE FROM notice_templates
WHERE tenant_id = app.tenant_id() AND event_type = @event_type AND language = @language;
