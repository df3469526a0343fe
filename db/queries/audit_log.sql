-- name: AuditInsert :exec
INSERT INTO audit_log (
    tenant_id,
    id,
    actor_kind,
    actor_id,
    action,
    subject_type,
    subject_id,
    detail,
    changes
) VALUES (
    app.tenant_id(),
    @id,
    @actor_kind,
    @actor_id,
    @action,
    @subject_type,
    @subject_id,
    @detail,
    @changes
);

-- name: AuditList :many
SELECT
    id,
    actor_kind,
    actor_id,
    action,
    subject_type,
    subject_id,
    detail,
    changes,
    created_at
FROM audit_log
WHERE tenant_id = app.tenant_id()
  AND id < @before
ORDER BY id DESC
LIMIT sqlc.arg(page_size);
