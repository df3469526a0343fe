-- +goose Up
-- Whether a refused settlement is only on hold, by risk control, and may be asked for again.
ALTER TABLE settlements ADD COLUMN held boolean NOT NULL DEFAULT false;
-- +goose StatementBegin
DO $$
DECLARE t uuid;
BEGIN
    FOR t IN SELECT tenant_id FROM tenant_directory LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE settlements
        SET held = true
        WHERE tenant_id = t AND status = 'refused' AND reason LIKE '%RISK_SETTLE_SUSPEND%';
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$;
-- +goose StatementEnd
ALTER TABLE settlements ADD CONSTRAINT settlements_held_check CHECK (NOT held OR status = 'refused');

-- +goose Down
ALTER TABLE settlements DROP COLUMN held;
