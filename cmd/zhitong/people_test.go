package main

import (
	"context"
	"strings"
	"testing"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// TestRecoverPerson: somebody who has lost everything gets a link that sets a password, once; nothing of before lets
// them in, their sessions have ended, and the platform reads who asked.
func TestRecoverPerson(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	const email, old, fresh = "lifang@example.cn", "correct horse battery staple", "quite another horse battery"
	p := people.New(w.db, w.vault(), clock.System{})
	j, err := p.Prepare(t.Context(), email, secret.New(old), secret.String{}, "", vocabulary.Chinese, true)
	if err != nil {
		t.Fatal(err)
	}
	member := id.New[id.Member]()
	if err := w.db.InTenant(t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := p.Create(ctx, tx, j); err != nil {
			return err
		}
		return people.Join(ctx, tx, j.ID, member)
	}); err != nil {
		t.Fatal(err)
	}
	in := sessions.New(w.db, clock.System{})
	_, token, err := in.Start(t.Context(), j.ID, []string{"password"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	w.run(2, "people", "recover", "--email", email) // without a reason
	w.run(1, "people", "recover", "--email", email, "--reason", "")
	w.run(1, "people", "recover", "--email", "nobody@example.cn", "--reason", "the founder")
	if _, err := in.Person(t.Context(), token.Reveal()); err != nil { // control
		t.Error(err)
	}
	link, errs := w.run(0, "people", "recover", "--email", email, "--reason", "the founder, by video")
	if strings.Contains(errs, "/sign-in/recover/") || !strings.Contains(link, "/sign-in/recover/") {
		t.Errorf("%s, %s", link, errs)
	}
	in.Forget()
	if _, err := in.Person(t.Context(), token.Reveal()); err == nil {
		t.Error("the session lives")
	}
	try := func(password string) error {
		_, _, err := p.SignIn(t.Context(), people.Attempt{Email: email, Password: secret.New(password)})
		return err
	}
	if try(old) == nil {
		t.Error("the old password lets in")
	}
	_, word, _ := strings.Cut(strings.TrimSpace(link), "/sign-in/recover/")
	set := func() error {
		return p.Recover(t.Context(), word, secret.New(fresh), "", "", func(who id.Person) people.Also {
			return in.EndOthers(who, id.Session{})
		})
	}
	if err := set(); err != nil {
		t.Fatal(err)
	}
	if set() == nil {
		t.Error("the link works twice")
	}
	if err := try(fresh); err != nil { // control
		t.Error(err)
	}
	var by, detail string
	query(t, w, "SELECT actor_id, detail FROM audit_log WHERE action = 'recoverPerson'", &by, &detail)
	if by != "people recover" || detail != "the founder, by video" {
		t.Errorf("audited as %q by %q", detail, by)
	}
}
