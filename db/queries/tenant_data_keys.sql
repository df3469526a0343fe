-- name: TenantDataKeyGet :one
-- A fresh one was made by this transaction, which may yet fail.
SELECT wrapped, (created_at = now())::boolean AS fresh FROM tenant_data_keys;

-- name: TenantDataKeyInsert :one
-- Whoever is first decides; everyone else reads that key.
INSERT INTO tenant_data_keys (wrapped) VALUES (@wrapped) ON CONFLICT (tenant_id) DO UPDATE SET wrapped = tenant_data_keys.wrapped RETURNING wrapped;

-- name: TenantDataKeySet :execrows
UPDATE tenant_data_keys SET wrapped = sqlc.arg(wrapped) WHERE wrapped = sqlc.arg(old);
