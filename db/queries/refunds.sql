-- name: RefundInsert :exec
INSERT INTO refunds (id, order_id, payment_id, amount_fen, status, reason, created_at)
VALUES (@id, @order_id, @payment_id, @amount_fen, 'pending', @reason, @created_at);

-- name: RefundGet :one
SELECT * FROM refunds WHERE id = @id;

-- name: RefundLock :one
SELECT * FROM refunds WHERE id = @id FOR UPDATE;

-- name: RefundPending :one
-- Whether money of the order is on its way back. Read behind the lock of the order.
SELECT EXISTS (SELECT 1 FROM refunds WHERE order_id = @order_id AND status = 'pending')::boolean AS pending;

-- name: RefundListByOrder :many
SELECT * FROM refunds WHERE order_id = @order_id ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- name: RefundSucceeded :execrows
UPDATE refunds SET status = 'succeeded', done_at = @done_at WHERE id = @id AND status = 'pending';

-- name: RefundRefused :execrows
UPDATE refunds SET status = 'refused', failure = @failure, done_at = @done_at WHERE id = @id AND status = 'pending';
