package db_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db/dbtest"
)

// catalogueFaults lists what in the schema breaks rules S1 to S4 (docs/scaling.md), each with the rule.
const catalogueFaults = `
WITH t AS (
    SELECT a.attrelid AS oid, a.attnum
    FROM pg_attribute a
    JOIN pg_class c
      ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    WHERE a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relname <> 'tenant_directory'
)
SELECT 'S1 unique index: ' || i.indexrelid::regclass
FROM t
JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique AND i.indkey[0] <> t.attnum
UNION ALL
SELECT 'S1 foreign key: ' || f.conname
FROM t
JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f'
LEFT JOIN t r ON r.oid = f.confrelid
WHERE r.oid IS NULL OR f.conkey[1] <> t.attnum OR f.confkey[1] <> r.attnum
UNION ALL
SELECT 'S2 not one policy: ' || t.oid::regclass
FROM t
WHERE (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid) <> 1
UNION ALL
SELECT 'S2 policy: ' || t.oid::regclass
FROM t
JOIN pg_policy p ON p.polrelid = t.oid
WHERE NOT p.polpermissive
   OR p.polcmd <> '*'
   OR p.polroles <> '{0}'
   OR p.polqual::text LIKE '%{SUBLINK%'
   OR pg_get_expr(p.polqual, t.oid) !~ '^\(*tenant_id = app\.tenant_id\(\)\)( AND |$)'
   OR pg_get_expr(p.polqual, t.oid) IS DISTINCT FROM pg_get_expr(p.polwithcheck, t.oid)
UNION ALL
SELECT 'S3 trigger: ' || g.tgname
FROM t
JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT 'S3 exclusion: ' || f.conname
FROM t
JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'x'
UNION ALL
SELECT 'S3 sequence: ' || t.oid::regclass || '.' || a.attname
FROM t
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval%'
UNION ALL
SELECT 'S4 long name: ' || o.n
FROM (
    SELECT conname::text AS n
    FROM t
    JOIN pg_constraint f ON f.conrelid = t.oid
    UNION
    SELECT relname
    FROM t
    JOIN pg_index i ON i.indrelid = t.oid
    JOIN pg_class c ON c.oid = i.indexrelid
) o
WHERE length(o.n) > 55`

// TestCatalogueKeepsTheRules: rules S1, S2, S3 and S4 hold for every tenant table.
func TestCatalogueKeepsTheRules(t *testing.T) {
	t.Parallel()
	for _, fault := range strs(t, superuser(t, dbtest.NewDB(t)), catalogueFaults) {
		t.Error(fault)
	}
}

// TestCatalogueFaultsAreFound is the control: each way to break a rule is found.
func TestCatalogueFaultsAreFound(t *testing.T) {
	t.Parallel()
	conn := superuser(t, dbtest.NewDB(t))
	const long = "a_name_that_leaves_no_room_for_the_number_of_a_shard_of_citus"
	for _, c := range []struct{ sql, want string }{
		{"CREATE UNIQUE INDEX everywhere ON products (name)", "S1 unique index: everywhere"},
		{"CREATE TABLE child (tenant_id uuid PRIMARY KEY, d uuid REFERENCES tenant_directory)",
			"S1 foreign key: child_d_fkey"},
		{"CREATE POLICY second ON refunds AS RESTRICTIVE USING (true)", "S2 not one policy: refunds"},
		{"ALTER POLICY tenant ON splits USING (tenant_id = (SELECT app.tenant_id()))", "S2 policy: splits"},
		{"ALTER POLICY tenant ON payments USING (tenant_id = app.tenant_id() OR true)", "S2 policy: payments"},
		{"ALTER POLICY tenant ON orders WITH CHECK (tenant_id = app.tenant_id())", "S2 policy: orders"},
		{"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';" +
			"CREATE TRIGGER noticed BEFORE INSERT ON cases FOR EACH ROW EXECUTE FUNCTION f()", "S3 trigger: noticed"},
		{"ALTER TABLE cases ADD CONSTRAINT apart EXCLUDE (tenant_id WITH =, id WITH =)", "S3 exclusion: apart"},
		{"ALTER TABLE members ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY", "S3 sequence: members.number"},
		{"ALTER TABLE members ADD COLUMN serial bigserial", "S3 sequence: members.serial"},
		{"ALTER TABLE events ADD CONSTRAINT " + long + " CHECK (true)", "S4 long name: " + long},
	} {
		if _, err := conn.Exec(t.Context(), c.sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		if found := strs(t, conn, catalogueFaults); !slices.Contains(found, c.want) {
			t.Errorf("after %s: found %v", c.sql, found)
		}
	}
}
