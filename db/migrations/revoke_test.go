package migrations_test

import (
	"errors"
	"testing"

	"zhitong/db/dbtest"
	"zhitong/db/migrations"
)

// TestRevokeSettings: a superuser takes set_config away from the application's role, and the owner keeps it; whoever is
// none is told what to run, and changes nothing.
func TestRevokeSettings(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	admin := connect(t, dbtest.AdminURL(t, d))
	const function = "FUNCTION pg_catalog.set_config(text, text, boolean)"
	if _, err := admin.Exec(t.Context(), "GRANT EXECUTE ON "+function+" TO PUBLIC; REVOKE EXECUTE ON "+function+
		" FROM "+dbtest.OwnerRole); err != nil {
		t.Fatal(err)
	}
	sets := func(url string) bool {
		t.Helper()
		_, err := connect(t, url).Exec(t.Context(), "SELECT set_config('app.tenant_id', '', false)")
		return err == nil
	}
	statements, err := migrations.RevokeSettings(t.Context(), dbtest.OwnerURL(t, d))
	if !errors.Is(err, migrations.ErrNoSuperuser) || len(statements) != 2 || !sets(dbtest.AppURL(t, d)) {
		t.Errorf("who is no superuser: %v, %v, or it is taken away", statements, err)
	}
	for range 2 {
		if _, err := migrations.RevokeSettings(t.Context(), dbtest.AdminURL(t, d)); err != nil {
			t.Fatal(err)
		}
		if sets(dbtest.AppURL(t, d)) || !sets(dbtest.OwnerURL(t, d)) {
			t.Error("the application's role has it, or the owner has not")
		}
	}
	if _, err := connect(t, dbtest.AppURL(t, d)).Exec(t.Context(),
		"BEGIN; SET LOCAL app.tenant_id = ''; COMMIT"); err != nil {
		t.Errorf("a statement of its own: %v", err)
	}
}
