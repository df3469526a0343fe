-- name: OverviewHeadGet :one
-- How far the figures go; a platform that was never summed has no row.
SELECT
    passed,
    rolled_until
FROM overview_heads
WHERE tenant_id = app.tenant_id();

-- name: OverviewPlanOnce :exec
-- From here on the statements of this transaction have one plan for all arguments: to plan what reads a view of so many
-- parts takes longer than to read it. None of it is worth a worker.
SELECT app.plan_once();

-- name: OverviewHeadLock :one
-- Of two that would sum the next facts the second waits here, and then sees the first one's.
INSERT INTO overview_heads AS h (tenant_id) VALUES (app.tenant_id())
ON CONFLICT (tenant_id) DO UPDATE SET passed = h.passed
RETURNING
    h.passed,
    h.rolled_until;

-- name: OverviewLast :one
-- The last fact up to one; the zero identifier: there is none.
SELECT coalesce((
    SELECT x.id
    FROM (
        (
            SELECT e.id
            FROM events e
            WHERE e.tenant_id = app.tenant_id() AND e.id <= @upto::uuid
            ORDER BY e.id DESC
            LIMIT 1
        )
        UNION ALL
        (
            SELECT p.id
            FROM ledger_postings p
            WHERE p.tenant_id = app.tenant_id() AND p.id <= @upto::uuid
            ORDER BY p.id DESC
            LIMIT 1
        )
    ) x
    ORDER BY x.id DESC
    LIMIT 1
), '00000000-0000-0000-0000-000000000000')::uuid AS last
FROM tenants t
WHERE t.tenant_id = app.tenant_id();

-- name: OverviewMerchant :one
-- How far a merchant is, with its last application.
SELECT
    m.name,
    m.kind,
    m.status,
    (m.smid IS NOT NULL)::boolean AS collects,
    (m.receiver_bound_at IS NOT NULL)::boolean AS receives,
    a.id AS application_id,
    coalesce(a.status, '')::text AS application_status
FROM merchants m
LEFT JOIN LATERAL (
    SELECT
        l.id,
        l.status
    FROM applications l
    WHERE l.tenant_id = app.tenant_id()
      AND l.merchant_id = m.id
    ORDER BY l.id DESC
    LIMIT 1
) a ON true
WHERE m.tenant_id = app.tenant_id()
  AND m.id = @id;

-- name: OverviewHeadSet :exec
UPDATE overview_heads SET
    passed = @passed,
    rolled_until = @rolled_until::timestamptz
WHERE tenant_id = app.tenant_id();

-- name: OverviewNext :many
-- The last of the next facts, of each kind; the batch ends with the first of two full ones.
(
    SELECT id::uuid AS id, true AS is_event
    FROM events
    WHERE tenant_id = app.tenant_id() AND id > sqlc.arg(after)::uuid AND id <= @upto::uuid
    ORDER BY id
    LIMIT sqlc.arg(batch)
)
UNION ALL
(
    SELECT id::uuid, false
    FROM ledger_postings
    WHERE tenant_id = app.tenant_id() AND id > sqlc.arg(after)::uuid AND id <= @upto::uuid
    ORDER BY id
    LIMIT sqlc.arg(batch)
)
ORDER BY id;

-- name: OverviewAdd :exec
-- Adds the facts after one up to another to the figures of their hours and days.
INSERT INTO overview_figures AS g (
    tenant_id,
    span,
    began_at,
    merchant_id,
    product_id,
    created,
    paid,
    delivered,
    closed,
    refunds,
    won_paid,
    won_delivered,
    won_split,
    turnover_fen,
    refunded_fen,
    settled_fen,
    commission_fen,
    others_fen
)
SELECT
    t.tenant_id,
    s.span,
    s.began_at,
    m.merchant_id,
    f.product_id,
    sum(f.created)::bigint AS created,
    sum(f.paid)::bigint AS paid,
    sum(f.delivered)::bigint AS delivered,
    sum(f.closed)::bigint AS closed,
    sum(f.refunds)::bigint AS refunds,
    sum(f.won_paid)::bigint AS won_paid,
    sum(f.won_delivered)::bigint AS won_delivered,
    sum(f.won_split)::bigint AS won_split,
    sum(f.turnover_fen)::bigint AS turnover_fen,
    sum(f.refunded_fen)::bigint AS refunded_fen,
    sum(f.settled_fen)::bigint AS settled_fen,
    sum(f.commission_fen)::bigint AS commission_fen,
    sum(f.others_fen)::bigint AS others_fen
