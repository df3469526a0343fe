-- +goose Up
-- A webhook endpoint that was deleted long ago leaves, with the last attempt to deliver to it.
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT DELETE ON webhook_endpoints TO %I', app.app_role()); END $$;
-- +goose StatementEnd
CREATE INDEX webhook_endpoints_deleted ON webhook_endpoints (tenant_id, deleted_at) WHERE deleted_at IS NOT NULL;

-- +goose Down
DROP INDEX webhook_endpoints_deleted;
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('REVOKE DELETE ON webhook_endpoints FROM %I', app.app_role()); END $$;
-- +goose StatementEnd
