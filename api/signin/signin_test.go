package signin_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
)

// TestSignIn: password, then the code, then the account; and out again.
func TestSignIn(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, true), newBrowser(t, w)
	if p := b.get("/account"); p.at != "/sign-in?next=%2Faccount" || p.status != http.StatusOK {
		t.Fatalf("without a session: %s %d", p.at, p.status)
	}
	p := s.signIn(t, b)
	if p.at != "/account" || !p.said(lifang) {
		t.Errorf("%s %s", p.at, p.body)
	}
	token := b.cookie("zt_session")
	if token == "" || b.cookie("zt_step") != "" {
		t.Errorf("the cookies are %q, %q", token, b.cookie("zt_step"))
	}
	if p := b.get("/sign-in?next=/account"); p.at != "/account" {
		t.Errorf("who is signed in is led to %s", p.at)
	}
	if p := b.post("/sign-out"); p.at != "/sign-in?said=out" || b.cookie("zt_session") != "" {
		t.Errorf("signed out: %s", p.at)
	}
	old := b.do(http.MethodGet, "/account", nil, "Cookie", "zt_session="+token)
	if p := old; !strings.Contains(p.at, "said=ended") {
		t.Errorf("the old token: %s", p.at)
	}
}

// TestSignInByRecoveryCode: a recovery code takes the place of the app, once.
func TestSignInByRecoveryCode(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, true), newBrowser(t, w)
	codes, err := w.Deps.People.NewRecoveryCodes(t.Context(), s.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"/account", "/sign-in/code?said=failed&with=recovery"} {
		b.post("/sign-out")
		b.post("/sign-in", "email", s.email, "password", password)
		if p := b.get("/sign-in/code?with=recovery"); !p.said("Recovery code") {
			t.Fatalf("%s %s", p.at, p.body)
		}
		if p := b.post("/sign-in/code?with=recovery", "code", " "+strings.ToUpper(codes[0])); p.at != want {
			t.Errorf("%d: %s", i, p.at)
		}
	}
}

// TestSignInWithoutApp: whoever has no app is in after the password.
func TestSignInWithoutApp(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, false), newBrowser(t, w)
	if p := b.post("/sign-in", "email", s.email, "password", password+password); p.at != "/account" {
		t.Errorf("%s %s", p.at, p.body)
	}
}

// TestAttackWhoIsThere: a wrong password, a right one whose code is wrong, and an address that nobody has are answered
// alike, page by page; the control is the right one.
func TestAttackWhoIsThere(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, true)
	var answers []string
	for _, c := range [][2]string{{lifang, "another horse battery"}, {lifang, password}, {"fang@example.c", password}} {
		b := newBrowser(t, w)
		before := w.Deps.People.Hashed()
		first := b.post("/sign-in", "email", c[0], "password", c[1])
		if n := w.Deps.People.Hashed() - before; n != 1 {
			t.Errorf("%v: %d password hashes were computed", c, n)
		}
		second := b.post(first.at, "code", "000000")
		shown := first.at + first.body + second.at + second.body
		shown = regexp.MustCompile(`[0-9A-Z_a-z-]{20,}`).ReplaceAllString(shown, "")
		answers = append(answers, shown)
	}
	if answers[0] != answers[1] || answers[0] != answers[2] {
		t.Errorf("the answers differ: %q", answers)
	}
	if p := s.signIn(t, newBrowser(t, w)); p.at != "/account" {
		t.Errorf("control: %s", p.at)
	}
}

