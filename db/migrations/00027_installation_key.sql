-- +goose Up
-- The one secret that belongs to no tenant, wrapped by the master key like the tenants' data keys. A program whose
-- keyset does not open it has the keyset of another installation, and must not seal anything.
CREATE TABLE installation_key (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    wrapped    bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON installation_key TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- Which key of the master keyset wrapped a key, as Tink writes it before what it wraps. A key that wraps nothing any
-- more can be retired: SELECT app.master_key_id(wrapped), count(*) FROM tenant_data_keys GROUP BY 1.
-- +goose StatementBegin
CREATE FUNCTION app.master_key_id(wrapped bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(wrapped) >= 5 AND get_byte(wrapped, 0) = 1 THEN
        (get_byte(wrapped, 1)::bigint << 24) | (get_byte(wrapped, 2) << 16) | (get_byte(wrapped, 3) << 8)
            | get_byte(wrapped, 4)
    END
$$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE installation_key;
DROP FUNCTION app.master_key_id(bytea);
