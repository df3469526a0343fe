package main

import (
	"strings"
	"testing"

	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
)

// TestRecover: the printed key is an owner's, and the tenant can read who asked for it.
func TestRecover(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	w.run(2, "recover", "--tenant", w.tenant.String()) // without a reason
	w.run(1, "recover", "--tenant", id.New[id.Tenant]().String(), "--reason", "nobody's")
	w.run(1, "recover", "--tenant", w.tenant.String(), "--reason", "")
	key, errs := w.run(0, "recover", "--tenant", w.tenant.String(), "--reason", "the founder, by video")
	w.run(1, "recover", "--tenant", w.tenant.String(), "--reason", "who\u202eelse")
	if strings.Contains(errs, key) {
		t.Error("the key is in the log")
	}
	a, err := access.New(w.db, w.vault(), clock.System{}).Authenticate(t.Context(), key)
	if err != nil || a.Role != tenants.RoleOwner || a.Tenant != w.tenant {
		t.Errorf("%+v, %v", a, err)
	}
	var by, detail string
	query(t, w, "SELECT actor_id, detail FROM audit_log WHERE action = 'recoverOwner'", &by, &detail)
	if by != "recover" || detail != "the founder, by video" {
		t.Errorf("audited as %q by %q", detail, by)
	}
}
