package sessions_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/sessions"
)

// house is a person who is an owner of one tenant and a supplier of another.
type house struct {
	*sessions.Service
	db          *db.DB
	clock       *clock.Movable
	person      id.Person
	owns, sells id.Tenant
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{db: dbtest.NewDB(t), clock: new(clock.Movable), person: id.New[id.Person]()}
	h.clock.Freeze(h.clock.Now())
	h.Service = sessions.New(h.db, h.clock)
	h.owns, h.sells = dbtest.NewTenant(t, h.db), dbtest.NewTenant(t, h.db)
	sum := sha256.Sum256(h.person[:])
	if err := h.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		_, err := tx.Exec(ctx, `INSERT INTO people (id, email_digest, sealed_email, language, created_at)
			VALUES ($1, $2, '', 'zh', now())`, h.person, sum[:])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	h.in(t, h.owns, `INSERT INTO members (id, email, role, person_id)
		VALUES (gen_random_uuid(), 'a@example.cn', 'owner', $1)`, h.person)
	merchant := id.New[id.Merchant]()
	h.in(t, h.sells, "INSERT INTO merchants (id, kind, name) VALUES ($1, 'supplier', 'x')", merchant)
	h.in(t, h.sells, `INSERT INTO members (id, email, role, merchant_id, person_id)
		VALUES (gen_random_uuid(), 'a@example.cn', 'supplier', $2, $1)`, h.person, merchant)
	return h
}

func (h *house) in(t *testing.T, tenant id.Tenant, sql string, args ...any) {
	t.Helper()
	if err := h.db.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) start(t *testing.T) (sessions.Session, string) {
	t.Helper()
	s, token, err := h.Start(t.Context(), h.person, []string{"password", "totp"}, "203.0.113.9", "Firefox\n\xff")
	if err != nil {
		t.Fatal(err)
	}
	return s, token.Reveal()
}

func (h *house) code(t *testing.T, token string, tenant id.Tenant) fault.Code {
	t.Helper()
	_, _, err := h.Actor(t.Context(), token, tenant)
	return fault.CodeOf(err)
}

// TestActor: a session is as much as its person is to the tenant that is named, and nothing to any other.
func TestActor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s, token := h.start(t)
	a, _, err := h.Actor(t.Context(), token, h.owns)
	if err != nil || a.Role != tenants.RoleOwner || a.Tenant != h.owns || a.Caller.ID() != s.ID.UUID() ||
		a.Caller.Member().IsZero() || !a.Merchant.IsZero() {
		t.Errorf("%+v %v", a, err)
	}
	if a, _, err := h.Actor(t.Context(), token, h.sells); err != nil || a.Role != tenants.RoleSupplier ||
		a.Merchant.IsZero() {
		t.Errorf("%+v %v", a, err)
	}
	for name, tenant := range map[string]id.Tenant{"another's": dbtest.NewTenant(t, h.db), "none": {},
		"there is not": id.New[id.Tenant]()} {
		if c := h.code(t, token, tenant); c != sessions.CodeTenantNotFound {
			t.Errorf("%s: %q", name, c)
		}
	}
	h.in(t, h.sells, "UPDATE tenants SET status = 'suspended'")
	h.Forget()
	if c := h.code(t, token, h.sells); c != sessions.CodeTenantNotFound {
		t.Errorf("suspended: %q", c)
	}
	for _, wrong := range []string{"", "x", token + "x"} {
		if c := h.code(t, wrong, h.owns); c != sessions.CodeSessionEnded {
			t.Errorf("the token %q: %q", wrong, c)
		}
	}
}

// TestRevocationBites: in this process at once, in another one within the time for which answers are believed; and so
// do a role that was changed and a member who was removed.
func TestRevocationBites(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s, token := h.start(t)
	other := sessions.New(h.db, h.clock)
	see := func() (tenants.Role, fault.Code) {
		a, _, err := other.Actor(t.Context(), token, h.owns)
		return a.Role, fault.CodeOf(err)
	}
	if role, code := see(); role != tenants.RoleOwner {
		t.Fatal(role, code)
	}
	h.in(t, h.owns, "UPDATE members SET role = 'support' WHERE person_id = $1", h.person)
	h.clock.Advance(sessions.CacheFor)
	if role, code := see(); role != tenants.RoleSupport {
		t.Errorf("after the role was changed: %s %s", role, code)
	}
	if err := h.End(t.Context(), h.person, s.ID); err != nil {
		t.Fatal(err)
	}
	if c := h.code(t, token, h.owns); c != sessions.CodeSessionEnded {
		t.Errorf("here: %q", c)
	}
	if role, _ := see(); role != tenants.RoleSupport { // the control: the other process has not heard
		t.Errorf("the other process hears at once: %q", role)
	}
	h.clock.Advance(sessions.CacheFor)
	if _, code := see(); code != sessions.CodeSessionEnded {
		t.Errorf("there: %q", code)
	}
	if sessions.CacheFor >= time.Second {
		t.Error("a revocation bites later than within a second")
	}
	_, token = h.start(t)
	h.in(t, h.owns, "DELETE FROM members WHERE person_id = $1", h.person)
	if c := h.code(t, token, h.owns); c != sessions.CodeTenantNotFound {
		t.Errorf("removed: %q", c)
	}
}

