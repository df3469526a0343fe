-- name: FileInsert :exec
INSERT INTO files (
    tenant_id,
    id,
    status,
    purpose,
    name,
    content_type,
    in_bucket,
    sealed_key,
    caller_kind,
    caller_id,
    member_id,
    role,
    merchant_id,
    created_at,
    expires_at
) VALUES (
    app.tenant_id(),
    @id,
    'writing',
    @purpose,
    @name,
    @content_type,
    @in_bucket,
    @sealed_key,
    @caller_kind,
    @caller_id,
    sqlc.narg(member_id),
    @role,
    sqlc.narg(merchant_id),
    @created_at,
    @expires_at
);

-- name: FileChunkInsert :exec
INSERT INTO file_chunks (
    tenant_id,
    file_id,
    number,
    starts_at,
    size_bytes,
    wrapped,
    merchant_id
) VALUES (
    app.tenant_id(),
    @file_id,
    @number,
    @starts_at,
    @size_bytes,
    sqlc.narg(wrapped),
    sqlc.narg(merchant_id)
);

-- name: FileFinish :execrows
-- The file is whole, and shows.
UPDATE files SET status = 'ready', size_bytes = @size_bytes, chunks = @chunks, sha256 = @sha256::bytea
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'writing';

-- name: FileGet :one
-- A file that is whole and whose time is not up.
SELECT * FROM files
WHERE tenant_id = app.tenant_id() AND id = @id AND status = 'ready' AND expires_at > @at::timestamptz;

-- name: FileChunkAt :one
-- The chunk that has the byte at an offset.
SELECT number, starts_at, size_bytes, wrapped FROM file_chunks
WHERE tenant_id = app.tenant_id()
  AND file_id = @file_id
  AND starts_at <= @at::bigint
  AND starts_at + size_bytes > @at::bigint
ORDER BY number LIMIT 1;

-- name: FileChunkGet :one
SELECT number, starts_at, size_bytes, wrapped FROM file_chunks
WHERE tenant_id = app.tenant_id() AND file_id = @file_id AND number = @number;

-- name: FileDue :many
-- Files whose time is up, and those that were begun long ago and never became whole.
SELECT id, in_bucket FROM files
WHERE tenant_id = app.tenant_id()
  AND (expires_at <= @at::timestamptz OR (status = 'writing' AND created_at < @begun_before::timestamptz))
ORDER BY id LIMIT sqlc.arg(page_size);

-- name: FileChunksDelete :exec
DELETE FROM file_chunks WHERE tenant_id = app.tenant_id() AND file_id = @file_id;

-- name: FileDelete :exec
DELETE FROM files WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: FileExpire :exec
-- It does not show any more; the sweep deletes it.
UPDATE files SET expires_at = @at::timestamptz WHERE tenant_id = app.tenant_id() AND id = @id;

-- name: FileKeyGet :one
SELECT sealed_key FROM files WHERE tenant_id = app.tenant_id() AND id = @id;
