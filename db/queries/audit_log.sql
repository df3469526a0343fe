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
    changes,
    client_address
) VALUES (
    app.tenant_id(),
    @id,
    @actor_kind,
    @actor_id,
    @action,
    @subject_type,
    @subject_id,
    @detail,
    @changes,
    @client_address
);

-- name: AuditList :many
-- The entries, and the orders as entries of who created them: identifiers of both tell their time. Planned anew each
-- time: a filter that is not given costs nothing, and one for other kinds of actors leaves the orders out. Of each at
-- most a page is read, in its order.
WITH e AS (
    (
        SELECT
            id,
            actor_kind,
            actor_id,
            action,
            subject_type,
            subject_id,
            detail,
            changes,
            client_address,
            created_at
        FROM audit_log
        WHERE tenant_id = app.tenant_id()
          AND id > @after::uuid
          AND id < @before::uuid
          AND created_at >= sqlc.arg(made_from)::timestamptz
          AND created_at < sqlc.arg(made_until)::timestamptz
          AND (cardinality(@actor_kinds::text[]) = 0 OR actor_kind = ANY(@actor_kinds::text[]))
          AND (@actor_id::text = '' OR actor_id = @actor_id::text)
          AND (cardinality(@actions::text[]) = 0 OR action = ANY(@actions::text[]))
          AND (@subject_id::uuid = '00000000-0000-0000-0000-000000000000' OR subject_id = @subject_id::uuid)
        ORDER BY CASE WHEN @oldest_first::boolean THEN id END, id DESC
        LIMIT sqlc.arg(page_size)
    )
    UNION ALL
    (
        SELECT
            id,
            CASE WHEN created_by LIKE 'mem\_%' THEN 'member' ELSE 'api_key' END AS actor_kind,
            created_by AS actor_id,
            'createOrder' AS action,
            'order' AS subject_type,
            id AS subject_id,
            '' AS detail,
            '[]'::jsonb AS changes,
            created_from AS client_address,
            created_at
        FROM orders
        WHERE tenant_id = app.tenant_id()
          AND id > @after::uuid
          AND id < @before::uuid
          AND created_at >= sqlc.arg(made_from)::timestamptz
          AND created_at < sqlc.arg(made_until)::timestamptz
          AND (
              cardinality(@actor_kinds::text[]) = 0
              OR CASE WHEN created_by LIKE 'mem\_%' THEN 'member' ELSE 'api_key' END = ANY(@actor_kinds::text[])
          )
          AND (
              cardinality(@actor_kinds::text[]) = 0
              OR 'api_key' = ANY(@actor_kinds::text[])
              OR 'member' = ANY(@actor_kinds::text[])
          )
          AND (@actor_id::text = '' OR created_by = @actor_id::text)
          AND (cardinality(@actions::text[]) = 0 OR 'createOrder' = ANY(@actions::text[]))
          AND (@subject_id::uuid = '00000000-0000-0000-0000-000000000000' OR id = @subject_id::uuid)
        ORDER BY CASE WHEN @oldest_first::boolean THEN id END, id DESC
        LIMIT sqlc.arg(page_size)
    )
)
SELECT
    e.id,
    actor_kind,
    actor_id,
    action,
    subject_type,
    subject_id,
    detail,
    changes,
    client_address,
    created_at
FROM e
ORDER BY CASE WHEN @oldest_first::boolean THEN e.id END, e.id DESC
LIMIT sqlc.arg(page_size);
