-- +goose Up
-- A key may end by itself, and tells roughly when it was used last.
ALTER TABLE api_keys
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz;

-- +goose Down
ALTER TABLE api_keys
    DROP COLUMN last_used_at,
    DROP COLUMN expires_at;
