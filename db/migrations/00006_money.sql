-- +goose Up
-- The book. A posting moves an amount from one account to another, so every transaction sums to zero by construction. Append-only: the application may
-- insert and read.
CREATE TABLE ledger_postings (
    tenant_id       uuid NOT NULL DEFAULT app.tenant_id(),
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('payment', 'settlement', 'split', 'release', 'split_return', 'refund')),
    order_id        uuid NOT NULL,
    source_id       uuid NOT NULL, -- the payment, settlement, split or refund that caused it
    from_account    text NOT NULL CHECK (from_account IN ('buyer', 'unsettled', 'frozen', 'settled', 'commission')),
    from_merchant_id uuid,
    to_account      text NOT NULL CHECK (to_account IN ('buyer', 'unsettled', 'frozen', 'settled', 'commission')),
    to_merchant_id  uuid,
    amount_fen      bigint NOT NULL CHECK (amount_fen > 0),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    -- one merchant's accounts name the merchant; the buyer's and the platform's do not
    CHECK ((from_account IN ('unsettled', 'frozen', 'settled')) = (from_merchant_id IS NOT NULL)),
    CHECK ((to_account IN ('unsettled', 'frozen', 'settled')) = (to_merchant_id IS NOT NULL)),
    CHECK ((from_account, from_merchant_id) IS DISTINCT FROM (to_account, to_merchant_id))
);
CREATE INDEX ledger_postings_order ON ledger_postings (tenant_id, order_id);
SELECT app.protect('ledger_postings', 'SELECT, INSERT');
SELECT app.narrow('ledger_postings', 'from_merchant_id = (SELECT app.merchant_id()) OR to_merchant_id = (SELECT app.merchant_id())');

-- Each posting seen from both sides.
CREATE VIEW ledger_entries WITH (security_invoker = true) AS
    SELECT tenant_id, id AS posting_id, kind, order_id, source_id, from_account AS account, from_merchant_id AS merchant_id, -amount_fen AS amount_fen, created_at FROM ledger_postings
    UNION ALL
    SELECT tenant_id, id, kind, order_id, source_id, to_account, to_merchant_id, amount_fen, created_at FROM ledger_postings;
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT SELECT ON ledger_entries TO %I', app.app_role()); END $$;
-- +goose StatementEnd

-- The release of a payment's money to its merchant of record.
CREATE TABLE settlements (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    id          uuid NOT NULL, -- hex form: out_request_no of alipay.trade.settle.confirm
    payment_id  uuid NOT NULL,
    order_id    uuid NOT NULL,
    amount_fen  bigint NOT NULL CHECK (amount_fen > 0),
    royalty_freeze boolean NOT NULL,
    status      text NOT NULL CHECK (status IN ('pending', 'done', 'refused')),
    reason      text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, payment_id),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES payments
);
SELECT app.protect('settlements', 'SELECT, INSERT, UPDATE');

CREATE TABLE splits (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    id          uuid NOT NULL, -- hex form: out_request_no of alipay.trade.order.settle
    request_no  text NOT NULL DEFAULT '' CHECK (length(request_no) <= 32), -- out_request_no of a later attempt, after Alipay had refused the one before
    payment_id  uuid NOT NULL,
    order_id    uuid NOT NULL,
    status      text NOT NULL CHECK (status IN ('pending', 'completed', 'refused', 'canceled')),
    settle_no   text NOT NULL DEFAULT '',
    reason      text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, payment_id),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES payments
);
SELECT app.protect('splits', 'SELECT, INSERT, UPDATE');

CREATE TABLE split_parts (
    tenant_id        uuid NOT NULL DEFAULT app.tenant_id(),
    split_id         uuid NOT NULL,
    position         smallint NOT NULL CHECK (position BETWEEN 1 AND 5),
    receiver         text NOT NULL CHECK (receiver IN ('platform', 'merchant')),
    merchant_id      uuid,
    receiver_type    text NOT NULL CHECK (receiver_type IN ('userId', 'loginName')),
    receiver_account text NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    returned_fen     bigint NOT NULL DEFAULT 0 CHECK (returned_fen BETWEEN 0 AND amount_fen),
    PRIMARY KEY (tenant_id, split_id, position),
    FOREIGN KEY (tenant_id, split_id) REFERENCES splits,
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES merchants,
    CHECK ((receiver = 'merchant') = (merchant_id IS NOT NULL))
);
SELECT app.protect('split_parts', 'SELECT, INSERT, UPDATE');

CREATE TABLE refunds (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    id          uuid NOT NULL, -- hex form: out_request_no of alipay.trade.refund
    order_id    uuid NOT NULL,
    payment_id  uuid NOT NULL,
    amount_fen  bigint NOT NULL CHECK (amount_fen > 0),
    status      text NOT NULL CHECK (status IN ('pending', 'succeeded', 'refused')),
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 256), -- why, in the operator's words
    failure     text NOT NULL DEFAULT '',                               -- why not, in Alipay's words
    created_at  timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
    FOREIGN KEY (tenant_id, payment_id) REFERENCES payments
);
CREATE UNIQUE INDEX refunds_one_pending ON refunds (tenant_id, order_id) WHERE status = 'pending';
CREATE INDEX refunds_order ON refunds (tenant_id, order_id);
SELECT app.protect('refunds', 'SELECT, INSERT, UPDATE');

-- The refund plan: who gives back how much of what was split.
CREATE TABLE refund_parts (
    tenant_id     uuid NOT NULL DEFAULT app.tenant_id(),
    refund_id     uuid NOT NULL,
    split_id      uuid NOT NULL,
    position      smallint NOT NULL,
    amount_fen    bigint NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (tenant_id, refund_id, position),
    FOREIGN KEY (tenant_id, refund_id) REFERENCES refunds,
    FOREIGN KEY (tenant_id, split_id, position) REFERENCES split_parts
);
SELECT app.protect('refund_parts', 'SELECT, INSERT');

-- +goose Down
DROP VIEW ledger_entries;
DROP TABLE refund_parts, refunds, split_parts, splits, settlements, ledger_postings;
