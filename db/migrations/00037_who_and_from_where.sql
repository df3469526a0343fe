-- +goose Up
-- From where the client of an entry came; empty for the program itself, and for entries from before.
ALTER TABLE audit_log ADD COLUMN client_address text NOT NULL DEFAULT '';
ALTER TABLE audit_log ADD CONSTRAINT audit_log_client_address_check CHECK (length(client_address) <= 64);
-- Who created an order, as audit_log.actor_id names callers, and from where: the list of entries reads it here. Empty for
-- orders from before: an API key, and nobody knows which.
ALTER TABLE orders ADD COLUMN created_by text NOT NULL DEFAULT '';
ALTER TABLE orders ADD CONSTRAINT orders_created_by_check CHECK (length(created_by) <= 64);
ALTER TABLE orders ADD COLUMN created_from text NOT NULL DEFAULT '';
ALTER TABLE orders ADD CONSTRAINT orders_created_from_check CHECK (length(created_from) <= 64);
CREATE INDEX orders_created_by ON orders (tenant_id, created_by, id);

-- +goose Down
DROP INDEX orders_created_by;
ALTER TABLE orders DROP COLUMN created_from;
ALTER TABLE orders DROP COLUMN created_by;
ALTER TABLE audit_log DROP COLUMN client_address;
