-- +goose Up
-- An Idempotency-Key belongs to the tenant, not to the caller that sent it: a platform that rotates its API key, or has a
-- server with each, retries safely. Of keys that two callers used alike the first stays. The wall is taken down for the
-- table's owner meanwhile; the application sees no row of another tenant at any moment.
ALTER TABLE idempotency_keys NO FORCE ROW LEVEL SECURITY;
DELETE FROM idempotency_keys k USING idempotency_keys f
WHERE f.tenant_id = k.tenant_id AND f.key = k.key AND (f.created_at, f.caller_id) < (k.created_at, k.caller_id);
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, key);
ALTER TABLE idempotency_keys
    ADD COLUMN caller_kind text NOT NULL DEFAULT 'api_key',
    ADD COLUMN moves_money boolean NOT NULL DEFAULT false, -- kept for longer
    ADD COLUMN running_until timestamptz, -- the request is being answered, at most until then
    ADD COLUMN sealed_answer bytea; -- what cannot be read again: a whole answer, or the secret in it
ALTER TABLE idempotency_keys
    ADD CONSTRAINT idempotency_keys_caller_kind_check CHECK (caller_kind IN ('api_key', 'session'));
UPDATE idempotency_keys SET moves_money = true WHERE operation IN ('createOrder', 'createRefund');
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
-- What is forgotten soon is found by the first, and costs an order nothing; orders, which are many, by their age on disk.
CREATE INDEX idempotency_keys_short ON idempotency_keys (tenant_id, created_at) WHERE NOT moves_money;
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (tenant_id, created_at);
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('GRANT UPDATE (resource_id, running_until, sealed_answer) ON idempotency_keys TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE (resource_id, running_until, sealed_answer) ON idempotency_keys FROM %I', app.app_role());
END $$;
-- +goose StatementEnd
DROP INDEX idempotency_keys_age, idempotency_keys_short;
ALTER TABLE idempotency_keys
    DROP COLUMN sealed_answer,
    DROP COLUMN running_until,
    DROP COLUMN moves_money,
    DROP COLUMN caller_kind;
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, caller_id, key);
