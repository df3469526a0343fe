-- name: CardKeyImportInsert :exec
INSERT INTO card_key_imports (id, product_id, accepted, duplicates) VALUES (@id, @product_id, 0, 0);

-- name: CardKeyImportFinish :one
UPDATE card_key_imports SET accepted = @accepted, duplicates = @duplicates WHERE id = @id RETURNING *;

-- name: CardKeyImportGet :one
SELECT * FROM card_key_imports WHERE id = @id;

-- name: CardKeyInsertMany :execrows
INSERT INTO card_keys (id, product_id, import_id, fingerprint, sealed_key)
SELECT unnest(sqlc.arg(ids)::uuid[]), sqlc.arg(product_id)::uuid, sqlc.arg(import_id)::uuid, unnest(sqlc.arg(fingerprints)::bytea[]), unnest(sqlc.arg(sealed_keys)::bytea[])
ON CONFLICT (tenant_id, product_id, fingerprint) DO NOTHING;

-- name: CardKeyReserve :exec
-- Takes the oldest free keys; keys that another order is taking are passed over. Fewer than asked breaks the transaction off.
WITH free AS (
    SELECT f.tenant_id, f.id FROM card_keys f WHERE f.product_id = @product_id AND f.status = 'available' ORDER BY f.id LIMIT sqlc.arg(quantity)::int FOR UPDATE SKIP LOCKED),
taken AS (
    UPDATE card_keys k SET status = 'reserved', order_id = @order_id FROM free WHERE k.tenant_id = free.tenant_id AND k.id = free.id RETURNING 1)
SELECT app.require((SELECT count(*) FROM taken) = sqlc.arg(quantity)::int, 'card_keys_sold_out');

-- name: CardKeyDeliver :exec
-- Every reserved key of the order, which must be as many as it ordered.
WITH delivered AS (
    UPDATE card_keys SET status = 'delivered', delivered_at = @delivered_at WHERE order_id = @order_id AND status = 'reserved' RETURNING 1)
SELECT app.require((SELECT count(*) FROM delivered) = (SELECT sum(quantity) FROM order_items i WHERE i.order_id = @order_id), 'card_keys_reserved');

-- name: CardKeyRelease :exec
UPDATE card_keys SET status = 'available', order_id = NULL WHERE order_id = @order_id AND status = 'reserved';

-- name: CardKeyVoid :exec
UPDATE card_keys SET status = 'void' WHERE order_id = @order_id AND status IN ('reserved', 'delivered');

-- name: CardKeyListByOrder :many
SELECT id, product_id, status, sealed_key FROM card_keys WHERE order_id = @order_id AND status IN ('delivered', 'void') ORDER BY id;

-- name: CardKeyStock :one
-- Free, reserved and void keys are counted by partial indexes; what was imported and is none of these was delivered.
SELECT (SELECT count(*) FROM card_keys k WHERE k.product_id = @product_id AND k.status = 'available') AS available,
       (SELECT count(*) FROM card_keys k WHERE k.product_id = @product_id AND k.status = 'reserved') AS reserved,
       (SELECT count(*) FROM card_keys k WHERE k.product_id = @product_id AND k.status = 'void') AS void,
       (SELECT coalesce(sum(i.accepted), 0)::bigint FROM card_key_imports i WHERE i.product_id = @product_id) AS imported;

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
