-- +goose Up
-- An invitation makes a person a member of the tenant. The secret of its link is kept as a hash only.
CREATE TABLE invitations (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id          uuid NOT NULL,
    email       text NOT NULL CHECK (length(email) <= 254),
    name        text NOT NULL DEFAULT '' CHECK (length(name) <= 80),
    role        text NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'risk', 'support', 'developer',
                                              'storefront', 'distributor', 'supplier')),
    merchant_id uuid,
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    created_by  text NOT NULL CHECK (length(created_by) <= 64), -- as audit_log.actor_id names callers
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, secret_hash),
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES merchants,
    CHECK ((role IN ('distributor', 'supplier')) = (merchant_id IS NOT NULL))
);
SELECT app.protect('invitations', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('invitations', 'merchant_id = app.merchant_id()');

-- +goose Down
DROP TABLE invitations;
