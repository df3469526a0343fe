-- name: CheckoutCodeAsk :execrows
-- One row when another code may be made: the last is older than @again_after, and fewer than @day_max were asked for
-- since the first of a day. An older code is void from here on.
INSERT INTO checkout_codes AS c (
    tenant_id,
    order_id,
    since,
    asked_at,
    lang,
    expires_at
) VALUES (
    app.tenant_id(),
    @order_id,
    @asked_at,
    @asked_at,
    @lang,
    @asked_at
)
ON CONFLICT (tenant_id, order_id) DO UPDATE SET
    since = CASE WHEN c.since < sqlc.arg(day_before)::timestamptz THEN excluded.since ELSE c.since END,
    asked = CASE WHEN c.since < sqlc.arg(day_before)::timestamptz THEN 1 ELSE c.asked + 1 END,
    asked_at = excluded.asked_at,
    lang = excluded.lang,
    digest = NULL,
    tries = 0
WHERE c.asked_at < sqlc.arg(again_after)::timestamptz
  AND (c.since < sqlc.arg(day_before)::timestamptz OR c.asked < sqlc.arg(day_max)::integer);

-- name: CheckoutCodeLock :one
SELECT * FROM checkout_codes
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
FOR NO KEY UPDATE;

-- name: CheckoutCodeSet :exec
-- A new code is made; the one before is void.
UPDATE checkout_codes SET
    digest = @digest,
    expires_at = @expires_at,
    tries = 0,
    opened = 0
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id;

-- name: CheckoutCodeTried :exec
UPDATE checkout_codes SET
    tries = tries + 1
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id;

-- name: CheckoutCodeOpened :exec
UPDATE checkout_codes SET
    opened = @opened
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id;
