-- +goose Up
-- A sandbox and the live tenant beside it know each other by their identifiers. They share nothing else: no foreign key
-- crosses the wall between two tenants.
ALTER TABLE tenants ADD COLUMN twin_id uuid;
ALTER TABLE tenants ADD CONSTRAINT tenants_twin_check CHECK (twin_id <> tenant_id) NOT VALID;

-- What the last examination of the connection found; null: it was not examined since the credentials were given.
ALTER TABLE alipay_connections
    ADD COLUMN checked_at timestamptz,
    ADD COLUMN check_errors integer;
ALTER TABLE alipay_connections ADD CONSTRAINT alipay_connections_check_errors_check CHECK (check_errors >= 0) NOT VALID;

-- +goose Down
ALTER TABLE alipay_connections DROP COLUMN checked_at, DROP COLUMN check_errors;
ALTER TABLE tenants DROP COLUMN twin_id;
