-- name: OrderItemInsertMany :exec
INSERT INTO order_items (order_id, position, product_id, product_name, quantity, unit_price_fen, amount_fen)
SELECT sqlc.arg(order_id)::uuid, unnest(sqlc.arg(positions)::int[]), unnest(sqlc.arg(product_ids)::uuid[]), unnest(sqlc.arg(product_names)::text[]),
       unnest(sqlc.arg(quantities)::int[]), unnest(sqlc.arg(unit_prices)::bigint[]), unnest(sqlc.arg(amounts)::bigint[]);

-- name: OrderItemListByOrders :many
SELECT * FROM order_items WHERE order_id = ANY(@order_ids::uuid[]) ORDER BY order_id, position;
