-- +goose Up
CREATE TABLE events (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    id           uuid NOT NULL,
    type         text NOT NULL,
    subject_type text NOT NULL CHECK (subject_type IN ('order', 'refund', 'split', 'application', 'merchant', 'case')),
    subject_id   uuid NOT NULL,
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT app.protect('events', 'SELECT, INSERT');

CREATE TABLE webhook_endpoints (
    tenant_id     uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id            uuid NOT NULL,
    url           text NOT NULL CHECK (length(url) <= 2048),
    event_types   text[] NOT NULL DEFAULT '{}', -- empty: all
    status        text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled')),
    sealed_secret bytea NOT NULL,
    failing_since timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
SELECT app.protect('webhook_endpoints', 'SELECT, INSERT, UPDATE');

-- Every attempt to deliver an event to an endpoint.
CREATE TABLE webhook_attempts (
    tenant_id       uuid NOT NULL DEFAULT app.tenant_id(),
    id              uuid NOT NULL,
    endpoint_id     uuid NOT NULL,
    event_id        uuid NOT NULL,
    attempt         smallint NOT NULL,
    response_status smallint, -- null: no answer
    error           text NOT NULL DEFAULT '',
    duration_ms     integer NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints,
    FOREIGN KEY (tenant_id, event_id) REFERENCES events
);
CREATE INDEX webhook_attempts_endpoint ON webhook_attempts (tenant_id, endpoint_id, id);
SELECT app.protect('webhook_attempts', 'SELECT, INSERT');

-- +goose Down
DROP TABLE webhook_attempts, webhook_endpoints, events;
