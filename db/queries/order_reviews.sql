-- name: OrderReviewInsert :exec
-- asked_at is the database's time, as the age of an API key is.
INSERT INTO order_reviews (
    tenant_id,
    id,
    order_id,
    decision,
    status,
    amount_fen,
    trade_no,
    note,
    asked_by,
    asked_by_id,
    ended_by,
    ended_at
) VALUES (
    app.tenant_id(),
    @id,
    @order_id,
    @decision,
    @status,
    @amount_fen,
    @trade_no,
    @note,
    @asked_by,
    @asked_by_id,
    @ended_by,
    sqlc.narg(ended_at)
);

-- name: OrderReviewLast :one
-- The decision about an order that is asked for, or the last one.
SELECT *
FROM order_reviews
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
ORDER BY id DESC
LIMIT 1;

-- name: OrderReviewEnd :exec
-- What is asked for about an order, if anything, ends.
UPDATE order_reviews SET
    status = @status,
    ended_by = @ended_by,
    ended_at = @ended_at
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
  AND status = 'asked';

-- name: PaymentSetArrived :exec
-- Another amount came than was asked for, and a person takes it as it is. It is not booked yet.
WITH moved AS (
    UPDATE payments SET
        amount_fen = @amount_fen
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status IN ('created', 'pending', 'closed')
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'payment_status');

-- name: CaseOpenSeller :one
-- Whether the money of a payment may be at another seller.
SELECT EXISTS (
    SELECT
    FROM cases
    WHERE tenant_id = app.tenant_id() AND payment_id = @payment_id AND kind = 'seller_mismatch'
)::boolean AS found;
