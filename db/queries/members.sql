-- name: MemberInsert :one
INSERT INTO members (
    tenant_id,
    id,
    email,
    sealed_email,
    email_digest,
    name,
    role,
    merchant_id
) VALUES (
    app.tenant_id(),
    @id,
    '',
    @sealed_email,
    @email_digest,
    @name,
    @role,
    @merchant_id
)
RETURNING created_at;

-- name: MemberList :many
SELECT
    id,
    email,
    sealed_email,
    name,
    role,
    merchant_id,
    created_at,
    version
FROM members
WHERE tenant_id = app.tenant_id()
  AND id < @before
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: MemberGet :one
SELECT
    id,
    email,
    sealed_email,
    name,
    role,
    merchant_id,
    created_at,
    version
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MemberLock :one
SELECT
    role,
    merchant_id
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: MemberUpdate :exec
UPDATE members SET
    name = @name,
    role = @role,
    merchant_id = @merchant_id,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MemberDelete :exec
DELETE FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- How many owners there would be without one of them.
-- name: MemberOwnersBeside :one
SELECT count(*)
FROM members
WHERE tenant_id = app.tenant_id()
  AND role = 'owner'
  AND id <> @id;

-- name: MemberByEmail :one
-- A program of before wrote the address as it is.
SELECT
    id,
    role,
    merchant_id,
    person_id
FROM members
WHERE tenant_id = app.tenant_id()
  AND (email_digest = @email_digest OR email = sqlc.arg(before)::text AND email <> '')
ORDER BY id
LIMIT 1
FOR NO KEY UPDATE;

-- name: MemberBind :execrows
-- Somebody has shown that they are this member.
UPDATE members SET
    person_id = @person_id,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND person_id IS NULL;

-- name: MemberPerson :one
SELECT person_id
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id;
