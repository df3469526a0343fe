-- name: CaseInsert :one
-- One open case per kind and payment, and one of foreign notices: the second one is not written, and no row comes back.
INSERT INTO cases (
    tenant_id,
    id,
    kind,
    order_id,
    payment_id,
    detail,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @kind,
    @order_id,
    @payment_id,
    @detail,
    @created_at
)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: CaseSeenAgain :exec
-- The open case of the kind about the payment, or the one of foreign notices, has happened once more.
UPDATE cases SET
    occurrences = occurrences + 1,
    last_seen_at = @seen_at::timestamptz,
    latest = (ARRAY[@detail::text] || latest)[1:sqlc.arg(keep)::integer]
WHERE tenant_id = app.tenant_id()
  AND kind = @kind
  AND status = 'open'
  AND payment_id IS NOT DISTINCT FROM @payment_id;

-- name: CaseList :many
SELECT
    tenant_id,
    id,
    kind,
    status,
    order_id,
    payment_id,
    detail,
    created_at,
    closed_at,
    occurrences,
    last_seen_at,
    latest
FROM cases
WHERE tenant_id = app.tenant_id()
  AND id < @before
  AND (@status::text = '' OR status = @status)
  AND (cardinality(@kinds::text[]) = 0 OR kind = ANY(@kinds::text[]))
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: CaseGet :one
SELECT
    tenant_id,
    id,
    kind,
    status,
    order_id,
    payment_id,
    detail,
    created_at,
    closed_at,
    occurrences,
    last_seen_at,
    latest
FROM cases
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: CaseClose :one
-- Closing a closed case changes nothing; the first time stands.
UPDATE cases SET
    status = 'closed',
    closed_at = coalesce(closed_at, @closed_at)
WHERE tenant_id = app.tenant_id()
  AND id = @id
RETURNING
    tenant_id,
    id,
    kind,
    status,
    order_id,
    payment_id,
    detail,
    created_at,
    closed_at,
    occurrences,
    last_seen_at,
    latest;

-- name: CaseCloseOpen :many
-- The open cases of some kinds about a payment, which are closed.
UPDATE cases SET status = 'closed', closed_at = @closed_at::timestamptz
WHERE tenant_id = app.tenant_id() AND payment_id = @payment_id AND kind = ANY(@kinds::text[]) AND status = 'open'
RETURNING id;
