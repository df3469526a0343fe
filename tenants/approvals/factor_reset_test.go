package approvals_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/approvals"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// TestReset: one asks, another approves, both the member and who asked are mailed, and a day later all that the member
// signs in with is gone; the link that is mailed lets them in again, once.
func TestReset(t *testing.T) {
	t.Parallel()
	w := newTeam(t)
	a := w.reset(w.asker, w.lost)
	post := people.Post{Mails: w.Mails, PublicURL: "https://zhitong.example"}
	mailed := func(text string) {
		t.Helper()
		for _, p := range []person{w.lost, w.asker} {
			if err := w.svc.MailReset(t.Context(), post, w.Tenant, a.ID, p.Caller.Member()); err != nil {
				t.Fatal(err)
			}
			if got := w.Mailed(p.email); len(got) == 0 || !strings.Contains(got[0], text) {
				t.Errorf("%s reads %q, want %q", p.email, got, text)
			}
		}
	}
	mailed("has to approve it")
	if n := w.jobs("reset_mail"); n != 2 {
		t.Errorf("%d mails when it is asked", n)
	}
	for range 2 {
		got, err := w.svc.Approve(t.Context(), w.approver.Actor, a.ID)
		if err != nil || got.Status != scheduled || got.NotBefore == nil ||
			!got.NotBefore.Equal(w.Clock.Now().Add(24*time.Hour)) ||
			got.ApprovedBy != w.approver.Caller.Member().String() {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	mailed("is done on")
	if n := w.jobs("reset_mail"); n != 4 {
		t.Errorf("%d mails when it is approved", n)
	}
	w.Clock.Advance(approvals.ResetWait - time.Microsecond)
	w.carryOut()
	w.ends(a.ID, scheduled, "")
	w.Clock.Advance(time.Microsecond)
	for range 2 {
		w.carryOut()
	}
	w.ends(a.ID, approved, "")
	if n := w.Count("events", "subject_id = $1", a.ID); n != 3 {
		t.Errorf("%d events", n)
	}
	if _, err := w.sessions.Person(t.Context(), w.lost.token); fault.CodeOf(err) != sessions.CodeSessionEnded {
		t.Errorf("the session: %v", err)
	}
	if got, err := w.svc.Approve(t.Context(), w.approver.Actor, a.ID); err != nil || got.Status != approved {
		t.Errorf("approved again: %+v, %v", got, err)
	}
	w.letIn()
}

// letIn lets the member in again by the link that is mailed, once.
func (w *team) letIn() {
	w.t.Helper()
	var link id.Link
	w.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "SELECT id FROM one_time_links WHERE person_id = $1",
			w.lost.id).Scan(&link); err != nil {
			w.t.Fatal(err)
		}
	})
	if err := w.people.SendLink(w.t.Context(), link); err != nil {
		w.t.Fatal(err)
	}
	mail := w.Mailed(w.lost.email)[0]
	word := regexp.MustCompile(`/sign-in/recover/(\S+)`).FindStringSubmatch(mail)
	if word == nil || !strings.Contains(mail, "two administrators") {
		w.t.Fatalf("the mail is %q", mail)
	}
	for n, want := range []error{nil, people.ErrLinkOver} {
		if err := w.people.Recover(w.t.Context(), word[1], secret.New(newWord), "", "", func(p id.Person) people.Also {
			return w.sessions.EndOthers(p, id.Session{})
		}); err != want {
			w.t.Errorf("%d: %v, want %v", n, err, want)
		}
	}
	if _, _, err := w.people.SignIn(w.t.Context(), people.Attempt{Email: w.lost.email,
		Password: secret.New(newWord)}); err != nil {
		w.t.Errorf("the new password: %v", err)
	}
}

func (w *team) jobs(kind string) (n int) {
	w.t.Helper()
	w.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM river.river_job WHERE kind = $1", kind).Scan(&n); err != nil {
			w.t.Fatal(err)
		}
	})
	return n
}

