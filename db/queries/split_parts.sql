-- name: SplitPartInsert :exec
INSERT INTO split_parts (
    tenant_id,
    split_id,
    position,
    receiver,
    merchant_id,
    receiver_type,
    sealed_receiver,
    amount_fen,
    merchant_of_record_id
) VALUES (
    app.tenant_id(),
    @split_id,
    @position,
    @receiver,
    @merchant_id,
    @receiver_type,
    @sealed_receiver,
    @amount_fen,
    @merchant_of_record_id
);

-- name: SplitPartClear :exec
-- The parts of a split that was not made, before other ones are written.
DELETE FROM split_parts
WHERE tenant_id = app.tenant_id()
  AND split_id = @split_id;

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
