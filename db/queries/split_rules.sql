-- name: SplitRuleInsert :exec
INSERT INTO split_rules (
    tenant_id,
    id,
    name,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @name,
    @created_at
);

-- name: SplitRuleLock :one
-- Versions of one rule are published one after the other.
SELECT id
FROM split_rules
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: SplitRuleGet :one
-- A rule with its newest version.
SELECT
    sqlc.embed(r),
    sqlc.embed(v)
FROM split_rules r
JOIN LATERAL (
    SELECT *
    FROM split_rule_versions v
    WHERE v.tenant_id = app.tenant_id()
      AND v.split_rule_id = r.id
    ORDER BY v.version DESC
    LIMIT 1
) v ON true
WHERE r.tenant_id = app.tenant_id()
  AND r.id = @id;

-- name: SplitRuleList :many
SELECT
    sqlc.embed(r),
    sqlc.embed(v)
FROM split_rules r
JOIN LATERAL (
    SELECT *
    FROM split_rule_versions v
    WHERE v.tenant_id = app.tenant_id()
      AND v.split_rule_id = r.id
    ORDER BY v.version DESC
    LIMIT 1
) v ON true
WHERE r.tenant_id = app.tenant_id()
  AND r.id < @before
  AND (r.status = sqlc.narg(status)::text OR sqlc.narg(status)::text IS NULL)
ORDER BY r.id DESC
LIMIT sqlc.arg(page_size);

-- name: SplitRuleSetStatus :exec
UPDATE split_rules SET
    status = @status,
    status_changes = status_changes + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: SplitRuleUsers :many
-- Products for sale that use the rule. It is locked: whoever gives it to a product waits.
SELECT
    id,
    name
FROM products
WHERE tenant_id = app.tenant_id()
  AND split_rule_id = @rule
  AND status = 'active'
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: SplitCapGet :one
-- Alipay's cap as it was last read.
SELECT
    max_split_bps,
    max_split_read_at
FROM alipay_connections
WHERE tenant_id = app.tenant_id();

-- name: SplitCapSet :exec
UPDATE alipay_connections SET
    max_split_bps = @max_split_bps,
    max_split_read_at = @max_split_read_at
WHERE tenant_id = app.tenant_id();

-- name: SplitReceiverMerchants :many
-- The merchants that are to receive parts, as they are now.
SELECT
    id,
    name,
    receiver_type,
    receiver_account,
    sealed_receiver,
    receiver_bound_at
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id = ANY(@ids::uuid[])
ORDER BY id;

-- name: SplitReceiverBound :exec
-- Only for the account that was bound: the merchant may have named another one meanwhile.
UPDATE merchants SET
    receiver_bound_at = @bound_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND receiver_type = @receiver_type
  AND receiver_account IS NOT DISTINCT FROM sqlc.narg(receiver_account)::text
  AND sealed_receiver IS NOT DISTINCT FROM sqlc.narg(sealed_receiver)::bytea;
