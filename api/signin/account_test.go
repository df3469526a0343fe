package signin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/queue"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// jobs are the arguments of the jobs of a kind.
func jobs(t *testing.T, w *apitest.World, kind string) (args []string) {
	t.Helper()
	if err := w.DB.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(array_agg(args::text ORDER BY id), '{}') FROM river.river_job
			WHERE kind = $1`, kind).Scan(&args)
	}); err != nil {
		t.Fatal(err)
	}
	return args
}

// link works the newest job of a mailed link and returns where the mail leads.
func link(t *testing.T, w *apitest.World) string {
	t.Helper()
	all := jobs(t, w, queue.LinkMail{}.Kind())
	_, text, _ := strings.Cut(all[len(all)-1], `"link_id": "`)
	u, err := uuid.Parse(text[:36])
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Deps.People.SendLink(t.Context(), id.Link(u)); err != nil {
		t.Fatal(err)
	}
	sent := w.Mails.All()
	mailed := sent[len(sent)-1]
	_, rest, ok := strings.Cut(mailed.Text, w.URL)
	if !ok || mailed.To != lifang || strings.Contains(all[len(all)-1], rest[:40]) {
		t.Fatalf("%+v", mailed)
	}
	return strings.Fields(rest)[0]
}

// TestRecovery: a link by mail and a code of the app set a new password, once; every session ends with it.
func TestRecovery(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, true)
	old, me := newBrowser(t, w), newBrowser(t, w)
	s.signIn(t, old)
	if p := me.post("/sign-in/recover", "email", lifang); p.at != "/sign-in/recover?said=sent" {
		t.Fatalf("%s", p.at)
	}
	at := link(t, w)
	if p := me.get(at); p.status != 200 || !p.said("recovery code") {
		t.Fatalf("%d %s", p.status, p.body)
	}
	if p := me.post(at, "password", "1234567890", "code", "000000"); p.at != at+"?said=weak" {
		t.Errorf("weak: %s", p.at)
	}
	if p := me.post(at, "password", "zmqpxlwokd", "code", "000000"); p.at != at+"?said=code" {
		t.Errorf("without the second factor: %s", p.at)
	}
	if p := old.get("/account"); p.at != "/account" {
		t.Errorf("an attempt has ended a session: %s", p.at)
	}
	if p := me.post(at, "password", "zmqpxlwokd", "code", s.code(t)); p.at != "/sign-in?said=new-password" {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p := old.get("/account"); !strings.HasPrefix(p.at, "/sign-in") {
		t.Errorf("the old session lives: %s", p.at)
	}
	if p := newBrowser(t, w).post(at, "password", "zmqpxlwokd", "code", s.code(t)); p.status != 404 {
		t.Errorf("again: %d", p.status)
	}
	me.post("/sign-in", "email", lifang, "password", "zmqpxlwokd")
	if p := me.post("/sign-in/code", "code", s.code(t)); p.at != "/account" {
		t.Errorf("with the new one: %s", p.at)
	}
	if n := len(jobs(t, w, queue.PersonMail{}.Kind())); n != 1 {
		t.Errorf("%d mails of the change", n)
	}
	me.post("/sign-in/recover", "email", lifang)
	late := link(t, w)
	w.Clock.Advance(people.RecoveryFor)
	if p := newBrowser(t, w).get(late); p.status != 404 {
		t.Errorf("late: %d", p.status)
	}
}

// TestCrashOfChange: a program that ends within a change has changed nothing: neither is the password new, nor has a
// session ended, nor is a mail queued.
func TestCrashOfChange(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	die := func(name string) {
		if name == "password set" {
			panic(name)
		}
	}
	s := newSomebody(t, w, lifang, true)
	first, second := newBrowser(t, w), newBrowser(t, w)
	s.signIn(t, first)
	s.signIn(t, second)
	first.post("/sign-in/recover", "email", lifang)
	at := link(t, w)
	w.Step.Store(&die)
	for name, change := range map[string]func() error{
		"recovery": func() error {
			return w.Deps.People.Recover(t.Context(), strings.TrimPrefix(at, "/sign-in/recover/"),
				secret.New("zmqpxlwokd"), s.code(t), "", func(p id.Person) people.Also {
					return w.Deps.Sessions.EndOthers(p, id.Session{})
				})
		},
		"change": func() error {
			return w.Deps.People.ChangePassword(t.Context(), s.id.ID, secret.New("zmqpxlwokd"),
				w.Deps.Sessions.EndOthers(s.id.ID, id.Session{}))
		},
	} {
		if err := dies(change); err == nil {
			t.Errorf("%s did not die", name)
		}
		w.Deps.Sessions.Forget()
		if p := second.get("/account"); p.at != "/account" {
			t.Errorf("%s: a session has ended: %s", name, p.at)
		}
	}
	if n := len(jobs(t, w, queue.PersonMail{}.Kind())); n != 0 {
		t.Errorf("%d mails", n)
	}
	w.Step.Store(nil)
	s.signIn(t, newBrowser(t, w)) // with the password of before
	again := newBrowser(t, w).post(at, "password", "zmqpxlwokd", "code", s.code(t))
	if p := again; p.at != "/sign-in?said=new-password" {
		t.Errorf("the link is used up: %s", p.at)
	}
	if p := second.get("/account"); !strings.HasPrefix(p.at, "/sign-in") { // control
		t.Errorf("%s", p.at)
	}
}

func dies(change func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.New("died")
		}
	}()
	return change()
}

