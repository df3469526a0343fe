-- +goose Up
-- A report about a payment that is noted already renews the note, so that what is read of it before is not taken for all
-- that it tells. The table is empty but for payments that are being reconciled.
ALTER TABLE reconciliations ADD COLUMN report uuid NOT NULL DEFAULT gen_random_uuid(); -- another with each report
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('GRANT UPDATE ON reconciliations TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE ON reconciliations FROM %I', app.app_role());
END $$;
-- +goose StatementEnd
ALTER TABLE reconciliations DROP COLUMN report;
