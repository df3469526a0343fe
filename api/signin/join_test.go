package signin_test

import (
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
)

// invite invites an address to a platform and returns where the link leads.
func invite(t *testing.T, w *apitest.World, p *apitest.Tenant, email string, role tenants.Role) string {
	t.Helper()
	var made struct{ URL string }
	w.Must(t, p.Key(tenants.RoleOwner), http.MethodPost, "/v1/invitations",
		map[string]any{"email": email, "role": string(role)}, &made)
	return strings.TrimPrefix(made.URL, w.URL)
}

var keyShown = regexp.MustCompile(`<code id="key">([A-Z0-9 ]+)</code>`)

// shownKey is the key that a page shows for the app.
func shownKey(t *testing.T, p page) secret.String {
	t.Helper()
	found := keyShown.FindStringSubmatch(p.body)
	if found == nil {
		t.Fatalf("%s shows no key: %s", p.at, p.body)
	}
	return secret.New(strings.ReplaceAll(found[1], " ", ""))
}

var codeShown = regexp.MustCompile(`<li><code>([a-z0-9-]{19})</code>`)

// TestInvitationOfSomebodyNew: password, app, recovery codes, and the account with the platform.
func TestInvitationOfSomebodyNew(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	at := invite(t, w, w.NewTenant(t, "甲"), lifang, tenants.RoleAdmin)
	b := newBrowser(t, w)
	p := b.get(at)
	if !p.said("甲") || !p.said(lifang) || !p.said("Administrator") {
		t.Fatalf("%s", p.body)
	}
	if p = b.post(at, "password", "1234567890"); p.at != at+"?said=weak" {
		t.Errorf("a weak password: %s", p.at)
	}
	if p = b.post(at, "password", password); p.at != at+"/app" {
		t.Fatalf("after the password: %s %s", p.at, p.body)
	}
	s := &somebody{w: w, email: lifang, app: shownKey(t, p)}
	if p = b.post(at+"/app", "code", "000000"); p.at != at+"/app?said=code" || shownKey(t, p) != s.app {
		t.Errorf("a wrong code: %s", p.at)
	}
	p = b.post(at+"/app", "code", s.code(t))
	codes := codeShown.FindAllStringSubmatch(p.body, -1)
	if len(codes) != 10 || p.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d codes: %s %s", len(codes), p.at, p.body)
	}
	if p = b.get("/account"); !p.said("甲") || !p.said("Administrator") || !p.said("10 left") {
		t.Errorf("%s %s", p.at, p.body)
	}
	for name, at := range map[string]string{"used": at, "used, later": at + "/app",
		"made up": "/sign-in/invitation/aaaa"} {
		if p := newBrowser(t, w).get(at); !p.said("cannot be used") && !p.said("That took too long") {
			t.Errorf("%s: %d %s", name, p.status, p.body)
		}
	}
	b = newBrowser(t, w)
	b.post("/sign-in", "email", lifang, "password", password)
	if p := b.post("/sign-in/code?with=recovery", "code", codes[3][1]); p.at != "/console/" {
		t.Errorf("a recovery code: %s", p.at)
	}
}

