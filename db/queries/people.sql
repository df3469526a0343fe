-- name: PersonInsert :exec
INSERT INTO people (
    id,
    email_digest,
    sealed_email,
    password_hash,
    language,
    created_at
) VALUES (
    @id,
    @email_digest,
    @sealed_email,
    @password_hash,
    @language,
    @created_at
);

-- name: PersonGet :one
SELECT *
FROM people
WHERE id = @id;

-- name: PersonByEmail :one
SELECT *
FROM people
WHERE email_digest = @email_digest;

-- name: PersonLock :one
-- Two who change a person's factors wait for one another.
SELECT *
FROM people
WHERE id = @id
FOR NO KEY UPDATE;

-- name: PersonSetPassword :exec
UPDATE people SET
    password_hash = @password_hash
WHERE id = @id;

-- name: PersonSetLanguage :exec
UPDATE people SET
    language = @language
WHERE id = @id;

-- name: TOTPGet :one
SELECT *
FROM person_totps
WHERE person_id = @person_id;

-- name: TOTPPut :execrows
-- A secret that nothing was confirmed with yet. One that is confirmed stays.
INSERT INTO person_totps AS t (
    person_id,
    sealed_secret,
    created_at
) VALUES (
    @person_id,
    @sealed_secret,
    @created_at
)
ON CONFLICT (person_id) DO UPDATE SET
    sealed_secret = excluded.sealed_secret,
    created_at = excluded.created_at,
    last_step = 0
WHERE t.confirmed_at IS NULL;

-- name: TOTPUse :execrows
-- One row when no code of this step or of a later one was used.
UPDATE person_totps SET
    last_step = @step,
    confirmed_at = coalesce(confirmed_at, @at)
WHERE person_id = @person_id
  AND last_step < @step;

-- name: TOTPDelete :execrows
DELETE FROM person_totps
WHERE person_id = @person_id;

-- name: RecoveryCodesDelete :exec
DELETE FROM recovery_codes
WHERE person_id = @person_id;

-- name: RecoveryCodeInsert :exec
INSERT INTO recovery_codes (
    person_id,
    digest,
    created_at
) VALUES (
    @person_id,
    @digest,
    @created_at
);

-- name: RecoveryCodeUse :execrows
UPDATE recovery_codes SET
    used_at = @at
WHERE person_id = @person_id
  AND digest = @digest
  AND used_at IS NULL;

-- name: RecoveryCodesLeft :one
SELECT count(*)
FROM recovery_codes
WHERE person_id = @person_id
  AND used_at IS NULL;

-- name: SignInTry :execrows
-- One row when the subject may try now. The attempt counts as failed until it is known to be right, so that many at
-- once are not more than many in a row.
INSERT INTO sign_in_limits AS l (
    subject,
    failures,
    seen_at,
    until
) VALUES (
    @subject,
    1,
    @at,
    '-infinity'
)
ON CONFLICT (subject) DO UPDATE SET
    failures = CASE
        WHEN l.seen_at < sqlc.arg(forgotten)::timestamptz AND NOT l.lasting THEN 1
        ELSE l.failures + 1
    END,
    seen_at = excluded.seen_at,
    until = CASE
        WHEN (l.seen_at < sqlc.arg(forgotten)::timestamptz AND NOT l.lasting)
            OR l.failures + 1 <= sqlc.arg(free)::int THEN excluded.until
        ELSE excluded.seen_at
            + make_interval(secs => least(2 ^ least(l.failures + 1 - sqlc.arg(free)::int, 30),
                sqlc.arg(longest_seconds)::int))
    END,
    lasting = sqlc.arg(in_a_row)::boolean
        AND (l.lasting OR l.seen_at >= sqlc.arg(forgotten)::timestamptz)
WHERE (l.until <= excluded.seen_at AND l.failures < sqlc.arg(most)::int)
   OR (l.seen_at < sqlc.arg(forgotten)::timestamptz AND NOT l.lasting);

-- name: SignInLimitGet :one
SELECT *
FROM sign_in_limits
WHERE subject = @subject;

-- name: SignInFailures :one
SELECT failures
FROM sign_in_limits
WHERE subject = @subject;

-- name: SignInRight :exec
-- The attempt was right: an account begins anew.
DELETE FROM sign_in_limits
WHERE subject = @subject;

-- name: SignInGiveBack :exec
-- The attempt was right: it is not one of an address's wrong ones, which stay.
UPDATE sign_in_limits SET
    failures = greatest(failures - 1, 0)
WHERE subject = @subject;

-- name: OperatorTry :execrows
-- One row when a guess at the operator's token is among the most that may be made until @ends; it is counted.
INSERT INTO sign_in_limits AS l (
    subject,
    failures,
    seen_at,
    until
) VALUES (
    @subject,
    1,
    @at,
    @ends
)
ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN l.until <= excluded.seen_at THEN 1 ELSE l.failures + 1 END,
    seen_at = excluded.seen_at,
    until = CASE WHEN l.until <= excluded.seen_at THEN excluded.until ELSE l.until END
WHERE l.until <= excluded.seen_at
   OR l.failures < sqlc.arg(most)::int;

-- name: OperatorKnown :exec
-- An address at which the operator has signed in.
INSERT INTO sign_in_limits AS l (
    subject,
    failures,
    seen_at,
    until
) VALUES (
    @subject,
    0,
    @at,
    @until
)
ON CONFLICT (subject) DO UPDATE SET
    seen_at = excluded.seen_at,
    until = excluded.until;

-- name: SignInForget :exec
DELETE FROM sign_in_limits
WHERE seen_at < @before
  AND (NOT lasting OR seen_at < @lasting_before);

-- name: MembershipInsert :exec
INSERT INTO memberships (
    person_id,
    member_of,
    member_id
) VALUES (
    @person_id,
    @member_of,
    @member_id
);

-- name: MembershipDelete :exec
DELETE FROM memberships
WHERE person_id = @person_id
  AND member_of = @member_of;

-- name: MembershipList :many
SELECT
    member_of,
    member_id
FROM memberships
WHERE person_id = @person_id
ORDER BY member_of
LIMIT sqlc.arg(most);
