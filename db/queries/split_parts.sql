-- name: SplitPartInsert :exec
INSERT INTO split_parts (
    tenant_id,
    split_id,
    position,
    receiver,
    merchant_id,
    receiver_type,
    receiver_account,
    amount_fen
) VALUES (
    app.tenant_id(),
    @split_id,
    @position,
    @receiver,
    @merchant_id,
    @receiver_type,
    @receiver_account,
    @amount_fen
);

-- name: SplitPartPut :exec
-- The part of another attempt: the amount stays, the receiver's account may have changed.
INSERT INTO split_parts (
    tenant_id,
    split_id,
    position,
    receiver,
    merchant_id,
    receiver_type,
    receiver_account,
    amount_fen
) VALUES (
    app.tenant_id(),
    @split_id,
    @position,
    @receiver,
    @merchant_id,
    @receiver_type,
    @receiver_account,
    @amount_fen
)
ON CONFLICT (tenant_id, split_id, position) DO UPDATE SET
    receiver_type = excluded.receiver_type,
    receiver_account = excluded.receiver_account;

-- name: SplitPartList :many
SELECT *
FROM split_parts
WHERE tenant_id = app.tenant_id()
  AND split_id = @split_id
ORDER BY position;

-- name: SplitPartListBySplits :many
SELECT * FROM split_parts
WHERE tenant_id = app.tenant_id() AND split_id = ANY(@split_ids::uuid[])
ORDER BY split_id, position;

-- name: SplitPartReturned :exec
WITH moved AS (
    UPDATE split_parts SET
        returned_fen = returned_fen + sqlc.arg(amount)::bigint
    WHERE tenant_id = app.tenant_id()
      AND split_id = @split_id
      AND position = @position
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'split_part');
