-- +goose Up
-- Each change of a row that callers may change counts its version up: it is the ETag, and what If-Match is held to.
-- (The connection to Alipay has a version already, and a split rule's is that of its newest version.)
ALTER TABLE tenants ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE merchants ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE applications ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE products ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE webhook_endpoints ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- +goose Down
ALTER TABLE webhook_endpoints DROP COLUMN version;
ALTER TABLE products DROP COLUMN version;
ALTER TABLE applications DROP COLUMN version;
ALTER TABLE merchants DROP COLUMN version;
ALTER TABLE members DROP COLUMN version;
ALTER TABLE tenants DROP COLUMN version;