// TestAttackReset: no key asks or approves, nobody below the member, nobody for themselves, and nobody alone; the
// control is approved.
func TestAttackReset(t *testing.T) {
	t.Parallel()
	w := newTeam(t)
	admin := w.joins(tenants.RoleAdmin, "another")
	finance := w.joins(tenants.RoleFinance, "finance")
	nobody := person{Actor: tenants.Actor{Caller: tenants.BySession(id.Session{}, w.member())}}
	stranger := person{Actor: tenants.Actor{Caller: tenants.BySession(id.Session{}, id.New[id.Member]())}}
	for name, c := range map[string]struct {
		by   tenants.Actor
		of   person
		code string
	}{
		"an owner's key":            {w.Actor, w.lost, "person_required"},
		"support":                   {w.lost.Actor, finance, "approval_not_yours"},
		"an admin of an owner":      {w.asker.Actor, w.approver, "role_exceeds_own"},
		"oneself":                   {w.asker.Actor, w.asker, "approval_not_needed"},
		"a member who never came":   {w.asker.Actor, nobody, "approval_not_needed"},
		"somebody who is no member": {w.asker.Actor, stranger, "member_not_found"},
	} {
		_, err := w.tries(c.by, resetOf(c.of))
		wants(t, name+" asks", err, c.code)
	}
	a := w.reset(w.asker, w.lost)
	_, err := w.tries(w.approver.Actor, resetOf(w.lost))
	wants(t, "asked twice", err, "approval_waiting")
	for name, c := range map[string]struct {
		by   tenants.Actor
		code string
	}{
		"who asked": {w.asker.Actor, "second_person_required"},
		"a key":     {w.second, "person_required"},
		"finance":   {finance.Actor, "approval_not_yours"},
		"a member who came after it": {w.joins(tenants.RoleOwner, "young").Actor,
			"second_person_required"},
	} {
		_, err := w.svc.Approve(t.Context(), c.by, a.ID)
		wants(t, name+" approves", err, c.code)
	}
	above := w.reset(w.approver, w.owner())
	_, err = w.svc.Approve(t.Context(), admin.Actor, above.ID)
	wants(t, "an admin approves an owner's", err, "role_exceeds_own", "second_person_required")
	own := w.reset(w.approver, admin)
	_, err = w.svc.Approve(t.Context(), admin.Actor, own.ID)
	wants(t, "the member approves", err, "second_person_required")
	w.ends(a.ID, waiting, "")
	if got, err := w.svc.Approve(t.Context(), admin.Actor, a.ID); err != nil || got.Status != scheduled {
		t.Errorf("control: %+v, %v", got, err)
	}
	_, err = w.tries(w.approver.Actor, resetOf(w.lost))
	wants(t, "asked while it is scheduled", err, "approval_waiting")
}

// owner is another owner.
func (w *team) owner() person { return w.joins(tenants.RoleOwner, "owner") }

// TestAttackResetOfAnothersMember: people of one platform do not take over who works for another one, too, whether
// they did before or joined it while the reset waited. A live platform may do it beside its own sandbox, not the
// sandbox beside the live one.
func TestAttackResetOfAnothersMember(t *testing.T) {
	t.Parallel()
	twin := func(w *team, live bool) {
		other := w.elsewhere(w.lost)
		if live {
			w.Change("UPDATE tenants SET mode = 'live', twin_id = $1", other)
			return
		}
		w.Change("UPDATE tenants SET twin_id = $1", other)
	}
	for name, c := range map[string]struct {
		before, between func(w *team)
		failure         string
	}{
		"a member of another platform": {func(w *team) { w.elsewhere(w.lost) }, nil, "member_elsewhere"},
		"joins another meanwhile":      {nil, func(w *team) { w.elsewhere(w.lost) }, "member_elsewhere"},
		"by the sandbox":               {func(w *team) { twin(w, false) }, nil, "member_elsewhere"},
		"by the live platform":         {func(w *team) { twin(w, true) }, nil, ""},
		"a live one and a third": {func(w *team) { twin(w, true); w.elsewhere(w.lost) }, nil,
			"member_elsewhere"},
		"control": {nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTeam(t)
			if c.before != nil {
				c.before(w)
			}
			a := w.reset(w.asker, w.lost)
			_, err := w.svc.Approve(t.Context(), w.approver.Actor, a.ID)
			if c.before != nil && c.failure != "" {
				wants(t, "approved", err, "approval_outdated")
				w.ends(a.ID, refused, c.failure)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.between != nil {
				c.between(w)
			}
			w.Clock.Advance(approvals.ResetWait)
			w.carryOut()
			if c.failure != "" {
				w.ends(a.ID, refused, c.failure)
				return
			}
			w.ends(a.ID, approved, "")
		})
	}
}

