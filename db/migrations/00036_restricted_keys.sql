-- +goose Up
-- What a key may do of what its role may: a level for each resource; null: all of it.
ALTER TABLE api_keys ADD COLUMN permissions jsonb;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_permissions_check CHECK (
    permissions IS NULL OR (jsonb_typeof(permissions) = 'object' AND length(permissions::text) <= 2048)
);
-- The secret before a roll, which works on until its time.
ALTER TABLE api_keys ADD COLUMN previous_secret_hash bytea;
ALTER TABLE api_keys ADD COLUMN previous_secret_until timestamptz;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_previous_check CHECK (
    (previous_secret_hash IS NULL) = (previous_secret_until IS NULL)
);
CREATE UNIQUE INDEX api_keys_previous ON api_keys (tenant_id, previous_secret_hash)
WHERE previous_secret_hash IS NOT NULL;

-- +goose Down
DROP INDEX api_keys_previous;
ALTER TABLE api_keys DROP COLUMN previous_secret_until;
ALTER TABLE api_keys DROP COLUMN previous_secret_hash;
ALTER TABLE api_keys DROP COLUMN permissions;
