-- +goose Up
-- A draft application that nobody has sent can be deleted, with its images.
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('GRANT DELETE ON applications TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('REVOKE DELETE ON applications FROM %I', app.app_role());
END $$;
-- +goose StatementEnd
