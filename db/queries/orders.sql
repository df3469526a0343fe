-- name: CheckoutProductList :many
-- Everything that an order needs to know of its products, in one read: price, merchant of record, newest split rule
-- version with its parts, connection, and how near the platform's bounds of unpaid orders are. No more is counted than
-- a bound.
SELECT
    p.id,
    p.name,
    p.status,
    p.price_fen,
    p.fulfilment_kind,
    p.merchant_of_record_id,
    m.name AS payee,
    m.status AS merchant_status,
    coalesce(m.smid, '')::text AS smid,
    v.id AS split_rule_version_id,
    v.max_split_bps,
    coalesce(c.version, 0)::bigint AS connection_version,
    (
        SELECT jsonb_agg(
            jsonb_build_object('Fixed', r.fixed_fen, 'Rate', r.rate_bps, 'Floor', r.floor_fen, 'Cap', r.cap_fen)
            ORDER BY r.position
        )
        FROM split_rule_parts r
        WHERE r.tenant_id = app.tenant_id()
          AND r.version_id = v.id
    ) AS parts,
    t.unpaid_orders_per_api_key,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM payments b
            WHERE b.tenant_id = app.tenant_id()
              AND b.created_by = sqlc.arg(created_by)::text
              AND b.status IN ('created', 'pending')
            LIMIT t.unpaid_orders_per_api_key
        ) n
    ) AS unpaid_of_api_key,
    t.unpaid_orders_per_contact,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM orders o
            WHERE o.tenant_id = app.tenant_id()
              AND o.buyer_digest = sqlc.arg(buyer_digest)::bytea
              AND o.id > sqlc.arg(lives)::uuid
              AND o.status = 'awaiting_payment'
            LIMIT t.unpaid_orders_per_contact
        ) n
    ) AS unpaid_of_contact,
    t.unpaid_orders_per_buyer_ip,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM payments b
            WHERE b.tenant_id = app.tenant_id()
              AND b.buyer_network = sqlc.arg(buyer_network)::bytea
              AND b.status IN ('created', 'pending')
            LIMIT t.unpaid_orders_per_buyer_ip
        ) n
    ) AS unpaid_of_buyer_ip,
    t.held_card_keys_per_product,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM card_keys k
            WHERE k.tenant_id = app.tenant_id()
              AND k.product_id = p.id
              AND k.status = 'reserved'
            LIMIT t.held_card_keys_per_product
        ) n
    ) AS held_card_keys
FROM products p
JOIN tenants t
  ON t.tenant_id = app.tenant_id()
JOIN merchants m
  ON m.tenant_id = app.tenant_id()
 AND m.id = p.merchant_of_record_id
LEFT JOIN alipay_connections c
  ON c.tenant_id = app.tenant_id()
JOIN LATERAL (
    SELECT
        v.id,
        v.max_split_bps
    FROM split_rule_versions v
    WHERE v.tenant_id = app.tenant_id()
      AND v.split_rule_id = p.split_rule_id
    ORDER BY v.version DESC
    LIMIT 1
) v ON true
WHERE p.tenant_id = app.tenant_id()
  AND p.id = ANY(@ids::uuid[]);

-- name: OrderGatesLock :exec
-- Locks the gates until the end of the transaction, in their order.
INSERT INTO order_gates (
    tenant_id,
    gate
)
SELECT
    t.tenant_id,
    unnest(sqlc.arg(gates)::int[])
FROM tenants t
WHERE t.tenant_id = app.tenant_id()
ON CONFLICT (tenant_id, gate) DO UPDATE SET
    gate = excluded.gate
WHERE false;

