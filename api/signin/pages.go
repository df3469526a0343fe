// Package signin has the pages of people: sign-in, invitation, recovery, sign-up, and everybody's own account. They are
// rendered here and work without script; a form is answered by leading the browser to the page that shows what came of
// it. They load nothing from anywhere else. What a page does it does by the use cases that the API calls.
package signin

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/pages"
	"zhitong/api/problem"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
	"zhitong/tenants/signup"
	"zhitong/web"
	files "zhitong/web/signin"
)

// policy is the pages' Content-Security-Policy: their own files and nothing else, nothing inline, no frame around them.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
	"trusted-types 'none'"

// formMax bounds a form, in bytes: a password has up to 128 characters, which may be escaped, and a device answers in
// some kilobytes.
const formMax = 24 << 10

// Addresses of the pages.
const (
	signInPath     = "/sign-in"
	codePath       = "/sign-in/code"
	assetsPath     = "/sign-in/assets/"
	signOutPath    = "/sign-out"
	accountPath    = "/account"
	provePath      = "/account/prove"
	passwordPath   = "/account/password"
	appPath        = "/account/app"
	keyPath        = "/account/passkey"
	removeKeyPath  = "/account/passkey/remove"
	renameKeyPath  = "/account/passkey/name"
	stopPath       = "/account/stop"
	removeAppPath  = "/account/app/remove"
	codesPath      = "/account/codes"
	endPath        = "/account/sessions/end"
	linkPath       = "/sign-in/link"
	invitationPath = "/sign-in/invitation"
	signUpPath     = "/signup"
	recoverPath    = "/sign-in/recover"
)

// Ends of addresses.
const (
	keyPart     = "/passkey"
	optionsPart = "/options"
	appPart     = "/app"
)

// Config is what the pages need.
type Config struct {
	People    *people.Service
	Sessions  *sessions.Service
	Access    *access.Service
	Approvals *approvals.Service
	Clock     clock.Clock
	Problems  *problem.Writer
	Cookies   authn.Cookies
	SignUps   *signup.Service
	// SignUpLimited counts a sign-up, and tells whether its sender has made too many.
	SignUpLimited func(w http.ResponseWriter, r *http.Request) bool
	// Missed counts a wrong cookie or link, and tells whether its sender has tried too many.
	Missed func(w http.ResponseWriter, r *http.Request) bool
}

// Pages serves them.
type Pages struct {
	c         Config
	templates *template.Template
	words     *words
	assets    pages.Assets
	shared    assetNames
}

type assetNames struct{ Icon, Tokens, Style, Script string }

// New reads the pages' files.
func New(c Config) (*Pages, error) {
	p := &Pages{c: c, words: newWords(), assets: pages.NewAssets(assetsPath)}
	var err error
	p.templates, err = template.New("").Option("missingkey=error").ParseFS(files.Files(), "*.html")
	if err != nil {
		return nil, fmt.Errorf("read the sign-in pages: %w", err)
	}
	p.shared.Tokens = p.assets.Add("tokens.css", web.Tokens())
	for file, to := range map[string]*string{"icon.svg": &p.shared.Icon, "page.css": &p.shared.Style,
		"page.js": &p.shared.Script} {
		body, err := fs.ReadFile(files.Files(), file)
		if err != nil {
			return nil, fmt.Errorf("read %s of the sign-in pages: %w", file, err)
		}
		*to = p.assets.Add(file, body)
	}
	return p, nil
}

