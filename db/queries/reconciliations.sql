-- name: ReconciliationInsert :execrows
-- No row is written when the same is noted already.
INSERT INTO reconciliations (
    tenant_id,
    payment_id,
    number,
    created_at
) VALUES (
    app.tenant_id(),
    @payment_id,
    @number,
    @created_at
)
ON CONFLICT (tenant_id, payment_id, number) DO NOTHING;

-- name: ReconciliationList :many
-- What is noted about a payment, what is known by its number first.
SELECT
    number,
    created_at
FROM reconciliations
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
ORDER BY number DESC;

-- name: ReconciliationPending :one
SELECT EXISTS (
    SELECT
    FROM reconciliations
    WHERE tenant_id = app.tenant_id()
      AND payment_id = @payment_id
)::boolean AS pending;

-- name: ReconciliationDelete :exec
DELETE FROM reconciliations
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
  AND number = ANY(@numbers::text[]);

-- name: ReconciliationPendingList :many
SELECT DISTINCT payment_id
FROM reconciliations
WHERE tenant_id = app.tenant_id()
  AND created_at < @before
LIMIT sqlc.arg(page_size);
