-- name: SearchOrders :many
-- Orders by whatever names one. What is not looked for is empty or the zero id, which no row has. Each way has its
-- index.
WITH found AS (
    SELECT o.id, 'id' AS matched_by
    FROM orders o
    WHERE o.tenant_id = app.tenant_id() AND o.id = @id::uuid
    UNION ALL
    SELECT p.order_id, 'out_trade_no'
    FROM payments p
    WHERE p.tenant_id = app.tenant_id() AND p.id = @payment::uuid
    UNION ALL
    SELECT p.order_id, 'trade_no'
    FROM payments p
    WHERE p.tenant_id = app.tenant_id() AND p.trade_no = @trade_no::text
    UNION ALL
    (
        SELECT o.id, 'reference'
        FROM orders o
        WHERE o.tenant_id = app.tenant_id() AND o.reference = @reference::text AND o.reference <> ''
        ORDER BY o.id DESC
        LIMIT sqlc.arg(at_most)
    )
    UNION ALL
    (
        SELECT o.id, 'buyer_contact'
        FROM orders o
        WHERE o.tenant_id = app.tenant_id() AND o.buyer_digest = @buyer_digest::bytea
        ORDER BY o.id DESC
        LIMIT sqlc.arg(at_most)
    )
)
SELECT
    o.id,
    o.reference,
    o.status,
    o.total_fen,
    f.matched_by::text AS matched_by,
    coalesce((
        SELECT i.product_name
        FROM order_items i
        WHERE i.tenant_id = app.tenant_id() AND i.order_id = o.id AND i.position = 1
    ), '')::text AS product
FROM found f
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = f.id
ORDER BY o.id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchRefunds :many
SELECT
    id,
    order_id,
    status,
    amount_fen,
    (CASE WHEN outside_no <> '' AND outside_no = @number::text THEN 'number' ELSE 'id' END)::text AS matched_by
FROM refunds
WHERE tenant_id = app.tenant_id()
  AND (id = @id::uuid OR outside_no = @number::text AND outside_no <> '')
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchSplits :many
-- Splits and settlements by their numbers, ours and Alipay's.
SELECT
    'split'::text AS kind,
    s.id,
    s.order_id,
    s.status::text AS status,
    (CASE WHEN s.id = @id::uuid THEN 'id' ELSE 'number' END)::text AS matched_by
FROM splits s
WHERE s.tenant_id = app.tenant_id()
  AND (
      s.id = @id::uuid
      OR s.settle_no = @number::text AND s.settle_no <> ''
      OR s.request_no = @number::text AND s.request_no <> ''
  )
UNION ALL
SELECT
    'settlement'::text,
    x.id,
    x.order_id,
    x.status::text,
    'id'::text
FROM settlements x
WHERE x.tenant_id = app.tenant_id()
  AND x.id = @settlement::uuid
LIMIT sqlc.arg(at_most);

-- name: SearchMerchants :many
-- A platform has a bounded number of merchants: a part of a name is looked for in all of them. Names that begin so come
-- first.
SELECT
    id,
    name,
    kind,
    status,
    (CASE WHEN id = @id::uuid THEN 'id' WHEN smid = @smid::text THEN 'smid' ELSE 'name' END)::text AS matched_by
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND (id = @id::uuid OR smid = @smid::text OR @name::text <> '' AND strpos(lower(name), @name::text) > 0)
ORDER BY strpos(lower(name), @name::text), id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchProducts :many
-- As SearchMerchants.
SELECT
    id,
    name,
    status,
    price_fen,
    (CASE WHEN id = @id::uuid THEN 'id' ELSE 'name' END)::text AS matched_by
FROM products
WHERE tenant_id = app.tenant_id()
  AND (id = @id::uuid OR @name::text <> '' AND strpos(lower(name), @name::text) > 0)
ORDER BY strpos(lower(name), @name::text), id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchAPIKeys :many
-- As SearchMerchants.
SELECT
    id,
    name,
    role,
    last4,
    (CASE WHEN id = @id::uuid THEN 'id' WHEN last4 = @last4::text THEN 'last4' ELSE 'name' END)::text AS matched_by
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND (
      id = @id::uuid
      OR @last4::text <> '' AND last4 = @last4::text
      OR @name::text <> '' AND strpos(lower(name), @name::text) > 0
  )
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchMembers :many
-- As SearchMerchants. An address is found by its digest, and one that a program of before wrote as it is.
SELECT
    id,
    name,
    role,
    (CASE
        WHEN id = @id::uuid THEN 'id'
        WHEN email_digest = sqlc.arg(email_digest)::bytea THEN 'email'
        WHEN @email::text <> '' AND lower(email) = @email::text THEN 'email'
        ELSE 'name'
    END)::text AS matched_by