// TestTicketEnds: the code comes within five minutes, and after the password that the ticket is of. A browser without a
// cookie of its own sends the ticket, so that there is one.
func TestTicketEnds(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, true), newBrowser(t, w)
	b.post("/sign-in", "email", s.email, "password", password)
	held := b.cookie("zt_step")
	w.Clock.Advance(people.TicketFor)
	with := func(step string) page {
		return newBrowser(t, w).do(http.MethodPost, "/sign-in/code", formOf("code", s.code(t)), "Cookie",
			"zt_step="+step)
	}
	for name, p := range map[string]page{
		"late":    with(held),
		"none":    newBrowser(t, w).post("/sign-in/code", "code", s.code(t)),
		"foreign": with("AAAA"),
		"page":    newBrowser(t, w).get("/sign-in/code"),
	} {
		if p.at != "/sign-in?said=over" {
			t.Errorf("%s: %s", name, p.at)
		}
	}
	b = newBrowser(t, w)
	b.post("/sign-in", "email", s.email, "password", password)
	if err := w.Deps.People.ChangePassword(t.Context(), s.id.ID, secret.New("zmqpxlwokd")); err != nil {
		t.Fatal(err)
	}
	if p := b.post("/sign-in/code", "code", s.code(t)); p.at != "/sign-in/code?said=failed" {
		t.Errorf("with the password of before: %s", p.at)
	}
	b.post("/sign-in", "email", s.email, "password", "zmqpxlwokd")
	held = b.cookie("zt_step")
	w.Clock.Advance(people.TicketFor - time.Minute)
	p := newBrowser(t, w).do(http.MethodPost, "/sign-in/code", formOf("code", s.code(t)), "Cookie", "zt_step="+held)
	if p.at != "/account" && !strings.HasPrefix(p.at, "/sign-in?next=") { // control: in, or led on without its cookie
		t.Errorf("in time: %s", p.at)
	}
}

// TestAttackOpenRedirect: sign-in leads to a page of ours and nowhere else.
func TestAttackOpenRedirect(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, true)
	b := newBrowser(t, w)
	s.signIn(t, b)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for asked, want := range map[string]string{
		"/console/a?b=1":         "/console/a?b=1", // control
		"/portal/a?b=1":          "/portal/a?b=1",
		"https://evil.example":   "/account",
		"//evil.example":         "/account",
		"/\\evil.example":        "/account",
		"/account/..//evil":      "/account",
		"/account\r\nX: y":       "/account",
		"javascript:alert(1)":    "/account",
		"/accountx":              "/account",
		"/v1/orders":             "/account",
		"http:/account":          "/account",
		"/%2f/evil.example":      "/account",
		"/account/%2e%2e/%2fevi": "/account",
	} {
		p := b.get("/sign-in?next=" + url.QueryEscape(asked))
		if got := p.header.Get("Location"); got != want {
			t.Errorf("%q leads to %q", asked, got)
		}
	}
}

// TestAttackForms: a form is taken from a page of ours only.
func TestAttackForms(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, true), newBrowser(t, w)
	s.signIn(t, b)
	for name, header := range map[string][]string{
		"another origin": {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		"no word":        {"Origin", "", "Sec-Fetch-Site", ""},
		"null":           {"Origin", "null", "Sec-Fetch-Site", ""},
		"a subdomain":    {"Sec-Fetch-Site", "same-site"},
	} {
		for _, to := range []string{"/sign-in", "/sign-in/code", "/sign-out"} {
			if p := b.do(http.MethodPost, to, formOf("email", lifang), header...); p.status != http.StatusForbidden {
				t.Errorf("%s to %s: %d", name, to, p.status)
			}
		}
	}
	if p := b.get("/account"); p.at != "/account" {
		t.Errorf("signed out by another site: %s", p.at)
	}
	if p := b.post("/sign-out"); p.at != "/sign-in?said=out" { // control
		t.Errorf("%s", p.at)
	}
}

// TestAttackSessionFixation: a token that somebody has put into the browser is worth nothing after sign-in, and the
// session that the browser had has ended.
func TestAttackSessionFixation(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s, b := newSomebody(t, w, lifang, true), newBrowser(t, w)
	u, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	b.http.Jar.SetCookies(u, []*http.Cookie{{Name: "zt_session", Value: "planted", Path: "/"}})
	s.signIn(t, b)
	first := b.cookie("zt_session")
	s.signIn(t, b)
	second := b.cookie("zt_session")
	if first == "planted" || second == first {
		t.Errorf("%q, %q", first, second)
	}
	for token, in := range map[string]bool{"planted": false, first: false, second: true} {
		p := newBrowser(t, w).do(http.MethodGet, "/account", nil, "Cookie", "zt_session="+token)
		if in != (p.at == "/account") {
			t.Errorf("%q: %s", token, p.at)
		}
	}
}

