package signin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
)

// errKnown is the error of somebody new whose address is another person's.
var errKnown = errors.New("there is an account with this address")

// invited is whom a link was sent to, and the platform that it is about.
type invited struct{ email, platform string }

// joiner is who joins: somebody new, or a person who has signed in.
type joiner struct {
	new    *people.Joining
	person people.Person
}

// joining is one way to become a person: by an invitation, or by signing a platform up. Both are a link that was
// mailed, and a page behind it.
type joining struct {
	base   string // address of its pages, before the word of the link
	mailed bool   // whoever comes has given their address on a page before
	open   func(r *http.Request) (invited, error)
	accept func(r *http.Request, j joiner) (id.Person, error)
	gone   func(w http.ResponseWriter, r *http.Request, err error) // answers for a link that is none
}

func (j joining) word(r *http.Request) string { return chi.URLParam(r, "word") }
func (j joining) at(r *http.Request) string   { return j.base + "/" + j.word(r) }

// steps are the pages that follow one another, from the one behind the link.
func (j joining) steps(t *text, at int) []step {
	if j.mailed {
		return stepsOf(at+1, t.StepAddress, t.StepFactor, t.StepCodes)
	}
	return stepsOf(at, t.StepFactor, t.StepCodes)
}

// byInvitation joins a platform that invites.
func (p *Pages) byInvitation() joining {
	return joining{base: invitationPath,
		open: func(r *http.Request) (invited, error) {
			i, err := p.c.Access.OpenInvitation(r.Context(), chi.URLParam(r, "word"))
			return invited{i.Email, i.Platform}, err
		},
		accept: func(r *http.Request, j joiner) (id.Person, error) {
			who, err := p.c.Access.AcceptInvitation(r.Context(), p.c.People, chi.URLParam(r, "word"),
				access.Joiner{New: j.new, Person: j.person, Address: call.From(r.Context()).Address})
			if fault.CodeOf(err) == access.CodeInvitationOtherAddress {
				return who, errKnown
			}
			return who, err
		},
		gone: p.noInvitation,
	}
}

// with hands a handler its way to join.
func with(
	by func() joining,
	h func(w http.ResponseWriter, r *http.Request, by joining),
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { h(w, r, by()) }
}

// joinPage is the first page behind the link: it says what it is about; somebody new makes a passkey or sets a
// password, somebody who is known signs in and joins.
func (p *Pages) joinPage(w http.ResponseWriter, r *http.Request, by joining, v inviteView, in invited) {
	t := p.words.of(r)
	me, signed, err := p.signedIn(r)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v.Platform, v.Email = in.platform, in.email
	v.Action, v.SignIn, v.SignOut = r.URL.Path, withQuery(signInPath, "next", r.URL.Path), signOutPath
	v.Password = t.fresh()
	v.Password.Focus = false
	v.Key = optionsOf(p.keyForm(t, by.at(r)+keyPart, "create", t.KeyMake), by.at(r)+keyPart+optionsPart)
	v.Steps = by.steps(t, 0)
	if signed {
		v.Steps = nil
		who, err := p.c.People.Get(r.Context(), me.Person)
		if err != nil {
			p.sorry(w, r, err)
			return
		}
		if v.Joins = strings.EqualFold(who.Email, in.email); !v.Joins {
			v.Wrong = who.Email
		}
	}
	p.render(w, r, http.StatusOK, "invitation", v)
}

// enrol takes the password of somebody new, or lets somebody join who is signed in.
func (p *Pages) enrol(w http.ResponseWriter, r *http.Request, by joining) {
	me, signed, err := p.signedIn(r)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	in, err := by.open(r)
	if err != nil {
		by.gone(w, r, err)
		return
	}
	if signed {
		who, err := p.c.People.Get(r.Context(), me.Person)
		if err == nil {
			_, err = by.accept(r, joiner{person: who})
		}
		switch {
		case errors.Is(err, errKnown):
			p.lead(w, r, r.URL.Path)
		case err != nil:
			by.gone(w, r, err)
		default:
			p.lead(w, r, accountPath, "said", saidJoined)
		}
		return
	}
	sealed, err := p.c.People.Enrol(r.Context(), by.word(r), in.email, secret.New(r.PostFormValue("password")),
		in.platform)
	if fault.CodeOf(err) == people.CodePasswordRefused {
		p.lead(w, r, r.URL.Path, "said", saidWeak)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	http.SetCookie(w, p.stepCookie(sealed.Reveal(), people.EnrolFor))
	p.lead(w, r, r.URL.Path+appPart)
}

// app shows the picture that the authenticator app of somebody new reads.
func (p *Pages) app(w http.ResponseWriter, r *http.Request, by joining) {
	key, at, err := p.c.People.EnrolSecret(r.Context(), by.word(r), p.ticket(r))
	if errors.Is(err, people.ErrEnrolOver) {
		p.lead(w, r, by.at(r), "said", saidOver)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	t := p.words.of(r)
	p.showApp(w, r, by.steps(t, 0), key, at)
}

// confirmApp makes somebody new a person by the first code of their app.
func (p *Pages) confirmApp(w http.ResponseWriter, r *http.Request, by joining) {
	t := p.words.of(r)
	j, err := p.c.People.Enrolled(r.Context(), by.word(r), p.ticket(r), typed(r.PostFormValue("code")), t.language())
	switch {
	case errors.Is(err, people.ErrEnrolOver):
		p.lead(w, r, by.at(r), "said", saidOver)
	case fault.CodeOf(err) == people.CodeCodeWrong:
		p.lead(w, r, r.URL.Path, "said", saidCode)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.join(w, r, by, j)
	}
}
