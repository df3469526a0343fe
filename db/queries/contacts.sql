-- What programs of before wrote as it was, and the job seal_sweep seals. Rows that somebody holds are passed over: they
-- are there the next time.

-- name: OrderPlainContactList :many
SELECT
    id,
    buyer_contact
FROM orders
WHERE tenant_id = app.tenant_id()
  AND buyer_contact <> ''
ORDER BY buyer_contact, id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: OrderContactSeal :exec
UPDATE orders SET
    sealed_buyer_contact = @sealed_buyer_contact,
    buyer_digest = @buyer_digest,
    buyer_contact = ''
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MerchantPlainList :many
SELECT
    id,
    contact,
    sealed_contact,
    receiver_account,
    sealed_receiver
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND (contact <> '' OR receiver_account IS NOT NULL)
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: MerchantSeal :exec
UPDATE merchants SET
    contact = '',
    sealed_contact = @sealed_contact,
    receiver_account = NULL,
    sealed_receiver = @sealed_receiver
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: SplitPartPlainList :many
SELECT
    split_id,
    position,
    receiver_account
FROM split_parts
WHERE tenant_id = app.tenant_id()
  AND receiver_account IS NOT NULL
ORDER BY split_id, position
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SplitPartSeal :exec
UPDATE split_parts SET
    sealed_receiver = @sealed_receiver,
    receiver_account = NULL
WHERE tenant_id = app.tenant_id()
  AND split_id = @split_id
  AND position = @position;

-- name: PaymentForgetBuyers :execrows
-- The number of the buyer at Alipay, which programs of before kept.
UPDATE payments SET
    buyer_id = ''
WHERE tenant_id = app.tenant_id()
  AND id = ANY(ARRAY(
    SELECT p.id
    FROM payments p
    WHERE p.tenant_id = app.tenant_id()
      AND p.buyer_id <> ''
    ORDER BY p.id
    LIMIT sqlc.arg(page_size)
    FOR NO KEY UPDATE SKIP LOCKED
  ));

-- name: NotificationUnmaskedList :many
SELECT
    id,
    raw
FROM notifications
WHERE tenant_id = app.tenant_id()
  AND raw IS NOT NULL
  AND NOT masked
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: NotificationMask :exec
UPDATE notifications SET
    raw = @raw,
    masked = true
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: MemberPlainList :many
SELECT
    id,
    email
FROM members
WHERE tenant_id = app.tenant_id()
  AND email <> ''
ORDER BY email
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: MemberSeal :exec
-- A digest that another member has meanwhile stays theirs: programs of before do not see it.
UPDATE members m SET
    email = '',
    sealed_email = @sealed_email,
    email_digest = CASE WHEN EXISTS (
        SELECT
        FROM members o
        WHERE o.tenant_id = app.tenant_id()
          AND o.email_digest = sqlc.arg(email_digest)::bytea
          AND o.id <> @id
    ) THEN NULL ELSE sqlc.arg(email_digest)::bytea END
WHERE m.tenant_id = app.tenant_id()
  AND m.id = @id;

-- name: InvitationPlainList :many
SELECT
    id,
    email
FROM invitations
WHERE tenant_id = app.tenant_id()
  AND email <> ''
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: InvitationSeal :exec
UPDATE invitations SET
    email = '',
    sealed_email = @sealed_email
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: PlainCounts :one
-- How many rows are as a program of before wrote them, each kind up to a bound.
SELECT
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM orders o
            WHERE o.tenant_id = app.tenant_id()
              AND o.buyer_contact <> ''
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS orders,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM merchants m
            WHERE m.tenant_id = app.tenant_id()
              AND m.contact <> ''
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS contacts,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM merchants m
            WHERE m.tenant_id = app.tenant_id()
              AND m.receiver_account IS NOT NULL
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS receivers,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM split_parts s
            WHERE s.tenant_id = app.tenant_id()
              AND s.receiver_account IS NOT NULL
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS parts,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM payments p
            WHERE p.tenant_id = app.tenant_id()
              AND p.buyer_id <> ''
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS payments,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM notifications x
            WHERE x.tenant_id = app.tenant_id()
              AND x.raw IS NOT NULL
              AND NOT x.masked
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS notifications,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM members m
            WHERE m.tenant_id = app.tenant_id()
              AND m.email <> ''
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS members,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM invitations v
            WHERE v.tenant_id = app.tenant_id()
              AND v.email <> ''
            LIMIT sqlc.arg(at_most)
        ) n
    ) AS invitations;
