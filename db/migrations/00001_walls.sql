-- +goose Up
-- The walls around a tenant. Every tenant table is given to app.protect, which turns row-level security on and forces it, so that not even the role that
-- owns the tables reads across tenants.
CREATE SCHEMA app;

-- The role the programs log in as. It owns nothing; migrate sets zhitong.app_role for its session.
-- +goose StatementBegin
CREATE FUNCTION app.app_role() RETURNS name LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('zhitong.app_role', true), ''), 'zhitong_app')::name $$;
-- +goose StatementEnd

-- The tenant of the running transaction. It raises when none is set: a query outside a tenant is a bug, never an empty answer.
-- +goose StatementBegin
CREATE FUNCTION app.tenant_id() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE v text := current_setting('app.tenant_id', true);
BEGIN
    IF v IS NULL OR v = '' THEN
        RAISE EXCEPTION 'no tenant is set' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN v::uuid;
END $$;
-- +goose StatementEnd

-- The merchant a caller is narrowed to (roles distributor and supplier), or null for the whole tenant.
-- +goose StatementBegin
CREATE FUNCTION app.merchant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.merchant_id', true), '')::uuid $$;
-- +goose StatementEnd

-- require ends the transaction with the named condition when something that must hold does not; the name arrives as the error's constraint. It lets a
-- statement check itself, so that nobody waits for its answer before sending the next.
-- +goose StatementBegin
CREATE FUNCTION app.require(holds boolean, condition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'required: %', condition USING ERRCODE = 'ZT001', CONSTRAINT = condition;
    END IF;
END $$;
-- +goose StatementEnd

-- protect gives a tenant table its wall and the application role the named privileges on it.
-- +goose StatementBegin
CREATE FUNCTION app.protect(t regclass, privileges text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id = (SELECT app.tenant_id())) WITH CHECK (tenant_id = (SELECT app.tenant_id()))', t);
    EXECUTE format('GRANT %s ON %s TO %I', privileges, t, app.app_role());
END $$;
-- +goose StatementEnd

-- narrow adds the second wall for callers that are one merchant.
-- +goose StatementBegin
CREATE FUNCTION app.narrow(t regclass, condition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY merchant ON %s AS RESTRICTIVE USING ((SELECT app.merchant_id()) IS NULL OR (%s))', t, condition);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA app, public TO %I', app.app_role()); END $$;
-- +goose StatementEnd

-- +goose Down
DROP SCHEMA app CASCADE;
