-- +goose Up
-- Who rolled a key has had its secret, as who made it: for telling two persons apart, it goes back to all of them.
ALTER TABLE api_keys ADD COLUMN rolled_by text[] NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ADD CONSTRAINT api_keys_rolled_by_check CHECK (cardinality(rolled_by) <= 1000) NOT VALID;

-- +goose Down
ALTER TABLE api_keys DROP COLUMN rolled_by;
