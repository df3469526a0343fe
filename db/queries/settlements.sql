-- name: SettlementInsert :exec
INSERT INTO settlements (id, payment_id, order_id, amount_fen, royalty_freeze, status, created_at)
VALUES (@id, @payment_id, @order_id, @amount_fen, @royalty_freeze, 'pending', @created_at);

-- name: SettlementLock :one
SELECT * FROM settlements WHERE payment_id = @payment_id FOR UPDATE;

-- name: SettlementGet :one
SELECT * FROM settlements WHERE payment_id = @payment_id;

-- name: SettlementGetByOrder :one
SELECT s.* FROM settlements s JOIN payments p ON p.tenant_id = s.tenant_id AND p.id = s.payment_id WHERE p.order_id = @order_id ORDER BY s.id DESC LIMIT 1;

-- name: SettlementDone :execrows
UPDATE settlements SET status = 'done', reason = @reason, done_at = @done_at WHERE id = @id AND status = 'pending';

-- name: SettlementRefused :execrows
UPDATE settlements
SET status = 'refused',
    reason = @reason,
    held = @held
WHERE id = @id AND status = 'pending';

-- name: SettlementReopen :execrows
UPDATE settlements
SET status = 'pending',
    reason = '',
    held = false
WHERE id = @id AND status = 'refused';
