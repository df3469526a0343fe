-- name: SplitInsert :exec
INSERT INTO splits (
    tenant_id,
    id,
    payment_id,
    order_id,
    status,
    merchant_of_record_id,
    receiver_ids,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @payment_id,
    @order_id,
    'pending',
    @merchant_of_record_id,
    @receiver_ids,
    @created_at
);

-- name: SplitSetReceivers :exec
UPDATE splits SET
    receiver_ids = @receiver_ids
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: SplitLock :one
SELECT *
FROM splits
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
FOR NO KEY UPDATE;

-- name: SplitGet :one
SELECT *
FROM splits
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id;

-- name: SplitCompleted :execrows
UPDATE splits SET
    status = 'completed',
    reason = '',
    settle_no = @settle_no,
    done_at = @done_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: SplitRefused :execrows
UPDATE splits SET
    status = 'refused',
    reason = @reason
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: SplitReopen :execrows
-- Another attempt under another number, unless someone else has begun one since the number before was asked about.
UPDATE splits SET
    status = 'pending',
    reason = '',
    request_no = @request_no
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'refused'
  AND request_no = @request_no_before;

-- name: SplitCancel :exec
-- The payment went back to the buyer: what was not split never will be.
UPDATE splits SET
    status = 'canceled',
    done_at = @done_at
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
  AND status IN ('pending', 'refused');

-- name: SplitReceivedList :many
-- What one merchant has of splits; a receiver has one part of each.
SELECT
    s.id,
    s.order_id,
    s.status,
    s.created_at,
    s.done_at,
    x.position,
    x.receiver_account,
    x.sealed_receiver,
    x.amount_fen,
    x.returned_fen
FROM split_parts x
JOIN splits s ON s.tenant_id = app.tenant_id() AND s.id = x.split_id
WHERE x.tenant_id = app.tenant_id()
  AND x.merchant_id = @merchant_id
  AND x.split_id < @before
ORDER BY x.split_id DESC
LIMIT sqlc.arg(page_size);