FROM tenants t
CROSS JOIN (
    SELECT
        f.merchant_id,
        '00000000-0000-0000-0000-000000000000'::uuid AS product_id,
        f.happened_at,
        f.created,
        f.paid,
        f.delivered,
        f.closed,
        f.refunds,
        f.won_paid,
        f.won_delivered,
        f.won_split,
        f.turnover_fen,
        f.refunded_fen,
        f.settled_fen,
        f.commission_fen,
        f.others_fen
    FROM overview_facts f
    WHERE f.tenant_id = app.tenant_id() AND f.id > sqlc.arg(after)::uuid AND f.id <= @upto::uuid
    UNION ALL
    SELECT
        f.merchant_id,
        f.product_id AS product_id,
        f.happened_at,
        f.created,
        f.paid,
        f.delivered,
        f.closed,
        f.refunds,
        f.won_paid,
        f.won_delivered,
        f.won_split,
        f.turnover_fen,
        f.refunded_fen,
        f.settled_fen,
        f.commission_fen,
        f.others_fen
    FROM overview_product_facts f
    WHERE f.tenant_id = app.tenant_id() AND f.id > sqlc.arg(after)::uuid AND f.id <= @upto::uuid
) f
CROSS JOIN LATERAL (
    SELECT 'hour' AS span, date_trunc('hour', f.happened_at, 'Asia/Shanghai') AS began_at
    UNION ALL
    SELECT 'day', date_trunc('day', f.happened_at, 'Asia/Shanghai')
) s
CROSS JOIN LATERAL (
    SELECT f.merchant_id AS merchant_id
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000'::uuid
) m
WHERE t.tenant_id = app.tenant_id()
GROUP BY t.tenant_id, s.span, s.began_at, m.merchant_id, f.product_id
ON CONFLICT (tenant_id, span, merchant_id, product_id, began_at) DO UPDATE SET
    created = g.created + excluded.created,
    paid = g.paid + excluded.paid,
    delivered = g.delivered + excluded.delivered,
    closed = g.closed + excluded.closed,
    refunds = g.refunds + excluded.refunds,
    won_paid = g.won_paid + excluded.won_paid,
    won_delivered = g.won_delivered + excluded.won_delivered,
    won_split = g.won_split + excluded.won_split,
    turnover_fen = g.turnover_fen + excluded.turnover_fen,
    refunded_fen = g.refunded_fen + excluded.refunded_fen,
    settled_fen = g.settled_fen + excluded.settled_fen,
    commission_fen = g.commission_fen + excluded.commission_fen,
    others_fen = g.others_fen + excluded.others_fen;

-- name: OverviewAddStages :exec
INSERT INTO overview_stages AS g (
    tenant_id,
    merchant_id,
    stage,
    amount_fen
)
SELECT
    t.tenant_id,
    f.merchant_id,
    f.stage,
    sum(f.amount_fen)::bigint
FROM tenants t
JOIN overview_moves f ON f.tenant_id = app.tenant_id() AND f.id > sqlc.arg(after)::uuid AND f.id <= @upto::uuid
WHERE t.tenant_id = app.tenant_id()
GROUP BY t.tenant_id, f.merchant_id, f.stage
ON CONFLICT (tenant_id, merchant_id, stage) DO UPDATE SET amount_fen = g.amount_fen + excluded.amount_fen;

-- name: OverviewFiguresDelete :exec
DELETE FROM overview_figures
WHERE tenant_id = app.tenant_id();

