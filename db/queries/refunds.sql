-- name: RefundInsert :exec
INSERT INTO refunds (
    tenant_id,
    id,
    order_id,
    payment_id,
    amount_fen,
    status,
    reason,
    merchant_of_record_id,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @order_id,
    @payment_id,
    @amount_fen,
    'pending',
    @reason,
    @merchant_of_record_id,
    @created_at
);

-- name: RefundGet :one
SELECT *
FROM refunds
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: RefundLock :one
SELECT *
FROM refunds
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: RefundPending :one
-- Whether money of the order is on its way back. Read behind the lock of the order.
SELECT EXISTS (
    SELECT 1
    FROM refunds
    WHERE tenant_id = app.tenant_id()
      AND order_id = @order_id
      AND status = 'pending'
)::boolean AS pending;

-- name: RefundList :many
-- Planned anew each time: a filter that is not given costs nothing. A caller that is one merchant sees its orders only.
SELECT r.*
FROM refunds r
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = r.order_id
WHERE r.tenant_id = app.tenant_id()
    AND r.id > @after
    AND r.id < @before
    AND r.created_at >= sqlc.arg(made_from)
    AND r.created_at < sqlc.arg(made_until)
    AND (cardinality(@statuses::text[]) = 0 OR r.status = ANY(@statuses::text[]))
    AND (@order_id::uuid = '00000000-0000-0000-0000-000000000000' OR r.order_id = @order_id::uuid)
ORDER BY CASE WHEN @oldest_first::boolean THEN r.id END, r.id DESC LIMIT sqlc.arg(page_size);

-- name: RefundCount :one
-- How many rows RefundList gives on all pages, or as many as are looked at.
SELECT count(*)
FROM (
    SELECT 1
    FROM refunds r
    JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = r.order_id
    WHERE r.tenant_id = app.tenant_id()
        AND r.id > @after
        AND r.id < @before
        AND r.created_at >= sqlc.arg(made_from)
        AND r.created_at < sqlc.arg(made_until)
        AND (cardinality(@statuses::text[]) = 0 OR r.status = ANY(@statuses::text[]))
        AND (@order_id::uuid = '00000000-0000-0000-0000-000000000000' OR r.order_id = @order_id::uuid)
    LIMIT sqlc.arg(at_most)
) few;

-- name: RefundEnd :exec
-- Guarded by the old status: a refund that has ended breaks the transaction off.
WITH moved AS (
    UPDATE refunds SET
        status = @status,
        failure = @failure,
        done_at = @done_at
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status = 'pending'
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'refund_status');

-- name: RefundPendingList :many
-- Refunds under way, whatever their order.
SELECT id
FROM refunds
WHERE tenant_id = app.tenant_id()
  AND status = 'pending'
  AND created_at < @before
LIMIT sqlc.arg(page_size);

-- name: RefundInsertOutside :exec
-- A refund that someone else has made: it has succeeded already.
INSERT INTO refunds (
    tenant_id,
    id,
    order_id,
    payment_id,
    amount_fen,
    status,
    origin,
    outside_no,
    merchant_of_record_id,
    created_at,
    done_at
) VALUES (
    app.tenant_id(),
    @id,
    @order_id,
    @payment_id,
    @amount_fen,
    'succeeded',
    'outside',
    @outside_no,
    @merchant_of_record_id,
    @created_at,
    @created_at
);

-- name: RefundExplains :one
-- Whether a refund of the payment explains a number: one of ours has it as its own, one of another's is booked under it.
SELECT EXISTS (
    SELECT
    FROM refunds
    WHERE tenant_id = app.tenant_id()
      AND payment_id = @payment_id
      AND (id = @id OR outside_no = @outside_no AND outside_no <> '')
)::boolean AS explains;