-- name: OrderUnpaidWithin :exec
-- One more unpaid order stays within the bounds; behind the gates nobody else adds one. A bound of 0 is none.
SELECT
    app.require(
        t.unpaid_orders_per_api_key = 0
        OR (
            SELECT count(*)
            FROM (
                SELECT
                FROM payments b
                WHERE b.tenant_id = app.tenant_id()
                  AND b.created_by = sqlc.arg(created_by)::text
                  AND b.status IN ('created', 'pending')
                LIMIT t.unpaid_orders_per_api_key
            ) n
        ) < t.unpaid_orders_per_api_key,
        'unpaid_orders_per_api_key'
    ),
    app.require(
        t.unpaid_orders_per_contact = 0
        OR (
            SELECT count(*)
            FROM (
                SELECT
                FROM orders o
                WHERE o.tenant_id = app.tenant_id()
                  AND o.buyer_digest = sqlc.arg(buyer_digest)::bytea
                  AND o.id > sqlc.arg(lives)::uuid
                  AND o.status = 'awaiting_payment'
                LIMIT t.unpaid_orders_per_contact
            ) n
        ) < t.unpaid_orders_per_contact,
        'unpaid_orders_per_contact'
    ),
    app.require(
        t.unpaid_orders_per_buyer_ip = 0
        OR (
            SELECT count(*)
            FROM (
                SELECT
                FROM payments b
                WHERE b.tenant_id = app.tenant_id()
                  AND b.buyer_network = sqlc.arg(buyer_network)::bytea
                  AND b.status IN ('created', 'pending')
                LIMIT t.unpaid_orders_per_buyer_ip
            ) n
        ) < t.unpaid_orders_per_buyer_ip,
        'unpaid_orders_per_buyer_ip'
    ),
    app.require(
        t.held_card_keys_per_product = 0
        OR NOT EXISTS (
            SELECT
            FROM (
                SELECT
                    unnest(sqlc.arg(products)::uuid[]) AS product_id,
                    unnest(sqlc.arg(quantities)::int[]) AS quantity
            ) x
            WHERE x.quantity + (
                SELECT count(*)
                FROM (
                    SELECT
                    FROM card_keys k
                    WHERE k.tenant_id = app.tenant_id()
                      AND k.product_id = x.product_id
                      AND k.status = 'reserved'
                    LIMIT t.held_card_keys_per_product
                ) n
            ) > t.held_card_keys_per_product
        ),
        'held_card_keys_per_product'
    )
FROM tenants t
WHERE t.tenant_id = app.tenant_id();

-- name: OrderInsert :exec
INSERT INTO orders (
    tenant_id,
    id,
    status,
    total_fen,
    merchant_of_record_id,
    split_rule_version_id,
    reference,
    sealed_buyer_contact,
    buyer_digest,
    return_url,
    metadata,
    expires_at,
    created_at,
    created_by,
    created_from
) VALUES (
    app.tenant_id(),
    @id,
    'awaiting_payment',
    @total_fen,
    @merchant_of_record_id,
    @split_rule_version_id,
    @reference,
    @sealed_buyer_contact,
    @buyer_digest,
    @return_url,
    @metadata,
    @expires_at,
    @created_at,
    @created_by,
    @created_from
);

-- name: OrderStandingList :many
SELECT
    o.id,
    o.status,
    o.checkout_generation
FROM orders o
JOIN tenants t
  ON t.tenant_id = app.tenant_id()
 AND t.status = 'active'
WHERE o.tenant_id = app.tenant_id()
  AND o.id = ANY(@ids::uuid[]);

-- name: OrderGet :one
SELECT
    sqlc.embed(o),
    sqlc.embed(p),
    m.name AS payee
FROM orders o
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.order_id = o.id
JOIN merchants m
  ON m.tenant_id = app.tenant_id()
 AND m.id = o.merchant_of_record_id
WHERE o.tenant_id = app.tenant_id()
  AND o.id = @id
ORDER BY p.id DESC
LIMIT 1;

-- name: OrderRenewCheckout :execrows
-- Ends every checkout address that the order had.
UPDATE orders SET
    checkout_generation = checkout_generation + 1,
    checkout_renewed_at = @renewed_at
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: OrderCardKeysSeen :execrows
-- One row when a view of the buyer's page is to be audited: the first, and one after each span.
UPDATE orders SET
    card_keys_seen_at = sqlc.arg(seen_at)::timestamptz
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND (card_keys_seen_at IS NULL OR card_keys_seen_at < sqlc.arg(again_after)::timestamptz);