// Mount registers the pages.
func (p *Pages) Mount(r chi.Router) {
	r.Get(assetsPath+"{name}", p.named("signInAsset", p.asset))
	for _, at := range []struct {
		method, path, name string
		handler            http.HandlerFunc
	}{
		{http.MethodGet, signInPath, "signInPage", p.signInPage},
		{http.MethodPost, signInPath, "signIn", p.signIn},
		{http.MethodGet, codePath, "signInCodePage", p.codePage},
		{http.MethodPost, codePath, "signInCode", p.code},
		{http.MethodPost, signInPath + keyPart, "signInByPasskey", p.signInKey},
		{http.MethodPost, signInPath + keyPart + optionsPart, "beginSignInByPasskey", p.signInKeyOptions},
		{http.MethodPost, signOutPath, "signOut", p.signOut},
		{http.MethodGet, invitationPath + "/{word}", "invitationPage", p.invitation},
		{http.MethodPost, invitationPath + "/{word}", "acceptInvitation", with(p.byInvitation, p.enrol)},
		{http.MethodGet, invitationPath + "/{word}/app", "invitationAppPage", with(p.byInvitation, p.app)},
		{http.MethodPost, invitationPath + "/{word}/app", "confirmInvitationApp", with(p.byInvitation, p.confirmApp)},
		{http.MethodPost, invitationPath + "/{word}/passkey", "acceptInvitationByPasskey",
			with(p.byInvitation, p.joinKey)},
		{http.MethodPost, invitationPath + "/{word}/passkey/options", "beginInvitationPasskey",
			with(p.byInvitation, p.joinKeyOptions)},
		{http.MethodGet, signUpPath, "signUpPage", p.signUpPage},
		{http.MethodPost, signUpPath, "askSignUp", p.askSignUp},
		{http.MethodGet, signUpPath + "/{word}", "confirmedSignUpPage", p.signUp},
		{http.MethodPost, signUpPath + "/{word}", "signUp", with(p.bySignUp, p.enrol)},
		{http.MethodGet, signUpPath + "/{word}/app", "signUpAppPage", with(p.bySignUp, p.app)},
		{http.MethodPost, signUpPath + "/{word}/app", "confirmSignUpApp", with(p.bySignUp, p.confirmApp)},
		{http.MethodPost, signUpPath + "/{word}/passkey", "signUpByPasskey", with(p.bySignUp, p.joinKey)},
		{http.MethodPost, signUpPath + "/{word}/passkey/options", "beginSignUpPasskey",
			with(p.bySignUp, p.joinKeyOptions)},
		{http.MethodGet, recoverPath, "recoverPage", p.recoverPage},
		{http.MethodPost, recoverPath, "askRecovery", p.askRecovery},
		{http.MethodGet, recoverPath + "/{word}", "newPasswordPage", p.newPasswordPage},
		{http.MethodPost, recoverPath + "/{word}", "newPassword", p.newPassword},
		{http.MethodPost, recoverPath + "/{word}" + keyPart, "newPasswordByPasskey", p.recoverKey},
		{http.MethodPost, recoverPath + "/{word}" + keyPart + optionsPart, "beginNewPasswordByPasskey",
			p.recoverKeyOptions},
		{http.MethodGet, linkPath + "/{word}", "signInLinkPage", p.byLink},
		{http.MethodPost, linkPath + "/{word}", "signInByLink", p.useLink},
		{http.MethodGet, accountPath, "accountPage", p.person(p.accountPage)},
		{http.MethodGet, provePath, "provePage", p.person(p.provePage)},
		{http.MethodPost, provePath, "prove", p.person(p.prove)},
		{http.MethodGet, passwordPath, "ownPasswordPage", p.fresh(p.passwordPage)},
		{http.MethodPost, passwordPath, "changeOwnPassword", p.fresh(p.changePassword)},
		{http.MethodGet, appPath, "ownAppPage", p.fresh(p.ownAppPage)},
		{http.MethodPost, appPath, "confirmOwnApp", p.fresh(p.ownApp)},
		{http.MethodPost, provePath + keyPart, "proveByPasskey", p.person(p.proveKey)},
		{http.MethodPost, provePath + keyPart + optionsPart, "beginProofByPasskey", p.person(p.proveKeyOptions)},
		{http.MethodGet, keyPath, "ownPasskeyPage", p.fresh(p.ownKeyPage)},
		{http.MethodPost, keyPath, "makeOwnPasskey", p.fresh(p.ownKey)},
		{http.MethodPost, keyPath + optionsPart, "beginOwnPasskey", p.fresh(p.ownKeyOptions)},
		{http.MethodPost, removeKeyPath, "removeOwnPasskey", p.act(actRemoveKey)},
		{http.MethodGet, renameKeyPath, "renameOwnPasskeyPage", p.person(p.renameKeyPage)},
		{http.MethodPost, renameKeyPath, "renameOwnPasskey", p.person(p.renameKey)},
		{http.MethodPost, stopPath, "stopOwnReset", p.person(p.stop)},
		{http.MethodPost, removeAppPath, "removeOwnApp", p.act(actRemoveApp)},
		{http.MethodPost, codesPath, "newOwnCodes", p.act(actCodes)},
		{http.MethodPost, endPath, "endOwnSession", p.act(actEnd)},
		{http.MethodPost, endPath + "/others", "endOwnOtherSessions", p.act(actEndOthers)},
	} {
		h := at.handler
		if at.method == http.MethodPost {
			h = p.fromHere(h)
		}
		r.Method(at.method, at.path, p.named(at.name, h))
	}
}

func (p *Pages) named(name string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call.From(r.Context()).Operation = name
		h(w, r)
	}
}

