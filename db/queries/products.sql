-- name: ProductInsert :one
INSERT INTO products (
    tenant_id,
    id,
    name,
    price_fen,
    supplier_id,
    merchant_of_record_id,
    split_rule_id,
    metadata
) VALUES (
    app.tenant_id(),
    @id,
    @name,
    @price_fen,
    @supplier_id,
    @merchant_of_record_id,
    @split_rule_id,
    @metadata
)
RETURNING created_at;

-- What a new product leans on: the supplier and the merchant of record must exist.
-- name: ProductCheck :one
SELECT
    coalesce((
        SELECT s.kind
        FROM merchants s
        WHERE s.tenant_id = app.tenant_id()
          AND s.id = @supplier_id
    ), '')::text AS supplier_kind,
    EXISTS (
        SELECT 1
        FROM merchants m
        WHERE m.tenant_id = app.tenant_id()
          AND m.id = @merchant_of_record_id
    ) AS merchant_of_record;

-- name: ProductSplitRuleStatus :one
-- Archiving the rule waits until the product is written.
SELECT status
FROM split_rules
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR SHARE;

-- name: ProductGet :one
SELECT
    id,
    name,
    status,
    price_fen,
    supplier_id,
    merchant_of_record_id,
    split_rule_id,
    metadata,
    created_at,
    version
FROM products
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ProductList :many
SELECT
    id,
    name,
    status,
    price_fen,
    supplier_id,
    merchant_of_record_id,
    split_rule_id,
    metadata,
    created_at,
    version
FROM products
WHERE tenant_id = app.tenant_id()
  AND id < @before
  AND (status = sqlc.narg(status)::text OR sqlc.narg(status)::text IS NULL)
  AND (@name::text = '' OR position(lower(@name::text) IN lower(name)) > 0)
ORDER BY id DESC
LIMIT sqlc.arg(page_size);

-- name: ProductGetForUpdate :one
SELECT
    id,
    name,
    status,
    price_fen,
    supplier_id,
    merchant_of_record_id,
    split_rule_id,
    metadata,
    created_at,
    version
FROM products
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: ProductUpdate :exec
UPDATE products SET
    name = @name,
    price_fen = @price_fen,
    status = @status,
    split_rule_id = @split_rule_id,
    metadata = @metadata,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;
