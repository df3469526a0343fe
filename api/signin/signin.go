package signin

import (
	"errors"
	"net/http"
	"time"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/console"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// stepCookie keeps, between two pages, what the browser may carry but not read.
func (p *Pages) stepCookie(value string, life time.Duration) *http.Cookie {
	c := p.c.Cookies.Set(value)
	c.Name = p.stepName()
	c.MaxAge = int(life / time.Second)
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

func (p *Pages) stepName() string {
	if p.c.Cookies.Secure {
		return "__Host-zt_step"
	}
	return "zt_step"
}

// ticket is what the browser has kept since the password.
func (p *Pages) ticket(r *http.Request) secret.String {
	if all := r.CookiesNamed(p.stepName()); len(all) == 1 {
		return secret.New(all[0].Value)
	}
	return secret.String{}
}

// signedIn is the session of the request; false without one, or with one that is over.
func (p *Pages) signedIn(r *http.Request) (authn.Signed, bool, error) {
	token, ok := p.c.Cookies.Token(r)
	if !ok {
		return authn.Signed{}, false, nil
	}
	s, err := p.c.Sessions.Person(r.Context(), token)
	if fault.CodeOf(err) == sessions.CodeSessionEnded {
		return authn.Signed{}, false, nil
	}
	return authn.Signed{Session: s, Token: token}, err == nil, err
}

// person lets somebody through who is signed in; everybody else signs in first and comes back.
func (p *Pages) person(h func(w http.ResponseWriter, r *http.Request, me authn.Signed)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		me, ok, err := p.signedIn(r)
		switch {
		case err != nil:
			p.sorry(w, r, err)
		case ok:
			h(w, r, me)
		default:
			told := ""
			if _, had := p.c.Cookies.Token(r); had {
				if told = saidEnded; p.c.Missed(w, r) {
					p.sorry(w, r, fault.New(problem.RateLimited, "Too many attempts."))
					return
				}
			}
			back := accountPath
			if r.Method == http.MethodGet {
				back = r.URL.RequestURI()
			}
			p.lead(w, r, signInPath, "next", back, "said", told)
		}
	}
}

type signInView struct {
	view
	Action, Recover, SignUp string
	Password                passwordField
	Key                     *keyForm
}

func (p *Pages) signInPage(w http.ResponseWriter, r *http.Request) {
	to := next(r)
	if me, ok, err := p.signedIn(r); err == nil && ok {
		p.lead(w, r, p.landing(r, me.Person, me.Methods, to))
		return
	}
	t := p.words.of(r)
	v := signInView{view: p.view(r, t, t.SignInTitle, "narrow"), Action: withQuery(signInPath, "next", to),
		Recover: recoverPath, SignUp: signUpPath, Password: t.current(false), Key: p.signInForm(t, to)}
	if v.Key != nil {
		v.Key.Offer = true
	}
	p.render(w, r, http.StatusOK, "sign-in", v)
}

func (p *Pages) signInForm(t *text, to string) *keyForm {
	return optionsOf(p.keyForm(t, withQuery(signInPath+keyPart, "next", to), "get", t.UseKey),
		signInPath+keyPart+optionsPart)
}

// landing is where somebody is led who has just come in: where they wanted to go, else to the console, if they work for
// a platform and it would let them in, else to the portal, if they belong to a merchant, else to their account. Whoever
// has both finds both in either.
func (p *Pages) landing(r *http.Request, who id.Person, methods []people.Method, to string) string {
	if to != "" {
		return to
	}
	in, err := p.c.People.Memberships(r.Context(), who)
	if err != nil {
		return accountPath // it says what is wrong, if it still is
	}
	to = accountPath
	for _, m := range in {
		of, err := p.c.Access.Describe(r.Context(), m.Tenant, m.Member)
		switch {
		case err != nil || of == nil: // removed, or the platform is not active
		case of.Role.OfMerchant():
			to = console.PortalPath
		case people.Second(methods):
			return console.Path
		}
	}
	return to
}

func orAccount(to string) string {
	if to == "" {
		return accountPath
	}
	return to
}

// signIn takes address and password. Whoever has an authenticator app, whoever has typed something wrong and whoever
// has no account are all asked for a code next.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) {
	to := next(r)
	who, methods, ticket, err := p.c.People.Begin(r.Context(), people.Attempt{Email: r.PostFormValue("email"),
		Password: secret.New(r.PostFormValue("password")), Address: call.From(r.Context()).Address})
	switch {
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.lead(w, r, signInPath, "next", to, "said", saidLimited)
	case fault.CodeOf(err) == people.CodePasswordBlocked:
		p.lead(w, r, signInPath, "next", to, "said", saidBlocked)
	case err != nil:
		p.sorry(w, r, err)
	case ticket.IsZero():
		p.start(w, r, who, methods, to)
	default:
		http.SetCookie(w, p.stepCookie(ticket.Reveal(), people.TicketFor))
		p.lead(w, r, codePath, "next", to)
	}
}

