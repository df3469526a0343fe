-- +goose Up
CREATE TABLE split_rules (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);
SELECT app.protect('split_rules', 'SELECT, INSERT, UPDATE');

-- A version never changes; orders carry the version they were made with.
CREATE TABLE split_rule_versions (
    tenant_id     uuid NOT NULL DEFAULT app.tenant_id(),
    id            uuid NOT NULL,
    split_rule_id uuid NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    max_split_bps integer NOT NULL CHECK (max_split_bps BETWEEN 0 AND 10000), -- Alipay's cap when it was published
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, split_rule_id, version),
    FOREIGN KEY (tenant_id, split_rule_id) REFERENCES split_rules
);
SELECT app.protect('split_rule_versions', 'SELECT, INSERT');

CREATE TABLE split_rule_parts (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    version_id  uuid NOT NULL,
    position    smallint NOT NULL CHECK (position BETWEEN 1 AND 5), -- alipay.trade.order.settle, sync: five receivers a request
    receiver    text NOT NULL CHECK (receiver IN ('platform', 'merchant')),
    merchant_id uuid,
    rate_bps    integer NOT NULL DEFAULT 0 CHECK (rate_bps BETWEEN 0 AND 10000),
    fixed_fen   bigint NOT NULL DEFAULT 0 CHECK (fixed_fen >= 0),
    floor_fen   bigint NOT NULL DEFAULT 0 CHECK (floor_fen >= 0),
    cap_fen     bigint NOT NULL DEFAULT 0 CHECK (cap_fen >= 0),
    PRIMARY KEY (tenant_id, version_id, position),
    FOREIGN KEY (tenant_id, version_id) REFERENCES split_rule_versions,
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES merchants,
    CHECK ((receiver = 'merchant') = (merchant_id IS NOT NULL))
);
SELECT app.protect('split_rule_parts', 'SELECT, INSERT');

CREATE TABLE products (
    tenant_id     uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id            uuid NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    price_fen     bigint NOT NULL CHECK (price_fen BETWEEN 1 AND 10000000000),
    supplier_id   uuid NOT NULL,
    merchant_of_record_id uuid NOT NULL,
    split_rule_id uuid NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, supplier_id) REFERENCES merchants,
    FOREIGN KEY (tenant_id, merchant_of_record_id) REFERENCES merchants,
    FOREIGN KEY (tenant_id, split_rule_id) REFERENCES split_rules
);
SELECT app.protect('products', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('products', 'supplier_id = (SELECT app.merchant_id()) OR merchant_of_record_id = (SELECT app.merchant_id())');

CREATE TABLE card_key_imports (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    id         uuid NOT NULL,
    product_id uuid NOT NULL,
    accepted   integer NOT NULL CHECK (accepted >= 0),
    duplicates integer NOT NULL CHECK (duplicates >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES products
);
CREATE INDEX card_key_imports_product ON card_key_imports (tenant_id, product_id);
SELECT app.protect('card_key_imports', 'SELECT, INSERT, UPDATE');

-- +goose Down
DROP TABLE card_key_imports, products, split_rule_parts, split_rule_versions, split_rules;
