-- name: OrderItemInsertMany :exec
INSERT INTO order_items (
    tenant_id,
    order_id,
    position,
    product_id,
    product_name,
    quantity,
    unit_price_fen,
    amount_fen,
    fulfilment_kind,
    merchant_of_record_id
)
SELECT
    t.tenant_id,
    sqlc.arg(order_id)::uuid,
    unnest(sqlc.arg(positions)::int[]),
    unnest(sqlc.arg(product_ids)::uuid[]),
    unnest(sqlc.arg(product_names)::text[]),
    unnest(sqlc.arg(quantities)::int[]),
    unnest(sqlc.arg(unit_prices)::bigint[]),
    unnest(sqlc.arg(amounts)::bigint[]),
    unnest(sqlc.arg(kinds)::text[]),
    sqlc.arg(merchant_of_record_id)::uuid
FROM tenants t
WHERE t.tenant_id = app.tenant_id();

-- name: OrderItemListByOrders :many
SELECT *
FROM order_items
WHERE tenant_id = app.tenant_id()
  AND order_id = ANY(@order_ids::uuid[])
ORDER BY order_id, position;

-- name: OrderItemSetDelivery :exec
-- Every item of the kind, each from a state that allows it. What was released is nobody's: it stays so when an order
-- that never was delivered is given back.
WITH moved AS (
    UPDATE order_items SET
        delivery = @delivery
    WHERE tenant_id = app.tenant_id()
      AND order_id = @order_id
      AND fulfilment_kind = @fulfilment_kind
      AND delivery = ANY (sqlc.arg(sources)::text[])
    RETURNING 1
)
SELECT app.require(
    (SELECT count(*) FROM moved) = (
        SELECT count(*)
        FROM order_items i
        WHERE i.tenant_id = app.tenant_id()
          AND i.order_id = @order_id
          AND i.fulfilment_kind = @fulfilment_kind
          AND NOT (@delivery = 'void' AND i.delivery = 'released')
    ),
    'order_item_delivery'
);

-- name: OrderItemUndelivered :one
-- How many items are not delivered, but for those of one kind.
SELECT count(*)
FROM order_items
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
  AND delivery <> 'delivered'
  AND fulfilment_kind <> @fulfilment_kind;
