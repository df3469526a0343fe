-- name: ReconciliationRenew :execrows
-- What is noted already is told of again: whoever has read the row has not read this report.
UPDATE reconciliations SET report = @report
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
  AND number = @number;

-- name: ReconciliationInsert :exec
INSERT INTO reconciliations (
    tenant_id,
    payment_id,
    number,
    report,
    created_at
) VALUES (
    app.tenant_id(),
    @payment_id,
    @number,
    @report,
    @created_at
);

-- name: ReconciliationList :many
-- What is noted about a payment, what is known by its number first.
SELECT
    number,
    report,
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

-- name: ReconciliationNewer :one
-- Whether something is noted about a payment besides some reports.
SELECT EXISTS (
    SELECT
    FROM reconciliations
    WHERE tenant_id = app.tenant_id()
      AND payment_id = @payment_id
      AND report <> ALL(@reports::uuid[])
)::boolean AS newer;

-- name: ReconciliationDelete :exec
DELETE FROM reconciliations
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
  AND report = ANY(@reports::uuid[]);

-- name: ReconciliationPendingList :many
SELECT DISTINCT payment_id
FROM reconciliations
WHERE tenant_id = app.tenant_id()
  AND created_at < @before
LIMIT sqlc.arg(page_size);
