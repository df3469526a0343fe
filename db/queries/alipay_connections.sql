-- name: AlipayConnectionGet :one
SELECT version, gateway_url, app_id, pid, sealed_private_key, alipay_public_key, app_certificate, alipay_certificate, root_certificate, sealed_app_auth_token,
    max_split_bps, updated_at
FROM alipay_connections;

-- A change of credentials is a new version; what was learnt with the old ones about the cap is forgotten.
-- name: AlipayConnectionPut :one
INSERT INTO alipay_connections (gateway_url, app_id, pid, sealed_private_key, alipay_public_key, app_certificate, alipay_certificate, root_certificate, sealed_app_auth_token, updated_at)
VALUES (@gateway_url, @app_id, @pid, @sealed_private_key, @alipay_public_key, @app_certificate, @alipay_certificate, @root_certificate, sqlc.narg(sealed_app_auth_token), @updated_at)
ON CONFLICT (tenant_id) DO UPDATE SET
    version = alipay_connections.version + 1, gateway_url = EXCLUDED.gateway_url, app_id = EXCLUDED.app_id, pid = EXCLUDED.pid,
    sealed_private_key = EXCLUDED.sealed_private_key, alipay_public_key = EXCLUDED.alipay_public_key, app_certificate = EXCLUDED.app_certificate,
    alipay_certificate = EXCLUDED.alipay_certificate, root_certificate = EXCLUDED.root_certificate, sealed_app_auth_token = EXCLUDED.sealed_app_auth_token,
    max_split_bps = NULL, max_split_read_at = NULL, updated_at = EXCLUDED.updated_at
RETURNING version;

-- Whether money was ever asked for with another app or account than the given ones.
-- name: AlipayConnectionUsedByOther :one
SELECT EXISTS (SELECT 1 FROM payments WHERE app_id <> @app_id OR pid <> @pid);

-- name: AlipayConnectionRequire :exec
-- Breaks the transaction off unless this is the newest version.
SELECT app.require((SELECT version FROM alipay_connections) = sqlc.arg(version)::bigint, 'alipay_connection_version');
