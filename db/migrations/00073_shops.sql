-- +goose Up
-- How a platform looks to buyers. A platform without a row looks as the product does.
CREATE TABLE shops (
    tenant_id       uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    name            text NOT NULL DEFAULT '' CHECK (length(name) <= 40),             -- empty: the platform's
    accent          text NOT NULL DEFAULT '' CHECK (accent ~ '^(#[0-9a-f]{6})?$'),   -- as it was chosen
    notice          text NOT NULL DEFAULT '' CHECK (length(notice) <= 300),
    service_hours   text NOT NULL DEFAULT '' CHECK (length(service_hours) <= 80),
    service_contact text NOT NULL DEFAULT '' CHECK (length(service_contact) <= 120),
    logo            bytea CHECK (length(logo) <= 524288),                            -- PNG, encoded by the program
    logo_digest     text NOT NULL DEFAULT '' CHECK (logo_digest ~ '^([0-9a-f]{32})?$'), -- in its address
    version         bigint NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id),
    CHECK ((logo IS NULL) = (logo_digest = ''))
);
SELECT app.protect('shops', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('shops', 'false');

-- +goose Down
DROP TABLE shops;
