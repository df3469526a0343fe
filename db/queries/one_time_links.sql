-- name: LinkInsert :exec
INSERT INTO one_time_links (
    id,
    kind,
    person_id,
    sealed_content,
    language,
    created_at,
    expires_at
) VALUES (
    @id,
    @kind,
    @person_id,
    @sealed_content,
    @language,
    @created_at,
    @expires_at
);

-- name: LinkGet :one
SELECT *
FROM one_time_links
WHERE id = @id;

-- name: LinkUse :execrows
-- One row for the first who uses it in time.
UPDATE one_time_links SET
    used_at = @at
WHERE id = @id
  AND used_at IS NULL
  AND expires_at > @at;

-- name: LinkForget :exec
DELETE FROM one_time_links
WHERE expires_at < @before;