// TestAttackInvitationOfAnother: somebody known signs in on the way and joins; another person cannot.
func TestAttackInvitationOfAnother(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, other := newSomebody(t, w, lifang, true), newSomebody(t, w, "mallory@example.cn", true)
	at := invite(t, w, w.NewTenant(t, "甲"), lifang, tenants.RoleFinance)
	b := newBrowser(t, w)
	other.signIn(t, b)
	if p := b.get(at); !p.said("was sent to another address") {
		t.Errorf("another's page: %s", p.body)
	}
	if p := b.post(at); !p.said("was sent to another address") {
		t.Errorf("another joins: %s %s", p.at, p.body)
	}
	if p := b.get("/account"); p.said("甲") {
		t.Errorf("another is in: %s", p.body)
	}
	b = newBrowser(t, w)
	p := b.post("/sign-in?next="+at, "email", lifang, "password", password)
	if p = b.post(p.at, "code", s.code(t)); p.at != at || !p.said("Join the platform") {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p = b.post(at); p.at != "/account?said=joined" || !p.said("甲") { // control
		t.Errorf("%s %s", p.at, p.body)
	}
}

// TestLandingOfMerchants: who belongs to a merchant is led to the portal, with a second factor or without; who works
// for a platform, too, to the console, which shows both.
func TestLandingOfMerchants(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, alone := newSomebody(t, w, lifang, true), newSomebody(t, w, "wangwei@example.cn", false)
	platform, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	merchants := func(email string) string {
		var made struct{ URL string }
		w.Must(t, platform.Key(tenants.RoleOwner), http.MethodPost, "/v1/invitations",
			map[string]any{"email": email, "role": "supplier", "merchant_id": platform.Supplier}, &made)
		return strings.TrimPrefix(made.URL, w.URL)
	}
	join := func(b *browser, at string) {
		if p := b.post(at); p.at != "/account?said=joined" {
			t.Fatalf("joins: %s %s", p.at, p.body)
		}
	}
	landing := func(b *browser) string {
		return b.post(b.post("/sign-in", "email", lifang, "password", password).at, "code", s.code(t)).at
	}
	b := newBrowser(t, w)
	if at := landing(b); at != "/account" { // control: a member of nothing
		t.Errorf("before: %s", at)
	}
	join(b, merchants(lifang))
	if p := b.get("/account"); !p.said(`href="/portal/` + platform.ID.String() + `"`) {
		t.Errorf("the account has no link to the portal: %s", p.body)
	}
	if at := landing(newBrowser(t, w)); at != "/portal/" {
		t.Errorf("a merchant's: %s", at)
	}
	b = newBrowser(t, w)
	b.post("/sign-in", "email", alone.email, "password", password+password)
	join(b, merchants(alone.email))
	p := newBrowser(t, w).post("/sign-in", "email", alone.email, "password", password+password)
	if p.at != "/portal/" {
		t.Errorf("a merchant's without a second factor: %s", p.at)
	}
	b = newBrowser(t, w)
	landing(b)
	join(b, invite(t, w, other, lifang, tenants.RoleFinance))
	if at := landing(newBrowser(t, w)); at != "/console/" {
		t.Errorf("with both: %s", at)
	}
}

// TestAttackEnrolmentElsewhere: what somebody has set up for one invitation is worth nothing for another's.
func TestAttackEnrolmentElsewhere(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	mine := invite(t, w, p, "mallory@example.cn", tenants.RoleSupport)
	theirs := invite(t, w, w.NewTenant(t, "乙"), lifang, tenants.RoleOwner)
	b := newBrowser(t, w)
	s := &somebody{w: w, app: shownKey(t, b.post(mine, "password", password))}
	if p := b.post(theirs+"/app", "code", s.code(t)); p.at != theirs+"?said=over" {
		t.Errorf("%s", p.at)
	}
	if p := b.post(mine+"/app", "code", s.code(t)); len(codeShown.FindAllString(p.body, -1)) != 10 { // control
		t.Errorf("%s %s", p.at, p.body)
	}
}

// TestAttackInvitationTwice: one link, two browsers at once: one of them is in.
func TestAttackInvitationTwice(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	at := invite(t, w, w.NewTenant(t, "甲"), lifang, tenants.RoleAdmin)
	var ready []*browser
	var codes []string
	for range 2 {
		b := newBrowser(t, w)
		s := &somebody{w: w, app: shownKey(t, b.post(at, "password", password))}
		ready, codes = append(ready, b), append(codes, s.code(t))
	}
	var in [2]bool
	var wg sync.WaitGroup
	for i, b := range ready {
		wg.Go(func() { in[i] = len(codeShown.FindAllString(b.post(at+"/app", "code", codes[i]).body, -1)) == 10 })
	}
	wg.Wait()
	if in[0] == in[1] {
		t.Errorf("in: %v", in)
	}
}

// TestInvitationOver: one that is late or withdrawn says what to do.
func TestInvitationOver(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	late := invite(t, w, p, lifang, tenants.RoleAdmin)
	w.Clock.Advance(access.InvitationFor)
	if p := newBrowser(t, w).get(late); p.status != http.StatusNotFound || !p.said("Ask for a new one") {
		t.Errorf("late: %d %s", p.status, p.body)
	}
}

// TestLink: the link of this machine's operator signs in once, when its button is pressed.
func TestLink(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, false)
	at, err := w.Deps.People.SignInLink(t.Context(), s.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, w)
	for range 2 {
		if p := b.get(at.Reveal()); p.status != http.StatusOK || b.cookie("zt_session") != "" {
			t.Fatalf("looking at it: %d", p.status)
		}
	}
	if p := b.post(at.Reveal()); p.at != "/account" {
		t.Errorf("%s %s", p.at, p.body)
	}
	if p := newBrowser(t, w).post(at.Reveal()); p.status != http.StatusNotFound {
		t.Errorf("again: %d", p.status)
	}
	if p := newBrowser(t, w).post(at.Reveal() + "a"); p.status != http.StatusNotFound {
		t.Errorf("made up: %d", p.status)
	}
	late, err := w.Deps.People.SignInLink(t.Context(), s.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(people.SignInFor + time.Second)
	if p := newBrowser(t, w).post(late.Reveal()); p.status != http.StatusNotFound {
		t.Errorf("late: %d", p.status)
	}
}

// TestAttackWhoIsInvited: an invitation tells nobody whether its address has an account: not the platform that invites,
// and not whoever opens the link and has not shown that the mailbox is theirs.
func TestAttackWhoIsInvited(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	newSomebody(t, w, lifang, true)
	var answers, shown []string
	for _, email := range []string{lifang, "wanger@example.cn"} {
		a := w.Do(t, p.Key(tenants.RoleOwner), http.MethodPost, "/v1/invitations",
			map[string]any{"email": email, "role": "finance"})
		var made struct {
			ID, URL   string
			CreatedAt string `json:"created_at"`
			ExpiresAt string `json:"expires_at"`
		}
		a.Into(t, &made)
		at := strings.TrimPrefix(made.URL, w.URL)
		same := strings.NewReplacer(email, "address", path.Base(at), "word", made.ID, "id",
			made.CreatedAt, "then", made.ExpiresAt, "later")
		answers = append(answers, same.Replace(string(a.Body)))
		shown = append(shown, same.Replace(newBrowser(t, w).get(at).body))
	}
	if answers[0] != answers[1] || !strings.Contains(answers[0], "address") {
		t.Errorf("the answers differ: %s\n%s", answers[0], answers[1])
	}
	if shown[0] != shown[1] || !strings.Contains(shown[0], "甲") {
		t.Errorf("the pages differ: %s\n%s", shown[0], shown[1])
	}
}
