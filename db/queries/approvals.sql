-- name: ApprovalInsert :exec
-- asked_at is the database's time, as the age of an API key is.
INSERT INTO approvals (
    tenant_id,
    id,
    kind,
    status,
    subject_id,
    amount_fen,
    sealed_params,
    asked_by,
    asked_by_id,
    not_before,
    expires_at
) VALUES (
    app.tenant_id(),
    @id,
    @kind,
    'waiting',
    @subject_id,
    sqlc.narg(amount_fen),
    @sealed_params,
    @asked_by,
    @asked_by_id,
    sqlc.narg(not_before),
    @expires_at
);

-- name: ApprovalGet :one
SELECT * FROM approvals WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: ApprovalGetForUpdate :one
SELECT * FROM approvals WHERE tenant_id = app.tenant_id() AND id = @id FOR NO KEY UPDATE;

-- name: ApprovalWaiting :one
-- Whether one of the kind waits already for the subject, to be decided or to be done.
SELECT EXISTS (
    SELECT
    FROM approvals
    WHERE tenant_id = app.tenant_id()
      AND kind = @kind
      AND subject_id = @subject_id
      AND status IN ('waiting', 'scheduled')
)::boolean AS waiting;

-- name: ApprovalOfSubject :one
-- The one of a kind that waits for a subject, to be decided or to be done.
SELECT *
FROM approvals
WHERE tenant_id = app.tenant_id()
  AND kind = @kind
  AND subject_id = @subject_id
  AND status IN ('waiting', 'scheduled');

-- name: ApprovalSchedule :exec
-- It is approved, and done later. The row is locked, and was seen to wait.
WITH scheduled AS (
    UPDATE approvals SET
        status = 'scheduled',
        not_before = @not_before::timestamptz,
        approved_by = @approved_by,
        approved_by_id = @approved_by_id::uuid,
        approved_at = @at::timestamptz,
        version = version + 1
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status = 'waiting'
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM scheduled), 'approval_status');

-- name: ApprovalToDo :many
-- What was approved and whose time has come, the oldest first.
SELECT id
FROM approvals
WHERE tenant_id = app.tenant_id()
  AND status = 'scheduled'
  AND not_before <= @at::timestamptz
ORDER BY not_before
LIMIT sqlc.arg(page_size);

-- name: ApprovalList :many
SELECT * FROM approvals
WHERE tenant_id = app.tenant_id()
  AND id < @before
  AND (cardinality(@statuses::text[]) = 0 OR status = ANY(@statuses::text[]))
  AND (cardinality(@kinds::text[]) = 0 OR kind = ANY(@kinds::text[]))
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: ApprovalEnd :exec
-- A status that nothing follows. The row is locked, and was seen to wait.
WITH ended AS (
    UPDATE approvals SET
        status = @status,
        ended_by = @ended_by,
        ended_at = @at::timestamptz,
        refusal = @refusal,
        failure_code = @failure_code,
        result_id = sqlc.narg(result_id),
        version = version + 1
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status IN ('waiting', 'scheduled')
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM ended), 'approval_status');

-- name: ApprovalDue :many
-- What nobody has decided in time, the oldest first; what somebody is deciding at this moment is passed over.
SELECT * FROM approvals
WHERE tenant_id = app.tenant_id()
  AND status = 'waiting'
  AND expires_at <= @at::timestamptz
ORDER BY expires_at
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: ApprovalPeople :one
-- How many members who can sign in have one of the roles.
SELECT count(*)
FROM members
WHERE tenant_id = app.tenant_id()
  AND person_id IS NOT NULL
  AND role = ANY(@roles::text[]);

-- name: ApprovalAskerKey :one
-- The role of the key that asked, while it can be used.
SELECT role
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > @at::timestamptz);

-- name: ApprovalAskerMember :one
SELECT role
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ApprovalForget :execrows
DELETE FROM approvals a
WHERE a.tenant_id = app.tenant_id()
  AND a.id = ANY(ARRAY(
    SELECT o.id
    FROM approvals o
    WHERE o.tenant_id = app.tenant_id() AND o.ended_at < @before::timestamptz
    ORDER BY o.ended_at
    LIMIT 1000
));