// fromHere lets a form through that one of our pages has sent, and that is not endless.
func (p *Pages) fromHere(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := authn.SameSite(r); err != nil {
			p.sorry(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, formMax)
		if err := r.ParseForm(); err != nil {
			p.sorry(w, r, fault.New(tenants.CodeInvalidRequest, "The form cannot be read."))
			return
		}
		h(w, r)
	}
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	if !p.assets.Serve(w, r) {
		p.c.Problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
	}
}

// view is what every page shows.
type view struct {
	assetNames
	T           *text
	Lang, Title string
	Home, Other string // addresses: of the start, and of this page in the other language
	Width       string // of the page: narrow, middle or wide
	Said        *said
	Steps       []step
}

// said is what came of the form before.
type said struct{ Text, Tone string }

// step is one of several pages that follow one another.
type step struct {
	Name, Class string
	Current     bool
}

func stepsOf(at int, names ...string) []step {
	out := make([]step, len(names))
	for i, n := range names {
		out[i] = step{Name: n, Current: i == at}
		switch {
		case i < at:
			out[i].Class = "done"
		case i == at:
			out[i].Class = "now"
		}
	}
	return out
}

// passwordField is a field for a password.
type passwordField struct {
	Name, Label, Auto, Help, ShowText, HideText string
	Focus                                       bool
}

// fresh is a field for a new password.
func (t *text) fresh() passwordField {
	return passwordField{"password", t.NewPassword, "new-password", t.PasswordHelp, t.Show, t.Hide, true}
}

func (t *text) current(focus bool) passwordField {
	return passwordField{"password", t.Password, "current-password", "", t.Show, t.Hide, focus}
}

func (p *Pages) view(r *http.Request, t *text, title, width string) view {
	there := url.URL{Path: r.URL.Path}
	query := r.URL.Query()
	query.Set("lang", t.OtherLang)
	there.RawQuery = query.Encode()
	v := view{assetNames: p.shared, T: t, Lang: t.Lang, Title: title, Home: signInPath, Other: there.RequestURI(),
		Width: width}
	if s, ok := t.Said[query.Get("said")]; ok {
		v.Said = &s
	}
	return v
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, v any) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, v); err != nil {
		p.c.Problems.Write(w, r, fmt.Errorf("render the page %s: %w", name, err))
		return
	}
	p.rememberLanguage(w, r)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.words.of(r).Lang)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Without a referrer a browser would not tell where a form comes from either.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// lead sends the browser on. pairs are names and values of the query; empty values are left out.
func (p *Pages) lead(w http.ResponseWriter, r *http.Request, to string, pairs ...string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "same-origin")
	http.Redirect(w, r, withQuery(to, pairs...), http.StatusSeeOther)
}

func withQuery(to string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return to
	}
	return to + "?" + q.Encode()
}

// next is where the browser goes after sign-in: a page of ours that the form names, else the account.
func next(r *http.Request) string {
	asked := r.FormValue("next")
	u, err := url.Parse(asked)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" || len(asked) > nextMax ||
		strings.ContainsFunc(asked, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }) ||
		path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") {
		return ""
	}
	for _, at := range []string{accountPath, "/console", "/portal", invitationPath, signUpPath} {
		if u.Path == at || strings.HasPrefix(u.Path, at+"/") {
			return u.RequestURI()
		}
	}
	return ""
}

const nextMax = 1000

// sorryView is a page on which nothing can be done but to go elsewhere.
type sorryView struct {
	view
	Lead, To, ToText, Request string
}

// sorry tells of an error: what happened, and what to do now.
func (p *Pages) sorry(w http.ResponseWriter, r *http.Request, err error) {
	t := p.words.of(r)
	it := call.From(r.Context())
	of := p.c.Problems.Of(err)
	it.Err, it.Code = err, of.Code
	v := sorryView{view: p.view(r, t, t.BusyTitle, "narrow"), Lead: t.BusyLead, Request: it.ID, To: signInPath,
		ToText: t.ToSignIn}
	v.Said = nil
	switch {
	case of.Code == authn.CodeCrossSite:
		v.Title, v.Lead, v.Request = t.ForeignTitle, t.ForeignLead, ""
	case of.Code == problem.RateLimited:
		v.Title, v.Lead, v.Request = t.TooManyTitle, t.TooManyLead, ""
	case of.Status == http.StatusNotFound:
		v.Title, v.Lead, v.Request = t.MissingTitle, t.MissingLead, ""
	case of.Status < http.StatusInternalServerError:
		words := p.c.Problems.Words(of.Code)
		v.Title, v.Lead = words.TitleZh, words.MeaningZh
		if t.Lang == english().Lang {
			v.Title, v.Lead = words.Title, words.Meaning
		}
	}
	p.render(w, r, of.Status, "sorry", v)
}
