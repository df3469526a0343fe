-- name: CaseInsert :one
-- One open case per kind and payment, and one of foreign notices: the second one is not written, and no row comes back.
INSERT INTO cases (
    tenant_id,
    id,
    kind,
    order_id,
    payment_id,
    detail,
    facts,
    at_risk_fen,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @kind,
    @order_id,
    @payment_id,
    @detail,
    @facts,
    @at_risk_fen,
    @created_at
)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: CaseSeenAgain :exec
-- The open case of the kind about the payment, or the one of foreign notices, has happened once more.
UPDATE cases SET
    occurrences = occurrences + 1,
    last_seen_at = @seen_at::timestamptz,
    latest = (ARRAY[@detail::text] || latest)[1:sqlc.arg(keep)::integer],
    latest_facts = (ARRAY[@facts::jsonb] || latest_facts)[1:sqlc.arg(keep)::integer]
WHERE tenant_id = app.tenant_id()
  AND kind = @kind
  AND status = 'open'
  AND payment_id IS NOT DISTINCT FROM @payment_id;

-- name: CaseList :many
-- With the name of who works on each. Whose is a member, or nobody's.
SELECT
    sqlc.embed(c),
    coalesce(m.name, '')::text AS assignee_name
FROM cases c
LEFT JOIN members m
  ON m.tenant_id = app.tenant_id()
  AND m.id = c.assignee_id
WHERE c.tenant_id = app.tenant_id()
  AND c.id < @before
  AND (@status::text = '' OR c.status = @status)
  AND (cardinality(@kinds::text[]) = 0 OR c.kind = ANY(@kinds::text[]))
  AND (sqlc.narg(assignee_id)::uuid IS NULL OR c.assignee_id = sqlc.narg(assignee_id)::uuid)
  AND (NOT @nobodys::boolean OR c.assignee_id IS NULL)
  AND c.created_at <= @opened_until
ORDER BY c.id DESC
LIMIT sqlc.arg(page_size);

-- name: CaseGet :one
SELECT
    sqlc.embed(c),
    coalesce(m.name, '')::text AS assignee_name
FROM cases c
LEFT JOIN members m
  ON m.tenant_id = app.tenant_id()
  AND m.id = c.assignee_id
WHERE c.tenant_id = app.tenant_id()
  AND c.id = @id;

-- name: CaseLock :one
SELECT
    status,
    assignee_id
FROM cases
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: CaseClose :exec
-- Closing a closed case changes nothing; the first time stands.
UPDATE cases SET
    status = 'closed',
    closed_at = coalesce(closed_at, @closed_at)
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: CaseAssign :exec
UPDATE cases SET
    assignee_id = @assignee_id,
    assigned_at = @assigned_at::timestamptz
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: CaseAssignee :one
-- A member of the platform with one of some roles. Who leaves meanwhile waits for what is done with it.
SELECT name
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND merchant_id IS NULL
  AND role = ANY(@roles::text[])
FOR KEY SHARE;

-- name: CaseAssignees :many
SELECT
    id,
    name,
    role
FROM members
WHERE tenant_id = app.tenant_id()
  AND merchant_id IS NULL
  AND role = ANY(@roles::text[])
ORDER BY name, id
LIMIT sqlc.arg(most);

-- name: CaseNoteInsert :exec
INSERT INTO case_notes (
    tenant_id,
    id,
    case_id,
    by,
    member_id,
    note,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @case_id,
    @by,
    @member_id,
    @note,
    @created_at
);

-- name: CaseNoteCount :one
SELECT count(*)
FROM case_notes
WHERE tenant_id = app.tenant_id()
  AND case_id = @case_id;

-- name: CaseNoteList :many
SELECT
    n.id,
    n.by,
    coalesce(m.name, '')::text AS name,
    n.note,
    n.created_at
FROM case_notes n
LEFT JOIN members m
  ON m.tenant_id = app.tenant_id()
  AND m.id = n.member_id
WHERE n.tenant_id = app.tenant_id()
  AND n.case_id = @case_id
ORDER BY n.id
LIMIT sqlc.arg(most);

-- name: CaseCloseOpen :many
-- The open cases of some kinds about a payment, which are closed.
UPDATE cases SET status = 'closed', closed_at = @closed_at::timestamptz
WHERE tenant_id = app.tenant_id() AND payment_id = @payment_id AND kind = ANY(@kinds::text[]) AND status = 'open'
RETURNING id;
