-- name: EventInsert :exec
INSERT INTO events (id, type, subject_type, subject_id, data, created_at) VALUES (@id, @type, @subject_type, @subject_id, @data, @created_at);

-- name: EventGet :one
SELECT id, type, subject_type, subject_id, data, created_at FROM events WHERE id = @id;

-- name: EventList :many
SELECT id, type, subject_type, subject_id, data, created_at
FROM events
WHERE id < @before AND (type = sqlc.narg(type)::text OR sqlc.narg(type)::text IS NULL)
ORDER BY id DESC LIMIT sqlc.arg(page_size);
