-- name: SplitPartInsert :exec
INSERT INTO split_parts (split_id, position, receiver, merchant_id, receiver_type, receiver_account, amount_fen)
VALUES (@split_id, @position, @receiver, @merchant_id, @receiver_type, @receiver_account, @amount_fen);

-- name: SplitPartList :many
SELECT * FROM split_parts WHERE split_id = @split_id ORDER BY position;

-- name: SplitPartReturned :exec
WITH moved AS (
    UPDATE split_parts SET returned_fen = returned_fen + sqlc.arg(amount)::bigint WHERE split_id = @split_id AND position = @position RETURNING 1)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'split_part');
