-- Distributes every tenant table by its tenant. The programs are stopped; the owner runs it on the coordinator.
BEGIN;

-- Without this the owner, whom row-level security is forced upon, would distribute no rows.
DO $$
DECLARE
    t regclass;
BEGIN
    FOR t IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relforcerowsecurity
    LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', t);
    END LOOP;
END $$;

SELECT create_distributed_table('tenants', 'tenant_id');
SELECT create_distributed_table('tenant_directory', 'tenant_id', colocate_with => 'tenants');
SELECT create_reference_table('installation_key');
SELECT create_reference_table('people');
SELECT create_reference_table('person_totps');
SELECT create_reference_table('recovery_codes');
SELECT create_reference_table('sessions');
SELECT create_reference_table('sign_in_limits');
SELECT create_reference_table('memberships');
SELECT create_reference_table('one_time_links');
SELECT create_reference_table('passkeys');
SELECT create_reference_table('spent_challenges');
SELECT create_reference_table('sandbox_ends');

-- A table comes after those that it refers to.
DO $$
DECLARE
    t regclass;
    n int;
BEGIN
    LOOP
        n := 0;
        FOR t IN
            SELECT c.oid
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
              AND NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)
              AND NOT EXISTS (
                SELECT FROM pg_constraint f
                WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid
                  AND NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = f.confrelid)
              )
            ORDER BY c.oid
        LOOP
            PERFORM create_distributed_table(t, 'tenant_id', colocate_with => 'tenants');
            n := n + 1;
        END LOOP;
        EXIT WHEN n = 0;
    END LOOP;
END $$;

DO $$
DECLARE
    t regclass;
BEGIN
    FOR t IN
        SELECT logicalrelid FROM pg_dist_partition
        WHERE logicalrelid IN (SELECT attrelid FROM pg_attribute WHERE attname = 'tenant_id' AND NOT attisdropped)
          AND logicalrelid <> 'tenant_directory'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    END LOOP;
END $$;

COMMIT;