// TestAttackWhoCanRecover: the answer is the same for an address that nobody has, and mails are few.
func TestAttackWhoCanRecover(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	newSomebody(t, w, lifang, true)
	w.Clock.Freeze(w.Clock.Now())
	var answers []string
	for _, email := range []string{lifang, "nobody@example.cn", "x"} {
		said := ""
		for range 5 {
			p := newBrowser(t, w).post("/sign-in/recover", "email", email)
			said += p.at + p.body
		}
		answers = append(answers, said)
	}
	if answers[0] != answers[1] || answers[0] != answers[2] {
		t.Errorf("the answers differ: %q", answers)
	}
	all := jobs(t, w, queue.LinkMail{}.Kind())
	for _, args := range all {
		_, text, _ := strings.Cut(args, `"link_id": "`)
		u, err := uuid.Parse(text[:36])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Deps.People.SendLink(t.Context(), id.Link(u)); err != nil {
			t.Error(err)
		}
	}
	if got := w.Mails.All(); len(got) != 4 || len(all) != 12 || got[0].To != lifang {
		t.Errorf("%d mails, %d jobs", len(got), len(all))
	}
}

// TestAttackElevation: nothing that needs a fresh proof is done without one, by whatever way; with one it goes on.
func TestAttackElevation(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, true)
	me, other := newBrowser(t, w), newBrowser(t, w)
	s.signIn(t, me)
	s.signIn(t, other)
	list, err := w.Deps.Sessions.List(t.Context(), s.id.ID)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	theirs := list[0].ID.String()
	for path, to := range map[string]string{
		"/account/codes":               "/account/prove?act=codes",
		"/account/app/remove":          "/account/prove?act=remove-app",
		"/account/sessions/end":        "/account/prove?act=end&of=" + theirs,
		"/account/sessions/end/others": "/account/prove?act=end-others",
		"/account/password":            "/account/prove?next=%2Faccount%2Fpassword",
		"/account/app":                 "/account/prove?next=%2Faccount%2Fapp",
	} {
		p := me.post(path, "of", theirs, "password", "zmqpxlwokd", "code", "000000")
		if !strings.HasPrefix(p.at, to) {
			t.Errorf("%s leads to %s", path, p.at)
		}
	}
	if p := me.post("/account/prove", "act", "end-others", "password", "zmqpxlwokd", "code", s.code(t)); !strings.
		Contains(p.at, "said=proof") || !strings.Contains(p.at, "act=end-others") {
		t.Errorf("a wrong proof: %s", p.at)
	}
	if p := other.get("/account"); p.at != "/account" || !p.said("authenticator") && !p.said("Authenticator") {
		t.Fatalf("something was done: %s", p.at)
	}
	before := me.cookie("zt_session")
	if p := me.post("/account/prove", "act", "end", "of", theirs, "password", password, "code", s.code(t)); p.at !=
		"/account?said=end" { // control
		t.Fatalf("%s %s", p.at, p.body)
	}
	if me.cookie("zt_session") == before {
		t.Error("the token is the same")
	}
	if p := other.get("/account"); !strings.Contains(p.at, "said=ended") {
		t.Errorf("the ended session: %s", p.at)
	}
	if p := me.post("/account/codes"); len(codeShown.FindAllString(p.body, -1)) != 10 {
		t.Errorf("at once after the proof: %s", p.at)
	}
	if p := me.post("/account/password", "password", "zmqpxlwokd"); p.at != "/account?said=changed" {
		t.Errorf("%s", p.at)
	}
	w.Clock.Advance(sessions.Elevated)
	if p := me.post("/account/codes"); p.at != "/account/prove?act=codes" {
		t.Errorf("after ten minutes: %s", p.at)
	}
}

// TestAppOfOnesOwn: whoever has no app sets one up, and signs in with it from then on.
func TestAppOfOnesOwn(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, false), newBrowser(t, w)
	b.post("/sign-in", "email", lifang, "password", password+password)
	if p := b.get("/account"); !p.said("No second factor yet") {
		t.Errorf("%s", p.body)
	}
	p := b.get("/account/app")
	if p.at != "/account/prove?next=%2Faccount%2Fapp" {
		t.Fatalf("%s", p.at)
	}
	if p = b.post("/account/prove", "next", "/account/app", "password", password+password); p.at != "/account/app" {
		t.Fatalf("%s", p.at)
	}
	s.app = shownKey(t, p)
	if p = b.post("/account/app", "code", s.code(t)); len(codeShown.FindAllString(p.body, -1)) != 10 {
		t.Fatalf("%s %s", p.at, p.body)
	}
	list, err := w.Deps.Sessions.List(t.Context(), s.id.ID)
	if err != nil || len(list) != 1 || !people.Second(list[0].Methods) {
		t.Errorf("%+v %v", list, err)
	}
	if _, _, err := w.Deps.People.SignIn(t.Context(), people.Attempt{Email: lifang,
		Password: secret.New(password + password)}); fault.CodeOf(err) != people.CodeSignInFailed {
		t.Errorf("without the app: %v", err)
	}
}

// TestTenFailuresAreTold: whoever is guessed at learns of it, once; for nobody no mail is queued.
func TestTenFailuresAreTold(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, true)
	for _, email := range []string{lifang, "nobody@example.cn"} {
		for range 12 {
			newBrowser(t, w).post("/sign-in", "email", email, "password", "another horse battery")
			w.Clock.Advance(time.Hour)
		}
	}
	all := jobs(t, w, queue.PersonMail{}.Kind())
	if len(all) != 1 || !strings.Contains(all[0], `"failures"`) {
		t.Fatalf("%v", all)
	}
	for _, what := range []string{"failures", "password", "factors"} {
		if err := w.Deps.People.Tell(t.Context(), s.id.ID, what); err != nil {
			t.Error(err)
		}
	}
	if got := w.Mails.All(); len(got) != 3 || got[0].To != lifang ||
		!strings.Contains(got[0].Text, w.URL+"/sign-in/recover") {
		t.Errorf("%+v", got)
	}
}
