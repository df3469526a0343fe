package approvals_test

import (
	"context"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
)

// TestAttackApproveOneself: who asked approves nothing, by whatever second key or session; the control does.
func TestAttackApproveOneself(t *testing.T) {
	t.Parallel()
	w := setup(t)
	keys := access.New(w.DB, w.Vault, w.Clock)
	made := func(by tenants.Actor) tenants.Actor {
		t.Helper()
		k, _, _, err := keys.CreateKey(t.Context(), by, idempotency.Key{},
			access.NewAPIKey{Name: "second", Role: tenants.RoleOwner})
		if err != nil {
			t.Fatal(err)
		}
		by.Caller = tenants.ByKey(k.ID)
		return by
	}
	member := w.member()
	session := func(m id.Member) tenants.Actor {
		a := w.Actor
		a.Caller = tenants.BySession(id.New[id.Session](), m)
		return a
	}
	other := session(w.member())
	sister := made(w.Actor)
	rolled := w.key(tenants.RoleAdmin)
	_, _, _, err := keys.RollKey(t.Context(), w.Actor, idempotency.Key{}, id.APIKey(rolled.Caller.ID()), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	of := made(session(member))
	o := w.delivered()
	for name, c := range map[string]struct{ asks, approves tenants.Actor }{
		"the same key":                  {w.Actor, w.Actor},
		"a key that who asked made":     {w.Actor, sister},
		"a key that made who asked":     {sister, w.Actor},
		"a key that who asked rolled":   {w.Actor, rolled},
		"a key that rolled who asked":   {rolled, w.Actor},
		"a sister of who asked":         {sister, made(w.Actor)},
		"the same session":              {session(member), session(member)},
		"a key of the member who asked": {session(member), of},
		"the member whose key asked":    {of, session(member)},
	} {
		a, _, err := w.svc.Ask(t.Context(), c.asks, idempotency.Key{}, "refund", refundOf(o))
		if err != nil {
			t.Fatalf("%s: ask: %v", name, err)
		}
		_, err = w.svc.Approve(t.Context(), c.approves, a.ID)
		wants(t, name, err, "second_person_required")
		if _, err := w.svc.Withdraw(t.Context(), w.Actor, a.ID); err != nil {
			t.Fatal(err)
		}
	}
	a := w.asks(o)
	young := w.key(tenants.RoleOwner)
	_, err = w.svc.Approve(t.Context(), young, a.ID)
	wants(t, "a key that was made after it was asked", err, "second_person_required")
	_, err = w.svc.Approve(t.Context(), session(w.member()), a.ID)
	wants(t, "a member who came after it was asked", err, "second_person_required")
	if _, err := w.svc.Approve(t.Context(), other, a.ID); err != nil {
		t.Errorf("the control, another member: %v", err)
	}
	w.is(a.ID, approved, "", 1)
}

// member is an owner who can sign in.
func (w *world) member() (m id.Member) {
	w.t.Helper()
	w.In(func(_ context.Context, tx db.TenantTx) {
		m = dbtest.Member(w.t, tx, func(m *dbsqlc.Member) { m.Email = m.ID.String() + "@example.cn" }).ID
	})
	return m
}