-- name: OrderList :many
-- Planned anew each time: a filter that is not given costs nothing, and one that is given finds its index. One item of
-- each order is joined: the first, or the first of the product that is looked for, so that the product's index leads.
-- rare_status and waiting say of one wanted status by which index its orders are found.
SELECT sqlc.embed(o), sqlc.embed(p), m.name AS payee
FROM orders o
JOIN order_items i ON i.tenant_id = app.tenant_id() AND i.order_id = o.id
JOIN merchants m ON m.tenant_id = app.tenant_id() AND m.id = o.merchant_of_record_id
JOIN LATERAL (
    SELECT * FROM payments p WHERE p.tenant_id = app.tenant_id() AND p.order_id = o.id ORDER BY p.id DESC LIMIT 1
) p ON true
WHERE o.tenant_id = app.tenant_id()
    AND o.id > @after
    AND o.id < @before
    AND o.created_at >= sqlc.arg(made_from)
    AND o.created_at < sqlc.arg(made_until)
    AND (cardinality(@statuses::text[]) = 0 OR o.status = ANY(@statuses::text[]))
    AND (@rare_status::text = '' OR o.rare_status = @rare_status)
    AND (NOT @waiting::boolean OR o.id = ANY(ARRAY(
        SELECT w.order_id FROM payments w
        WHERE w.tenant_id = app.tenant_id() AND w.status IN ('created', 'pending'))))
    AND (@reference::text = '' OR (o.reference = @reference AND o.reference <> ''))
    AND (sqlc.narg(buyer_digest)::bytea IS NULL OR o.buyer_digest = sqlc.narg(buyer_digest)::bytea)
    AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR o.merchant_of_record_id = @merchant::uuid)
    AND ((@product::uuid = '00000000-0000-0000-0000-000000000000' AND i.position = 1) OR i.product_id = @product::uuid)
    AND NOT EXISTS (
        SELECT 1 FROM order_items j
        WHERE j.tenant_id = app.tenant_id()
            AND j.order_id = i.order_id
            AND j.product_id = i.product_id
            AND j.position < i.position)
    AND (@trade_no::text = '' OR o.id = ANY(ARRAY(
        SELECT t.order_id FROM payments t WHERE t.tenant_id = app.tenant_id() AND t.trade_no = @trade_no)))
    AND (@payment::uuid = '00000000-0000-0000-0000-000000000000' OR o.id = ANY(ARRAY(
        SELECT n.order_id FROM payments n WHERE n.tenant_id = app.tenant_id() AND n.id = @payment::uuid)))
ORDER BY CASE WHEN @oldest_first::boolean THEN o.id END, o.id DESC LIMIT sqlc.arg(page_size);

-- name: OrderCount :one
-- How many rows OrderList gives on all pages when no product is asked for, or as many as are looked at: without the
-- items, of which ten thousand would be looked up.
SELECT count(*)
FROM (
    SELECT 1
    FROM orders o
    WHERE o.tenant_id = app.tenant_id()
        AND o.id > @after
        AND o.id < @before
        AND o.created_at >= sqlc.arg(made_from)
        AND o.created_at < sqlc.arg(made_until)
        AND (cardinality(@statuses::text[]) = 0 OR o.status = ANY(@statuses::text[]))
        AND (@rare_status::text = '' OR o.rare_status = @rare_status)
        AND (NOT @waiting::boolean OR o.id = ANY(ARRAY(
            SELECT w.order_id FROM payments w
            WHERE w.tenant_id = app.tenant_id() AND w.status IN ('created', 'pending'))))
        AND (@reference::text = '' OR (o.reference = @reference AND o.reference <> ''))
        AND (sqlc.narg(buyer_digest)::bytea IS NULL OR o.buyer_digest = sqlc.narg(buyer_digest)::bytea)
        AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR o.merchant_of_record_id = @merchant::uuid)
        AND (@trade_no::text = '' OR o.id = ANY(ARRAY(
            SELECT t.order_id FROM payments t WHERE t.tenant_id = app.tenant_id() AND t.trade_no = @trade_no)))
        AND (@payment::uuid = '00000000-0000-0000-0000-000000000000' OR o.id = ANY(ARRAY(
            SELECT n.order_id FROM payments n WHERE n.tenant_id = app.tenant_id() AND n.id = @payment::uuid)))
    LIMIT sqlc.arg(at_most)
) few;

