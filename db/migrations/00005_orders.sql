-- +goose Up
CREATE TABLE orders (
    tenant_id             uuid NOT NULL DEFAULT app.tenant_id(),
    id                    uuid NOT NULL,
    status                text NOT NULL CHECK (status IN ('awaiting_payment', 'paid', 'delivered', 'closed', 'refunded', 'needs_review')),
    total_fen             bigint NOT NULL CHECK (total_fen BETWEEN 1 AND 10000000000),
    refunded_fen          bigint NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND total_fen),
    merchant_of_record_id uuid NOT NULL,
    split_rule_version_id uuid NOT NULL,
    reference             text NOT NULL DEFAULT '' CHECK (length(reference) <= 64), -- the integrator's own number
    buyer_contact         text NOT NULL DEFAULT '' CHECK (length(buyer_contact) <= 128),
    checkout_secret       bytea NOT NULL CHECK (length(checkout_secret) = 16), -- half of the checkout address; unguessable
    expires_at            timestamptz NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    paid_at               timestamptz,
    delivered_at          timestamptz,
    closed_at             timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, merchant_of_record_id) REFERENCES merchants,
    FOREIGN KEY (tenant_id, split_rule_version_id) REFERENCES split_rule_versions,
    CHECK (status NOT IN ('paid', 'delivered', 'refunded') OR paid_at IS NOT NULL),
    CHECK (status <> 'delivered' OR delivered_at IS NOT NULL)
);
CREATE INDEX orders_reference ON orders (tenant_id, reference, id) WHERE reference <> '';
SELECT app.protect('orders', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('orders', 'merchant_of_record_id = (SELECT app.merchant_id())');

CREATE TABLE order_items (
    tenant_id      uuid NOT NULL DEFAULT app.tenant_id(),
    order_id       uuid NOT NULL,
    position       smallint NOT NULL CHECK (position BETWEEN 1 AND 20),
    product_id     uuid NOT NULL,
    product_name   text NOT NULL,
    quantity       integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    unit_price_fen bigint NOT NULL CHECK (unit_price_fen > 0),
    amount_fen     bigint NOT NULL,
    PRIMARY KEY (tenant_id, order_id, position),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
    FOREIGN KEY (tenant_id, product_id) REFERENCES products,
    CHECK (amount_fen = quantity * unit_price_fen)
);
SELECT app.protect('order_items', 'SELECT, INSERT');

CREATE TABLE card_keys (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    id           uuid NOT NULL,
    product_id   uuid NOT NULL,
    import_id    uuid NOT NULL,
    status       text NOT NULL DEFAULT 'available' CHECK (status IN ('available', 'reserved', 'delivered', 'void')),
    fingerprint  bytea NOT NULL CHECK (length(fingerprint) = 16), -- keyed HMAC of the key: finds duplicates without the plaintext
    sealed_key   bytea NOT NULL,
    order_id     uuid,
    delivered_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, product_id, fingerprint),
    FOREIGN KEY (tenant_id, product_id) REFERENCES products,
    FOREIGN KEY (tenant_id, import_id) REFERENCES card_key_imports,
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
    CHECK ((status = 'available') = (order_id IS NULL) OR status = 'void'),
    CHECK (status <> 'delivered' OR delivered_at IS NOT NULL)
);
CREATE INDEX card_keys_available ON card_keys (tenant_id, product_id, id) WHERE status = 'available';
CREATE INDEX card_keys_held ON card_keys (tenant_id, product_id, status) WHERE status IN ('reserved', 'void'); -- few at any time: counting stock never reads what was sold
CREATE INDEX card_keys_order ON card_keys (tenant_id, order_id) WHERE order_id IS NOT NULL;
SELECT app.protect('card_keys', 'SELECT, INSERT, UPDATE');

-- A payment's id in hex is its out_trade_no: 32 characters, found by the primary key.
CREATE TABLE payments (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    id           uuid NOT NULL,
    order_id     uuid NOT NULL,
    channel      text NOT NULL CHECK (channel IN ('qr', 'page')),
    status       text NOT NULL CHECK (status IN ('created', 'pending', 'paid', 'closed', 'refunded')),
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    refunded_fen bigint NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND amount_fen),
    app_id       text NOT NULL, -- the Alipay app and secondary merchant it was asked with; a notification must name the same
    pid          text NOT NULL,
    smid         text NOT NULL,
    pay_url      text NOT NULL DEFAULT '', -- content of the QR code, or the address of the cashier
    trade_no     text,
    buyer_id     text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    paid_at      timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
    CHECK (status NOT IN ('paid', 'refunded') OR (paid_at IS NOT NULL AND trade_no IS NOT NULL))
);
CREATE INDEX payments_order ON payments (tenant_id, order_id);
SELECT app.protect('payments', 'SELECT, INSERT, UPDATE');

-- What Alipay sent. The raw text is kept when it was not simply applied.
CREATE TABLE notifications (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    id           uuid NOT NULL,
    notify_id    text,
    kind         text NOT NULL CHECK (kind IN ('trade', 'message')),
    subject      text NOT NULL DEFAULT '', -- out_trade_no, or the message's name
    state        text NOT NULL DEFAULT '', -- trade_status
    verdict      text NOT NULL CHECK (verdict IN ('applied', 'ignored', 'review', 'refused', 'failed')),
    reason       text NOT NULL DEFAULT '',
    raw          bytea,
    received_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX notifications_notify_id ON notifications (tenant_id, notify_id) WHERE notify_id IS NOT NULL AND verdict IN ('applied', 'ignored', 'review');
SELECT app.protect('notifications', 'SELECT, INSERT');

CREATE TABLE cases (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    id         uuid NOT NULL,
    kind       text NOT NULL,
    status     text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    order_id   uuid,
    payment_id uuid,
    detail     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX cases_one_open ON cases (tenant_id, kind, payment_id) WHERE status = 'open' AND payment_id IS NOT NULL;
SELECT app.protect('cases', 'SELECT, INSERT, UPDATE');

-- +goose Down
DROP TABLE cases, notifications, payments, card_keys, order_items, orders;
