-- +goose Up
CREATE TABLE tenants (
    tenant_id  uuid PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    mode       text NOT NULL CHECK (mode IN ('sandbox', 'live')),
    status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closed')),
    created_at timestamptz NOT NULL DEFAULT now()
);
SELECT app.protect('tenants', 'SELECT, INSERT, UPDATE');

-- The directory lists tenants for sweeps and holds nothing that is anyone's: the one table without a wall.
CREATE TABLE tenant_directory (
    tenant_id  uuid PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT SELECT, INSERT ON tenant_directory TO %I', app.app_role()); END $$;
-- +goose StatementEnd

-- The tenant's data key, wrapped by the master key. Values are sealed with it.
CREATE TABLE tenant_data_keys (
    tenant_id  uuid PRIMARY KEY DEFAULT app.tenant_id() REFERENCES tenants,
    wrapped    bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
SELECT app.protect('tenant_data_keys', 'SELECT, INSERT, UPDATE');

CREATE TABLE alipay_connections (
    tenant_id           uuid PRIMARY KEY DEFAULT app.tenant_id() REFERENCES tenants,
    version             bigint NOT NULL DEFAULT 1, -- grows with every change of credentials; clients are cached by it
    gateway_url         text NOT NULL,
    app_id              text NOT NULL,
    pid                 text NOT NULL,
    sealed_private_key  bytea NOT NULL,
    alipay_public_key   text NOT NULL DEFAULT '',
    app_certificate     text NOT NULL DEFAULT '',
    alipay_certificate  text NOT NULL DEFAULT '',
    root_certificate    text NOT NULL DEFAULT '',
    sealed_app_auth_token bytea,
    max_split_bps       integer CHECK (max_split_bps BETWEEN 0 AND 10000), -- last answer of royalty.rate.query
    max_split_read_at   timestamptz,
    updated_at          timestamptz NOT NULL DEFAULT now()
);
SELECT app.protect('alipay_connections', 'SELECT, INSERT, UPDATE');

CREATE TABLE merchants (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id          uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('distributor', 'supplier')),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    contact     text NOT NULL DEFAULT '',
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'suspended')),
    smid        text CHECK (smid ~ '^[0-9]{16}$'),
    -- where splits to this merchant go: an Alipay account, bound as a royalty receiver before the first split
    receiver_type    text CHECK (receiver_type IN ('userId', 'loginName')),
    receiver_account text,
    receiver_bound_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, smid),
    CHECK (status <> 'active' OR smid IS NOT NULL),
    CHECK ((receiver_type IS NULL) = (receiver_account IS NULL))
);
SELECT app.protect('merchants', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('merchants', 'id = (SELECT app.merchant_id())');

CREATE TABLE members (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id          uuid NOT NULL,
    email       text NOT NULL CHECK (length(email) <= 254),
    name        text NOT NULL DEFAULT '',
    role        text NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'risk', 'support', 'developer', 'distributor', 'supplier')),
    merchant_id uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email),
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES merchants,
    CHECK ((role IN ('distributor', 'supplier')) = (merchant_id IS NOT NULL))
);
SELECT app.protect('members', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('members', 'merchant_id = (SELECT app.merchant_id())');

CREATE TABLE api_keys (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    role        text NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'risk', 'support', 'developer', 'distributor', 'supplier')),
    merchant_id uuid,
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    last4       text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, secret_hash),
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES merchants,
    CHECK ((role IN ('distributor', 'supplier')) = (merchant_id IS NOT NULL))
);
SELECT app.protect('api_keys', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('api_keys', 'merchant_id = (SELECT app.merchant_id())');

CREATE TABLE idempotency_keys (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    caller_id    uuid NOT NULL, -- the API key that sent it
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    operation    text NOT NULL,
    request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
    resource_id  uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, caller_id, key)
);
SELECT app.protect('idempotency_keys', 'SELECT, INSERT, DELETE');

CREATE TABLE audit_log (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    id           uuid NOT NULL,
    actor_kind   text NOT NULL CHECK (actor_kind IN ('api_key', 'member', 'buyer', 'system')),
    actor_id     text NOT NULL,
    action       text NOT NULL, -- the operationId, or the job's kind
    subject_type text NOT NULL,
    subject_id   uuid NOT NULL,
    detail       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT app.protect('audit_log', 'SELECT, INSERT');

-- +goose Down
DROP TABLE audit_log, idempotency_keys, api_keys, members, merchants, alipay_connections, tenant_data_keys, tenant_directory, tenants;
