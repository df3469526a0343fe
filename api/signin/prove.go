package signin

import (
	"net/http"
	"strings"
	"time"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
)

// beijing is the zone that times are shown in.
func beijing() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// agentOf names the browser and the system of what a browser says of itself, as far as people know them.
func agentOf(agent string, t *text) string {
	find := func(pairs ...string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	browser := find("Edg/", "Edge", "MicroMessenger", "WeChat", "Firefox/", "Firefox", "Chrome/", "Chrome",
		"Safari/", "Safari")
	system := find("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS", "macOS",
		"Linux", "Linux")
	if browser == "" && system == "" {
		return t.UnknownAgent
	}
	return strings.Trim(browser+" · "+system, " ·")
}

type proveView struct {
	view
	Action, Act, Of, Next, Back, Lead string
	Password                          passwordField
	Second, CodeFocus                 bool
	HasPassword                       bool
	Key                               *keyForm
}

// provePage asks for a fresh proof and says what for.
func (p *Pages) provePage(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	t := p.words.of(r)
	f, err := p.c.People.ListFactors(r.Context(), me.Person)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	lead, ok := t.Acts[r.FormValue("act")]
	if !ok {
		lead = t.ProveLead
	}
	v := proveView{view: p.view(r, t, t.ProveTitle, "narrow"), Action: provePath,
		Act: r.FormValue("act"), Of: r.FormValue("of"), Next: next(r), Back: accountPath, Lead: lead,
		Password: t.current(len(f.Passkeys) == 0), Second: f.Second(), HasPassword: f.Password}
	if len(f.Passkeys) > 0 {
		v.Key = optionsOf(p.keyForm(t, provePath+keyPart, "get", t.UseKey), provePath+keyPart+optionsPart)
	}
	p.render(w, r, http.StatusOK, "prove", v)
}

func (p *Pages) proveAgain(w http.ResponseWriter, r *http.Request, said string) {
	p.lead(w, r, provePath, "act", r.PostFormValue("act"), "of", r.PostFormValue("of"), "next", next(r), "said", said)
}

// prove takes the proof by a password.
func (p *Pages) prove(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	methods, err := p.c.People.Again(r.Context(), me.Person, people.Attempt{
		Password: secret.New(r.PostFormValue("password")), Code: typed(r.PostFormValue("code")),
		Address: call.From(r.Context()).Address})
	switch {
	case fault.CodeOf(err) == people.CodeSignInFailed:
		p.proveAgain(w, r, saidProof)
		return
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.proveAgain(w, r, saidLimited)
		return
	case fault.CodeOf(err) == people.CodePasswordBlocked:
		p.proveAgain(w, r, saidBlocked)
		return
	case err != nil:
		p.sorry(w, r, err)
		return
	}
	p.proved(w, r, me, methods)
}

// proved exchanges the token after a fresh proof, and goes on with what it was for.
func (p *Pages) proved(w http.ResponseWriter, r *http.Request, me authn.Signed, methods []people.Method) {
	me, err := p.elevate(w, r, me, methods)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	if act, ok := p.acts()[r.PostFormValue("act")]; ok {
		act(w, r, me)
		return
	}
	p.lead(w, r, orAccount(next(r)))
}

// elevate gives the browser a new token after a fresh proof.
func (p *Pages) elevate(
	w http.ResponseWriter,
	r *http.Request,
	me authn.Signed,
	methods []people.Method,
) (authn.Signed, error) {
	session, token, err := p.c.Sessions.Elevate(r.Context(), me.Token, me.Session, methods)
	if err != nil {
		return me, err
	}
	http.SetCookie(w, p.c.Cookies.Set(token.Reveal()))
	return authn.Signed{Session: session, Token: token.Reveal()}, nil
}

func (p *Pages) passwordPage(w http.ResponseWriter, r *http.Request, _ authn.Signed) {
	t := p.words.of(r)
	p.render(w, r, http.StatusOK, "new-password", newPasswordView{
		view: p.view(r, t, t.NewPasswordTitle, "narrow"), Action: passwordPath, Password: t.fresh()})
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	err := p.c.People.ChangePassword(r.Context(), me.Person, secret.New(r.PostFormValue("password")), p.alone(me))
	switch {
	case fault.CodeOf(err) == people.CodePasswordRefused:
		p.lead(w, r, passwordPath, "said", saidWeak)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.c.Sessions.Forget()
		p.lead(w, r, accountPath, "said", saidChanged)
	}
}

// ownAppPage draws the secret of a new app of somebody who is signed in. Each look at the page draws another.
func (p *Pages) ownAppPage(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	who, err := p.c.People.Get(r.Context(), me.Person)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	key, err := p.c.People.BeginTOTP(r.Context(), me.Person)
	if fault.CodeOf(err) == people.CodeFactorExists {
		p.lead(w, r, accountPath, "said", saidAppThere)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	t := p.words.of(r)
	p.showApp(w, r, stepsOf(0, t.StepApp, t.StepCodes), key, people.TOTPAddress(key, who.Email))
}

// ownApp makes the app count, and shows recovery codes.
func (p *Pages) ownApp(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	err := p.c.People.ConfirmTOTP(r.Context(), me.Person, typed(r.PostFormValue("code")), p.alone(me))
	switch {
	case fault.CodeOf(err) == people.CodeCodeWrong:
		p.lead(w, r, appPath, "said", saidCodeAgain)
		return
	case fault.CodeOf(err) == people.CodeFactorExists:
		p.lead(w, r, accountPath, "said", saidAppThere)
		return
	case fault.CodeOf(err) == people.CodeFactorNotFound:
		p.lead(w, r, appPath)
		return
	case err != nil:
		p.sorry(w, r, err)
		return
	}
	p.c.Sessions.Forget()
	if me, err = p.elevate(w, r, me, []people.Method{people.ByPassword, people.ByTOTP}); err != nil {
		p.sorry(w, r, err)
		return
	}
	codes, err := p.c.People.NewRecoveryCodes(r.Context(), me.Person)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	t := p.words.of(r)
	p.showCodes(w, r, stepsOf(1, t.StepApp, t.StepCodes), codes)
}
