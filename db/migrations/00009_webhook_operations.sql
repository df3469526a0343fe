-- +goose Up
-- A secret that is being changed signs beside the new one until its time is up. A deleted endpoint stays as the row
-- that its attempts refer to, without its secrets.
ALTER TABLE webhook_endpoints
    ADD COLUMN sealed_previous_secret bytea,
    ADD COLUMN previous_secret_until timestamptz,
    ADD COLUMN deleted_at timestamptz;
ALTER TABLE webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_previous_check
        CHECK ((sealed_previous_secret IS NULL) = (previous_secret_until IS NULL)),
    ADD CONSTRAINT webhook_endpoints_deleted_check CHECK (deleted_at IS NULL OR status = 'disabled');

-- What was sent and what came back. The body that was sent is the event's, the same at every attempt.
ALTER TABLE webhook_attempts
    ADD COLUMN url text NOT NULL DEFAULT '',
    ADD COLUMN request_headers jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN response_headers jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN response_body text NOT NULL DEFAULT '';
ALTER TABLE webhook_attempts
    ADD CONSTRAINT webhook_attempts_response_body_check CHECK (octet_length(response_body) <= 4096);

-- A test delivery is about the endpoint itself.
ALTER TABLE events DROP CONSTRAINT events_subject_type_check;
ALTER TABLE events ADD CONSTRAINT events_subject_type_check
    CHECK (subject_type IN ('order', 'refund', 'split', 'application', 'merchant', 'case', 'webhook_endpoint'))
    NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_subject_type_check;

-- +goose Down
-- Test events that there are stay: nobody reads across tenants, so nobody deletes across them.
ALTER TABLE events DROP CONSTRAINT events_subject_type_check;
ALTER TABLE events ADD CONSTRAINT events_subject_type_check
    CHECK (subject_type IN ('order', 'refund', 'split', 'application', 'merchant', 'case'))
    NOT VALID;
ALTER TABLE webhook_attempts
    DROP COLUMN response_body,
    DROP COLUMN response_headers,
    DROP COLUMN request_headers,
    DROP COLUMN url;
ALTER TABLE webhook_endpoints
    DROP COLUMN deleted_at,
    DROP COLUMN previous_secret_until,
    DROP COLUMN sealed_previous_secret;
