-- name: SplitRuleVersionInsert :one
-- The next version of a rule, which the caller has locked.
INSERT INTO split_rule_versions (id, split_rule_id, version, max_split_bps, created_at)
SELECT @id, @split_rule_id, coalesce(max(version), 0) + 1, sqlc.arg(max_split_bps)::int, @created_at FROM split_rule_versions WHERE split_rule_id = @split_rule_id
RETURNING *;

-- name: SplitRuleVersionGet :one
SELECT * FROM split_rule_versions WHERE id = @id;

-- name: SplitRuleVersionList :many
SELECT * FROM split_rule_versions
WHERE tenant_id = app.tenant_id() AND split_rule_id = @split_rule_id AND id < @before
ORDER BY id DESC LIMIT sqlc.arg(page_size);