-- name: OverviewStagesDelete :exec
DELETE FROM overview_stages
WHERE tenant_id = app.tenant_id();

-- name: OverviewSeries :many
-- The figures of all products, of a merchant or, zero, of all, with the facts behind the last that is summed (@tail). It
-- gives that last one, too: where it is not the one that was asked with, the figures are to be asked for again. The
-- upper bound is beyond all: with it the plan for all arguments expects few facts.
SELECT
    x.began_at::timestamptz AS began_at,
    coalesce((
        SELECT h.passed
        FROM overview_heads h
        WHERE h.tenant_id = app.tenant_id()
    ), '00000000-0000-0000-0000-000000000000')::uuid AS passed,
    sum(x.created)::bigint AS created,
    sum(x.paid)::bigint AS paid,
    sum(x.delivered)::bigint AS delivered,
    sum(x.closed)::bigint AS closed,
    sum(x.refunds)::bigint AS refunds,
    sum(x.won_paid)::bigint AS won_paid,
    sum(x.won_delivered)::bigint AS won_delivered,
    sum(x.won_split)::bigint AS won_split,
    sum(x.turnover_fen)::bigint AS turnover_fen,
    sum(x.refunded_fen)::bigint AS refunded_fen,
    sum(x.settled_fen)::bigint AS settled_fen,
    sum(x.commission_fen)::bigint AS commission_fen,
    sum(x.others_fen)::bigint AS others_fen
FROM (
    SELECT
        g.began_at,
        g.created,
        g.paid,
        g.delivered,
        g.closed,
        g.refunds,
        g.won_paid,
        g.won_delivered,
        g.won_split,
        g.turnover_fen,
        g.refunded_fen,
        g.settled_fen,
        g.commission_fen,
        g.others_fen
    FROM overview_figures g
    WHERE g.tenant_id = app.tenant_id()
      AND g.span = @span
      AND g.merchant_id = @merchant::uuid
      AND g.product_id = '00000000-0000-0000-0000-000000000000'
      AND g.began_at >= @starts::timestamptz
      AND g.began_at < @ends::timestamptz
    UNION ALL
    SELECT
        date_trunc(@span, f.happened_at, 'Asia/Shanghai'),
        f.created,
        f.paid,
        f.delivered,
        f.closed,
        f.refunds,
        f.won_paid,
        f.won_delivered,
        f.won_split,
        f.turnover_fen,
        f.refunded_fen,
        f.settled_fen,
        f.commission_fen,
        f.others_fen
    FROM overview_facts f
    WHERE f.tenant_id = app.tenant_id()
      AND f.id > @passed::uuid
      AND f.id <= @upto::uuid
      AND f.happened_at >= @starts::timestamptz
      AND f.happened_at < @ends::timestamptz
      AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR f.merchant_id = @merchant::uuid)
      AND @tail::boolean
) x
GROUP BY x.began_at
ORDER BY x.began_at;

-- name: OverviewProductSeries :many
-- The figures of a product. As OverviewSeries.
SELECT
    x.began_at::timestamptz AS began_at,
    coalesce((
        SELECT h.passed
        FROM overview_heads h
        WHERE h.tenant_id = app.tenant_id()
    ), '00000000-0000-0000-0000-000000000000')::uuid AS passed,
    sum(x.created)::bigint AS created,
    sum(x.paid)::bigint AS paid,
    sum(x.delivered)::bigint AS delivered,
    sum(x.closed)::bigint AS closed,
    sum(x.refunds)::bigint AS refunds,
    sum(x.won_paid)::bigint AS won_paid,
    sum(x.won_delivered)::bigint AS won_delivered,
    sum(x.won_split)::bigint AS won_split,
    sum(x.turnover_fen)::bigint AS turnover_fen,
    sum(x.refunded_fen)::bigint AS refunded_fen,
    sum(x.settled_fen)::bigint AS settled_fen,
    sum(x.commission_fen)::bigint AS commission_fen,
    sum(x.others_fen)::bigint AS others_fen