// TestLifetimes: an operator's session ends after an hour without use and a day in all, a merchant's after a week and a
// month. One that was unused for too long as an operator's is none again by use as a merchant's, but by a fresh proof.
func TestLifetimes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const spare = sessions.SeenEvery
	_, token := h.start(t)
	h.clock.Advance(sessions.OperatorIdle + spare)
	for _, tenant := range []id.Tenant{h.owns, h.sells, h.owns} {
		want := fault.Code("")
		if tenant == h.owns {
			want = sessions.CodeSessionEnded
		}
		if c := h.code(t, token, tenant); c != want {
			t.Errorf("unused for an hour: %q, want %q", c, want)
		}
		h.clock.Advance(sessions.CacheFor)
	}
	s, err := h.Person(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	_, anew, err := h.Elevate(t.Context(), token, s, s.Methods)
	if err != nil {
		t.Fatal(err)
	}
	if c := h.code(t, anew.Reveal(), h.owns); c != "" {
		t.Errorf("after a fresh proof: %q", c)
	}
	h.clock.Advance(sessions.MerchantIdle + spare)
	if c := h.code(t, anew.Reveal(), h.sells); c != sessions.CodeSessionEnded {
		t.Errorf("unused for a week: %q", c)
	}
	_, token = h.start(t)
	begin := h.clock.Now()
	for h.clock.Now().Before(begin.Add(sessions.OperatorEnd)) {
		if c := h.code(t, token, h.owns); c != "" {
			t.Fatalf("after %s: %q", h.clock.Now().Sub(begin), c)
		}
		h.clock.Advance(sessions.OperatorIdle)
	}
	if c := h.code(t, token, h.owns); c != sessions.CodeSessionEnded {
		t.Errorf("after a day: %q", c)
	}
	for h.clock.Now().Before(begin.Add(sessions.MerchantEnd)) {
		if c := h.code(t, token, h.sells); c != "" {
			t.Fatalf("after %s: %q", h.clock.Now().Sub(begin), c)
		}
		h.clock.Advance(sessions.MerchantIdle)
	}
	if c := h.code(t, token, h.sells); c != sessions.CodeSessionEnded {
		t.Errorf("after a month: %q", c)
	}
}

// TestAttackFixation: a fresh proof exchanges the token, so that a copy of the one before is worth nothing; and it
// counts for ten minutes.
func TestAttackFixation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s, token := h.start(t)
	if s.IsElevated(h.clock.Now()) {
		t.Error("who has signed in is elevated")
	}
	_, anew, err := h.Elevate(t.Context(), token, s, s.Methods)
	if err != nil {
		t.Fatal(err)
	}
	if c := h.code(t, token, h.owns); c != sessions.CodeSessionEnded {
		t.Errorf("the token before: %q", c)
	}
	_, found, err := h.Actor(t.Context(), anew.Reveal(), h.owns)
	if err != nil || found.ID != s.ID || !found.IsElevated(h.clock.Now()) ||
		found.IsElevated(h.clock.Now().Add(sessions.Elevated)) {
		t.Errorf("%+v %v", found, err)
	}
	if _, _, err := h.Elevate(t.Context(), token, s, s.Methods); fault.CodeOf(err) != sessions.CodeSessionEnded {
		t.Errorf("by the token before: %v", err)
	}
}

// TestList: a person sees and ends their own sessions, and nobody else's.
func TestList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, first := h.start(t)
	two, second := h.start(t)
	three, third := h.start(t)
	list, err := h.List(t.Context(), h.person)
	if err != nil || len(list) != 3 || list[0].ID != three.ID || list[0].Agent != "Firefox  " ||
		list[0].Address != "203.0.113.9" {
		t.Errorf("%+v %v", list, err)
	}
	if err := h.End(t.Context(), id.New[id.Person](), one.ID); fault.CodeOf(err) != sessions.CodeSessionNotFound {
		t.Errorf("another's: %v", err)
	}
	if err := h.db.Shared(t.Context(), h.EndOthers(h.person, two.ID)); err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]fault.Code{first: sessions.CodeSessionEnded, second: "",
		third: sessions.CodeSessionEnded} {
		if _, err := h.Person(t.Context(), token); fault.CodeOf(err) != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
