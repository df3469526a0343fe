package signin

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
)

type recoverView struct {
	view
	Action, Back string
}

func (p *Pages) recoverPage(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	v := recoverView{p.view(r, t, t.RecoverTitle, "narrow"), recoverPath, signInPath}
	p.render(w, r, http.StatusOK, "recover", v)
}

// askRecovery answers the same whether or not somebody has the address.
func (p *Pages) askRecovery(w http.ResponseWriter, r *http.Request) {
	err := p.c.People.AskRecovery(r.Context(), r.PostFormValue("email"), call.From(r.Context()).Address,
		p.words.of(r).language())
	switch {
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.lead(w, r, recoverPath, "said", saidSoon)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.lead(w, r, recoverPath, "said", saidSent)
	}
}

type newPasswordView struct {
	view
	Action   string
	Password passwordField
	Second   bool
	Key      *keyForm      // nil: there is no passkey to show
	ByKey    passwordField // of that form
}

func (p *Pages) newPasswordPage(w http.ResponseWriter, r *http.Request) {
	f, err := p.c.People.Recoverable(r.Context(), chi.URLParam(r, "word"))
	if errors.Is(err, people.ErrLinkOver) {
		p.linkOver(w, r)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	t := p.words.of(r)
	v := newPasswordView{view: p.view(r, t, t.NewPasswordTitle, "narrow"), Action: r.URL.Path, Password: t.fresh(),
		Second: f.Second(), ByKey: t.fresh()}
	if len(f.Passkeys) > 0 {
		v.Key = optionsOf(p.keyForm(t, r.URL.Path+keyPart, "get", t.RecoverByKey), r.URL.Path+keyPart+optionsPart)
		v.ByKey.Name, v.Password.Focus = "new-password", false
	}
	p.render(w, r, http.StatusOK, "new-password", v)
}

func (p *Pages) newPassword(w http.ResponseWriter, r *http.Request) {
	err := p.c.People.Recover(r.Context(), chi.URLParam(r, "word"), secret.New(r.PostFormValue("password")),
		typed(r.PostFormValue("code")), call.From(r.Context()).Address, p.endAll)
	p.recovered(w, r, r.URL.Path, err)
}

// endAll ends every session of a person who has recovered: this browser has none of them.
func (p *Pages) endAll(who id.Person) people.Also { return p.c.Sessions.EndOthers(who, id.Session{}) }

func (p *Pages) recoverKeyOptions(w http.ResponseWriter, r *http.Request) {
	c, err := p.c.People.BeginPasskeyRecovery(r.Context(), chi.URLParam(r, "word"))
	if errors.Is(err, people.ErrLinkOver) {
		err = fault.New(people.CodePasskeyRefused, "The link is over.")
	}
	p.asked(w, r, c, err)
}

// recoverKey sets a new password by the link and a passkey.
func (p *Pages) recoverKey(w http.ResponseWriter, r *http.Request) {
	ticket, credential := answer(r)
	err := p.c.People.RecoverByPasskey(r.Context(), chi.URLParam(r, "word"),
		secret.New(r.PostFormValue("new-password")), ticket, credential, p.endAll)
	if refusedKey(err) && p.c.Missed(w, r) {
		err = fault.New(problem.RateLimited, "Too many attempts.")
	}
	p.recovered(w, r, recoverPath+"/"+chi.URLParam(r, "word"), err)
}

// recovered leads on after a new password, or back to where it was typed.
func (p *Pages) recovered(w http.ResponseWriter, r *http.Request, at string, err error) {
	switch {
	case errors.Is(err, people.ErrLinkOver):
		p.linkOver(w, r)
	case fault.CodeOf(err) == people.CodePasswordRefused:
		p.lead(w, r, at, "said", saidWeak)
	case fault.CodeOf(err) == people.CodeSignInFailed:
		p.lead(w, r, at, "said", saidCode)
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.lead(w, r, at, "said", saidLimited)
	case refusedKey(err):
		p.lead(w, r, at, "said", saidKey)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.c.Sessions.Forget()
		http.SetCookie(w, p.c.Cookies.Clear())
		p.lead(w, r, signInPath, "said", saidNewPassword)
	}
}