// TestResetOutdated: whoever asked or approved and has lost the right since does nothing, nor does anybody to a member
// who stands above them by now, nor in a platform that is suspended.
func TestResetOutdated(t *testing.T) {
	t.Parallel()
	role := func(p func(w *team) person, to tenants.Role) func(w *team) {
		return func(w *team) { w.Change("UPDATE members SET role = $1 WHERE id = $2", to, p(w).Caller.Member()) }
	}
	asker := func(w *team) person { return w.asker }
	approver := func(w *team) person { return w.approver }
	lost := func(w *team) person { return w.lost }
	for name, c := range map[string]struct {
		between func(w *team)
		failure string
	}{
		"who asked lost the role":    {role(asker, tenants.RoleFinance), "asker_may_not"},
		"who approved lost the role": {role(approver, tenants.RoleFinance), "approver_may_not"},
		"the member stands above":    {role(lost, tenants.RoleOwner), "asker_may_not"},
		"the member is one no more":  {func(w *team) { w.leaves(w.lost) }, "member_not_found"},
		"who asked has left":         {func(w *team) { w.leaves(w.asker) }, "asker_may_not"},
		"who approved has left":      {func(w *team) { w.leaves(w.approver) }, "approver_may_not"},
		"the platform is suspended": {func(w *team) { w.Change("UPDATE tenants SET status = 'suspended'") },
			"tenant_not_active"},
		"control: the member is below": {role(lost, tenants.RoleDeveloper), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, approvedBefore := range []bool{false, true} {
				w := newTeam(t)
				a := w.reset(w.asker, w.lost)
				if !approvedBefore {
					if c.failure == "" || c.failure == "approver_may_not" {
						continue
					}
					c.between(w)
					_, err := w.svc.Approve(t.Context(), w.approver.Actor, a.ID)
					wants(t, "approved", err, "approval_outdated")
					w.ends(a.ID, refused, c.failure)
					continue
				}
				if _, err := w.svc.Approve(t.Context(), w.approver.Actor, a.ID); err != nil {
					t.Fatal(err)
				}
				c.between(w)
				w.Clock.Advance(approvals.ResetWait)
				w.carryOut()
				if c.failure == "" {
					w.ends(a.ID, approved, "")
					continue
				}
				w.ends(a.ID, refused, c.failure)
			}
		})
	}
}

func (w *team) leaves(p person) {
	w.t.Helper()
	w.Change("DELETE FROM memberships WHERE person_id = $1", p.id)
	w.Change("DELETE FROM members WHERE id = $1", p.Caller.Member())
}

