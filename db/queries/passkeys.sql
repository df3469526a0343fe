-- name: PasskeyInsert :exec
INSERT INTO passkeys (
    id,
    person_id,
    credential_id,
    public_key,
    sign_count,
    flags,
    transports,
    name,
    created_at
) VALUES (
    @id,
    @person_id,
    @credential_id,
    @public_key,
    @sign_count,
    @flags,
    @transports,
    @name,
    @created_at
);

-- name: PasskeyList :many
SELECT *
FROM passkeys
WHERE person_id = @person_id
ORDER BY id
LIMIT sqlc.arg(most);

-- name: PasskeyCount :one
SELECT count(*)
FROM passkeys
WHERE person_id = @person_id;

-- name: PasskeyUse :execrows
-- One row when the count has grown, or is one that never grows.
UPDATE passkeys SET
    sign_count = @sign_count,
    flags = @flags,
    last_used_at = @at
WHERE id = @id
  AND (sign_count < @sign_count OR (sign_count = 0 AND @sign_count = 0));

-- name: PasskeyRename :execrows
UPDATE passkeys SET
    name = @name
WHERE person_id = @person_id
  AND id = @id;

-- name: PasskeyDelete :execrows
DELETE FROM passkeys
WHERE person_id = @person_id
  AND id = @id;

-- name: ChallengeSpend :execrows
-- One row for the first who answers it.
INSERT INTO spent_challenges (
    digest,
    expires_at
) VALUES (
    @digest,
    @expires_at
)
ON CONFLICT DO NOTHING;

-- name: ChallengeForget :exec
DELETE FROM spent_challenges
WHERE expires_at < @before;

-- name: PasskeysDelete :exec
DELETE FROM passkeys
WHERE person_id = @person_id;
