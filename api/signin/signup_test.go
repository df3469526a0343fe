package signin_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/queue"
	"zhitong/tenants/people"
)

// asksToSignUp asks for a platform and returns where the link of the mail leads.
func asksToSignUp(t *testing.T, w *apitest.World, b *browser, platform string) string {
	t.Helper()
	if p := b.post("/signup", "email", lifang, "platform", platform); p.at != "/signup?said=sign-up" {
		t.Fatalf("%s %s", p.at, p.body)
	}
	return link(t, w)
}

// TestSignUpPages: an address is confirmed before anything exists; then password and app, recovery codes, and the
// account with a sandbox platform, of which one is the owner. The link works once.
func TestSignUpPages(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	b := newBrowser(t, w)
	if p := b.get("/sign-in"); !p.said(`href="/signup"`) {
		t.Errorf("%s", p.body)
	}
	if p := b.post("/signup", "email", "nothing", "platform", "甲"); p.at != "/signup?said=form" {
		t.Errorf("%s", p.at)
	}
	at := asksToSignUp(t, w, b, "星河卡盟")
	p := b.get(at)
	if !p.said("星河卡盟") || !p.said(lifang) || !p.said(`data-passkey="create"`) {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p = b.post(at, "password", "星河卡盟星河卡盟星河"); p.at != at+"?said=weak" {
		t.Errorf("the platform's name as the password: %s", p.at)
	}
	p = b.post(at, "password", password)
	s := &somebody{w: w, email: lifang, app: shownKey(t, p)}
	p = b.post(at+"/app", "code", s.code(t))
	if len(codeShown.FindAllString(p.body, -1)) != 10 {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p = b.get("/account"); !p.said("星河卡盟") || !p.said("Owner") || !p.said("sandbox") {
		t.Errorf("%s %s", p.at, p.body)
	}
	if p = newBrowser(t, w).get(at); p.status != 404 {
		t.Errorf("again: %d", p.status)
	}
}

// TestSignUpByPasskey: a device alone is enough; somebody known signs in on the way and has a second platform; another
// person cannot take the link.
func TestSignUpByPasskey(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	b, d := newBrowser(t, w), device(w)
	at := asksToSignUp(t, w, b, "甲平台")
	options, ticket := b.asked(at + "/passkey/options")
	p := b.post(at+"/passkey", "ticket", ticket, "credential", d.Create(t, options))
	if len(codeShown.FindAllString(p.body, -1)) != 10 {
		t.Fatalf("%s %s", p.at, p.body)
	}
	at = asksToSignUp(t, w, b, "乙平台")
	fresh := newBrowser(t, w)
	options, ticket = fresh.asked(at + "/passkey/options")
	p = fresh.post(at+"/passkey", "ticket", ticket, "credential", device(w).Create(t, options))
	if !strings.HasPrefix(p.at, "/sign-in?") || !strings.Contains(p.at, "said=known") {
		t.Errorf("somebody known, as somebody new: %s", p.at)
	}
	other := newBrowser(t, w)
	newSomebody(t, w, "mallory@example.cn", true).signIn(t, other)
	if p = other.post(at); p.at != at || !p.said("was sent to another address") {
		t.Errorf("another person: %s %s", p.at, p.body)
	}
	if p = b.post(at); p.at != "/account?said=joined" || !p.said("甲平台") || !p.said("乙平台") { // control
		t.Errorf("%s %s", p.at, p.body)
	}
}

// TestSignUpTwiceAtOnce: one link makes one platform.
func TestSignUpTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, true), newBrowser(t, w)
	s.signIn(t, b)
	at := asksToSignUp(t, w, b, "甲平台")
	var all sync.WaitGroup
	made := make(chan bool, 4)
	for range cap(made) {
		all.Go(func() { made <- strings.Contains(b.post(at).at, "joined") })
	}
	all.Wait()
	close(made)
	n := 0
	for ok := range made {
		if ok {
			n++
		}
	}
	if p := b.get("/account"); n != 1 || strings.Count(p.body, "甲平台") != 1 {
		t.Errorf("%d made: %s", n, p.body)
	}
}

// TestAttackWhoSignsUp: the answers are the same, and as many mails are written, whether or not somebody has the
// address; mails to one address are few.
func TestAttackWhoSignsUp(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	w.Clock.Freeze(w.Clock.Now())
	newSomebody(t, w, lifang, true)
	var answers []string
	for _, email := range []string{lifang, "nobody@example.cn"} {
		b, before, all := newBrowser(t, w), len(jobs(t, w, queue.LinkMail{}.Kind())), ""
		for range 6 {
			p := b.post("/signup", "email", email, "platform", "甲平台")
			all += p.at + p.body
		}
		if n := len(jobs(t, w, queue.LinkMail{}.Kind())) - before; n != 4 {
			t.Errorf("%s: %d mails", email, n)
		}
		answers = append(answers, all)
	}
	if answers[0] != answers[1] || !strings.Contains(answers[0], "said=sign-up") ||
		!strings.Contains(answers[0], "said=soon") {
		t.Errorf("the answers differ: %s, %s", answers[0], answers[1])
	}
	b := newBrowser(t, w)
	w.Clock.Advance(time.Minute)
	if at := asksToSignUp(t, w, b, "甲平台"); !b.get(at).said("甲平台") { // control
		t.Errorf("%s", at)
	}
	w.Clock.Advance(time.Minute)
	at := asksToSignUp(t, w, b, "甲平台")
	w.Clock.Advance(people.SignUpFor)
	if p := b.get(at); p.status != 404 {
		t.Errorf("late: %d", p.status)
	}
}
