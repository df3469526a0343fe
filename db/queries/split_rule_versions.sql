-- name: SplitRuleVersionNext :one
-- The number of the next version of a rule, which the caller has locked.
SELECT (coalesce(max(version), 0) + 1)::int AS next
FROM split_rule_versions
WHERE tenant_id = app.tenant_id()
  AND split_rule_id = @split_rule_id;

-- name: SplitRuleVersionInsert :one
INSERT INTO split_rule_versions (
    tenant_id,
    id,
    split_rule_id,
    version,
    max_split_bps,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @split_rule_id,
    @version,
    @max_split_bps,
    @created_at
)
RETURNING *;

-- name: SplitRuleVersionGet :one
SELECT *
FROM split_rule_versions
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: SplitRuleVersionList :many
SELECT * FROM split_rule_versions
WHERE tenant_id = app.tenant_id() AND split_rule_id = @split_rule_id AND id < @before
ORDER BY id DESC LIMIT sqlc.arg(page_size);
