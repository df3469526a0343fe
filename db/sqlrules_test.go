package db_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zhitong/db/dbtest"
)

// statement is a text of SQL in the source.
type statement struct{ at, sql string }

var looksLikeSQL = regexp.MustCompile(`^\s*(--[^\n]*\n\s*)*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s`)

// elsewhere are the places whose SQL does not run in a tenant's transaction, each with the reason.
func elsewhere() map[string]string {
	return map[string]string{
		"db/dbtest/":           "makes test databases, and rows as the owner",
		"db/migrations/":       "DDL, and goose's own table",
		"cmd/zhitong/postgres": "roles and databases of the local Postgres",
		"simulator/":           "has a store of its own",
		"test/":                "measures and breaks the product from outside, as a superuser",
		"tenants/tenantstest/": "asks for counts in tests, behind row-level security",
		"api/apitest/":         "prepares rows in tests, behind row-level security",
	}
}

// programSQL collects every text of SQL of the program: string constants that begin like a statement.
func programSQL(t *testing.T) (all []statement) {
	t.Helper()
	root := ".."
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if e.IsDir() {
			skip := strings.HasPrefix(e.Name(), ".") && path != root || e.Name() == "node_modules" ||
				e.Name() == "testdata"
			for place := range elsewhere() {
				skip = skip || rel+"/" == place || rel == place
			}
			if skip {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if sql, err := strconv.Unquote(lit.Value); err == nil && looksLikeSQL.MatchString(sql) {
				all = append(all, statement{rel + ":" + strconv.Itoa(set.Position(lit.Pos()).Line), sql})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tenantTables are the tables and views that have a tenant, from the catalogue.
func tenantTables(t *testing.T) func(string) bool {
	t.Helper()
	names := strs(t, superuser(t, dbtest.NewDB(t)), `
		SELECT c.relname::text
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
		  AND c.relname <> 'tenant_directory'`)
	if len(names) < 20 {
		t.Fatalf("only %d tables have a tenant", len(names))
	}
	return func(table string) bool { return slices.Contains(names, table) }
}

// TestStatementsKeepTheRules: rules Q1 to Q6 hold for every statement of the program, in Postgres's own parser.
func TestStatementsKeepTheRules(t *testing.T) {
	t.Parallel()
	tenant := tenantTables(t)
	all := programSQL(t)
	if len(all) < 150 {
		t.Fatalf("only %d statements", len(all))
	}
	for _, s := range all {
		faults, err := faultsOf(s.sql, tenant)
		if err != nil {
			t.Errorf("%s: %v in\n%s", s.at, err, s.sql)
		}
		for _, f := range faults {
			t.Errorf("%s: %s, in\n%s", s.at, f, s.sql)
		}
	}
}

// outsideSQLC are the files whose SQL is not in db/queries, each with the reason.
func outsideSQLC() map[string]string {
	const (
		river  = "a table of River's, which sqlc does not know"
		checks = "a check of zhitong verify: as many shapes as checks, none of them the product's"
		roles  = "roles, databases and versions: nothing of a tenant"
	)
	return map[string]string{
		"queue/insert.go":                      river,
		"queue/hasten.go":                      river,
		"queue/webhooks.go":                    river,
		"queue/lost.go":                        river,
		"queue/tenants.go":                     river,
		"queue/drop.go":                        river,
		"queue/pass.go":                        river,
		"jobs/fair.go":                         river,
		"cmd/zhitong/invariants/checks.go":     checks,
		"cmd/zhitong/invariants/books.go":      checks,
		"cmd/zhitong/invariants/wall.go":       checks,
		"cmd/zhitong/invariants/figures.go":    checks,
		"cmd/zhitong/invariants/reach.go":      "asks the catalogue of rights",
		"cmd/zhitong/distribute.go":            "asks the catalogue of extensions",
		"cmd/zhitong/invariants/invariants.go": checks,
		"cmd/zhitong/restored/restored.go":     "an operator's command that touches River's table too",
		"cmd/zhitong/dev_demo.go":              "moves the demo tenant to another address of the simulator",
		"cmd/zhitong/dev_database.go":          roles,
		"tenants/chain/quiet.go":               "asks Postgres for its oldest transaction",
	}
}

// TestSQLOutsideSQLC: SQL stands in db/queries, or on a list that says why not.
func TestSQLOutsideSQLC(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range programSQL(t) {
		file, _, _ := strings.Cut(s.at, ":")
		if strings.HasPrefix(file, "db/dbsqlc/") {
			continue
		}
		seen[file] = true
		if outsideSQLC()[file] == "" {
			t.Errorf("%s: SQL outside db/queries", s.at)
		}
	}
	for file := range maps.Keys(outsideSQLC()) {
		if !seen[file] {
			t.Errorf("%s is on the list of files with SQL outside db/queries, and has none", file)
		}
	}
}

// TestJobsAreInsertedByQueue (rule T2): no statement outside package queue inserts into schema river.
func TestJobsAreInsertedByQueue(t *testing.T) {
	t.Parallel()
	insert := regexp.MustCompile(`(?i)insert\s+into\s+river\.`)
	found := 0
	for _, s := range programSQL(t) {
		if !insert.MatchString(s.sql) {
			continue
		}
		if found++; !strings.HasPrefix(s.at, "queue/") {
			t.Errorf("%s: a job is inserted outside package queue", s.at)
		}
	}
	if found == 0 {
		t.Error("no statement inserts a job")
	}
}

// TestStatementFaultsAreFound is the control: each way to break a rule is found, and what keeps them is let through.
func TestStatementFaultsAreFound(t *testing.T) {
	t.Parallel()
	tenant := func(table string) bool { return slices.Contains([]string{"orders", "payments", "tenants"}, table) }
	for _, c := range []struct{ sql, want string }{
		{"SELECT id FROM orders WHERE id = $1", "Q1"},
		{"SELECT id FROM orders WHERE tenant_id = app.tenant_id() OR true", "Q1"},
		{"SELECT o.id FROM orders o JOIN payments p ON p.tenant_id = o.tenant_id WHERE o.tenant_id = app.tenant_id()",
			"Q1"},
		{"SELECT o.id FROM orders o, payments p WHERE tenant_id = app.tenant_id()", "Q1"},
		{"SELECT 1 WHERE EXISTS (SELECT FROM orders WHERE id = $1)", "Q1"},
		{"WITH x AS (SELECT id FROM orders) SELECT id FROM x", "Q1"},
		{"SELECT 1 UNION ALL SELECT 2 FROM orders", "Q1"},
		{"UPDATE orders SET status = 'x' WHERE id = $1", "Q1"},
		{"DELETE FROM orders o USING payments p WHERE o.tenant_id = app.tenant_id()", "Q1"},
		{"INSERT INTO orders (id, tenant_id) VALUES ($1, app.tenant_id())", "Q2"},
		{"INSERT INTO orders (tenant_id, id) VALUES ($1, $2)", "Q2"},
		{"INSERT INTO orders (tenant_id, id) SELECT app.tenant_id(), unnest($1::uuid[])", "Q2"},
		{"INSERT INTO orders (tenant_id, id) SELECT t.tenant_id, $1 FROM tenants t " +
			"WHERE t.tenant_id = app.tenant_id() RETURNING id", "Q2"},
		{"SELECT o.id FROM orders o, river.river_job j WHERE o.tenant_id = app.tenant_id()", "Q3"},
		{"SELECT id FROM orders WHERE tenant_id = app.tenant_id() AND expires_at < now()", "Q4"},
		{"UPDATE orders SET paid_at = coalesce(paid_at, now()) WHERE tenant_id = app.tenant_id()", "Q4"},
		{"UPDATE orders SET status = CASE status WHEN 'a' THEN 'b' END WHERE tenant_id = app.tenant_id()", "Q5"},
		{"WITH x AS (INSERT INTO orders (tenant_id) VALUES (app.tenant_id()) RETURNING 1) SELECT FROM x", "Q5"},
		{"SELECT ctid FROM orders WHERE tenant_id = app.tenant_id()", "Q6"},
		{"SELECT pg_advisory_xact_lock(1)", "Q6"},
		{"SELECT id FROM orders WHERE tenant_id = app.tenant_id() FOR UPDATE", "lock"},
		{"SELECT id FROM orders WHERE tenant_id = app.tenant_id() FOR NO KEY UPDATE", ""},
		{"SELECT o.id FROM orders o LEFT JOIN payments p ON p.tenant_id = app.tenant_id() AND p.order_id = o.id " +
			"WHERE o.tenant_id = app.tenant_id()", ""},
		{"WITH j AS MATERIALIZED (SELECT id FROM river.river_job) SELECT o.id FROM orders o, j " +
			"WHERE o.tenant_id = app.tenant_id()", ""},
		{"INSERT INTO orders (tenant_id, id) SELECT t.tenant_id, unnest($1::uuid[]) FROM tenants t " +
			"WHERE t.tenant_id = app.tenant_id()", ""},
		{"INSERT INTO orders (tenant_id, id) VALUES (app.tenant_id(), $1) RETURNING id", ""},
		{"SELECT id FROM river.river_job WHERE attempted_at < now()", ""},
	} {
		faults, err := faultsOf(c.sql, tenant)
		if err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		if c.want == "" && len(faults) > 0 || c.want != "" && !slices.ContainsFunc(faults, func(f string) bool {
			return strings.HasPrefix(f, c.want+" ")
		}) {
			t.Errorf("%s: found %q, want %q", c.sql, faults, c.want)
		}
	}
}
