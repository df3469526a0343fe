-- +goose Up
-- A member can be removed. What it did stays in the audit log, which keeps its id.
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('GRANT DELETE ON members TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('REVOKE DELETE ON members FROM %I', app.app_role());
END $$;
-- +goose StatementEnd