// start signs somebody in: a new session with a new token, whatever the browser had before.
func (p *Pages) start(w http.ResponseWriter, r *http.Request, who people.Person, methods []people.Method, to string) {
	if before, ok, err := p.signedIn(r); err == nil && ok {
		if err := p.c.Sessions.End(r.Context(), before.Person, before.ID); err != nil {
			p.sorry(w, r, err)
			return
		}
	}
	_, token, err := p.c.Sessions.Start(r.Context(), who.ID, methods, call.From(r.Context()).Address, r.UserAgent())
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	http.SetCookie(w, p.stepCookie("", 0))
	http.SetCookie(w, p.c.Cookies.Set(token.Reveal()))
	p.lead(w, r, p.landing(r, who.ID, methods, to))
}

type codeView struct {
	view
	Action, Switch, Back string
	Recovery, CodeFocus  bool
	Key                  *keyForm
}

const withRecovery = "recovery"

func (p *Pages) codePage(w http.ResponseWriter, r *http.Request) {
	to := next(r)
	good, err := p.c.People.TicketGood(r.Context(), p.ticket(r))
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	if !good {
		p.lead(w, r, signInPath, "next", to, "said", saidOver)
		return
	}
	t := p.words.of(r)
	with, other := r.URL.Query().Get("with"), withRecovery
	if with == withRecovery {
		other = ""
	}
	p.render(w, r, http.StatusOK, "code", codeView{view: p.view(r, t, t.CodeTitle, "narrow"),
		Action: withQuery(codePath, "next", to, "with", with), Switch: withQuery(codePath, "next", to, "with", other),
		Back: withQuery(signInPath, "next", to), Recovery: with == withRecovery, CodeFocus: true,
		Key: p.signInForm(t, to)})
}

func (p *Pages) code(w http.ResponseWriter, r *http.Request) {
	to, with := next(r), r.URL.Query().Get("with")
	who, methods, err := p.c.People.Finish(r.Context(), p.ticket(r), typed(r.PostFormValue("code")),
		call.From(r.Context()).Address)
	switch {
	case errors.Is(err, people.ErrTicketOver):
		p.lead(w, r, signInPath, "next", to, "said", saidOver)
	case fault.CodeOf(err) == people.CodeSignInFailed:
		p.lead(w, r, codePath, "next", to, "with", with, "said", saidFailed)
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.lead(w, r, codePath, "next", to, "with", with, "said", saidLimited)
	case fault.CodeOf(err) == people.CodePasswordBlocked:
		p.lead(w, r, signInPath, "next", to, "said", saidBlocked)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.start(w, r, who, methods, to)
	}
}

// typed is a code as it was meant, however it was typed: with blanks, or in full width as Chinese keyboards do.
func typed(code string) string {
	var out []rune
	for _, r := range code {
		switch {
		case r >= '！' && r <= '～':
			out = append(out, r-'！'+'!')
		case r == ' ' || r == '\u3000' || r == '\t':
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// signOut ends the session, in this browser and at the server.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	me, ok, err := p.signedIn(r)
	if err == nil && ok {
		err = p.c.Sessions.End(r.Context(), me.Person, me.ID)
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	http.SetCookie(w, p.c.Cookies.Clear())
	p.lead(w, r, signInPath, "said", saidOut)
}
