-- name: RefundPartInsert :exec
INSERT INTO refund_parts (
    tenant_id,
    refund_id,
    split_id,
    position,
    amount_fen
) VALUES (
    app.tenant_id(),
    @refund_id,
    @split_id,
    @position,
    @amount_fen
);

-- name: RefundPartList :many
-- The refund plan with who gives back what.
SELECT
    r.split_id,
    r.position,
    r.amount_fen,
    p.receiver,
    p.merchant_id,
    p.receiver_type,
    p.receiver_account,
    p.sealed_receiver
FROM refund_parts r
JOIN split_parts p
  ON p.tenant_id = app.tenant_id()
 AND p.split_id = r.split_id
 AND p.position = r.position
WHERE r.tenant_id = app.tenant_id()
  AND r.refund_id = @refund_id
ORDER BY r.position;
