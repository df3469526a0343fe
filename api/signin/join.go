package signin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/pages"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
)

// language is what mails to whoever reads the page are written in.
func (t *text) language() vocabulary.Language {
	if t.Lang == "en" {
		return vocabulary.English
	}
	return vocabulary.Chinese
}

type inviteView struct {
	view
	Platform, Role, Email string
	Action, SignIn        string
	Password              passwordField
	Joins                 bool // a person who is signed in and to whom it was sent
	SignOut               string
	Wrong                 string // the address of who is signed in, to whom it was not sent
}

// invitation shows who invites to what: somebody new sets a password, somebody who is known signs in and joins.
func (p *Pages) invitation(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	i, err := p.c.Access.OpenInvitation(r.Context(), chi.URLParam(r, "word"))
	if err != nil {
		p.noInvitation(w, r, err)
		return
	}
	me, in, err := p.signedIn(r)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v := inviteView{view: p.view(r, t, t.InviteTitle, "narrow"), Platform: i.Platform, Role: t.Roles[i.Role],
		Email: i.Email, Action: r.URL.Path, SignIn: withQuery(signInPath, "next", r.URL.Path), SignOut: signOutPath,
		Password: t.fresh()}
	v.Steps = stepsOf(0, t.StepPassword, t.StepApp, t.StepCodes)
	if in {
		v.Steps = nil
		who, err := p.c.People.Get(r.Context(), me.Person)
		if err != nil {
			p.sorry(w, r, err)
			return
		}
		if v.Joins = strings.EqualFold(who.Email, i.Email); !v.Joins {
			v.Wrong = who.Email
		}
	}
	p.render(w, r, http.StatusOK, "invitation", v)
}

// noInvitation is the page of a link that leads to none: what it can be, and what to do.
func (p *Pages) noInvitation(w http.ResponseWriter, r *http.Request, err error) {
	if fault.CodeOf(err) != access.CodeInvitationEnded {
		p.sorry(w, r, err)
		return
	}
	if p.c.Missed(w, r) {
		p.sorry(w, r, fault.New(problem.RateLimited, "Too many attempts."))
		return
	}
	t := p.words.of(r)
	call.From(r.Context()).Code = access.CodeInvitationEnded
	p.render(w, r, http.StatusNotFound, "sorry", sorryView{view: p.view(r, t, t.InviteOverTitle, "narrow"),
		Lead: t.InviteOverLead, To: signInPath, ToText: t.ToSignIn})
}

