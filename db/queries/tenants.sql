-- name: TenantInsert :exec
INSERT INTO tenants (tenant_id, name, mode) VALUES (@tenant_id, @name, @mode);

-- A platform that signs up.
-- name: TenantSignUp :exec
INSERT INTO tenants (tenant_id, name, mode, created_at) VALUES (@tenant_id, @name, @mode, @created_at);

-- name: TenantGet :one
SELECT tenant_id, name, mode, status, created_at, version FROM tenants;

-- name: TenantDirectoryInsert :exec
INSERT INTO tenant_directory (tenant_id) VALUES (@tenant_id);

-- name: TenantDirectoryList :many
SELECT tenant_id FROM tenant_directory WHERE tenant_id > sqlc.arg(after)::uuid ORDER BY tenant_id LIMIT sqlc.arg(page_size);

-- What a tenant may have only so many of is counted behind this lock.
-- name: TenantLock :exec
SELECT FROM tenants FOR NO KEY UPDATE;
