-- name: SandboxLook :one
-- What tells when a platform was used last: an order, an API key, a session of a member whatever it was used for.
SELECT
    t.mode,
    t.status,
    t.name,
    t.twin_id,
    coalesce((SELECT c.gateway_url FROM alipay_connections c WHERE c.tenant_id = app.tenant_id()), '')::text AS gateway,
    greatest(
        t.created_at,
        (SELECT o.created_at FROM orders o WHERE o.tenant_id = app.tenant_id() ORDER BY o.id DESC LIMIT 1),
        (SELECT max(greatest(k.created_at, k.last_used_at)) FROM api_keys k WHERE k.tenant_id = app.tenant_id()),
        (
            SELECT max(s.last_seen_at)
            FROM members m
            JOIN sessions s ON s.person_id = m.person_id
            WHERE m.tenant_id = app.tenant_id()
        )
    )::timestamptz AS used_at
FROM tenants t
WHERE t.tenant_id = app.tenant_id()
FOR NO KEY UPDATE OF t;

-- name: SandboxEndGet :one
-- How far the end of a sandbox is, by the clock of Postgres, which has dated it.
SELECT
    sandbox,
    announced_at,
    closed_at,
    left_at,
    gone_at,
    proof,
    (announced_at < now() - make_interval(days => sqlc.arg(notice_days)::int))::boolean AS noticed,
    (announced_at < now() - make_interval(days => 2 * sqlc.arg(notice_days)::int))::boolean AS stale,
    coalesce(closed_at < now() - interval '1 day', false)::boolean AS quiet
FROM sandbox_ends
WHERE sandbox = @sandbox;

-- name: SandboxAnnounce :exec
INSERT INTO sandbox_ends (
    sandbox
) VALUES (
    @sandbox
)
ON CONFLICT DO NOTHING;

-- name: SandboxWithdraw :exec
DELETE FROM sandbox_ends
WHERE sandbox = @sandbox
  AND left_at IS NULL;

-- name: SandboxClose :exec
UPDATE sandbox_ends SET
    closed_at = now()
WHERE sandbox = @sandbox
  AND closed_at IS NULL;

-- name: SandboxLeave :exec
UPDATE sandbox_ends SET
    left_at = now(),
    proof = @proof
WHERE sandbox = @sandbox
  AND left_at IS NULL;

-- name: SandboxLeavingList :many
-- Those of a shard that are being deleted.
SELECT sandbox
FROM sandbox_ends
WHERE left_at IS NOT NULL
  AND gone_at IS NULL
  AND get_byte(uuid_send(sandbox), 15) % sqlc.arg(shards)::int = sqlc.arg(shard)::int
ORDER BY sandbox
LIMIT sqlc.arg(page_size);

-- name: SandboxEndSome :one
-- The table that some rows were deleted from; empty: nothing is left.
SELECT app.end_some(sqlc.arg(most)::int)::text AS gone;

-- name: SandboxGone :exec
UPDATE sandbox_ends SET
    gone_at = now()
WHERE sandbox = @sandbox
  AND gone_at IS NULL;

-- name: TenantSetStatus :exec
UPDATE tenants SET
    status = @status,
    version = version + 1
WHERE tenant_id = app.tenant_id();

-- name: MembershipsEnd :exec
-- People stay when a platform goes.
DELETE FROM memberships
WHERE member_of = @member_of;
