-- name: TaskInsert :exec
INSERT INTO tasks (
    tenant_id,
    id,
    kind,
    status,
    caller_kind,
    caller_id,
    member_id,
    role,
    permissions,
    merchant_id,
    params,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @kind,
    'queued',
    @caller_kind,
    @caller_id,
    sqlc.narg(member_id),
    @role,
    sqlc.narg(permissions),
    sqlc.narg(merchant_id),
    @params,
    @created_at
);

-- name: TaskGet :one
SELECT * FROM tasks WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: TaskGetForUpdate :one
SELECT * FROM tasks WHERE tenant_id = app.tenant_id() AND id = @id FOR NO KEY UPDATE;

-- name: TaskList :many
SELECT * FROM tasks
WHERE tenant_id = app.tenant_id()
  AND id < @before
  AND (cardinality(@statuses::text[]) = 0 OR status = ANY(@statuses::text[]))
  AND (cardinality(@kinds::text[]) = 0 OR kind = ANY(@kinds::text[]))
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: TaskCounts :one
-- How many tasks are under way, and how many are kept; no more is counted than is told.
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM tasks o
            WHERE o.tenant_id = app.tenant_id() AND o.status IN ('queued', 'running')
            LIMIT sqlc.arg(most)::int
        ) n
    )::bigint AS open,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM tasks k
            WHERE k.tenant_id = app.tenant_id()
            LIMIT sqlc.arg(most)::int
        ) n
    )::bigint AS kept;

-- name: TaskStep :execrows
-- What a step has reached, unless another one has got further or the task has ended: then nothing is written.
UPDATE tasks SET
    status = @status,
    state = @state,
    done = @done,
    total = sqlc.narg(total),
    counts = @counts,
    file_id = sqlc.narg(file_id),
    error_code = @error_code,
    started_at = coalesce(started_at, @at::timestamptz),
    ended_at = CASE WHEN @status IN ('queued', 'running') THEN NULL ELSE @at::timestamptz END,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND version = @seen
  AND status IN ('queued', 'running');

-- name: TaskCancel :exec
UPDATE tasks SET status = 'canceled', ended_at = @at::timestamptz, version = version + 1
WHERE tenant_id = app.tenant_id() AND id = @id AND status IN ('queued', 'running');

-- name: TaskOpenList :many
-- Tasks that call for a job.
SELECT id FROM tasks
WHERE tenant_id = app.tenant_id() AND status IN ('queued', 'running') AND created_at < @before::timestamptz
ORDER BY id LIMIT sqlc.arg(page_size);

-- name: TaskForget :execrows
DELETE FROM tasks t
WHERE t.tenant_id = app.tenant_id()
  AND t.id = ANY(ARRAY(
    SELECT o.id
    FROM tasks o
    WHERE o.tenant_id = app.tenant_id() AND o.ended_at < @before::timestamptz
    ORDER BY o.ended_at
    LIMIT 1000
));

-- name: TaskVersions :many
SELECT
    id,
    version
FROM tasks
WHERE tenant_id = app.tenant_id()
  AND id = ANY(sqlc.arg(ids)::uuid[]);