FROM (
    SELECT
        g.began_at,
        g.created,
        g.paid,
        g.delivered,
        g.closed,
        g.refunds,
        g.won_paid,
        g.won_delivered,
        g.won_split,
        g.turnover_fen,
        g.refunded_fen,
        g.settled_fen,
        g.commission_fen,
        g.others_fen
    FROM overview_figures g
    WHERE g.tenant_id = app.tenant_id()
      AND g.span = @span
      AND g.merchant_id = @merchant::uuid
      AND g.product_id = @product::uuid
      AND g.began_at >= @starts::timestamptz
      AND g.began_at < @ends::timestamptz
    UNION ALL
    SELECT
        date_trunc(@span, f.happened_at, 'Asia/Shanghai'),
        f.created,
        f.paid,
        f.delivered,
        f.closed,
        f.refunds,
        f.won_paid,
        f.won_delivered,
        f.won_split,
        f.turnover_fen,
        f.refunded_fen,
        f.settled_fen,
        f.commission_fen,
        f.others_fen
    FROM overview_product_facts f
    WHERE f.tenant_id = app.tenant_id()
      AND f.id > @passed::uuid
      AND f.id <= @upto::uuid
      AND f.happened_at >= @starts::timestamptz
      AND f.happened_at < @ends::timestamptz
      AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR f.merchant_id = @merchant::uuid)
      AND @tail::boolean
      AND f.product_id = @product::uuid
) x
GROUP BY x.began_at
ORDER BY x.began_at;

-- name: OverviewStages :many
-- Where the money is. As OverviewSeries.
SELECT
    x.stage::text AS stage,
    coalesce((
        SELECT h.passed
        FROM overview_heads h
        WHERE h.tenant_id = app.tenant_id()
    ), '00000000-0000-0000-0000-000000000000')::uuid AS passed,
    sum(x.amount_fen)::bigint AS amount_fen
FROM (
    SELECT
        g.stage,
        g.amount_fen
    FROM overview_stages g
    WHERE g.tenant_id = app.tenant_id()
      AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR g.merchant_id = @merchant::uuid)
    UNION ALL
    SELECT
        f.stage,
        f.amount_fen
    FROM overview_moves f
    WHERE f.tenant_id = app.tenant_id()
      AND f.id > @passed::uuid
      AND f.id <= @upto::uuid
      AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR f.merchant_id = @merchant::uuid)
      AND @tail::boolean
) x
GROUP BY x.stage
ORDER BY x.stage;

-- name: OverviewTopProducts :many
-- The products that sold most in some days, of all merchants or of one. As OverviewSeries.
SELECT
    x.id::uuid AS id,
    n.name,
    coalesce((
        SELECT h.passed
        FROM overview_heads h
        WHERE h.tenant_id = app.tenant_id()
    ), '00000000-0000-0000-0000-000000000000')::uuid AS passed,
    sum(x.created)::bigint AS created,
    sum(x.paid)::bigint AS paid,
    sum(x.refunds)::bigint AS refunds,
    sum(x.turnover_fen)::bigint AS turnover_fen,
    sum(x.refunded_fen)::bigint AS refunded_fen
