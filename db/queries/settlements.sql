-- name: SettlementInsert :exec
INSERT INTO settlements (
    tenant_id,
    id,
    payment_id,
    order_id,
    amount_fen,
    royalty_freeze,
    status,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @payment_id,
    @order_id,
    @amount_fen,
    @royalty_freeze,
    'pending',
    @created_at
);

-- name: SettlementLock :one
SELECT *
FROM settlements
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
FOR NO KEY UPDATE;

-- name: SettlementGet :one
SELECT *
FROM settlements
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id;

-- name: SettlementGetByOrder :one
SELECT s.*
FROM settlements s
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.id = s.payment_id
WHERE s.tenant_id = app.tenant_id()
  AND p.order_id = @order_id
ORDER BY s.id DESC
LIMIT 1;

-- name: SettlementDone :execrows
UPDATE settlements SET
    status = 'done',
    reason = @reason,
    done_at = @done_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: SettlementRefused :execrows
UPDATE settlements SET
    status = 'refused',
    reason = @reason,
    held = @held
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: SettlementReopen :execrows
UPDATE settlements SET
    status = 'pending',
    reason = '',
    held = false
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'refused';
