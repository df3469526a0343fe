-- name: TenantDataKeyGet :one
SELECT wrapped
FROM tenant_data_keys
WHERE tenant_id = app.tenant_id();

-- name: TenantDataKeyInsert :one
-- Whoever is first decides; everyone else reads that key.
INSERT INTO tenant_data_keys (
    tenant_id,
    wrapped
) VALUES (
    app.tenant_id(),
    @wrapped
)
ON CONFLICT (tenant_id) DO UPDATE SET
    wrapped = tenant_data_keys.wrapped
RETURNING wrapped;

-- name: TenantDataKeySet :execrows
UPDATE tenant_data_keys SET
    wrapped = sqlc.arg(wrapped)
WHERE tenant_id = app.tenant_id()
  AND wrapped = sqlc.arg(old);