// accept takes the password of somebody new, or lets somebody join who is signed in.
func (p *Pages) accept(w http.ResponseWriter, r *http.Request) {
	word := chi.URLParam(r, "word")
	me, in, err := p.signedIn(r)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	i, err := p.c.Access.OpenInvitation(r.Context(), word)
	if err != nil {
		p.noInvitation(w, r, err)
		return
	}
	if in {
		who, err := p.c.People.Get(r.Context(), me.Person)
		if err == nil {
			_, err = p.c.Access.AcceptInvitation(r.Context(), p.c.People, word,
				access.Joiner{Person: who, Address: call.From(r.Context()).Address})
		}
		switch {
		case fault.CodeOf(err) == access.CodeInvitationOtherAddress:
			p.lead(w, r, r.URL.Path)
		case err != nil:
			p.noInvitation(w, r, err)
		default:
			p.lead(w, r, accountPath, "said", saidJoined)
		}
		return
	}
	sealed, err := p.c.People.Enrol(r.Context(), word, i.Email, secret.New(r.PostFormValue("password")), i.Platform)
	if fault.CodeOf(err) == people.CodePasswordRefused {
		p.lead(w, r, r.URL.Path, "said", saidWeak)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	http.SetCookie(w, p.stepCookie(sealed.Reveal(), people.EnrolFor))
	p.lead(w, r, r.URL.Path+"/app")
}

type appView struct {
	view
	Action    string
	Key       string
	QR        *pages.Code
	CodeFocus bool
}

// app shows the picture that the authenticator app of somebody new reads.
func (p *Pages) app(w http.ResponseWriter, r *http.Request) {
	word := chi.URLParam(r, "word")
	key, at, err := p.c.People.EnrolSecret(r.Context(), word, p.ticket(r))
	if errors.Is(err, people.ErrEnrolOver) {
		p.lead(w, r, invitationPath+"/"+word, "said", saidOver)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	t := p.words.of(r)
	p.showApp(w, r, stepsOf(1, t.StepPassword, t.StepApp, t.StepCodes), key, at)
}

func (p *Pages) showApp(w http.ResponseWriter, r *http.Request, steps []step, key, at secret.String) {
	t := p.words.of(r)
	drawn, err := pages.Draw(at.Reveal())
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v := appView{view: p.view(r, t, t.AppTitle, "middle"), Action: r.URL.Path, Key: inFours(key.Reveal()), QR: drawn}
	v.Steps = steps
	p.render(w, r, http.StatusOK, "app", v)
}

// inFours writes a key so that people can copy it by hand.
func inFours(key string) string {
	var parts []string
	for len(key) > 4 {
		parts, key = append(parts, key[:4]), key[4:]
	}
	return strings.Join(append(parts, key), " ")
}

// confirmApp makes somebody new a person and a member by the first code of their app, signs them in, and shows their
// recovery codes.
func (p *Pages) confirmApp(w http.ResponseWriter, r *http.Request) {
	word, t := chi.URLParam(r, "word"), p.words.of(r)
	j, err := p.c.People.Enrolled(r.Context(), word, p.ticket(r), typed(r.PostFormValue("code")), t.language())
	switch {
	case errors.Is(err, people.ErrEnrolOver):
		p.lead(w, r, invitationPath+"/"+word, "said", saidOver)
		return
	case fault.CodeOf(err) == people.CodeCodeWrong:
		p.lead(w, r, r.URL.Path, "said", saidCode)
		return
	case err != nil:
		p.sorry(w, r, err)
		return
	}
	who, err := p.c.Access.AcceptInvitation(r.Context(), p.c.People, word,
		access.Joiner{New: j, Address: call.From(r.Context()).Address})
	if fault.CodeOf(err) == access.CodeInvitationOtherAddress { // has an account already
		http.SetCookie(w, p.stepCookie("", 0))
		p.lead(w, r, signInPath, "next", invitationPath+"/"+word, "said", saidKnown)
		return
	}
	if err != nil {
		p.noInvitation(w, r, err)
		return
	}
	_, token, err := p.c.Sessions.Start(r.Context(), who, []string{people.ByPassword, people.ByTOTP},
		call.From(r.Context()).Address, r.UserAgent())
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	codes, err := p.c.People.NewRecoveryCodes(r.Context(), who)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	http.SetCookie(w, p.stepCookie("", 0))
	http.SetCookie(w, p.c.Cookies.Set(token.Reveal()))
	p.showCodes(w, r, stepsOf(2, t.StepPassword, t.StepApp, t.StepCodes), codes)
}

type codesView struct {
	view
	Codes []string
	To    string
}

// showCodes shows recovery codes, this once: the page is the answer to the form, so that no address leads to it.
func (p *Pages) showCodes(w http.ResponseWriter, r *http.Request, steps []step, codes []string) {
	t := p.words.of(r)
	v := codesView{view: p.view(r, t, t.CodesTitle, "middle"), Codes: codes, To: accountPath}
	v.Steps, v.view.Other = steps, ""
	p.render(w, r, http.StatusOK, "codes", v)
}

// byLink signs in who has a link of this machine's operator. A page asks first, so that nothing that only looks at
// links uses it up.
func (p *Pages) byLink(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	p.render(w, r, http.StatusOK, "link", linkView{p.view(r, t, t.LinkTitle, "narrow"), r.URL.Path})
}

type linkView struct {
	view
	Action string
}

func (p *Pages) useLink(w http.ResponseWriter, r *http.Request) {
	who, methods, err := p.c.People.ByWord(r.Context(), chi.URLParam(r, "word"))
	if errors.Is(err, people.ErrLinkOver) {
		p.linkOver(w, r)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	p.start(w, r, who, methods, "")
}

func (p *Pages) linkOver(w http.ResponseWriter, r *http.Request) {
	if p.c.Missed(w, r) {
		p.sorry(w, r, fault.New(problem.RateLimited, "Too many attempts."))
		return
	}
	t := p.words.of(r)
	p.render(w, r, http.StatusNotFound, "sorry", sorryView{view: p.view(r, t, t.LinkOverTitle, "narrow"),
		Lead: t.LinkOverLead, To: recoverPath, ToText: t.AskAgain})
}
