package signin

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
)

type signUpView struct {
	view
	Action, Back string
}

// signUpPage asks for an address and the name of a platform.
func (p *Pages) signUpPage(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	v := signUpView{p.view(r, t, t.SignUpTitle, "narrow"), signUpPath, signInPath}
	v.Steps = stepsOf(0, t.StepAddress, t.StepFactor, t.StepCodes)
	p.render(w, r, http.StatusOK, "sign-up", v)
}

// askSignUp mails a link, and answers the same whether or not somebody has the address.
func (p *Pages) askSignUp(w http.ResponseWriter, r *http.Request) {
	if p.c.SignUpLimited(w, r) {
		p.sorry(w, r, fault.New(problem.RateLimited, "Too many sign-ups."))
		return
	}
	err := p.c.People.AskSignUp(r.Context(), r.PostFormValue("email"), r.PostFormValue("platform"),
		call.From(r.Context()).Address, p.words.of(r).language())
	switch {
	case fault.CodeOf(err) == tenants.CodeInvalidRequest:
		p.lead(w, r, signUpPath, "said", saidForm)
	case fault.CodeOf(err) == people.CodeSignInLimited:
		p.lead(w, r, signUpPath, "said", saidSoon)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.lead(w, r, signUpPath, "said", saidSignUp)
	}
}

// bySignUp joins the platform that one signs up.
func (p *Pages) bySignUp() joining {
	return joining{base: signUpPath, mailed: true,
		open: func(r *http.Request) (invited, error) {
			w, err := p.c.People.SignUpOf(r.Context(), chi.URLParam(r, "word"))
			return invited{w.Email, w.Platform}, err
		},
		accept: func(r *http.Request, j joiner) (id.Person, error) {
			who, err := p.c.SignUps.ByLink(r.Context(), p.c.People, chi.URLParam(r, "word"),
				access.Joiner{New: j.new, Person: j.person, Address: call.From(r.Context()).Address})
			if fault.CodeOf(err) == access.CodeInvitationOtherAddress {
				return who, errKnown
			}
			return who, err
		},
		gone: p.noSignUp,
	}
}

// signUp is the page behind the link.
func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) {
	by := p.bySignUp()
	in, err := by.open(r)
	if err != nil {
		p.noSignUp(w, r, err)
		return
	}
	t := p.words.of(r)
	p.joinPage(w, r, by, inviteView{view: p.view(r, t, t.SignUpTitle, "narrow"), Lead: t.SignUpConfirmed,
		Go: t.SignUpGo, Known: t.SignUpSignIn}, in)
}

func (p *Pages) noSignUp(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, people.ErrLinkOver) {
		p.sorry(w, r, err)
		return
	}
	if p.c.Missed(w, r) {
		p.sorry(w, r, fault.New(problem.RateLimited, "Too many attempts."))
		return
	}
	t := p.words.of(r)
	p.render(w, r, http.StatusNotFound, "sorry", sorryView{view: p.view(r, t, t.LinkOverTitle, "narrow"),
		Lead: t.LinkOverLead, To: signUpPath, ToText: t.AskAgain})
}
