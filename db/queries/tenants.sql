-- A platform that signs up.
-- name: TenantInsert :exec
INSERT INTO tenants (
    tenant_id,
    name,
    mode,
    created_at
) VALUES (
    app.tenant_id(),
    @name,
    @mode,
    @created_at
);

-- name: TenantInsertLive :exec
-- The live tenant of a sandbox, with its settings.
INSERT INTO tenants (
    tenant_id,
    name,
    mode,
    created_at,
    twin_id,
    card_keys_shown_days,
    unpaid_orders_per_api_key,
    unpaid_orders_per_contact,
    unpaid_orders_per_buyer_ip,
    held_card_keys_per_product,
    events_kept_days,
    webhook_attempts_kept_days,
    audit_log_kept_days,
    drafts_kept_days,
    upload_bytes_max,
    refund_approval_above_fen,
    approval_hours
) VALUES (
    app.tenant_id(),
    @name,
    'live',
    @created_at,
    @twin_id,
    @card_keys_shown_days,
    @unpaid_orders_per_api_key,
    @unpaid_orders_per_contact,
    @unpaid_orders_per_buyer_ip,
    @held_card_keys_per_product,
    @events_kept_days,
    @webhook_attempts_kept_days,
    @audit_log_kept_days,
    @drafts_kept_days,
    @upload_bytes_max,
    sqlc.narg(refund_approval_above_fen),
    @approval_hours
);

-- name: TenantSetTwin :execrows
-- Tells a sandbox which its live tenant is, once.
UPDATE tenants SET
    twin_id = @twin_id,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND mode = 'sandbox'
  AND twin_id IS NULL;

-- name: TenantGet :one
SELECT
    tenant_id,
    name,
    mode,
    status,
    created_at,
    version,
    card_keys_shown_days,
    unpaid_orders_per_api_key,
    unpaid_orders_per_contact,
    unpaid_orders_per_buyer_ip,
    held_card_keys_per_product,
    events_kept_days,
    webhook_attempts_kept_days,
    audit_log_kept_days,
    upload_bytes_max,
    refund_approval_above_fen,
    approval_hours,
    drafts_kept_days,
    twin_id
FROM tenants
WHERE tenant_id = app.tenant_id();

-- name: TenantDirectoryInsert :exec
INSERT INTO tenant_directory (
    tenant_id
) VALUES (
    app.tenant_id()
);

-- name: TenantDirectoryCountSince :one
-- How many platforms were made since a moment, by the clock of Postgres, which dates them; not more than are looked at.
SELECT count(*)
FROM (
    SELECT 1
    FROM tenant_directory
    WHERE created_at > sqlc.arg(since)::timestamptz
    LIMIT sqlc.arg(at_most)
) few;

-- name: TenantDirectoryList :many
-- One shard of the tenants: the last byte of an identifier is random.
SELECT tenant_id
FROM tenant_directory
WHERE tenant_id > sqlc.arg(after)::uuid
  AND get_byte(uuid_send(tenant_id), 15) % sqlc.arg(shards)::int = sqlc.arg(shard)::int
ORDER BY tenant_id
LIMIT sqlc.arg(page_size);

-- name: TenantDirectoryToldList :many
-- The tenants that have routes for notices.
SELECT tenant_id
FROM tenant_directory
WHERE notices AND tenant_id > sqlc.arg(after)::uuid
ORDER BY tenant_id
LIMIT sqlc.arg(page_size);

-- name: TenantDirectoryTold :exec
UPDATE tenant_directory SET notices = true WHERE tenant_id = app.tenant_id() AND NOT notices;

-- What a tenant may have only so many of is counted behind this lock.
-- name: TenantLock :exec
SELECT
FROM tenants
WHERE tenant_id = app.tenant_id()
FOR NO KEY UPDATE;

-- name: TenantGetForUpdate :one
SELECT
    tenant_id,
    name,
    mode,
    status,
    created_at,
    version,
    card_keys_shown_days,
    unpaid_orders_per_api_key,
    unpaid_orders_per_contact,
    unpaid_orders_per_buyer_ip,
    held_card_keys_per_product,
    events_kept_days,
    webhook_attempts_kept_days,
    audit_log_kept_days,
    upload_bytes_max,
    refund_approval_above_fen,
    approval_hours,
    drafts_kept_days,
    twin_id
FROM tenants
WHERE tenant_id = app.tenant_id()
FOR NO KEY UPDATE;

-- name: TenantUpdate :exec
UPDATE tenants SET
    name = @name,
    card_keys_shown_days = @card_keys_shown_days,
    unpaid_orders_per_api_key = @unpaid_orders_per_api_key,
    unpaid_orders_per_contact = @unpaid_orders_per_contact,
    unpaid_orders_per_buyer_ip = @unpaid_orders_per_buyer_ip,
    held_card_keys_per_product = @held_card_keys_per_product,
    events_kept_days = @events_kept_days,
    webhook_attempts_kept_days = @webhook_attempts_kept_days,
    audit_log_kept_days = @audit_log_kept_days,
    drafts_kept_days = @drafts_kept_days,
    upload_bytes_max = @upload_bytes_max,
    refund_approval_above_fen = sqlc.narg(refund_approval_above_fen),
    approval_hours = @approval_hours,
    version = version + 1
WHERE tenant_id = app.tenant_id();

-- name: TenantApprovals :one
-- Above what a refund needs a second person, and for how many hours an approval waits.
SELECT
    refund_approval_above_fen,
    approval_hours
FROM tenants
WHERE tenant_id = app.tenant_id();

-- name: TenantSetRefundLimit :exec
UPDATE tenants SET
    refund_approval_above_fen = sqlc.narg(refund_approval_above_fen),
    version = version + 1
WHERE tenant_id = app.tenant_id();