FROM (
    SELECT
        g.product_id AS id,
        g.created,
        g.paid,
        g.refunds,
        g.turnover_fen,
        g.refunded_fen
    FROM overview_figures g
    WHERE g.tenant_id = app.tenant_id()
      AND g.span = 'day'
      AND g.merchant_id = @merchant::uuid
      AND g.product_id <> '00000000-0000-0000-0000-000000000000'
      AND g.began_at >= @starts::timestamptz
      AND g.began_at < @ends::timestamptz
    UNION ALL
    SELECT
        f.product_id,
        f.created,
        f.paid,
        f.refunds,
        f.turnover_fen,
        f.refunded_fen
    FROM overview_product_facts f
    WHERE f.tenant_id = app.tenant_id()
      AND f.id > @passed::uuid
      AND f.id <= @upto::uuid
      AND f.happened_at >= @starts::timestamptz
      AND f.happened_at < @ends::timestamptz
      AND @tail::boolean
      AND (@merchant::uuid = '00000000-0000-0000-0000-000000000000' OR f.merchant_id = @merchant::uuid)
) x
JOIN products n ON n.tenant_id = app.tenant_id() AND n.id = x.id
GROUP BY x.id, n.name
HAVING sum(x.paid) > 0 OR sum(x.turnover_fen) > 0
ORDER BY CASE WHEN @by_orders::boolean THEN sum(x.paid) ELSE sum(x.turnover_fen) END DESC, x.id
LIMIT sqlc.arg(at_most);

-- name: OverviewTopMerchants :many
-- The merchants that sold most in some days. As OverviewSeries.
SELECT
    x.id::uuid AS id,
    n.name,
    coalesce((
        SELECT h.passed
        FROM overview_heads h
        WHERE h.tenant_id = app.tenant_id()
    ), '00000000-0000-0000-0000-000000000000')::uuid AS passed,
    sum(x.created)::bigint AS created,
    sum(x.paid)::bigint AS paid,
    sum(x.refunds)::bigint AS refunds,
    sum(x.turnover_fen)::bigint AS turnover_fen,
    sum(x.refunded_fen)::bigint AS refunded_fen
FROM (
    SELECT
        g.merchant_id AS id,
        g.created,
        g.paid,
        g.refunds,
        g.turnover_fen,
        g.refunded_fen
    FROM overview_figures g
    WHERE g.tenant_id = app.tenant_id()
      AND g.span = 'day'
      AND g.merchant_id <> '00000000-0000-0000-0000-000000000000'
      AND g.product_id = '00000000-0000-0000-0000-000000000000'
      AND g.began_at >= @starts::timestamptz
      AND g.began_at < @ends::timestamptz
    UNION ALL
    SELECT
        f.merchant_id,
        f.created,
        f.paid,
        f.refunds,
        f.turnover_fen,
        f.refunded_fen
    FROM overview_facts f
    WHERE f.tenant_id = app.tenant_id()
      AND f.id > @passed::uuid
      AND f.id <= @upto::uuid
      AND f.happened_at >= @starts::timestamptz
      AND f.happened_at < @ends::timestamptz
      AND @tail::boolean
) x
JOIN merchants n ON n.tenant_id = app.tenant_id() AND n.id = x.id
GROUP BY x.id, n.name
HAVING sum(x.paid) > 0 OR sum(x.turnover_fen) > 0
ORDER BY CASE WHEN @by_orders::boolean THEN sum(x.paid) ELSE sum(x.turnover_fen) END DESC, x.id
LIMIT sqlc.arg(at_most);

-- name: OverviewRebuild :exec
-- The figures from states and postings, without what the facts behind the last that is summed say. One statement sees
-- one moment: so nothing is in both, and nothing is missing.
INSERT INTO overview_figures (
    tenant_id,
    span,
    began_at,
    merchant_id,
    product_id,
    created,
    paid,
    delivered,
    closed,
    refunds,
    won_paid,
    won_delivered,
    won_split,
    turnover_fen,
    refunded_fen,
    settled_fen,
    commission_fen,
    others_fen
)
SELECT
    t.tenant_id,
    s.span,
    s.began_at,
    m.merchant_id,
    f.product_id,
    sum(f.created)::bigint AS created,
    sum(f.paid)::bigint AS paid,
    sum(f.delivered)::bigint AS delivered,
    sum(f.closed)::bigint AS closed,
    sum(f.refunds)::bigint AS refunds,
    sum(f.won_paid)::bigint AS won_paid,
    sum(f.won_delivered)::bigint AS won_delivered,
    sum(f.won_split)::bigint AS won_split,
    sum(f.turnover_fen)::bigint AS turnover_fen,
    sum(f.refunded_fen)::bigint AS refunded_fen,
    sum(f.settled_fen)::bigint AS settled_fen,
    sum(f.commission_fen)::bigint AS commission_fen,
    sum(f.others_fen)::bigint AS others_fen
