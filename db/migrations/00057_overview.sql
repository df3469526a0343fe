-- +goose Up
-- Figures of a platform, summed by hour and by day of China, for the whole of it and for each merchant of record, for
-- all products and for each (decision 0047). The zero identifier stands for all.
CREATE TABLE overview_figures (
    tenant_id      uuid NOT NULL DEFAULT app.tenant_id(),
    span           text NOT NULL,
    began_at       timestamptz NOT NULL,
    merchant_id    uuid NOT NULL,
    product_id     uuid NOT NULL,
    created        bigint NOT NULL DEFAULT 0,
    paid           bigint NOT NULL DEFAULT 0,
    delivered      bigint NOT NULL DEFAULT 0,
    closed         bigint NOT NULL DEFAULT 0,
    refunds        bigint NOT NULL DEFAULT 0,
    won_paid       bigint NOT NULL DEFAULT 0, -- of the orders that were created then, how many were paid since
    won_delivered  bigint NOT NULL DEFAULT 0,
    won_split      bigint NOT NULL DEFAULT 0,
    turnover_fen   bigint NOT NULL DEFAULT 0,
    refunded_fen   bigint NOT NULL DEFAULT 0,
    settled_fen    bigint NOT NULL DEFAULT 0,
    commission_fen bigint NOT NULL DEFAULT 0,
    others_fen     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, span, merchant_id, product_id, began_at)
);
ALTER TABLE overview_figures ADD CONSTRAINT overview_figures_span_check CHECK (
    span IN (
        'hour',
        'day'
    )
);
CREATE INDEX overview_figures_began ON overview_figures (tenant_id, span, began_at);
SELECT app.protect('overview_figures', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('overview_figures', 'merchant_id = app.merchant_id()');

-- Where the money is, by merchant: of record, or of stage others the one that has the part.
CREATE TABLE overview_stages (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    merchant_id uuid NOT NULL,
    stage       text NOT NULL,
    amount_fen  bigint NOT NULL,
    PRIMARY KEY (tenant_id, merchant_id, stage)
);
ALTER TABLE overview_stages ADD CONSTRAINT overview_stages_stage_check CHECK (
    stage IN (
        'unsettled',
        'frozen',
        'settled',
        'commission',
        'others'
    )
);
SELECT app.protect('overview_stages', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('overview_stages', 'merchant_id = app.merchant_id()');

-- How far a platform's facts are in its figures. Whoever sums the next ones locks it.
CREATE TABLE overview_heads (
    tenant_id    uuid PRIMARY KEY DEFAULT app.tenant_id() REFERENCES tenants,
    passed       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the last fact that is in them
    rolled_until timestamptz -- what was recorded before this moment is in them; null: never summed
);
SELECT app.protect('overview_heads', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('overview_heads', 'false');

-- What the figures are made of, each with what it adds where. An order counts in the hour in which it was created, paid,
-- delivered or closed; and, once it is paid, delivered or split, in the hour in which it was created. Without parts
-- nothing is split: an order is through when its money is settled.
--
-- Events and postings are summed as they come (origins event and book). What an event told stands in the state of the
-- order, the split or the refund, too, and stays when the event is deleted: from states and postings the figures are
-- made anew. A state has no identifier to go on after.
CREATE VIEW overview_facts WITH (security_invoker = true) AS
SELECT
    'event' AS origin,
    e.tenant_id,
    e.id,
    o.id AS order_id,
    o.merchant_of_record_id AS merchant_id,
    CASE
        WHEN e.type = 'order.created' THEN o.created_at
        WHEN e.type = 'order.delivered' THEN coalesce(o.delivered_at, e.created_at)
        ELSE coalesce(o.closed_at, e.created_at)
    END AS happened_at,
    (e.type = 'order.created')::integer AS created,
    0 AS paid,
    (e.type = 'order.delivered')::integer AS delivered,
    (e.type = 'order.closed')::integer AS closed,
    0 AS refunds,
    0 AS won_paid,
    0 AS won_delivered,
    0 AS won_split,
    0::bigint AS turnover_fen,
    0::bigint AS refunded_fen,
    0::bigint AS settled_fen,
    0::bigint AS commission_fen,
    0::bigint AS others_fen
FROM events e
JOIN orders o ON o.tenant_id = e.tenant_id AND o.id = e.subject_id
WHERE e.type IN ('order.created', 'order.delivered', 'order.closed')
UNION ALL
SELECT
    'event',
    e.tenant_id,
    e.id,
    o.id,
    o.merchant_of_record_id,
    o.created_at,
    0, 0, 0, 0, 0, 0, 1, 0,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM events e
JOIN orders o ON o.tenant_id = e.tenant_id AND o.id = e.subject_id
WHERE e.type = 'order.delivered'
UNION ALL
SELECT
    'event',
    e.tenant_id,
    e.id,
    o.id,
    o.merchant_of_record_id,
    o.created_at,
    0, 0, 0, 0, 0, 0, 0, 1,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM events e
JOIN splits s ON s.tenant_id = e.tenant_id AND s.id = e.subject_id
JOIN orders o ON o.tenant_id = e.tenant_id AND o.id = s.order_id
WHERE e.type = 'split.completed'
UNION ALL
SELECT
    'event',
    e.tenant_id,
    e.id,
    o.id,
    o.merchant_of_record_id,
    coalesce(r.done_at, e.created_at),
    0, 0, 0, 0, 1, 0, 0, 0,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM events e
JOIN refunds r ON r.tenant_id = e.tenant_id AND r.id = e.subject_id
JOIN orders o ON o.tenant_id = e.tenant_id AND o.id = r.order_id
WHERE e.type = 'refund.succeeded'
UNION ALL
SELECT
    'state',
    o.tenant_id,
    NULL::uuid,
    o.id,
    o.merchant_of_record_id,
    o.created_at,
    1, 0, 0, 0, 0, 0, (o.delivered_at IS NOT NULL)::integer, 0,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM orders o
UNION ALL
SELECT
    'state',
    o.tenant_id,
    NULL::uuid,
    o.id,
    o.merchant_of_record_id,
    o.delivered_at,
    0, 0, 1, 0, 0, 0, 0, 0,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM orders o
WHERE o.delivered_at IS NOT NULL
UNION ALL
SELECT
    'state',
    o.tenant_id,
    NULL::uuid,
    o.id,
    o.merchant_of_record_id,
    o.closed_at,
    0, 0, 0, 1, 0, 0, 0, 0,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM orders o
WHERE o.closed_at IS NOT NULL
UNION ALL
SELECT
    'state',
    s.tenant_id,
    NULL::uuid,
    o.id,
    o.merchant_of_record_id,
    o.created_at,
    0, 0, 0, 0, 0, 0, 0, 1,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM splits s
JOIN orders o ON o.tenant_id = s.tenant_id AND o.id = s.order_id
WHERE s.status = 'completed'
UNION ALL
SELECT
    'state',
    r.tenant_id,
    NULL::uuid,
    o.id,
    o.merchant_of_record_id,
    r.done_at,
    0, 0, 0, 0, 1, 0, 0, 0,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM refunds r
JOIN orders o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
WHERE r.status = 'succeeded' AND r.done_at IS NOT NULL
UNION ALL
SELECT
    'book',
    p.tenant_id,
    p.id,
    o.id,
    o.merchant_of_record_id,
    o.created_at,
    0, 0, 0, 0, 0, (p.kind = 'payment')::integer, 0, (p.kind = 'settlement')::integer,
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM ledger_postings p
JOIN orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id
WHERE p.kind = 'payment' OR p.kind = 'settlement' AND p.to_account = 'settled'
UNION ALL
SELECT
    'book',
    p.tenant_id,
    p.id,
    p.order_id,
    CASE WHEN p.kind IN ('payment', 'split_return') THEN p.to_merchant_id ELSE p.from_merchant_id END,
    p.created_at,
    0, (p.kind = 'payment')::integer, 0, 0, 0, 0, 0, 0,
    CASE WHEN p.kind = 'payment' THEN p.amount_fen ELSE 0 END,
    CASE WHEN p.kind = 'refund' THEN p.amount_fen ELSE 0 END,
    CASE WHEN p.kind IN ('settlement', 'release') AND p.to_account = 'settled' THEN p.amount_fen ELSE 0 END,
    CASE
        WHEN p.kind = 'split' AND p.to_account = 'commission' THEN p.amount_fen
        WHEN p.kind = 'split_return' AND p.from_account = 'commission' THEN -p.amount_fen
        ELSE 0
    END,
    CASE
        WHEN p.kind = 'split' AND p.to_account = 'settled' THEN p.amount_fen
        WHEN p.kind = 'split_return' AND p.from_account = 'settled' THEN -p.amount_fen
        ELSE 0
    END
FROM ledger_postings p;

-- The facts by product. An order of several products counts once with each, and its money is divided by what each
-- costs, so that the parts add up to the whole.
CREATE VIEW overview_product_facts WITH (security_invoker = true) AS
SELECT
    f.origin,
    f.tenant_id,
    f.id,
    f.merchant_id,
    i.product_id,
    f.happened_at,
    f.created * s.once AS created,
    f.paid * s.once AS paid,
    f.delivered * s.once AS delivered,
    f.closed * s.once AS closed,
    f.refunds * s.once AS refunds,
    f.won_paid * s.once AS won_paid,
    f.won_delivered * s.once AS won_delivered,
    f.won_split * s.once AS won_split,
    (div(f.turnover_fen * s.upto, s.whole) - div(f.turnover_fen * s.before, s.whole))::bigint AS turnover_fen,
    (div(f.refunded_fen * s.upto, s.whole) - div(f.refunded_fen * s.before, s.whole))::bigint AS refunded_fen,
    (div(f.settled_fen * s.upto, s.whole) - div(f.settled_fen * s.before, s.whole))::bigint AS settled_fen,
    (div(f.commission_fen * s.upto, s.whole) - div(f.commission_fen * s.before, s.whole))::bigint AS commission_fen,
    (div(f.others_fen * s.upto, s.whole) - div(f.others_fen * s.before, s.whole))::bigint AS others_fen
FROM overview_facts f
JOIN order_items i ON i.tenant_id = f.tenant_id AND i.order_id = f.order_id
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(x.amount_fen) FILTER (WHERE x.position <= i.position), 0)::numeric AS upto,
        coalesce(sum(x.amount_fen) FILTER (WHERE x.position < i.position), 0)::numeric AS before,
        sum(x.amount_fen)::numeric AS whole,
        (count(*) FILTER (WHERE x.product_id = i.product_id AND x.position < i.position) = 0)::integer AS once
    FROM order_items x
    WHERE x.tenant_id = f.tenant_id AND x.order_id = f.order_id
) s;

-- What each posting moves between the stages of the money.
CREATE VIEW overview_moves WITH (security_invoker = true) AS
SELECT
    p.tenant_id,
    p.id,
    coalesce(p.from_merchant_id, p.to_merchant_id) AS merchant_id,
    CASE WHEN p.kind = 'split_return' AND p.from_account = 'settled' THEN 'others' ELSE p.from_account END AS stage,
    -p.amount_fen AS amount_fen
FROM ledger_postings p
WHERE p.from_account <> 'buyer'
UNION ALL
SELECT
    p.tenant_id,
    p.id,
    coalesce(p.to_merchant_id, p.from_merchant_id),
    CASE WHEN p.kind = 'split' AND p.to_account = 'settled' THEN 'others' ELSE p.to_account END,
    p.amount_fen
FROM ledger_postings p
WHERE p.to_account <> 'buyer';

-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE format('GRANT SELECT ON overview_facts, overview_product_facts, overview_moves TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- What waits for somebody is found by its state: hardly a row.
CREATE INDEX cases_open ON cases (tenant_id, kind, created_at) WHERE status = 'open';
CREATE INDEX splits_refused ON splits (tenant_id, payment_id) WHERE status = 'refused';
CREATE INDEX applications_rejected ON applications (tenant_id, merchant_id, id) WHERE status = 'rejected';

-- +goose Down
DROP INDEX applications_rejected, splits_refused, cases_open;
DROP VIEW overview_moves, overview_product_facts, overview_facts;
DROP TABLE overview_heads, overview_stages, overview_figures;
