-- name: InvitationInsert :exec
INSERT INTO invitations (
    tenant_id,
    id,
    email,
    sealed_email,
    name,
    role,
    merchant_id,
    secret_hash,
    created_by,
    created_at,
    expires_at
) VALUES (
    app.tenant_id(),
    @id,
    '',
    @sealed_email,
    @name,
    @role,
    @merchant_id,
    @secret_hash,
    @created_by,
    @created_at,
    @expires_at
);

-- name: InvitationList :many
SELECT *
FROM invitations
WHERE tenant_id = app.tenant_id()
  AND id < @before
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: InvitationGet :one
SELECT *
FROM invitations
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: InvitationBySecret :one
SELECT *
FROM invitations
WHERE tenant_id = app.tenant_id()
  AND secret_hash = @secret_hash
FOR NO KEY UPDATE;

-- name: InvitationRevoke :execrows
UPDATE invitations SET
    revoked_at = @at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND revoked_at IS NULL
  AND accepted_at IS NULL;

-- name: InvitationAccept :exec
UPDATE invitations SET
    accepted_at = @at
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: InvitationsOpen :one
-- How many still wait; no more is counted than is told.
SELECT count(*)
FROM (
    SELECT
    FROM invitations i
    WHERE i.tenant_id = app.tenant_id()
      AND i.accepted_at IS NULL
      AND i.revoked_at IS NULL
      AND i.expires_at > @at
    LIMIT sqlc.arg(most)::int
) n;
