-- +goose Up
-- A tenant's data key can be exchanged: there is a row for each version that still opens something. The one that seals
-- is not former; another one stays until nothing is left that it sealed.
ALTER TABLE tenant_data_keys
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version BETWEEN 1 AND 65535),
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(), -- tells a key from one of the same version in a restored database
    ADD COLUMN former_since timestamptz,                   -- when the next version took its place
    ADD COLUMN walker uuid,                                -- the run that seals anew what it sealed
    ADD COLUMN walked_at timestamptz;                      -- when that run was last heard of
ALTER TABLE tenant_data_keys DROP CONSTRAINT tenant_data_keys_pkey;
ALTER TABLE tenant_data_keys ADD CONSTRAINT tenant_data_keys_pkey PRIMARY KEY (tenant_id, version);
CREATE UNIQUE INDEX tenant_data_keys_current ON tenant_data_keys (tenant_id) WHERE former_since IS NULL;
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT DELETE ON tenant_data_keys TO %I', app.app_role()); END $$;
-- +goose StatementEnd

-- The version of the data key that sealed a value; null for none. Package secret writes it: a mark of six bytes and the
-- version, which the first version has not.
-- +goose StatementBegin
CREATE FUNCTION app.sealed_version(sealed bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN length(sealed) = 0 THEN NULL
        WHEN substring(sealed FROM 1 FOR 6) = '\x9c5a546b7601'::bytea AND length(sealed) > 8
            THEN get_byte(substring(sealed FROM 7 FOR 2), 0) * 256 + get_byte(substring(sealed FROM 7 FOR 2), 1)
        WHEN sealed IS NOT NULL THEN 1
    END
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION app.sealed_version(bytea);
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('REVOKE DELETE ON tenant_data_keys FROM %I', app.app_role()); END $$;
-- +goose StatementEnd
DROP INDEX tenant_data_keys_current;
ALTER TABLE tenant_data_keys DROP CONSTRAINT tenant_data_keys_pkey;
ALTER TABLE tenant_data_keys ADD CONSTRAINT tenant_data_keys_pkey PRIMARY KEY (tenant_id); -- refused during an exchange
ALTER TABLE tenant_data_keys
    DROP COLUMN walked_at,
    DROP COLUMN walker,
    DROP COLUMN former_since,
    DROP COLUMN id,
    DROP COLUMN version;
