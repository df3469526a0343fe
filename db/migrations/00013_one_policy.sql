-- +goose Up
-- Each tenant table has one policy, permissive, with the merchant's condition in it. A restrictive policy is made
-- permissive by Citus on the shards, which would show every row to everyone; and functions are called plainly, because a
-- policy with a subquery is refused there. Every query names the tenant itself, so that Postgres still compares the two
-- once per statement (docs/scaling.md, rules S2 and Q1).

-- protect turns row-level security on, forces it upon the owner too, and grants the application's role the named
-- privileges. On a cluster that is distributed by tenant it distributes the table; foreign keys to other tenant tables
-- are added after it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.protect(t regclass, privileges text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    distributed boolean := false;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
        'CREATE POLICY tenant ON %s USING (tenant_id = app.tenant_id()) WITH CHECK (tenant_id = app.tenant_id())', t);
    EXECUTE format('GRANT %s ON %s TO %I', privileges, t, app.app_role());
    IF to_regclass('pg_dist_partition') IS NOT NULL THEN
        EXECUTE $q$ SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'tenants'::regclass) $q$
            INTO distributed;
    END IF;
    IF distributed THEN
        EXECUTE 'SELECT create_distributed_table($1, ''tenant_id'', colocate_with => ''tenants'')' USING t;
    END IF;
END $$;
-- +goose StatementEnd

-- narrow adds the condition under which a caller that is one merchant sees a row. It calls app.merchant_id() plainly.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.narrow(t regclass, condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole text := format('tenant_id = app.tenant_id() AND (app.merchant_id() IS NULL OR (%s))', condition);
BEGIN
    EXECUTE format('ALTER POLICY tenant ON %s USING (%s) WITH CHECK (%s)', t, whole, whole);
END $$;
-- +goose StatementEnd

-- require gives its condition in the detail too: of an error on another node of a cluster the constraint's name does not
-- arrive.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.require(holds boolean, condition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'required: %', condition
            USING ERRCODE = 'ZT001', CONSTRAINT = condition, DETAIL = condition;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
    p record;
BEGIN
    FOR p IN
        SELECT polrelid::regclass AS t
        FROM pg_policy
        WHERE polname = 'merchant'
          AND polrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    LOOP
        EXECUTE format('DROP POLICY merchant ON %s', p.t);
    END LOOP;
    FOR p IN
        SELECT polrelid::regclass AS t
        FROM pg_policy
        WHERE polname = 'tenant'
          AND polrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER POLICY tenant ON %s USING (tenant_id = app.tenant_id()) WITH CHECK (tenant_id = app.tenant_id())',
            p.t);
    END LOOP;
END $$;
-- +goose StatementEnd
SELECT app.narrow('merchants', 'id = app.merchant_id()');
SELECT app.narrow('members', 'merchant_id = app.merchant_id()');
SELECT app.narrow('api_keys', 'merchant_id = app.merchant_id()');
SELECT app.narrow('applications', 'merchant_id = app.merchant_id()');
SELECT app.narrow('products', 'supplier_id = app.merchant_id() OR merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('orders', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('ledger_postings', 'from_merchant_id = app.merchant_id() OR to_merchant_id = app.merchant_id()');

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.protect(t regclass, privileges text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
        'CREATE POLICY tenant ON %s USING (tenant_id = (SELECT app.tenant_id()))'
        ' WITH CHECK (tenant_id = (SELECT app.tenant_id()))', t);
    EXECUTE format('GRANT %s ON %s TO %I', privileges, t, app.app_role());
END $$;
CREATE OR REPLACE FUNCTION app.narrow(t regclass, condition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE POLICY merchant ON %s AS RESTRICTIVE USING ((SELECT app.merchant_id()) IS NULL OR (%s))', t, condition);
END $$;
CREATE OR REPLACE FUNCTION app.require(holds boolean, condition text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION 'required: %', condition USING ERRCODE = 'ZT001', CONSTRAINT = condition;
    END IF;
END $$;
DO $$
DECLARE
    p record;
BEGIN
    FOR p IN
        SELECT polrelid::regclass AS t
        FROM pg_policy
        WHERE polname = 'tenant'
          AND polrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    LOOP
        EXECUTE format(
            'ALTER POLICY tenant ON %s USING (tenant_id = (SELECT app.tenant_id()))'
            ' WITH CHECK (tenant_id = (SELECT app.tenant_id()))', p.t);
    END LOOP;
END $$;
-- +goose StatementEnd
SELECT app.narrow('merchants', 'id = (SELECT app.merchant_id())');
SELECT app.narrow('members', 'merchant_id = (SELECT app.merchant_id())');
SELECT app.narrow('api_keys', 'merchant_id = (SELECT app.merchant_id())');
SELECT app.narrow('applications', 'merchant_id = (SELECT app.merchant_id())');
SELECT app.narrow(
    'products', 'supplier_id = (SELECT app.merchant_id()) OR merchant_of_record_id = (SELECT app.merchant_id())');
SELECT app.narrow('orders', 'merchant_of_record_id = (SELECT app.merchant_id())');
SELECT app.narrow(
    'ledger_postings', 'from_merchant_id = (SELECT app.merchant_id()) OR to_merchant_id = (SELECT app.merchant_id())');
