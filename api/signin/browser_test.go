package signin_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/people"
)

const (
	lifang   = "lifang@example.cn"
	password = "vqzkjwpxtn"
)

// browser is somebody's: it keeps cookies, follows where it is led, and says where its forms come from.
type browser struct {
	t    *testing.T
	w    *apitest.World
	http *http.Client
	lang string
}

func newBrowser(t *testing.T, w *apitest.World) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, w: w, http: &http.Client{Jar: jar, Timeout: 2 * time.Minute}, lang: "en"}
}

// page is what a browser shows.
type page struct {
	at     string // the address after all that it was led to
	status int
	header http.Header
	body   string
}

func (p page) said(text string) bool { return strings.Contains(p.body, text) }

func (b *browser) do(method, address string, form url.Values, header ...string) page {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.w.URL + address
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.lang)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.w.URL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := b.http.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{answer.Request.URL.RequestURI(), answer.StatusCode, answer.Header, string(raw)}
}

func (b *browser) get(address string) page { b.t.Helper(); return b.do(http.MethodGet, address, nil) }

// post sends a form of names and values.
func (b *browser) post(address string, pairs ...string) page {
	b.t.Helper()
	return b.do(http.MethodPost, address, formOf(pairs...))
}

func formOf(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// cookie is what the browser has of a name; empty: nothing.
func (b *browser) cookie(name string) string {
	u, err := url.Parse(b.w.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// somebody is a person with a password, and an authenticator app unless it is zero.
type somebody struct {
	w     *apitest.World
	id    people.Person
	email string
	app   secret.String
}

func newSomebody(t *testing.T, w *apitest.World, email string, app bool) *somebody {
	t.Helper()
	s := &somebody{w: w, email: email}
	code, pass := "", password+password
	if app {
		s.app, pass = people.NewTOTPSecret(), password
		code = s.code(t)
	}
	j, err := w.Deps.People.Prepare(t.Context(), email, secret.New(pass), s.app, code, vocabulary.English, !app)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DB.InTenant(t.Context(), dbtest.NewTenant(t, w.DB), func(ctx context.Context, tx db.TenantTx) error {
		return w.Deps.People.Create(ctx, tx, j)
	}); err != nil {
		t.Fatal(err)
	}
	if s.id, err = w.Deps.People.Get(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	return s
}

// code is the next one that the app shows.
func (s *somebody) code(t *testing.T) string {
	t.Helper()
	s.w.Clock.Advance(30 * time.Second)
	c, err := people.CodeAt(s.app.Reveal(), s.w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signIn signs the person in, by both pages.
func (s *somebody) signIn(t *testing.T, b *browser) page {
	t.Helper()
	p := b.post("/sign-in", "email", s.email, "password", password)
	if !strings.HasPrefix(p.at, "/sign-in/code") {
		t.Fatalf("after the password: %s %s", p.at, p.body)
	}
	if p = b.post(p.at, "code", s.code(t)); !strings.HasPrefix(p.at, "/account") {
		t.Fatalf("after the code: %s %s", p.at, p.body)
	}
	return p
}
