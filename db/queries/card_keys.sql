-- name: CardKeyImportInsert :exec
INSERT INTO card_key_imports (
    tenant_id,
    id,
    product_id,
    supplier_id,
    accepted,
    duplicates
) VALUES (
    app.tenant_id(),
    @id,
    @product_id,
    @supplier_id,
    0,
    0
);

-- name: CardKeyImportFinish :one
UPDATE card_key_imports SET
    accepted = @accepted,
    duplicates = @duplicates,
    repeated_at = @repeated_at,
    in_stock_at = @in_stock_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
RETURNING *;

-- name: CardKeyImportGet :one
SELECT *
FROM card_key_imports
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: CardKeyInsertMany :execrows
INSERT INTO card_keys (
    tenant_id,
    id,
    product_id,
    import_id,
    supplier_id,
    fingerprint,
    sealed_key
)
SELECT
    t.tenant_id,
    unnest(sqlc.arg(ids)::uuid[]),
    sqlc.arg(product_id)::uuid,
    sqlc.arg(import_id)::uuid,
    sqlc.arg(supplier_id)::uuid,
    unnest(sqlc.arg(fingerprints)::bytea[]),
    unnest(sqlc.arg(sealed_keys)::bytea[])
FROM tenants t
WHERE t.tenant_id = app.tenant_id()
ON CONFLICT (tenant_id, product_id, fingerprint) DO NOTHING;

-- name: CardKeyInStock :many
-- Which of the fingerprints the product had before this import.
SELECT fingerprint
FROM card_keys
WHERE tenant_id = app.tenant_id()
  AND product_id = @product_id
  AND fingerprint = ANY(sqlc.arg(fingerprints)::bytea[])
  AND import_id <> @import_id;

-- name: CardKeyReserve :exec
-- Takes the oldest free keys; keys that another order is taking are passed over. Fewer than asked breaks the
-- transaction off. An order for more than there are locks none: all keys would be passed over by everybody else until
-- it has failed.
WITH free AS (
    SELECT
        f.tenant_id,
        f.id
    FROM card_keys f
    WHERE f.tenant_id = app.tenant_id()
      AND f.product_id = @product_id
      AND f.status = 'available'
    ORDER BY f.id
    LIMIT CASE
        WHEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM card_keys e
                WHERE e.tenant_id = app.tenant_id()
                  AND e.product_id = @product_id
                  AND e.status = 'available'
                LIMIT sqlc.arg(quantity)::int
            ) enough
        ) = sqlc.arg(quantity)::int THEN sqlc.arg(quantity)::int
        ELSE 0
    END
    FOR NO KEY UPDATE SKIP LOCKED
), taken AS (
    UPDATE card_keys k SET
        status = 'reserved',
        order_id = @order_id
    FROM free
    WHERE k.tenant_id = app.tenant_id()
      AND k.tenant_id = free.tenant_id
      AND k.id = free.id
    RETURNING 1
)
SELECT app.require((SELECT count(*) FROM taken) = sqlc.arg(quantity)::int, 'card_keys_sold_out');

-- name: CardKeyDeliver :exec
-- Every reserved key of the order, which must be as many as it ordered; its items of this kind are delivered by that.
WITH delivered AS (
    UPDATE card_keys k SET
        status = 'delivered',
        delivered_at = @delivered_at
    WHERE k.tenant_id = app.tenant_id()
      AND k.order_id = @order_id
      AND k.status = 'reserved'
    RETURNING 1
),
items AS (
    UPDATE order_items i SET
        delivery = 'delivered'
    WHERE i.tenant_id = app.tenant_id()
      AND i.order_id = @order_id
      AND i.fulfilment_kind = 'card_key'
      AND i.delivery = 'reserved'
    RETURNING i.quantity
)
SELECT app.require(
    (SELECT count(*) FROM delivered) = (SELECT sum(items.quantity) FROM items),
    'card_keys_reserved'
);

-- name: CardKeyRelease :exec
WITH items AS (
    UPDATE order_items i SET
        delivery = 'released'
    WHERE i.tenant_id = app.tenant_id()
      AND i.order_id = @order_id
      AND i.fulfilment_kind = 'card_key'
      AND i.delivery = 'reserved'
)
UPDATE card_keys k SET
    status = 'available',
    order_id = NULL
WHERE k.tenant_id = app.tenant_id()
  AND k.order_id = @order_id
  AND k.status = 'reserved';

-- name: CardKeyVoid :exec
-- An order that was paid after it was closed has no keys, and its items stay released.
WITH items AS (
    UPDATE order_items i SET
        delivery = 'void'
    WHERE i.tenant_id = app.tenant_id()
      AND i.order_id = @order_id
      AND i.fulfilment_kind = 'card_key'
      AND i.delivery IN ('reserved', 'delivered')
)
UPDATE card_keys k SET
    status = 'void',
    voided_at = now()