// TestAttackReadableCookie: on https the cookies are for this host alone and never travel readable.
func TestAttackReadableCookie(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t, func(d *api.Deps) { d.PublicURL = "https://pay.example.cn" })
	s := newSomebody(t, w, lifang, true)
	b := newBrowser(t, w)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.http.Jar = nil // it would send a Secure cookie to this machine, beside what the test sends
	step, err := http.ParseSetCookie(b.post("/sign-in", "email", lifang, "password", password).header.Get("Set-Cookie"))
	if err != nil || step.Name != "__Host-zt_step" || !step.Secure || !step.HttpOnly || step.Path != "/" {
		t.Fatalf("%v %v", step, err)
	}
	p := b.do(http.MethodPost, "/sign-in/code", formOf("code", s.code(t)), "Cookie", step.Name+"="+step.Value)
	if to := p.header.Get("Location"); to != "/account" {
		t.Fatalf("led to %q: %s", to, p.body)
	}
	var token string
	for _, text := range p.header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(text)
		if err != nil || !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" ||
			c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("%s: %v", text, err)
		}
		if c.Name == "__Host-zt_session" {
			token = c.Value
		}
	}
	for name, in := range map[string]bool{"zt_session": false, "__Host-zt_session": true} {
		p := b.do(http.MethodGet, "/account", nil, "Cookie", name+"="+token)
		if in != (p.status == http.StatusOK) {
			t.Errorf("%s: %d", name, p.status)
		}
	}
}

// TestAttackBruteForce: guessing by the pages is as bounded as any other way, whoever is guessed.
func TestAttackBruteForce(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := newSomebody(t, w, lifang, true)
	w.Clock.Freeze(w.Clock.Now())
	for _, address := range []string{lifang, "nobody@example.cn"} {
		b, limited := newBrowser(t, w), 0
		for range 8 {
			p := b.post("/sign-in", "email", address, "password", "another horse battery")
			if strings.Contains(p.at, "said=limited") {
				limited++
			}
		}
		if limited != 2 {
			t.Errorf("%s: %d of 8 were refused", address, limited)
		}
	}
	w.Clock.Advance(time.Minute)
	if p := s.signIn(t, newBrowser(t, w)); p.at != "/account" { // control
		t.Errorf("%s", p.at)
	}
}

// TestWeight: all that a browser loads to sign in is at most 12 kB, compressed.
func TestWeight(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	b := newBrowser(t, w)
	p := b.get("/sign-in")
	if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
		strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is %q", csp)
	}
	sum := packed(t, p.body)
	files := regexp.MustCompile(`(?:href|src)="(/sign-in/assets/[^"]+)"`).FindAllStringSubmatch(p.body, -1)
	if len(files) != 4 {
		t.Fatalf("%v", files)
	}
	for _, f := range files {
		a := b.get(f[1])
		if a.status != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d", f[1], a.status)
		}
		sum += packed(t, a.body)
	}
	if sum > 12_000 {
		t.Errorf("%d bytes", sum)
	}
	t.Logf("%d bytes", sum)
}

func packed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestLanguages: both have every text, the choice is remembered.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	b := newBrowser(t, w)
	if p := b.get("/sign-in?lang=zh&next=%2Fconsole"); !p.said("忘记密码") || !p.said(`lang="zh-CN"`) ||
		!p.said(`href="/sign-in?lang=en&amp;next=%2Fconsole"`) {
		t.Errorf("%s", p.body)
	}
	if p := b.get("/sign-in"); !p.said("忘记密码") {
		t.Errorf("forgotten: %s", p.body)
	}
	if p := b.get("/sign-in?lang=en"); !p.said("Forgot password") {
		t.Errorf("%s", p.body)
	}
}