FROM members
WHERE tenant_id = app.tenant_id()
  AND (
      id = @id::uuid
      OR email_digest = sqlc.arg(email_digest)::bytea
      OR @email::text <> '' AND lower(email) = @email::text
      OR @name::text <> '' AND strpos(lower(name), @name::text) > 0
  )
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchEndpoints :many
-- As SearchMerchants.
SELECT
    id,
    url,
    status,
    (CASE WHEN id = @id::uuid THEN 'id' ELSE 'url' END)::text AS matched_by
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id()
  AND deleted_at IS NULL
  AND (id = @id::uuid OR @url::text <> '' AND strpos(lower(url), @url::text) > 0)
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: SearchCardKeys :many
-- The goods with one of the fingerprints of a text, product by product, for which the index of duplicates is there; or
-- the one with an id.
SELECT
    k.id,
    k.status,
    k.order_id,
    p.name AS product,
    'card_key'::text AS matched_by
FROM products p
JOIN card_keys k
  ON k.tenant_id = app.tenant_id()
 AND k.product_id = p.id
 AND k.fingerprint = ANY(@fingerprints::bytea[])
WHERE p.tenant_id = app.tenant_id()
UNION ALL
SELECT
    k.id,
    k.status,
    k.order_id,
    p.name,
    'id'::text
FROM card_keys k
JOIN products p ON p.tenant_id = app.tenant_id() AND p.id = k.product_id
WHERE k.tenant_id = app.tenant_id()
  AND k.id = @id::uuid
LIMIT sqlc.arg(at_most);

-- name: SearchByID :many
-- Things that have no name but their identifier; kind says which is looked for.
SELECT e.id, e.type::text AS title, e.subject_type::text AS subtitle
FROM events e
WHERE @kind::text = 'event' AND e.tenant_id = app.tenant_id() AND e.id = @id::uuid
UNION ALL
SELECT c.id, c.kind::text, c.status::text
FROM cases c
WHERE @kind::text = 'case' AND c.tenant_id = app.tenant_id() AND c.id = @id::uuid
UNION ALL
SELECT a.id, m.name, a.status::text
FROM applications a
JOIN merchants m ON m.tenant_id = app.tenant_id() AND m.id = a.merchant_id
WHERE @kind::text = 'application' AND a.tenant_id = app.tenant_id() AND a.id = @id::uuid
UNION ALL
SELECT r.id, r.name, r.status::text
FROM split_rules r
WHERE @kind::text = 'split_rule' AND r.tenant_id = app.tenant_id() AND r.id = @id::uuid
UNION ALL
SELECT v.id, r.name, 'v' || v.version
FROM split_rule_versions v
JOIN split_rules r ON r.tenant_id = app.tenant_id() AND r.id = v.split_rule_id
WHERE @kind::text = 'split_rule_version' AND v.tenant_id = app.tenant_id() AND v.id = @id::uuid
UNION ALL
SELECT i.id, p.name, i.accepted::text
FROM card_key_imports i
JOIN products p ON p.tenant_id = app.tenant_id() AND p.id = i.product_id
WHERE @kind::text = 'card_key_import' AND i.tenant_id = app.tenant_id() AND i.id = @id::uuid
UNION ALL
SELECT y.id, y.status::text, y.channel::text
FROM payments y
WHERE @kind::text = 'payment' AND y.tenant_id = app.tenant_id() AND y.id = @id::uuid
UNION ALL
SELECT l.id, l.action, l.subject_type
FROM audit_log l
WHERE @kind::text = 'audit_entry' AND l.tenant_id = app.tenant_id() AND l.id = @id::uuid
UNION ALL
SELECT k.id, k.operation, k.status::text || ' ' || k.code
FROM api_requests k
WHERE @kind::text = 'request' AND k.tenant_id = app.tenant_id() AND k.id = @id::uuid
UNION ALL
SELECT t.id, t.url, t.error
FROM webhook_attempts t
WHERE @kind::text = 'webhook_delivery' AND t.tenant_id = app.tenant_id() AND t.id = @id::uuid;
