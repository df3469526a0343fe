-- name: ShopGet :one
-- How the platform looks, without the picture itself.
SELECT
    name,
    accent,
    notice,
    service_hours,
    service_contact,
    logo_digest,
    version
FROM shops
WHERE tenant_id = app.tenant_id();

-- name: ShopPut :exec
INSERT INTO shops (
    tenant_id,
    name,
    accent,
    notice,
    service_hours,
    service_contact,
    updated_at
) VALUES (
    app.tenant_id(),
    @name,
    @accent,
    @notice,
    @service_hours,
    @service_contact,
    @updated_at
)
ON CONFLICT (tenant_id) DO UPDATE SET
    name = excluded.name,
    accent = excluded.accent,
    notice = excluded.notice,
    service_hours = excluded.service_hours,
    service_contact = excluded.service_contact,
    version = shops.version + 1,
    updated_at = excluded.updated_at;

-- name: ShopLogoPut :exec
-- No picture and no digest take the logo away.
INSERT INTO shops (
    tenant_id,
    logo,
    logo_digest,
    updated_at
) VALUES (
    app.tenant_id(),
    sqlc.narg(logo)::bytea,
    @logo_digest,
    @updated_at
)
ON CONFLICT (tenant_id) DO UPDATE SET
    logo = excluded.logo,
    logo_digest = excluded.logo_digest,
    version = shops.version + 1,
    updated_at = excluded.updated_at;

-- name: ShopLogo :one
-- The picture that an address names: one of before is gone.
SELECT logo
FROM shops
WHERE tenant_id = app.tenant_id()
  AND logo_digest = @logo_digest
  AND logo_digest <> '';
