package signin

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
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
}

func (p *Pages) newPasswordPage(w http.ResponseWriter, r *http.Request) {
	second, err := p.c.People.Recoverable(r.Context(), chi.URLParam(r, "word"))
	if errors.Is(err, people.ErrLinkOver) {
		p.linkOver(w, r)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	t := p.words.of(r)
	p.render(w, r, http.StatusOK, "new-password", newPasswordView{p.view(r, t, t.NewPasswordTitle, "narrow"),
		r.URL.Path, t.fresh(), second})
}

func (p *Pages) newPassword(w http.ResponseWriter, r *http.Request) {
	err := p.c.People.Recover(r.Context(), chi.URLParam(r, "word"), secret.New(r.PostFormValue("password")),
		typed(r.PostFormValue("code")), call.From(r.Context()).Address, func(who id.Person) people.Also {
			return p.c.Sessions.EndOthers(who, id.Session{})
		})
	switch {
	case errors.Is(err, people.ErrLinkOver):
		p.linkOver(w, r)
	case fault.CodeOf(err) == people.CodePasswordRefused:
		p.lead(w, r, r.URL.Path, "said", saidWeak)
	case fault.CodeOf(err) == people.CodeSignInFailed:
		p.lead(w, r, r.URL.Path, "said", saidCode)
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.lead(w, r, r.URL.Path, "said", saidLimited)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.c.Sessions.Forget()
		http.SetCookie(w, p.c.Cookies.Clear())
		p.lead(w, r, signInPath, "said", saidNewPassword)
	}
}
