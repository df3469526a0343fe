-- name: RefundInsert :exec
INSERT INTO refunds (
    tenant_id,
    id,
    order_id,
    payment_id,
    amount_fen,
    status,
    reason,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @order_id,
    @payment_id,
    @amount_fen,
    'pending',
    @reason,
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

-- name: RefundListByOrder :many
SELECT *
FROM refunds
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: RefundSucceeded :execrows
UPDATE refunds SET
    status = 'succeeded',
    done_at = @done_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: RefundRefused :execrows
UPDATE refunds SET
    status = 'refused',
    failure = @failure,
    done_at = @done_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';