// TestResetIsStopped: until it is done the member stops it, who asked and owners withdraw it, and others who may
// approve refuse it; nobody else does, and nothing is done after that.
func TestResetIsStopped(t *testing.T) {
	t.Parallel()
	w := newTeam(t)
	other := w.joins(tenants.RoleSupport, "other")
	for name, stop := range map[string]func(a id.Approval) error{
		"the member": func(a id.Approval) error {
			_, err := w.svc.Stop(t.Context(), w.lost.Actor, a)
			return err
		},
		"who asked": func(a id.Approval) error {
			_, err := w.svc.Withdraw(t.Context(), w.asker.Actor, a)
			return err
		},
		"an owner": func(a id.Approval) error {
			_, err := w.svc.Withdraw(t.Context(), w.approver.Actor, a)
			return err
		},
		"another who may approve": func(a id.Approval) error {
			_, err := w.svc.Refuse(t.Context(), w.approver.Actor, a, "先核实")
			return err
		},
	} {
		for _, approve := range []bool{false, true} {
			a := w.reset(w.asker, w.lost)
			if approve {
				if _, err := w.svc.Approve(t.Context(), w.approver.Actor, a.ID); err != nil {
					t.Fatal(err)
				}
			}
			_, err := w.svc.Stop(t.Context(), other.Actor, a.ID)
			wants(t, "another member stops it", err, "approval_not_found")
			_, err = w.svc.Withdraw(t.Context(), other.Actor, a.ID)
			wants(t, "another member withdraws it", err, "approval_not_yours")
			if err := stop(a.ID); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			wants(t, name+" again", stop(a.ID), "approval_ended")
			w.Clock.Advance(approvals.ResetWait)
			w.carryOut()
			got, err := w.svc.Get(t.Context(), w.Actor, a.ID)
			if err != nil || got.Status != refused && got.Status != withdrawn {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
	a := w.due()
	w.carryOut()
	_, err := w.svc.Stop(t.Context(), w.lost.Actor, a.ID)
	wants(t, "stopped too late", err, "approval_ended")
	w.ends(a.ID, approved, "")
}

// TestResetCrash: wherever the program dies, it is done once in the end, or refused once.
func TestResetCrash(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"due", "reset", "carried out", "carry-out ended", "cannot"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w := newTeam(t)
			a := w.due()
			if at == "cannot" {
				w.leaves(w.asker)
			}
			died := func() (died bool) {
				defer func() { died = recover() != nil }()
				_ = w.stepping(func(name string) {
					if name == at {
						panic("killed")
					}
				}).CarryOut(t.Context(), w.Tenant)
				return false
			}()
			if !died {
				t.Fatal("it was not killed")
			}
			w.carryOut()
			if at == "cannot" {
				w.ends(a.ID, refused, "asker_may_not")
				return
			}
			w.ends(a.ID, approved, "")
		})
	}
}

// TestResetAtOnce: of two programs that carry it out, the member who stops it and an owner who withdraws it one wins,
// and what the member signs in with is gone when it is a program.
func TestResetAtOnce(t *testing.T) {
	t.Parallel()
	w := newTeam(t)
	a := w.due()
	var wg sync.WaitGroup
	for n, do := range []func() error{
		func() error { return w.svc.CarryOut(t.Context(), w.Tenant) },
		func() error { return w.stepping(nil).CarryOut(t.Context(), w.Tenant) },
		func() error { _, err := w.svc.Stop(t.Context(), w.lost.Actor, a.ID); return err },
		func() error { _, err := w.svc.Withdraw(t.Context(), w.approver.Actor, a.ID); return err },
	} {
		wg.Go(func() {
			if err := do(); err != nil && fault.CodeOf(err) != approvals.CodeEnded {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	wg.Wait()
	got, err := w.svc.Get(t.Context(), w.Actor, a.ID)
	if err != nil || got.Status == scheduled {
		t.Fatalf("%+v, %v", got, err)
	}
	w.ends(a.ID, got.Status, "")
}

// TestResetOfOthers: another platform's job does nothing to it.
func TestResetOfOthers(t *testing.T) {
	t.Parallel()
	w := newTeam(t)
	a := w.due()
	if err := w.svc.CarryOut(t.Context(), dbtest.NewTenant(t, w.DB)); err != nil {
		t.Error(err)
	}
	w.ends(a.ID, scheduled, "")
}

// TestJoinWaits: somebody who joins another platform at the moment at which they are let in again waits for that, and
// it sees none that has not been joined.
func TestJoinWaits(t *testing.T) {
	t.Parallel()
	w := newTeam(t)
	a := w.due()
	other := dbtest.NewTenant(t, w.DB)
	ended := make(chan error, 1)
	joins := func() {
		ended <- w.DB.InTenant(t.Context(), other, func(ctx context.Context, tx db.TenantTx) error {
			return people.Join(ctx, tx, w.lost.id, id.New[id.Member]())
		})
	}
	if err := w.stepping(func(step string) {
		if step != "reset" { // the person is held
			return
		}
		go joins()
		for w.Count("pg_stat_activity", "datname = current_database() AND wait_event_type = 'Lock'") == 0 {
			select {
			case err := <-ended:
				ended <- err
				t.Error("it did not wait")
				return
			case <-t.Context().Done():
				return
			default:
			}
		}
	}).CarryOut(t.Context(), w.Tenant); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	w.ends(a.ID, approved, "")
}
