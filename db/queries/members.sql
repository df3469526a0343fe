-- name: MemberInsert :one
INSERT INTO members (
    tenant_id,
    id,
    email,
    name,
    role,
    merchant_id
) VALUES (
    app.tenant_id(),
    @id,
    @email,
    @name,
    @role,
    @merchant_id
)
RETURNING created_at;

-- name: MemberList :many
SELECT
    id,
    email,
    name,
    role,
    merchant_id,
    created_at
FROM members
WHERE tenant_id = app.tenant_id()
  AND id < @before
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: MemberGet :one
SELECT
    id,
    email,
    name,
    role,
    merchant_id,
    created_at
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = @id;
