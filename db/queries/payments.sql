-- name: PaymentInsert :exec
INSERT INTO payments (
    tenant_id,
    id,
    order_id,
    channel,
    status,
    amount_fen,
    app_id,
    pid,
    smid,
    pay_url,
    merchant_of_record_id,
    created_at,
    created_by,
    buyer_network
) VALUES (
    app.tenant_id(),
    @id,
    @order_id,
    @channel,
    @status,
    @amount_fen,
    @app_id,
    @pid,
    @smid,
    @pay_url,
    @merchant_of_record_id,
    @created_at,
    @created_by,
    @buyer_network
);

-- name: PaymentSetPending :execrows
-- The code is stored once; a callback may have overtaken it.
UPDATE payments SET
    status = 'pending',
    pay_url = @pay_url
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'created';

-- name: PaymentSetPaid :exec
WITH moved AS (
    UPDATE payments SET
        status = 'paid',
        trade_no = @trade_no,
        paid_at = @paid_at
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status IN ('created', 'pending', 'closed')
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'payment_status');

-- name: PaymentSetClosed :exec
WITH moved AS (
    UPDATE payments SET
        status = 'closed'
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status IN ('created', 'pending')
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'payment_status');

-- name: PaymentAddRefunded :exec
-- A part of a paid payment went back; with the last fen it is refunded.
WITH moved AS (
    UPDATE payments SET
        refunded_fen = refunded_fen + sqlc.arg(amount),
        status = CASE WHEN refunded_fen + sqlc.arg(amount) = amount_fen THEN 'refunded' ELSE status END
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status = 'paid'
      AND refunded_fen + sqlc.arg(amount) <= amount_fen
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'payment_status');

-- name: PaymentGet :one
SELECT *
FROM payments
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: PaymentOverdueList :many
-- Payments of orders made since a moment (an id sorts by its time) that await their payment after their time. By the
-- primary key: hardly a row remains.
SELECT p.id
FROM orders o
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.order_id = o.id
WHERE o.tenant_id = app.tenant_id()
  AND o.id > @after
  AND o.status = 'awaiting_payment'
  AND o.expires_at < @before
ORDER BY o.id
LIMIT sqlc.arg(page_size);

-- name: PaymentUnsettledList :many
-- Paid payments of delivered orders that are not settled and split to the end: those of orders made since a moment (an
-- id sorts by its time) for which nothing is written yet, and all that were begun. What was given back before it was
-- settled is settled no more.
SELECT p.id
FROM orders o
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.order_id = o.id
 AND p.status = 'paid'
WHERE o.tenant_id = app.tenant_id()
  AND o.id > @after
  AND o.status = 'delivered'
  AND o.delivered_at < @before
  AND NOT EXISTS (
    SELECT
    FROM settlements s
    WHERE s.tenant_id = app.tenant_id()
      AND s.payment_id = p.id
  )
UNION
SELECT s.payment_id
FROM settlements s
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.id = s.payment_id
 AND p.status = 'paid'
WHERE s.tenant_id = app.tenant_id()
  AND (s.status = 'pending' OR s.held)
  AND s.created_at < @before
UNION
SELECT x.payment_id
FROM splits x
WHERE x.tenant_id = app.tenant_id()
  AND x.status = 'pending'
  AND x.created_at < @before
LIMIT sqlc.arg(page_size);
