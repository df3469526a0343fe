-- name: SplitRulePartInsert :exec
INSERT INTO split_rule_parts (
    tenant_id,
    version_id,
    position,
    receiver,
    merchant_id,
    rate_bps,
    fixed_fen,
    floor_fen,
    cap_fen
) VALUES (
    app.tenant_id(),
    @version_id,
    @position,
    @receiver,
    @merchant_id,
    @rate_bps,
    @fixed_fen,
    @floor_fen,
    @cap_fen
);

-- name: SplitRulePartList :many
SELECT *
FROM split_rule_parts
WHERE tenant_id = app.tenant_id()
  AND version_id = ANY(@version_ids::uuid[])
ORDER BY version_id, position;
