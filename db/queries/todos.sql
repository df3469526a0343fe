-- name: OverviewHeldMoney :many
-- Money that was settled frozen and is not split yet, by the day of its settlement: Alipay frees it after 30 days. Few
-- at any time.
SELECT
    date_trunc('day', x.done_at, 'Asia/Shanghai')::timestamptz AS settled_on,
    count(*) AS orders,
    sum(x.amount_fen)::bigint AS amount_fen
FROM splits s
CROSS JOIN LATERAL (
    SELECT x.done_at, x.amount_fen
    FROM settlements x
    WHERE x.tenant_id = app.tenant_id()
      AND x.payment_id = s.payment_id
      AND x.status = 'done'
      AND x.royalty_freeze
      AND x.freed_at IS NULL
    LIMIT 1
) x
WHERE s.tenant_id = app.tenant_id()
  AND s.status IN ('pending', 'refused')
  AND s.merchant_of_record_id = @merchant::uuid
GROUP BY 1
ORDER BY 1
LIMIT sqlc.arg(at_most);

-- name: TodoCases :many
-- Open cases by kind: how many, since when, and the oldest few.
SELECT
    kind,
    count(*) AS total,
    min(created_at)::timestamptz AS oldest_at,
    ((array_agg(id ORDER BY created_at))[1:5])::uuid[] AS ids
FROM cases
WHERE tenant_id = app.tenant_id()
  AND status = 'open'
GROUP BY kind
ORDER BY min(created_at);

-- name: TodoSplits :one
-- Refused splits: the orders they are of.
SELECT
    count(*) AS total,
    coalesce(min(created_at), 'epoch')::timestamptz AS oldest_at,
    coalesce((array_agg(order_id ORDER BY created_at))[1:5], '{}')::uuid[] AS ids
FROM splits
WHERE tenant_id = app.tenant_id()
  AND status = 'refused';

-- name: TodoFreezes :one
-- Orders whose frozen money Alipay frees soon, although it is not split.
SELECT
    count(*) AS total,
    coalesce(min(x.done_at), 'epoch')::timestamptz AS oldest_at,
    coalesce((array_agg(s.order_id ORDER BY x.done_at))[1:5], '{}')::uuid[] AS ids
FROM splits s
CROSS JOIN LATERAL (
    SELECT x.done_at
    FROM settlements x
    WHERE x.tenant_id = app.tenant_id()
      AND x.payment_id = s.payment_id
      AND x.status = 'done'
      AND x.royalty_freeze
      AND x.freed_at IS NULL
      AND x.done_at < sqlc.arg(settled_before)::timestamptz
    LIMIT 1
) x
WHERE s.tenant_id = app.tenant_id()
  AND s.status IN ('pending', 'refused');

-- name: TodoEndpoints :one
-- Endpoints that did not take their last delivery.
SELECT
    count(*) AS total,
    coalesce(min(failing_since), 'epoch')::timestamptz AS oldest_at,
    coalesce((array_agg(id ORDER BY failing_since))[1:5], '{}')::uuid[] AS ids
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id()
  AND status = 'enabled'
  AND deleted_at IS NULL
  AND failing_since IS NOT NULL;

-- name: TodoApplications :many
-- Applications that wait for the merchant's signature; and the last one of a merchant, when it was rejected.
SELECT
    a.status,
    count(*) AS total,
    min(coalesce(a.decided_at, a.submitted_at, a.created_at))::timestamptz AS oldest_at,
    ((array_agg(a.id ORDER BY coalesce(a.decided_at, a.submitted_at, a.created_at)))[1:5])::uuid[] AS ids
FROM applications a
WHERE a.tenant_id = app.tenant_id()
  AND (
      a.status = 'awaiting_signature'
      OR a.status = 'rejected' AND NOT EXISTS (
          SELECT
          FROM applications later
          WHERE later.tenant_id = app.tenant_id()
            AND later.merchant_id = a.merchant_id
            AND later.id > a.id
      )
  )
GROUP BY a.status
ORDER BY a.status;

-- name: TodoStock :one
-- Products on sale of which few card keys are left, the emptiest first. No more are counted than it takes.
SELECT
    count(*) AS total,
    coalesce((array_agg(x.id ORDER BY x.free, x.id))[1:5], '{}')::uuid[] AS ids
FROM (
    SELECT
        p.id,
        (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM card_keys k
                WHERE k.tenant_id = app.tenant_id()
                  AND k.product_id = p.id
                  AND k.status = 'available'
                LIMIT sqlc.arg(few)::integer
            ) left_over
        ) AS free
    FROM products p
    WHERE p.tenant_id = app.tenant_id()
      AND p.status = 'active'
      AND p.fulfilment_kind = 'card_key'
) x
WHERE x.free < sqlc.arg(few)::integer;

-- name: TodoApprovals :one
-- Approvals that wait for another person than the one who asks: for a decision.
SELECT
    count(*) AS total,
    coalesce(min(asked_at), 'epoch')::timestamptz AS oldest_at,
    coalesce((array_agg(id ORDER BY asked_at))[1:5], '{}')::uuid[] AS ids
FROM approvals
WHERE tenant_id = app.tenant_id()
  AND status = 'waiting'
  AND asked_by_id <> sqlc.arg(reader)::uuid
  AND expires_at > sqlc.arg(now)::timestamptz
  AND (not_before IS NULL OR not_before <= sqlc.arg(now)::timestamptz);
