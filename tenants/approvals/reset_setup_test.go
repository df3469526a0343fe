package approvals_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/approvals"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

const (
	scheduled = vocabulary.ApprovalScheduled
	oldWord   = "correct horse battery staple"
	newWord   = "quite another horse battery"
)

// team is a platform with people who can sign in.
type team struct {
	*world
	people   *people.Service
	sessions *sessions.Service
	asker    person // an admin
	approver person // an owner
	lost     person // support, who has lost everything
}

// person is somebody who is a member, and signed in.
type person struct {
	tenants.Actor
	id    id.Person
	email string
	token string
}

func newTeam(t *testing.T) *team {
	t.Helper()
	w := &team{world: setup(t)}
	w.Clock.Freeze(w.Clock.Now())
	w.people = people.New(w.DB, w.Vault, w.Clock, people.Post{Mails: w.Mails, PublicURL: "https://zhitong.example"})
	w.sessions = sessions.New(w.DB, w.Clock)
	w.svc = w.stepping(nil)
	w.asker, w.approver = w.joins(tenants.RoleAdmin, "asker"), w.joins(tenants.RoleOwner, "approver")
	w.lost = w.joins(tenants.RoleSupport, "lost")
	return w
}

// stepping is a service that calls step.
func (w *team) stepping(step func(string)) *approvals.Service {
	p := w.people
	if step != nil {
		p = people.New(w.DB, w.Vault, w.Clock, people.Post{Step: step})
	}
	return approvals.New(approvals.Config{DB: w.DB, Vault: w.Vault, Clock: w.Clock, Orders: w.Orders,
		Merchants: w.merchants, People: p, Sessions: w.sessions, Step: step})
}

// joins makes somebody a person and a member.
func (w *team) joins(role tenants.Role, name string) person {
	w.t.Helper()
	p := person{Actor: w.Actor, email: name + "@example.cn"}
	j, err := w.people.Prepare(w.t.Context(), p.email, secret.New(oldWord), secret.String{}, "",
		vocabulary.English, true)
	if err != nil {
		w.t.Fatal(err)
	}
	var m id.Member
	w.In(func(ctx context.Context, tx db.TenantTx) {
		if err := w.people.Create(ctx, tx, j); err != nil {
			w.t.Fatal(err)
		}
		m = w.memberOf(ctx, tx, j.ID, role)
	})
	s, token, err := w.sessions.Start(w.t.Context(), j.ID, []string{"password", "totp"}, "", "")
	if err != nil {
		w.t.Fatal(err)
	}
	p.id, p.Role, p.Caller, p.token = j.ID, role, tenants.BySession(s.ID, m), token.Reveal()
	return p
}

func (w *team) memberOf(ctx context.Context, tx db.TenantTx, p id.Person, role tenants.Role) id.Member {
	w.t.Helper()
	m := dbtest.Member(w.t, tx, func(m *dbsqlc.Member) { m.Role, m.PersonID = role, p })
	if err := people.Join(ctx, tx, p, m.ID); err != nil {
		w.t.Fatal(err)
	}
	return m.ID
}

// elsewhere makes somebody a member of another platform, too.
func (w *team) elsewhere(p person) (other id.Tenant) {
	w.t.Helper()
	other = dbtest.NewTenant(w.t, w.DB)
	if err := w.DB.InTenant(w.t.Context(), other, func(ctx context.Context, tx db.TenantTx) error {
		w.memberOf(ctx, tx, p.id, tenants.RoleOwner)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return other
}

func resetOf(p person) approvals.Params {
	return approvals.Params{Reset: &approvals.FactorReset{Member: p.Caller.Member()}}
}

func (w *team) tries(by tenants.Actor, p approvals.Params) (approvals.Approval, error) {
	a, _, err := w.svc.Ask(w.t.Context(), by, idempotency.Key{}, vocabulary.ApprovalFactorReset, p)
	return a, err
}

func (w *team) reset(by, of person) approvals.Approval {
	w.t.Helper()
	a, err := w.tries(by.Actor, resetOf(of))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// due is a reset that was asked for and approved, and whose time has come.
func (w *team) due() approvals.Approval {
	w.t.Helper()
	a := w.reset(w.asker, w.lost)
	if _, err := w.svc.Approve(w.t.Context(), w.approver.Actor, a.ID); err != nil {
		w.t.Fatal(err)
	}
	w.Clock.Advance(approvals.ResetWait)
	return a
}

func (w *team) carryOut() {
	w.t.Helper()
	if err := w.svc.CarryOut(w.t.Context(), w.Tenant); err != nil {
		w.t.Error(err)
	}
}

// ends checks how a reset has ended, and whether the member has lost what they sign in with: all of it, or nothing.
func (w *team) ends(a id.Approval, status vocabulary.ApprovalStatus, failure string) {
	w.t.Helper()
	got, err := w.svc.Get(w.t.Context(), w.Actor, a)
	if err != nil {
		w.t.Fatal(err)
	}
	if got.Status != status || string(got.Failure) != failure {
		w.t.Errorf("the reset is %s %q, want %s %q", got.Status, got.Failure, status, failure)
	}
	gone := status == approved
	var links, done int
	w.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM one_time_links WHERE person_id = $1),
			(SELECT count(*) FROM audit_log WHERE action = 'resetMemberFactors')`, w.lost.id).
			Scan(&links, &done); err != nil {
			w.t.Fatal(err)
		}
	})
	if links != b2i(gone) || done != b2i(gone) {
		w.t.Errorf("%d links and %d entries, want %d", links, done, b2i(gone))
	}
	_, _, in := w.people.SignIn(w.t.Context(), people.Attempt{Email: w.lost.email, Password: secret.New(oldWord)})
	if (in == nil) == gone {
		w.t.Errorf("the old password: %v", in)
	}
}
