-- +goose Up
ALTER TABLE members
    DROP CONSTRAINT members_role_check,
    ADD CONSTRAINT members_role_check CHECK (role IN (
        'owner', 'admin', 'finance', 'risk', 'support', 'developer', 'storefront', 'distributor', 'supplier'
    ));
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_role_check,
    ADD CONSTRAINT api_keys_role_check CHECK (role IN (
        'owner', 'admin', 'finance', 'risk', 'support', 'developer', 'storefront', 'distributor', 'supplier'
    ));

-- +goose Down
ALTER TABLE members
    DROP CONSTRAINT members_role_check,
    ADD CONSTRAINT members_role_check CHECK (role IN (
        'owner', 'admin', 'finance', 'risk', 'support', 'developer', 'distributor', 'supplier'
    )) NOT VALID;
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_role_check,
    ADD CONSTRAINT api_keys_role_check CHECK (role IN (
        'owner', 'admin', 'finance', 'risk', 'support', 'developer', 'distributor', 'supplier'
    )) NOT VALID;
