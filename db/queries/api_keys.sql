-- name: APIKeyInsert :one
INSERT INTO api_keys (
    tenant_id,
    id,
    name,
    role,
    merchant_id,
    secret_hash,
    last4,
    expires_at,
    permissions,
    created_by
) VALUES (
    app.tenant_id(),
    @id,
    @name,
    @role,
    @merchant_id,
    @secret_hash,
    @last4,
    sqlc.narg(expires_at),
    sqlc.narg(permissions),
    @created_by
)
RETURNING created_at;

-- name: APIKeyMaker :one
-- Who made a key, as the audit log names callers, and who rolled it; the maker is empty for the sign-up and the
-- operator.
SELECT created_by, rolled_by
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: APIKeyAuthenticate :one
SELECT
    k.id,
    k.role,
    k.merchant_id,
    k.expires_at,
    k.permissions,
    t.mode,
    t.status
FROM api_keys k
JOIN tenants t ON t.tenant_id = app.tenant_id()
WHERE k.tenant_id = app.tenant_id()
  AND k.secret_hash = @secret_hash
  AND k.revoked_at IS NULL;

-- name: APIKeyAuthenticatePrevious :one
-- By the secret before a roll; it works until its time, or the key's, whichever is first.
SELECT
    k.id,
    k.role,
    k.merchant_id,
    k.expires_at,
    k.previous_secret_until,
    k.permissions,
    t.mode,
    t.status
FROM api_keys k
JOIN tenants t ON t.tenant_id = app.tenant_id()
WHERE k.tenant_id = app.tenant_id()
  AND k.previous_secret_hash = @secret_hash
  AND k.revoked_at IS NULL;

-- name: APIKeyRoll :exec
UPDATE api_keys SET
    secret_hash = @secret_hash,
    last4 = @last4,
    previous_secret_hash = @previous_secret_hash,
    previous_secret_until = @previous_secret_until,
    rolled_by = CASE WHEN @by::text = ANY(rolled_by) THEN rolled_by ELSE array_append(rolled_by, @by::text) END
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND revoked_at IS NULL;

-- name: APIKeyList :many
SELECT
    id,
    name,
    role,
    merchant_id,
    last4,
    created_at,
    revoked_at,
    expires_at,
    last_used_at,
    permissions,
    previous_secret_until
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND id < @before
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: APIKeyGet :one
SELECT
    id,
    role,
    merchant_id,
    secret_hash,
    previous_secret_hash,
    permissions,
    revoked_at,
    expires_at
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- How many owner's keys that neither end by themselves nor are narrowed there would be without one of them.
-- name: APIKeyOwnersBeside :one
SELECT count(*)
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND role = 'owner'
  AND revoked_at IS NULL
  AND expires_at IS NULL
  AND permissions IS NULL
  AND id <> @id;

-- name: APIKeyRevoke :exec
UPDATE api_keys SET
    revoked_at = sqlc.arg(at)::timestamptz
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND revoked_at IS NULL;

-- name: APIKeyRead :one
SELECT
    id,
    name,
    role,
    merchant_id,
    last4,
    created_at,
    revoked_at,
    expires_at,
    last_used_at,
    permissions,
    previous_secret_until
FROM api_keys
WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: APIKeyUsed :exec
UPDATE api_keys SET
    last_used_at = sqlc.arg(at)::timestamptz
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND (last_used_at IS NULL OR last_used_at <= sqlc.arg(before)::timestamptz);

-- name: CallerYounger :one
-- Whether a key, or the member of a session, was made at a time or after it.
SELECT (
    EXISTS (
        SELECT
        FROM api_keys k
        WHERE k.tenant_id = app.tenant_id() AND k.id = @id::uuid AND k.created_at >= @at::timestamptz
    )
    OR EXISTS (
        SELECT
        FROM members m
        WHERE m.tenant_id = app.tenant_id() AND m.id = @id::uuid AND m.created_at >= @at::timestamptz
    )
)::boolean AS younger;
