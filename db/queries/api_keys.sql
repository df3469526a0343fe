-- name: APIKeyInsert :one
INSERT INTO api_keys (id, name, role, merchant_id, secret_hash, last4) VALUES (@id, @name, @role, @merchant_id, @secret_hash, @last4)
RETURNING created_at;

-- name: APIKeyAuthenticate :one
SELECT k.id, k.role, k.merchant_id, t.mode, t.status
FROM api_keys k JOIN tenants t ON t.tenant_id = k.tenant_id
WHERE k.secret_hash = @secret_hash AND k.revoked_at IS NULL;

-- name: APIKeyList :many
SELECT id, name, role, merchant_id, last4, created_at, revoked_at FROM api_keys WHERE id < @before ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- A key that is revoked already stays as it was, and is found all the same.
-- name: APIKeyRevoke :one
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = @id RETURNING secret_hash;