FROM tenants t
CROSS JOIN (
    SELECT
        f.merchant_id,
        '00000000-0000-0000-0000-000000000000'::uuid AS product_id,
        f.happened_at,
        f.created,
        f.paid,
        f.delivered,
        f.closed,
        f.refunds,
        f.won_paid,
        f.won_delivered,
        f.won_split,
        f.turnover_fen,
        f.refunded_fen,
        f.settled_fen,
        f.commission_fen,
        f.others_fen
    FROM overview_facts f
    WHERE f.tenant_id = app.tenant_id() AND f.origin IN ('state', 'book')
    UNION ALL
    SELECT
        f.merchant_id,
        f.product_id AS product_id,
        f.happened_at,
        f.created,
        f.paid,
        f.delivered,
        f.closed,
        f.refunds,
        f.won_paid,
        f.won_delivered,
        f.won_split,
        f.turnover_fen,
        f.refunded_fen,
        f.settled_fen,
        f.commission_fen,
        f.others_fen
    FROM overview_product_facts f
    WHERE f.tenant_id = app.tenant_id() AND f.origin IN ('state', 'book')
    UNION ALL
    SELECT
        f.merchant_id,
        '00000000-0000-0000-0000-000000000000'::uuid AS product_id,
        f.happened_at,
        -f.created AS created,
        -f.paid AS paid,
        -f.delivered AS delivered,
        -f.closed AS closed,
        -f.refunds AS refunds,
        -f.won_paid AS won_paid,
        -f.won_delivered AS won_delivered,
        -f.won_split AS won_split,
        -f.turnover_fen AS turnover_fen,
        -f.refunded_fen AS refunded_fen,
        -f.settled_fen AS settled_fen,
        -f.commission_fen AS commission_fen,
        -f.others_fen AS others_fen
    FROM overview_facts f
    WHERE f.tenant_id = app.tenant_id() AND f.id > @passed::uuid
    UNION ALL
    SELECT
        f.merchant_id,
        f.product_id AS product_id,
        f.happened_at,
        -f.created AS created,
        -f.paid AS paid,
        -f.delivered AS delivered,
        -f.closed AS closed,
        -f.refunds AS refunds,
        -f.won_paid AS won_paid,
        -f.won_delivered AS won_delivered,
        -f.won_split AS won_split,
        -f.turnover_fen AS turnover_fen,
        -f.refunded_fen AS refunded_fen,
        -f.settled_fen AS settled_fen,
        -f.commission_fen AS commission_fen,
        -f.others_fen AS others_fen
    FROM overview_product_facts f
    WHERE f.tenant_id = app.tenant_id() AND f.id > @passed::uuid
) f
CROSS JOIN LATERAL (
    SELECT 'hour' AS span, date_trunc('hour', f.happened_at, 'Asia/Shanghai') AS began_at
    UNION ALL
    SELECT 'day', date_trunc('day', f.happened_at, 'Asia/Shanghai')
) s
CROSS JOIN LATERAL (
    SELECT f.merchant_id AS merchant_id
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000'::uuid
) m
WHERE t.tenant_id = app.tenant_id()
GROUP BY t.tenant_id, s.span, s.began_at, m.merchant_id, f.product_id;

-- name: OverviewRebuildStages :exec
INSERT INTO overview_stages (
    tenant_id,
    merchant_id,
    stage,
    amount_fen
)
SELECT
    t.tenant_id,
    f.merchant_id,
    f.stage,
    sum(f.amount_fen)::bigint
FROM tenants t
JOIN overview_moves f ON f.tenant_id = app.tenant_id() AND f.id <= @passed::uuid
WHERE t.tenant_id = app.tenant_id()
GROUP BY t.tenant_id, f.merchant_id, f.stage;
