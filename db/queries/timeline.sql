-- name: TimelineOrder :one
SELECT
    o.id,
    o.status,
    o.total_fen,
    o.reference,
    o.created_at,
    o.created_by,
    o.created_from,
    o.delivered_at,
    o.closed_at,
    coalesce((
        SELECT sum(i.quantity)
        FROM order_items i
        WHERE i.tenant_id = app.tenant_id() AND i.order_id = o.id
    ), 0)::bigint AS pieces
FROM orders o
WHERE o.tenant_id = app.tenant_id()
  AND o.id = @id;

-- name: TimelinePayments :many
SELECT
    id,
    channel,
    status,
    amount_fen,
    trade_no,
    created_at,
    paid_at
FROM payments
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineSettlements :many
SELECT
    s.id,
    s.status,
    s.amount_fen,
    s.reason,
    s.created_at,
    s.done_at
FROM payments p
JOIN settlements s
  ON s.tenant_id = app.tenant_id()
 AND s.payment_id = p.id
WHERE p.tenant_id = app.tenant_id()
  AND p.order_id = @order_id
ORDER BY s.id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineSplitParts :many
-- Splits with their parts. A split that was given up before it had any has one row without a part.
SELECT
    s.id,
    s.status,
    s.settle_no,
    s.reason,
    s.created_at,
    s.done_at,
    coalesce(x.position, 0)::smallint AS position,
    coalesce(x.receiver, '')::text AS receiver,
    coalesce(x.amount_fen, 0)::bigint AS part_fen,
    coalesce(x.returned_fen, 0)::bigint AS returned,
    coalesce(m.name, '')::text AS merchant
FROM payments p
JOIN splits s
  ON s.tenant_id = app.tenant_id()
 AND s.payment_id = p.id
LEFT JOIN split_parts x
  ON x.tenant_id = app.tenant_id()
 AND x.split_id = s.id
LEFT JOIN merchants m
  ON m.tenant_id = app.tenant_id()
 AND m.id = x.merchant_id
WHERE p.tenant_id = app.tenant_id()
  AND p.order_id = @order_id
ORDER BY s.id DESC, x.position
LIMIT sqlc.arg(at_most);

-- name: TimelineRefunds :many
SELECT
    id,
    status,
    origin,
    outside_no,
    amount_fen,
    reason,
    failure,
    created_at,
    done_at
FROM refunds
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineRefundParts :many
-- What receivers give back in refunds of an order. A merchant sees none of it.
SELECT
    r.id,
    r.status,
    r.created_at,
    r.done_at,
    x.position,
    x.amount_fen,
    p.receiver,
    coalesce(m.name, '')::text AS merchant
FROM refunds r
JOIN refund_parts x
  ON x.tenant_id = app.tenant_id()
 AND x.refund_id = r.id
JOIN split_parts p
  ON p.tenant_id = app.tenant_id()
 AND p.split_id = x.split_id
 AND p.position = x.position
LEFT JOIN merchants m
  ON m.tenant_id = app.tenant_id()
 AND m.id = p.merchant_id
WHERE r.tenant_id = app.tenant_id()
  AND r.order_id = @order_id
ORDER BY r.id DESC, x.position
LIMIT sqlc.arg(at_most);

-- name: TimelineCases :many
SELECT
    id,
    kind,
    status,
    detail,
    occurrences,
    created_at,
    closed_at
FROM cases
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id::uuid
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineReviews :many
SELECT
    id,
    decision,
    status,
    amount_fen,
    trade_no,
    note,
    asked_by,
    asked_at,
    ended_by,
    ended_at
FROM order_reviews
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineCode :many
-- When a one-time code was asked for last; there is one row at most.
SELECT
    asked,
    asked_at
FROM checkout_codes
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id;

-- name: TimelineNotifications :many
-- What Alipay sent about payments, whose numbers it names. An empty subject is that of no payment.
SELECT
    id,
    state,
    verdict,
    received_at
FROM notifications
WHERE tenant_id = app.tenant_id()
  AND subject = ANY(@subjects::text[])
  AND subject <> ''
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineAttempts :many
-- How events of an order and what belongs to it were delivered.
SELECT
    a.id,
    a.endpoint_id,
    a.event_id,
    a.attempt,
    a.response_status,
    a.error,
    a.duration_ms,
    a.created_at,
    e.type
FROM events e
JOIN webhook_attempts a
  ON a.tenant_id = app.tenant_id()
 AND a.event_id = e.id
WHERE e.tenant_id = app.tenant_id()
  AND e.subject_id = ANY(@subjects::uuid[])
  AND e.sequence > 0
ORDER BY a.id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineAudit :many
-- Entries about an order and what belongs to it, and about its events.
SELECT
    id,
    actor_kind,
    actor_id,
    action,
    subject_type,
    subject_id,
    detail,
    client_address,
    created_at
FROM audit_log
WHERE tenant_id = app.tenant_id()
  AND subject_id = ANY(@subjects::uuid[] || ARRAY(
      SELECT e.id
      FROM events e
      WHERE e.tenant_id = app.tenant_id() AND e.subject_id = ANY(@subjects::uuid[]) AND e.sequence > 0
  ))
ORDER BY id DESC
LIMIT sqlc.arg(at_most);

-- name: TimelineKeyNames :many
SELECT
    id,
    name,
    last4
FROM api_keys
WHERE tenant_id = app.tenant_id()
  AND id = ANY(@ids::uuid[]);

-- name: TimelineMemberNames :many
SELECT
    id,
    name
FROM members
WHERE tenant_id = app.tenant_id()
  AND id = ANY(@ids::uuid[]);
