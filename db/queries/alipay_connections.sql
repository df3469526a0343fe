-- name: AlipayConnectionGet :one
SELECT
    c.version,
    c.gateway_url,
    c.app_id,
    c.pid,
    c.sealed_private_key,
    c.alipay_public_key,
    c.app_certificate,
    c.alipay_certificate,
    c.root_certificate,
    c.sealed_app_auth_token,
    c.max_split_bps,
    c.updated_at
FROM alipay_connections c
WHERE c.tenant_id = app.tenant_id();

-- A change of credentials is a new version; what was learnt with the old ones about the cap is forgotten.
-- name: AlipayConnectionPut :one
INSERT INTO alipay_connections (
    tenant_id,
    gateway_url,
    app_id,
    pid,
    sealed_private_key,
    alipay_public_key,
    app_certificate,
    alipay_certificate,
    root_certificate,
    sealed_app_auth_token,
    updated_at
) VALUES (
    app.tenant_id(),
    @gateway_url,
    @app_id,
    @pid,
    @sealed_private_key,
    @alipay_public_key,
    @app_certificate,
    @alipay_certificate,
    @root_certificate,
    sqlc.narg(sealed_app_auth_token),
    @updated_at
)
ON CONFLICT (tenant_id) DO UPDATE SET
    version = alipay_connections.version + 1,
    gateway_url = EXCLUDED.gateway_url,
    app_id = EXCLUDED.app_id,
    pid = EXCLUDED.pid,
    sealed_private_key = EXCLUDED.sealed_private_key,
    alipay_public_key = EXCLUDED.alipay_public_key,
    app_certificate = EXCLUDED.app_certificate,
    alipay_certificate = EXCLUDED.alipay_certificate,
    root_certificate = EXCLUDED.root_certificate,
    sealed_app_auth_token = EXCLUDED.sealed_app_auth_token,
    max_split_bps = NULL,
    max_split_read_at = NULL,
    checked_at = NULL,
    check_errors = NULL,
    updated_at = EXCLUDED.updated_at
RETURNING version;

-- Whether money was ever asked for with another app or account than the given ones.
-- name: AlipayConnectionUsedByOther :one
SELECT EXISTS (
    SELECT 1
    FROM payments p
    WHERE p.tenant_id = app.tenant_id()
      AND (p.app_id <> @app_id OR p.pid <> @pid)
);

-- name: AlipayConnectionRequire :exec
-- Breaks the transaction off unless this is the newest version.
SELECT app.require(
    (SELECT c.version FROM alipay_connections c WHERE c.tenant_id = app.tenant_id()) = sqlc.arg(version)::bigint,
    'alipay_connection_version'
);

-- name: AlipayConnectionChecked :exec
-- What an examination of these credentials found; nothing when they were replaced meanwhile.
UPDATE alipay_connections SET
    checked_at = sqlc.arg(checked_at)::timestamptz,
    check_errors = sqlc.arg(check_errors)::integer
WHERE tenant_id = app.tenant_id()
  AND version = @version;
