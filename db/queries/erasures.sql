-- name: ErasureInsert :exec
INSERT INTO erasures (
    tenant_id,
    id,
    subject,
    merchant_id,
    digest,
    sealed_contact,
    status,
    created_at,
    done_at
) VALUES (
    app.tenant_id(),
    @id,
    @subject,
    @merchant_id,
    @digest,
    @sealed_contact,
    @status,
    @created_at,
    @done_at
);

-- name: ErasureGet :one
SELECT *
FROM erasures
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ErasureOpen :one
-- The erasure of a contact that is not done.
SELECT *
FROM erasures
WHERE tenant_id = app.tenant_id()
  AND digest = sqlc.arg(digest)::bytea;

-- name: ErasureLock :one
SELECT *
FROM erasures
WHERE tenant_id = app.tenant_id()
  AND id = @id
FOR NO KEY UPDATE;

-- name: ErasureOpenList :many
-- Those that are not done.
SELECT id
FROM erasures
WHERE tenant_id = app.tenant_id()
  AND digest IS NOT NULL
LIMIT sqlc.arg(page_size);

-- name: ErasureAdd :exec
UPDATE erasures SET
    orders_erased = orders_erased + sqlc.arg(erased)::int
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ErasureWait :exec
UPDATE erasures SET
    status = 'waiting',
    orders_waiting = @orders_waiting
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ErasureEnd :exec
-- Nothing of the contact is left, here neither.
UPDATE erasures SET
    status = 'done',
    orders_waiting = 0,
    digest = NULL,
    sealed_contact = NULL,
    done_at = @done_at
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: OrderErasableList :many
-- Orders of a contact that are final: nothing is to be paid, delivered, refunded, reconciled or decided by a person.
SELECT o.id
FROM orders o
WHERE o.tenant_id = app.tenant_id()
  AND (o.buyer_digest = sqlc.arg(digest)::bytea
    OR (o.buyer_contact = sqlc.arg(contact)::text AND o.buyer_contact <> ''))
  AND o.created_at <= sqlc.arg(until)
  AND o.status IN ('closed', 'delivered', 'refunded')
  AND NOT EXISTS (
    SELECT
    FROM refunds r
    WHERE r.tenant_id = app.tenant_id()
      AND r.order_id = o.id
      AND r.status = 'pending'
  )
  AND NOT EXISTS (
    SELECT
    FROM cases c
    WHERE c.tenant_id = app.tenant_id()
      AND c.order_id = o.id
      AND c.status = 'open'
  )
  AND NOT EXISTS (
    SELECT
    FROM payments p
    JOIN reconciliations x
      ON x.tenant_id = app.tenant_id()
     AND x.payment_id = p.id
    WHERE p.tenant_id = app.tenant_id()
      AND p.order_id = o.id
  )
ORDER BY o.id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE OF o;

-- name: OrderOfContactCount :one
SELECT count(*)
FROM orders o
WHERE o.tenant_id = app.tenant_id()
  AND (o.buyer_digest = sqlc.arg(digest)::bytea
    OR (o.buyer_contact = sqlc.arg(contact)::text AND o.buyer_contact <> ''))
  AND o.created_at <= sqlc.arg(until);

-- name: OrderErase :exec
UPDATE orders SET
    buyer_contact = '',
    sealed_buyer_contact = NULL,
    buyer_digest = NULL,
    created_from = ''
WHERE tenant_id = app.tenant_id()
  AND id = ANY(@ids::uuid[]);

-- name: PaymentErase :exec
UPDATE payments SET
    buyer_id = '',
    buyer_network = NULL
WHERE tenant_id = app.tenant_id()
  AND order_id = ANY(@ids::uuid[]);

-- name: CheckoutCodeErase :exec
DELETE FROM checkout_codes
WHERE tenant_id = app.tenant_id()
  AND order_id = ANY(@ids::uuid[]);

-- name: MerchantErase :exec
UPDATE merchants SET
    contact = '',
    sealed_contact = NULL,
    version = version + 1
WHERE tenant_id = app.tenant_id()
  AND id = @id;
