-- name: TenantDataKeyList :many
-- Every version that still opens something; the one that seals comes first.
SELECT
    version,
    id,
    wrapped,
    former_since
FROM tenant_data_keys
WHERE tenant_id = app.tenant_id()
ORDER BY version DESC;

-- name: TenantDataKeyInsert :one
-- Whoever is first decides; everyone else reads that key.
INSERT INTO tenant_data_keys (
    tenant_id,
    version,
    wrapped
) VALUES (
    app.tenant_id(),
    1,
    @wrapped
)
ON CONFLICT (tenant_id) WHERE former_since IS NULL DO UPDATE SET
    wrapped = tenant_data_keys.wrapped
RETURNING version, id, wrapped;

-- name: TenantDataKeySet :execrows
UPDATE tenant_data_keys SET
    wrapped = sqlc.arg(wrapped)
WHERE tenant_id = app.tenant_id()
  AND version = @version
  AND wrapped = sqlc.arg(old);

-- name: TenantDataKeyRequire :exec
-- Whoever has sealed something commits only while the key that sealed it is the one that seals. An exchange waits for
-- those who stand here, and who comes after it is refused.
WITH held AS (
    SELECT k.version
    FROM tenant_data_keys k
    WHERE k.tenant_id = app.tenant_id()
      AND k.id = @id
      AND k.former_since IS NULL
    FOR SHARE
)
SELECT app.require((SELECT count(*) FROM held) = 1, 'data_key_current');

-- name: TenantDataKeyEnd :exec
-- Makes a version former: from now on it only opens. The transaction is refused when it is that already.
WITH ended AS (
    UPDATE tenant_data_keys k SET
        former_since = now()
    WHERE k.tenant_id = app.tenant_id()
      AND k.id = @id
      AND k.former_since IS NULL
    RETURNING 1
)
SELECT app.require((SELECT count(*) FROM ended) = 1, 'data_key_current');

-- name: TenantDataKeyNext :exec
INSERT INTO tenant_data_keys (
    tenant_id,
    version,
    id,
    wrapped
) VALUES (
    app.tenant_id(),
    @version,
    @id,
    @wrapped
);

-- name: TenantDataKeyClaim :execrows
-- A run takes the walk, or goes on with it: one walks at a time, and one that was not heard of for a while has died.
UPDATE tenant_data_keys SET
    walker = sqlc.arg(walker)::uuid,
    walked_at = now()
WHERE tenant_id = app.tenant_id()
  AND former_since IS NOT NULL
  AND (walker IS NULL OR walker = sqlc.arg(walker)::uuid OR walked_at < sqlc.arg(unheard_since)::timestamptz);

-- name: TenantDataKeyLeave :exec
-- A run that ends early leaves the walk to the next one at once.
UPDATE tenant_data_keys SET
    walker = NULL
WHERE tenant_id = app.tenant_id()
  AND walker = sqlc.arg(walker)::uuid;

-- name: TenantDataKeyHold :many
-- The versions that are being exchanged. While they are held no value is being sealed anew.
SELECT version
FROM tenant_data_keys
WHERE tenant_id = app.tenant_id()
  AND former_since IS NOT NULL
FOR SHARE;

-- name: TenantDataKeyDelete :execrows
DELETE FROM tenant_data_keys
WHERE tenant_id = app.tenant_id()
  AND former_since IS NOT NULL
  AND walker = sqlc.arg(walker)::uuid;
