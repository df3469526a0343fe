-- name: OrderItemInsertMany :exec
INSERT INTO order_items (
    tenant_id,
    order_id,
    position,
    product_id,
    product_name,
    quantity,
    unit_price_fen,
    amount_fen
)
SELECT
    t.tenant_id,
    sqlc.arg(order_id)::uuid,
    unnest(sqlc.arg(positions)::int[]),
    unnest(sqlc.arg(product_ids)::uuid[]),
    unnest(sqlc.arg(product_names)::text[]),
    unnest(sqlc.arg(quantities)::int[]),
    unnest(sqlc.arg(unit_prices)::bigint[]),
    unnest(sqlc.arg(amounts)::bigint[])
FROM tenants t
WHERE t.tenant_id = app.tenant_id();

-- name: OrderItemListByOrders :many
SELECT *
FROM order_items
WHERE tenant_id = app.tenant_id()
  AND order_id = ANY(@order_ids::uuid[])
ORDER BY order_id, position;
