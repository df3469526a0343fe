-- +goose Up
-- Who made a key, as the audit log names them: of two keys that one person made neither is a second person's. The audit
-- log has said so far; its rows end, and a key does not.
ALTER TABLE api_keys ADD COLUMN created_by text NOT NULL DEFAULT ''; -- empty: the sign-up, or the operator
ALTER TABLE api_keys ADD CONSTRAINT api_keys_created_by_check CHECK (length(created_by) <= 64);
-- +goose StatementBegin
DO $$
DECLARE t uuid;
BEGIN
    FOR t IN SELECT tenant_id FROM tenant_directory LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE api_keys k SET created_by = l.actor_id
        FROM audit_log l
        WHERE k.tenant_id = t AND l.tenant_id = t AND l.action = 'createAPIKey' AND l.subject_id = k.id
          AND length(l.actor_id) <= 64;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE api_keys DROP COLUMN created_by;
