-- name: ApplicationInsert :exec
INSERT INTO applications (
    tenant_id,
    id,
    merchant_id,
    status,
    sealed_form,
    created_at,
    touched_at
) VALUES (
    app.tenant_id(),
    @id,
    @merchant_id,
    'draft',
    @sealed_form,
    @created_at,
    @created_at
);

-- name: ApplicationGet :one
SELECT *
FROM applications
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ApplicationGetForUpdate :one
SELECT *
FROM applications
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: ApplicationList :many
-- Planned anew each time: a filter that is not given costs nothing.
SELECT * FROM applications
WHERE tenant_id = app.tenant_id()
    AND id > @after
    AND id < @before
    AND created_at >= sqlc.arg(made_from)
    AND created_at < sqlc.arg(made_until)
    AND (cardinality(@statuses::text[]) = 0 OR status = ANY(@statuses::text[]))
    AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR merchant_id = @merchant::uuid)
ORDER BY CASE WHEN @oldest_first::boolean THEN id END, id DESC LIMIT sqlc.arg(page_size);

-- name: ApplicationSetForm :exec
UPDATE applications SET
    sealed_form = @sealed_form,
    touched_at = @touched_at,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'draft';

-- name: ApplicationTouch :exec
UPDATE applications SET
    touched_at = @touched_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'draft';

-- name: ApplicationDraftDue :one
-- A draft that nobody has touched since the given time, locked: whoever touches it now waits, and finds none.
SELECT
    id,
    merchant_id
FROM applications
WHERE tenant_id = app.tenant_id()
  AND status = 'draft'
  AND touched_at < @before
ORDER BY touched_at, id
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED;

-- name: ApplicationSubmit :execrows
UPDATE applications SET
    status = 'submitted',
    submitted_at = @submitted_at,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'draft';

-- name: ApplicationStartCreate :exec
UPDATE applications SET
    create_started_at = @started_at::timestamptz
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'submitted';

-- Why it has not been taken yet, while it waits for another try.
-- name: ApplicationSetReason :exec
UPDATE applications SET
    reason = @reason,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'submitted';

-- What Alipay reports. The status it was in guards the change.
-- name: ApplicationApply :execrows
UPDATE applications SET
    status = @status,
    alipay_order_id = sqlc.narg(alipay_order_id),
    fk_audit = @fk_audit,
    fk_memo = @fk_memo,
    kz_audit = @kz_audit,
    kz_memo = @kz_memo,
    sub_confirm = @sub_confirm,
    reason = @reason,
    smid = sqlc.narg(smid),
    card_alias_no = sqlc.narg(card_alias_no),
    sign_url = @sign_url,
    decided_at = sqlc.narg(decided_at),
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = @status_before;

-- name: ApplicationUndecidedList :many
-- Applications on their way to the acquirer, or before it.
SELECT
    id,
    status
FROM applications
WHERE tenant_id = app.tenant_id()
  AND status NOT IN ('approved', 'rejected')
  AND submitted_at > @since
  AND submitted_at < @before
LIMIT sqlc.arg(page_size);

-- name: ApplicationDelete :exec
DELETE FROM applications
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'draft';
