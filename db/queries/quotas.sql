-- name: QuotaCount :one
-- How many things of a kind the tenant has; no more is counted than is told. Planned anew or not, only the branch of
-- the kind is run.
SELECT (
    CASE
        WHEN sqlc.arg(thing)::text = 'members' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM members m
                WHERE m.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'api_keys' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM api_keys k
                WHERE k.tenant_id = app.tenant_id()
                  AND k.revoked_at IS NULL
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'merchants' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM merchants m
                WHERE m.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'applications' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM applications a
                WHERE a.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'products' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM products p
                WHERE p.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'split_rules' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM split_rules r
                WHERE r.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'split_rule_versions' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM split_rule_versions v
                WHERE v.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
        WHEN sqlc.arg(thing)::text = 'files' THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM files f
                WHERE f.tenant_id = app.tenant_id()
                LIMIT sqlc.arg(most)::int
            ) n
        )
    END
)::bigint AS n;
