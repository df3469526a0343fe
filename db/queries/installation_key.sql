-- name: InstallationKeyGet :one
SELECT wrapped
FROM installation_key
WHERE singleton;

-- name: InstallationKeyInsert :one
-- Whoever is first decides; everyone else reads that key.
INSERT INTO installation_key (
    wrapped
) VALUES (
    @wrapped
)
ON CONFLICT (singleton) DO UPDATE SET
    wrapped = installation_key.wrapped
RETURNING wrapped;

-- name: InstallationKeySet :execrows
UPDATE installation_key SET
    wrapped = sqlc.arg(wrapped)
WHERE singleton
  AND wrapped = sqlc.arg(old);
