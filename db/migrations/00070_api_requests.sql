-- +goose Up
-- Requests to the API as support and developers look for them: what was asked, by whom, and how it was answered. A body
-- has only what the contract says is neither personal nor secret nor anybody's own words.
CREATE TABLE api_requests (
    tenant_id      uuid NOT NULL DEFAULT app.tenant_id(),
    id             uuid NOT NULL,                                    -- Request-Id: it has the time in it
    operation      text NOT NULL CHECK (length(operation) BETWEEN 1 AND 60),
    method         text NOT NULL CHECK (length(method) <= 10),
    path           text NOT NULL CHECK (length(path) <= 200),
    status         integer NOT NULL CHECK (status BETWEEN 100 AND 599),
    code           text NOT NULL CHECK (length(code) <= 60),         -- of the problem; empty: there was none
    duration_us    bigint NOT NULL CHECK (duration_us >= 0),
    actor_id       text NOT NULL CHECK (length(actor_id) <= 40),     -- the key, or the member of the session
    client_address text NOT NULL CHECK (length(client_address) <= 60),
    replayed       boolean NOT NULL,                                 -- an earlier request had been answered
    body           jsonb CHECK (length(body::text) <= 8192),
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX api_requests_failed ON api_requests (tenant_id, id) WHERE status >= 400;
SELECT app.protect('api_requests', 'SELECT, INSERT, DELETE');
SELECT app.narrow('api_requests', 'false');

-- +goose Down
DROP TABLE api_requests;
