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
-- Planned anew each time: a filter that is not given costs nothing.
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
  AND id > @after
  AND id < @before
  AND created_at >= sqlc.arg(made_from)
  AND created_at < sqlc.arg(made_until)
  AND (cardinality(@actor_kinds::text[]) = 0 OR actor_kind = ANY(@actor_kinds::text[]))
  AND (@actor_id::text = '' OR actor_id = @actor_id)
  AND (cardinality(@actions::text[]) = 0 OR action = ANY(@actions::text[]))
  AND (@subject_id::uuid = '00000000-0000-0000-0000-000000000000' OR subject_id = @subject_id::uuid)
ORDER BY CASE WHEN @oldest_first::boolean THEN id END, id DESC
LIMIT sqlc.arg(page_size);
