-- name: MerchantInsert :one
INSERT INTO merchants (
    tenant_id,
    id,
    kind,
    name,
    sealed_contact,
    receiver_type,
    sealed_receiver,
    metadata
) VALUES (
    app.tenant_id(),
    @id,
    @kind,
    @name,
    @sealed_contact,
    sqlc.narg(receiver_type),
    @sealed_receiver,
    @metadata
)
RETURNING created_at;

-- name: MerchantGet :one
SELECT
    id,
    kind,
    name,
    contact,
    sealed_contact,
    status,
    smid,
    receiver_type,
    receiver_account,
    sealed_receiver,
    receiver_bound_at,
    metadata,
    created_at,
    version
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MerchantGetForUpdate :one
SELECT
    id,
    kind,
    name,
    contact,
    sealed_contact,
    status,
    smid,
    receiver_type,
    receiver_account,
    sealed_receiver,
    receiver_bound_at,
    metadata,
    created_at,
    version
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: MerchantList :many
SELECT
    id,
    kind,
    name,
    contact,
    sealed_contact,
    status,
    smid,
    receiver_type,
    receiver_account,
    sealed_receiver,
    receiver_bound_at,
    metadata,
    created_at,
    version
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id < @before
  AND (kind = sqlc.narg(kind)::text OR sqlc.narg(kind)::text IS NULL)
  AND (status = sqlc.narg(status)::text OR sqlc.narg(status)::text IS NULL)
  AND (@name::text = '' OR position(lower(@name::text) IN lower(name)) > 0)
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: MerchantCount :one
-- How many rows MerchantList gives on all pages, or as many as are looked at.
SELECT count(*)
FROM (
    SELECT 1
    FROM merchants
    WHERE tenant_id = app.tenant_id()
        AND (kind = sqlc.narg(kind)::text OR sqlc.narg(kind)::text IS NULL)
        AND (status = sqlc.narg(status)::text OR sqlc.narg(status)::text IS NULL)
        AND (@name::text = '' OR position(lower(@name::text) IN lower(name)) > 0)
    LIMIT sqlc.arg(at_most)
) few;

-- The merchant is locked. A receiver that changes must be bound at Alipay again.
-- name: MerchantUpdate :exec
UPDATE merchants SET
    name = @name,
    contact = '',
    sealed_contact = @sealed_contact,
    receiver_bound_at = @receiver_bound_at,
    receiver_type = sqlc.narg(receiver_type)::text,
    receiver_account = NULL,
    sealed_receiver = @sealed_receiver,
    metadata = @metadata,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- Another merchant that has a number at Alipay already.
-- name: MerchantWithSmid :one
SELECT id
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND smid = sqlc.arg(smid)::text
  AND id <> sqlc.arg(other_than);

-- Alipay approved the merchant. One that a person has suspended stays so, and a receiver that was given stays.
-- name: MerchantApprove :execrows
UPDATE merchants SET
    smid = sqlc.narg(smid),
    status = CASE WHEN status = 'pending' THEN 'active' ELSE status END,
    receiver_type = CASE
        WHEN receiver_type IS NULL AND sqlc.narg(sealed_login_name)::bytea IS NOT NULL THEN 'loginName'
        ELSE receiver_type
    END,
    sealed_receiver = CASE WHEN receiver_type IS NULL THEN sqlc.narg(sealed_login_name)::bytea ELSE sealed_receiver END,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MerchantSetStatus :exec
UPDATE merchants SET
    status = @status,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MerchantNameList :many
SELECT
    id,
    name
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id = ANY(@ids::uuid[]);
