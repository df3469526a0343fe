package access_test

import (
	"context"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
	"zhitong/tenants/tenantstest"
)

// lobby is where invitations are given and accepted.
type lobby struct {
	*access.Service
	people *people.Service
	db     *db.DB
	clock  *clock.Movable
	owner  tenants.Actor
}

func newLobby(t *testing.T) *lobby {
	t.Helper()
	l := &lobby{db: dbtest.NewDB(t), clock: new(clock.Movable)}
	v := tenantstest.Vault(t)
	l.Service, l.people = access.New(l.db, v, l.clock), people.New(l.db, v, l.clock)
	l.owner = l.tenant(t)
	return l
}

func (l *lobby) tenant(t *testing.T) tenants.Actor {
	t.Helper()
	return tenants.Actor{Tenant: dbtest.NewTenant(t, l.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
}

func (l *lobby) invite(t *testing.T, a tenants.Actor, email string, role tenants.Role) (access.Invitation, string) {
	t.Helper()
	i, word, err := l.CreateInvitation(t.Context(), a, access.NewMember{Email: email, Name: "李芳", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return i, word.Reveal()
}

// joins is somebody new with the address.
func (l *lobby) joins(t *testing.T, email string) access.Joiner {
	t.Helper()
	app := people.NewTOTPSecret()
	code, err := people.CodeAt(app.Reveal(), l.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	j, err := l.people.Prepare(t.Context(), email, secret.New("vqzkjwpxtn"), app, code, vocabulary.Chinese, false)
	if err != nil {
		t.Fatal(err)
	}
	return access.Joiner{New: j, Address: "203.0.113.9"}
}

func (l *lobby) accept(t *testing.T, word string, j access.Joiner) (id.Person, error) {
	t.Helper()
	return l.AcceptInvitation(t.Context(), l.people, word, j)
}

// TestInvitation: it makes a person the member that it speaks of, once, and a second platform is joined by the same
// person.
func TestInvitation(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	_, word := l.invite(t, l.owner, "LiFang@example.cn", tenants.RoleFinance)
	i, err := l.OpenInvitation(t.Context(), word)
	if err != nil || i.Email != "lifang@example.cn" || i.Role != tenants.RoleFinance || i.Tenant != l.owner.Tenant {
		t.Fatalf("%+v %v", i, err)
	}
	j := l.joins(t, "lifang@example.cn")
	p, err := l.accept(t, word, j)
	if err != nil || p != j.New.ID {
		t.Fatal(p, err)
	}
	if _, err := l.accept(t, word, l.joins(t, "lifang@example.cn")); fault.CodeOf(err) != access.CodeInvitationEnded {
		t.Errorf("a second time: %v", err)
	}
	if _, err := l.OpenInvitation(t.Context(), word); fault.CodeOf(err) != access.CodeInvitationEnded {
		t.Errorf("opened after it was used: %v", err)
	}
	if _, _, err := l.CreateInvitation(t.Context(), l.owner, access.NewMember{Email: "lifang@example.cn",
		Role: tenants.RoleFinance}); fault.CodeOf(err) != access.CodeMemberEmailTaken {
		t.Errorf("invited again: %v", err)
	}
	b := l.tenant(t)
	_, word = l.invite(t, b, "lifang@example.cn", tenants.RoleSupport)
	if _, err := l.accept(t, word,
		l.joins(t, "lifang@example.cn")); fault.CodeOf(err) != access.CodeInvitationOtherAddress {
		t.Errorf("somebody else with the same address: %v", err)
	}
	person, err := l.people.Get(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.accept(t, word, access.Joiner{Person: person}); err != nil {
		t.Fatal(err)
	}
	in, err := l.people.Memberships(t.Context(), p)
	if err != nil || len(in) != 2 {
		t.Fatalf("%v %v", in, err)
	}
	// who is removed is no member, and stays a person
	for _, m := range in {
		if m.Tenant == b.Tenant {
			if err := l.RemoveMember(t.Context(), b, m.Member, tenants.Match{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if in, err = l.people.Memberships(t.Context(), p); err != nil || len(in) != 1 || in[0].Tenant != l.owner.Tenant {
		t.Errorf("%v %v", in, err)
	}
}

// TestInvitationEnds: after 72 hours, when it is withdrawn, and when the platform is suspended.
func TestInvitationEnds(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	over := func(word, why string) {
		t.Helper()
		if _, err := l.OpenInvitation(t.Context(), word); fault.CodeOf(err) != access.CodeInvitationEnded {
			t.Errorf("%s: opened: %v", why, err)
		}
		if _, err := l.accept(t, word, l.joins(t, "a@example.cn")); fault.CodeOf(err) != access.CodeInvitationEnded {
			t.Errorf("%s: accepted: %v", why, err)
		}
	}
	i, word := l.invite(t, l.owner, "a@example.cn", tenants.RoleFinance)
	if err := l.RevokeInvitation(t.Context(), l.owner, i.ID); err != nil {
		t.Fatal(err)
	}
	if err := l.RevokeInvitation(t.Context(), l.owner, i.ID); err != nil {
		t.Errorf("withdrawn again: %v", err)
	}
	over(word, "withdrawn")
	if err := l.RevokeInvitation(t.Context(), l.owner,
		id.New[id.Invitation]()); fault.CodeOf(err) != access.CodeInvitationNotFound {
		t.Errorf("none: %v", err)
	}
	_, word = l.invite(t, l.owner, "a@example.cn", tenants.RoleFinance)
	l.clock.Advance(access.InvitationFor)
	over(word, "late")
	_, word = l.invite(t, l.owner, "a@example.cn", tenants.RoleFinance)
	over(word+"a", "longer")
	over("", "empty")
	if err := l.db.InTenant(t.Context(), l.owner.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE tenants SET status = 'suspended'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	over(word, "suspended")
}

// TestAttackInvitation: an invitation is good for its platform, its address and its role only, and nobody invites to
// more than they have.
func TestAttackInvitation(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	b := l.tenant(t)
	i, word := l.invite(t, l.owner, "a@example.cn", tenants.RoleFinance)
	// the word with another platform's identifier in front
	_, other := l.invite(t, b, "a@example.cn", tenants.RoleOwner)
	forged := other[:24] + word[24:]
	if _, err := l.accept(t, forged, l.joins(t, "a@example.cn")); fault.CodeOf(err) != access.CodeInvitationEnded {
		t.Errorf("used on another platform: %v", err)
	}
	if err := l.RevokeInvitation(t.Context(), b, i.ID); fault.CodeOf(err) != access.CodeInvitationNotFound {
		t.Errorf("withdrawn by another platform: %v", err)
	}
	if _, err := l.accept(t, word,
		l.joins(t, "thief@example.cn")); fault.CodeOf(err) != access.CodeInvitationOtherAddress {
		t.Errorf("accepted by another address: %v", err)
	}
	admin := l.owner
	admin.Role = tenants.RoleAdmin
	if _, _, err := l.CreateInvitation(t.Context(), admin, access.NewMember{Email: "o@example.cn",
		Role: tenants.RoleOwner}); fault.CodeOf(err) != access.CodeRoleExceedsOwn {
		t.Errorf("an admin invites an owner: %v", err)
	}
	if _, err := l.accept(t, word, l.joins(t, "a@example.cn")); err != nil { // the control
		t.Error(err)
	}
}

// TestInvitationRace: of many who accept one invitation at once, one is the member.
func TestInvitationRace(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	_, word := l.invite(t, l.owner, "a@example.cn", tenants.RoleFinance)
	var all []access.Joiner
	for range 4 {
		all = append(all, l.joins(t, "a@example.cn"))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for _, j := range all {
		wg.Go(func() {
			_, err := l.AcceptInvitation(t.Context(), l.people, word, j)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				in++
			} else if fault.CodeOf(err) != access.CodeInvitationEnded {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d are the member", in)
	}
}

// TestInvitationOfAListedMember: who is listed already and has not signed in is invited to what they are listed as.
func TestInvitationOfAListedMember(t *testing.T) {
	t.Parallel()
	l := newLobby(t)
	member := id.New[id.Member]()
	if err := l.db.InTenant(t.Context(), l.owner.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "INSERT INTO members (id, email, role) VALUES ($1, 'owner@example.cn', 'owner')", member)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.CreateInvitation(t.Context(), l.owner, access.NewMember{Email: "owner@example.cn",
		Role: tenants.RoleAdmin}); fault.CodeOf(err) != access.CodeMemberEmailTaken {
		t.Errorf("to another role: %v", err)
	}
	_, word := l.invite(t, l.owner, "owner@example.cn", tenants.RoleOwner)
	p, err := l.accept(t, word, l.joins(t, "owner@example.cn"))
	if err != nil {
		t.Fatal(err)
	}
	if in, err := l.people.Memberships(t.Context(), p); err != nil || len(in) != 1 || in[0].Member != member {
		t.Errorf("%v %v", in, err)
	}
}