-- name: OrderCountOfProduct :one
-- OrderCount of the orders that a product is among.
SELECT count(*)
FROM (
    SELECT 1
    FROM orders o
    JOIN order_items i ON i.tenant_id = app.tenant_id() AND i.order_id = o.id
    WHERE o.tenant_id = app.tenant_id()
        AND o.id > @after
        AND o.id < @before
        AND o.created_at >= sqlc.arg(made_from)
        AND o.created_at < sqlc.arg(made_until)
        AND (cardinality(@statuses::text[]) = 0 OR o.status = ANY(@statuses::text[]))
        AND (@rare_status::text = '' OR o.rare_status = @rare_status)
        AND (NOT @waiting::boolean OR o.id = ANY(ARRAY(
            SELECT w.order_id FROM payments w
            WHERE w.tenant_id = app.tenant_id() AND w.status IN ('created', 'pending'))))
        AND (@reference::text = '' OR (o.reference = @reference AND o.reference <> ''))
        AND (sqlc.narg(buyer_digest)::bytea IS NULL OR o.buyer_digest = sqlc.narg(buyer_digest)::bytea)
        AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR o.merchant_of_record_id = @merchant::uuid)
        AND i.product_id = @product::uuid
        AND NOT EXISTS (
            SELECT 1 FROM order_items j
            WHERE j.tenant_id = app.tenant_id()
                AND j.order_id = i.order_id
                AND j.product_id = i.product_id
                AND j.position < i.position)
        AND (@trade_no::text = '' OR o.id = ANY(ARRAY(
            SELECT t.order_id FROM payments t WHERE t.tenant_id = app.tenant_id() AND t.trade_no = @trade_no)))
        AND (@payment::uuid = '00000000-0000-0000-0000-000000000000' OR o.id = ANY(ARRAY(
            SELECT n.order_id FROM payments n WHERE n.tenant_id = app.tenant_id() AND n.id = @payment::uuid)))
    LIMIT sqlc.arg(at_most)
) few;

-- name: OrderLockByPayment :one
-- The order and its payment, locked in that order: the first thing any change of their state does. kinds are those of its
-- items.
SELECT
    sqlc.embed(o),
    sqlc.embed(p),
    ARRAY(
        SELECT DISTINCT i.fulfilment_kind
        FROM order_items i
        WHERE i.tenant_id = app.tenant_id()
          AND i.order_id = o.id
    )::text[] AS kinds
FROM payments p
JOIN orders o
  ON o.tenant_id = app.tenant_id()
 AND o.id = p.order_id
WHERE p.tenant_id = app.tenant_id()
  AND p.id = @payment_id
FOR NO KEY UPDATE OF o, p;

-- name: OrderLock :one
SELECT
    sqlc.embed(o),
    sqlc.embed(p)
FROM orders o
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.order_id = o.id
WHERE o.tenant_id = app.tenant_id()
  AND o.id = @id
ORDER BY p.id DESC
LIMIT 1
FOR NO KEY UPDATE OF o, p;

-- name: OrderSetStatus :exec
-- Guarded by the old status: a row that is no longer in it breaks the transaction off.
WITH moved AS (
    UPDATE orders SET
        status = sqlc.arg(to_status),
        paid_at = coalesce(sqlc.narg(paid_at), paid_at),
        delivered_at = coalesce(sqlc.narg(delivered_at), delivered_at),
        closed_at = coalesce(sqlc.narg(closed_at), closed_at)
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status = sqlc.arg(from_status)
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'order_status');

-- name: OrderAddRefunded :exec
-- A part of what was paid for the order went back. Guarded by the old status; the payment holds how much at most.
WITH moved AS (
    UPDATE orders SET
        status = sqlc.arg(to_status),
        refunded_fen = refunded_fen + sqlc.arg(amount)
    WHERE tenant_id = app.tenant_id()
      AND id = @id
      AND status = sqlc.arg(from_status)
    RETURNING 1
)
SELECT app.require(EXISTS (SELECT 1 FROM moved), 'order_status');

-- name: OrderGetByPayment :one
SELECT
    sqlc.embed(o),
    sqlc.embed(p)
FROM payments p
JOIN orders o
  ON o.tenant_id = app.tenant_id()
 AND o.id = p.order_id
WHERE p.tenant_id = app.tenant_id()
  AND p.id = @payment_id;

-- name: OrderNameList :many
SELECT
    o.id,
    o.reference,
    o.merchant_of_record_id,
    m.name AS payee
FROM orders o
JOIN merchants m
  ON m.tenant_id = app.tenant_id()
 AND m.id = o.merchant_of_record_id
WHERE o.tenant_id = app.tenant_id()
  AND o.id = ANY(@ids::uuid[]);
