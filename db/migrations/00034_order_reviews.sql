-- +goose Up
-- What people decided about orders whose payment is not what was asked for. A decision to accept is asked for by one
-- person and confirmed by another.
CREATE TABLE order_reviews (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    id          uuid NOT NULL,
    order_id    uuid NOT NULL,
    decision    text NOT NULL,
    status      text NOT NULL,
    amount_fen  bigint NOT NULL CHECK (amount_fen >= 0), -- what Alipay had for the order when it was decided
    trade_no    text NOT NULL DEFAULT '',
    note        text NOT NULL CHECK (length(note) <= 256),
    asked_by    text NOT NULL,                           -- as the audit log names them
    asked_by_id uuid NOT NULL,                           -- the key, or the member of the session
    asked_at    timestamptz NOT NULL DEFAULT now(),
    ended_by    text NOT NULL DEFAULT '',
    ended_at    timestamptz,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE order_reviews ADD CONSTRAINT order_reviews_decision_check CHECK (
    decision IN (
        'refund',
        'accept',
        'release'
    )
);
ALTER TABLE order_reviews ADD CONSTRAINT order_reviews_status_check CHECK (
    status IN (
        'asked',
        'confirmed',
        'withdrawn'
    )
);
ALTER TABLE order_reviews ADD CONSTRAINT order_reviews_ended_check CHECK ((status = 'asked') = (ended_at IS NULL));
SELECT app.protect('order_reviews', 'SELECT, INSERT, UPDATE');
ALTER TABLE order_reviews ADD FOREIGN KEY (tenant_id, order_id) REFERENCES orders NOT VALID;
CREATE UNIQUE INDEX order_reviews_one_asked ON order_reviews (tenant_id, order_id) WHERE status = 'asked';
CREATE INDEX order_reviews_order ON order_reviews (tenant_id, order_id, id);

-- What came may be more than the order's amount, and all of it goes back. What may be given back at most, payments hold.
ALTER TABLE orders DROP CONSTRAINT orders_check;
ALTER TABLE orders ADD CONSTRAINT orders_refunded_check CHECK (refunded_fen >= 0) NOT VALID;

-- +goose Down
ALTER TABLE orders DROP CONSTRAINT orders_refunded_check;
ALTER TABLE orders ADD CONSTRAINT orders_check CHECK (refunded_fen BETWEEN 0 AND total_fen) NOT VALID;
DROP TABLE order_reviews;
