-- name: SettlementInsert :exec
INSERT INTO settlements (
    tenant_id,
    id,
    payment_id,
    order_id,
    amount_fen,
    royalty_freeze,
    status,
    merchant_of_record_id,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @payment_id,
    @order_id,
    @amount_fen,
    @royalty_freeze,
    'pending',
    @merchant_of_record_id,
    @created_at
);

-- name: SettlementLock :one
SELECT *
FROM settlements
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id
FOR NO KEY UPDATE;

-- name: SettlementGet :one
SELECT *
FROM settlements
WHERE tenant_id = app.tenant_id()
  AND payment_id = @payment_id;

-- name: SettlementGetByOrder :one
SELECT
    sqlc.embed(s),
    (p.amount_fen - p.refunded_fen)::bigint AS left_fen
FROM settlements s
JOIN payments p
  ON p.tenant_id = app.tenant_id()
 AND p.id = s.payment_id
WHERE s.tenant_id = app.tenant_id()
  AND p.order_id = @order_id
ORDER BY s.id DESC
LIMIT 1;

-- name: SettlementDone :execrows
UPDATE settlements SET
    status = 'done',
    reason = @reason,
    done_at = @done_at,
    freed_at = @freed_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: SettlementFreed :execrows
-- Once: what was frozen is frozen no more.
UPDATE settlements SET
    freed_at = @freed_at
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'done'
  AND royalty_freeze
  AND freed_at IS NULL;

-- name: SettlementFreezeEndedList :many
-- Payments whose money was frozen so long ago that Alipay has freed it, although it was not split. Few at any time:
-- the limit inside makes each plan begin with the splits that are open, instead of with all settlements.
SELECT s.payment_id
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
  AND s.status IN ('pending', 'refused')
LIMIT sqlc.arg(page_size);

-- name: SettlementRefused :execrows
UPDATE settlements SET
    status = 'refused',
    reason = @reason,
    held = @held
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'pending';

-- name: SettlementReopen :execrows
UPDATE settlements SET
    status = 'pending',
    reason = '',
    held = false,
    amount_fen = @amount_fen,
    royalty_freeze = @royalty_freeze
WHERE tenant_id = app.tenant_id()
  AND id = @id
  AND status = 'refused';

-- name: SettlementList :many
-- Settlements with their splits, of which there may be none. Planned anew each time: a filter that is not given costs
-- nothing. A caller that is one merchant sees its orders only.
SELECT
    sqlc.embed(s),
    (y.amount_fen - y.refunded_fen)::bigint AS left_fen,
    p.id AS split_id,
    coalesce(p.status, '')::text AS split_status,
    coalesce(p.settle_no, '')::text AS settle_no,
    coalesce(p.reason, '')::text AS split_reason
FROM settlements s
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = s.order_id
JOIN payments y ON y.tenant_id = app.tenant_id() AND y.id = s.payment_id
LEFT JOIN splits p ON p.tenant_id = app.tenant_id() AND p.payment_id = s.payment_id
WHERE s.tenant_id = app.tenant_id()
    AND s.id > @after
    AND s.id < @before
    AND s.created_at >= sqlc.arg(made_from)
    AND s.created_at < sqlc.arg(made_until)
    AND (cardinality(@settlement_statuses::text[]) = 0 OR s.status = ANY(@settlement_statuses::text[]))
    AND (cardinality(@split_statuses::text[]) = 0 OR p.status = ANY(@split_statuses::text[]))
ORDER BY CASE WHEN @oldest_first::boolean THEN s.id END, s.id DESC LIMIT sqlc.arg(page_size);
