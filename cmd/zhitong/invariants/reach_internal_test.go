package invariants

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db/dbtest"
)

// TestReach: what the role may do beyond its need is said with the statement that takes it away, until it is taken
// away.
func TestReach(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	app, err := pgx.ParseConfig(dbtest.AppURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statement string) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	asApp := func() string {
		t.Helper()
		exec("SET LOCAL ROLE " + pgx.Identifier{app.User}.Sanitize())
		found, err := reach(t.Context(), tx)
		if err != nil {
			t.Fatal(err)
		}
		exec("RESET ROLE")
		return strings.Join(found, "\n")
	}
	const functions = "lo_creat(integer), lo_create(oid), lo_from_bytea(oid,bytea)"
	exec("GRANT EXECUTE ON FUNCTION " + functions + " TO PUBLIC")
	told := asApp()
	for _, part := range []string{"REVOKE EXECUTE ON FUNCTION " + functions + " FROM PUBLIC;",
		"REVOKE CONNECT ON DATABASE "} {
		if !strings.Contains(told, part) {
			t.Errorf("not told: %s\nbut %s", part, told)
		}
	}
	exec("REVOKE EXECUTE ON FUNCTION " + functions + " FROM PUBLIC")
	if told := asApp(); strings.Contains(told, "large objects") {
		t.Errorf("taken away, and still told: %s", told)
	}
	const setting = "set_config(text, text, boolean)"
	exec("GRANT EXECUTE ON FUNCTION " + setting + " TO PUBLIC")
	if told := asApp(); !strings.Contains(told, "REVOKE EXECUTE ON FUNCTION "+setting+" FROM PUBLIC;") ||
		!strings.Contains(told, "TO "+dbtest.OwnerRole+";") {
		t.Errorf("not told that settings can be changed: %s", told)
	}
	exec("REVOKE EXECUTE ON FUNCTION " + setting + " FROM PUBLIC")
	if told := asApp(); strings.Contains(told, "which tenant") {
		t.Errorf("taken away, and still told: %s", told)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
