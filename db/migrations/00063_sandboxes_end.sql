-- +goose Up
-- Which sandboxes are to end because nobody uses them, and which have ended (decision 0054). The column is not named
-- tenant_id: a row is not the tenant's, and stays when the tenant is gone. Postgres dates it.
CREATE TABLE sandbox_ends (
    sandbox      uuid PRIMARY KEY,
    announced_at timestamptz NOT NULL DEFAULT now(), -- the programs' role cannot write it
    closed_at    timestamptz,
    left_at      timestamptz,                        -- since when it is deleted, and no sweep knows it any more
    gone_at      timestamptz,                        -- when nothing was left
    proof        bytea CHECK (length(proof) = 32)    -- keyed: that the program has ended it
);
CREATE INDEX sandbox_ends_leaving ON sandbox_ends (sandbox) WHERE left_at IS NOT NULL AND gone_at IS NULL;
-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE format('GRANT SELECT, DELETE, INSERT (sandbox), UPDATE (closed_at, left_at, gone_at, proof) '
        'ON sandbox_ends TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- end_some deletes some rows of the tenant that is set: first its place in the directory, so that nobody works on it,
-- then from the tables that refer to others towards those that are referred to, whatever tables there are, and the
-- tenant itself at last. It tells from which table, and nothing when nothing is left. It runs as the owner of the
-- tables, since the programs' role may delete no postings, events and audit entries, and refuses every tenant but a
-- closed sandbox whose end was announced 14 days ago by Postgres's own clock.
-- +goose StatementBegin
CREATE FUNCTION app.end_some(most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    me uuid := app.tenant_id();
    t regclass;
    n bigint;
BEGIN
    IF app.merchant_id() IS NOT NULL
        OR NOT EXISTS (
            SELECT
            FROM sandbox_ends e
            WHERE e.sandbox = me
              AND e.announced_at < now() - interval '14 days'
              AND e.left_at IS NOT NULL
              AND e.gone_at IS NULL
        )
        OR EXISTS (SELECT FROM tenants o WHERE o.tenant_id = me AND (o.mode <> 'sandbox' OR o.status <> 'closed'))
    THEN
        RAISE EXCEPTION 'this is no sandbox that ends' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM tenant_directory d WHERE d.tenant_id = me;
    IF FOUND THEN
        RETURN 'tenant_directory';
    END IF;
    FOR t IN
        WITH RECURSIVE ours AS (
            SELECT c.oid
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ), depths AS (
            SELECT o.oid, 0 AS depth FROM ours o
            UNION
            SELECT f.conrelid, d.depth + 1
            FROM depths d
            JOIN pg_constraint f ON f.confrelid = d.oid AND f.contype = 'f' AND f.conrelid <> f.confrelid
            WHERE d.depth < 50
        )
        SELECT d.oid FROM depths d GROUP BY d.oid ORDER BY d.oid = 'tenants'::regclass, max(d.depth) DESC, d.oid
    LOOP
        EXECUTE format('DELETE FROM %s WHERE tenant_id = $1 AND ctid = ANY (ARRAY('
            'SELECT ctid FROM %s WHERE tenant_id = $1 LIMIT $2))', t, t) USING me, most;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n > 0 THEN
            RETURN t::text;
        END IF;
    END LOOP;
    RETURN '';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN
    REVOKE ALL ON FUNCTION app.end_some(integer) FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION app.end_some(integer) TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION app.end_some(integer);
DROP TABLE sandbox_ends;
