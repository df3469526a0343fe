-- name: BookLookGet :one
SELECT payment_id
FROM book_looks
WHERE tenant_id = app.tenant_id()
  AND look = @look;

-- name: BookLookSet :exec
-- Never backwards: of two comparisons at once the one that is ahead stands.
INSERT INTO book_looks (
    tenant_id,
    look,
    payment_id,
    looked_at
) VALUES (
    app.tenant_id(),
    @look,
    @payment_id,
    @looked_at
)
ON CONFLICT (tenant_id, look) DO UPDATE SET
    payment_id = excluded.payment_id,
    looked_at = excluded.looked_at
WHERE book_looks.payment_id < excluded.payment_id;

-- name: BookPage :many
-- Payments made in a time (an id sorts by its time), by the primary key; paid tells which brought money.
SELECT
    id,
    (status IN ('paid', 'refunded'))::boolean AS paid
FROM payments
WHERE tenant_id = app.tenant_id()
  AND id > @after
  AND id < @before
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: BookSample :many
-- Some payments made since a moment that the acquirer may know: it reads them all, for a command.
SELECT id
FROM payments
WHERE tenant_id = app.tenant_id()
  AND id > @after
  AND id < @before
  AND status <> 'created'
ORDER BY random()
LIMIT sqlc.arg(page_size);

-- name: BookList :many
-- What the book has of some payments.
SELECT
    sqlc.embed(p),
    coalesce(s.id, p.id)::uuid AS settlement_no,
    coalesce(s.status = 'pending', false)::boolean AS settling,
    (CASE WHEN s.status = 'done' THEN s.amount_fen ELSE 0 END)::bigint AS settled,
    coalesce(s.reason, '')::text AS settled_by,
    coalesce(x.id, p.id)::uuid AS split_no,
    coalesce(x.status = 'pending', false)::boolean AS splitting,
    coalesce(x.request_no, '')::text AS request_no,
    coalesce(x.settle_no, '')::text AS settle_no,
    coalesce((
        SELECT sum(t.amount_fen)
        FROM split_parts t
        WHERE t.tenant_id = app.tenant_id() AND t.split_id = x.id AND x.status = 'completed'
    ), 0)::bigint AS parts,
    coalesce((
        SELECT sum(t.returned_fen)
        FROM split_parts t
        WHERE t.tenant_id = app.tenant_id() AND t.split_id = x.id AND x.status = 'completed'
    ), 0)::bigint AS returned,
    EXISTS (
        SELECT
        FROM refunds r
        WHERE r.tenant_id = app.tenant_id() AND r.order_id = p.order_id AND r.status = 'pending'
    )::boolean AS refunding
FROM payments p
LEFT JOIN settlements s ON s.tenant_id = app.tenant_id() AND s.payment_id = p.id
LEFT JOIN splits x ON x.tenant_id = app.tenant_id() AND x.payment_id = p.id
WHERE p.tenant_id = app.tenant_id()
  AND p.id = ANY(@payments::uuid[])
ORDER BY p.id;