WHERE k.tenant_id = app.tenant_id()
  AND k.order_id = @order_id
  AND k.status IN ('reserved', 'delivered');

-- name: CardKeyListByOrder :many
SELECT
    id,
    product_id,
    status,
    sealed_key
FROM card_keys
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
  AND status IN ('delivered', 'void')
ORDER BY id;

-- name: CardKeyStocks :many
-- Keys of products by status. Free, reserved and void ones are few and counted by an index; what was imported and is
-- none of these was delivered.
SELECT
    p.id::uuid AS product_id,
    (
        SELECT count(*)
        FROM card_keys k
        WHERE k.tenant_id = app.tenant_id()
          AND k.product_id = p.id
          AND k.status = 'available'
    ) AS available,
    (
        SELECT count(*)
        FROM card_keys k
        WHERE k.tenant_id = app.tenant_id()
          AND k.product_id = p.id
          AND k.status = 'reserved'
    ) AS reserved,
    (
        SELECT count(*)
        FROM card_keys k
        WHERE k.tenant_id = app.tenant_id()
          AND k.product_id = p.id
          AND k.status = 'void'
    ) AS void,
    (
        SELECT coalesce(sum(i.accepted), 0)::bigint
        FROM card_key_imports i
        WHERE i.tenant_id = app.tenant_id()
          AND i.product_id = p.id
    ) AS imported
FROM unnest(@ids::uuid[]) AS p (id);

-- name: CardKeyImportList :many
SELECT * FROM card_key_imports
WHERE tenant_id = app.tenant_id() AND product_id = @product_id AND id < @before
ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- name: CardKeyImportRead :one
-- The product stands beside it: a caller that is one merchant reads the imports of its own products only.
SELECT i.*
FROM card_key_imports i
JOIN products p ON p.tenant_id = app.tenant_id() AND p.id = i.product_id
WHERE i.tenant_id = app.tenant_id() AND i.id = @id;

-- name: CardKeyList :many
-- Each status has its own stretch of the index. A caller that is one merchant sees its own orders only.
SELECT
    k.id,
    k.product_id,
    k.import_id,
    k.status,
    o.id AS order_id,
    i.created_at,
    k.delivered_at,
    k.voided_at
FROM unnest(sqlc.arg(statuses)::text[]) AS s (status)
CROSS JOIN LATERAL (
    SELECT c.*
    FROM card_keys c
    WHERE c.tenant_id = app.tenant_id()
      AND c.product_id = @product_id
      AND c.status = s.status
      AND c.id < @before
      AND c.id > @after
      AND (c.import_id = sqlc.narg(import_id)::uuid OR sqlc.narg(import_id)::uuid IS NULL)
    ORDER BY c.id DESC
    LIMIT sqlc.arg(page_size)
) k
JOIN card_key_imports i
  ON i.tenant_id = app.tenant_id()
  AND i.id = k.import_id
LEFT JOIN orders o
  ON o.tenant_id = app.tenant_id()
  AND o.id = k.order_id
ORDER BY k.id DESC
LIMIT sqlc.arg(page_size);

-- name: CardKeyRead :one
-- The product stands beside it: a caller that is one merchant reads the keys of its own products only.
SELECT
    k.id,
    k.product_id,
    k.import_id,
    k.status,
    o.id AS order_id,
    i.created_at,
    k.delivered_at,
    k.voided_at
FROM card_keys k
JOIN products p
  ON p.tenant_id = app.tenant_id()
  AND p.id = k.product_id
JOIN card_key_imports i
  ON i.tenant_id = app.tenant_id()
  AND i.id = k.import_id
LEFT JOIN orders o
  ON o.tenant_id = app.tenant_id()
  AND o.id = k.order_id
WHERE k.tenant_id = app.tenant_id()
  AND k.id = @id;

-- name: CardKeyVoidOne :one
-- No key comes back when it is an order's, or void already.
UPDATE card_keys k SET
    status = 'void',
    voided_at = now()
WHERE k.tenant_id = app.tenant_id()
  AND k.id = @id
  AND k.status = 'available'
RETURNING k.voided_at;

-- name: CardKeyVoidImport :execrows
-- Keys that an order is taking at this moment are passed over.
WITH free AS (
    SELECT
        f.tenant_id,
        f.id
    FROM card_keys f
    WHERE f.tenant_id = app.tenant_id()
      AND f.product_id = @product_id
      AND f.status = 'available'
      AND f.id > @after
      AND f.import_id = @import_id
    ORDER BY f.id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE card_keys k SET
    status = 'void',
    voided_at = now()
FROM free
WHERE k.tenant_id = app.tenant_id()
  AND k.tenant_id = free.tenant_id
  AND k.id = free.id;
