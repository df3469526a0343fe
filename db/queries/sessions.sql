-- name: SessionInsert :exec
INSERT INTO sessions (
    id,
    person_id,
    token_hash,
    methods,
    address,
    agent,
    created_at,
    last_seen_at
) VALUES (
    @id,
    @person_id,
    @token_hash,
    @methods,
    @address,
    @agent,
    @created_at,
    @created_at
);

-- name: SessionByToken :one
SELECT *
FROM sessions
WHERE token_hash = @token_hash
  AND revoked_at IS NULL;

-- name: SessionMember :one
-- What the person of a session is to the tenant.
SELECT
    m.id,
    m.role,
    m.merchant_id,
    t.mode,
    t.status
FROM members m
JOIN tenants t ON t.tenant_id = m.tenant_id
WHERE m.tenant_id = app.tenant_id()
  AND t.tenant_id = app.tenant_id()
  AND m.person_id = @person_id;

-- name: SessionGet :one
-- Where and when a session began, and whose it is.
SELECT
    person_id,
    address,
    created_at
FROM sessions
WHERE id = @id;

-- name: SessionPlaces :many
-- From where, and with what, a person has signed in of late.
SELECT DISTINCT
    address,
    agent
FROM sessions
WHERE person_id = @person_id
LIMIT sqlc.arg(most);

-- name: SessionSeen :exec
UPDATE sessions SET
    last_seen_at = @at,
    idled = idled OR last_seen_at < sqlc.arg(idle_since)::timestamptz
WHERE id = @id
  AND last_seen_at < sqlc.arg(older)::timestamptz;

-- name: SessionList :many
SELECT *
FROM sessions
WHERE person_id = @person_id
  AND revoked_at IS NULL
  AND last_seen_at > sqlc.arg(seen_after)::timestamptz
  AND created_at > sqlc.arg(created_after)::timestamptz
ORDER BY id DESC
LIMIT sqlc.arg(most);

-- name: SessionRevoke :execrows
UPDATE sessions SET
    revoked_at = coalesce(revoked_at, @at)
WHERE person_id = @person_id
  AND id = @id;

-- name: SessionRevokeOthers :exec
-- Every session of the person but one; of all with the identifier of none.
UPDATE sessions SET
    revoked_at = @at
WHERE person_id = @person_id
  AND id <> sqlc.arg(but)
  AND revoked_at IS NULL;

-- name: SessionElevate :execrows
UPDATE sessions SET
    token_hash = sqlc.arg(token_hash),
    elevated_until = sqlc.arg(until),
    last_seen_at = sqlc.arg(at),
    idled = false,
    methods = sqlc.arg(methods)
WHERE id = @id
  AND token_hash = sqlc.arg(old_hash)
  AND revoked_at IS NULL;

-- name: SessionForget :exec
-- Those that ended long ago, of one person.
DELETE FROM sessions
WHERE person_id = @person_id
  AND created_at < @before;
