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
	Platform, Lead, Role, Email string
	Action, SignIn              string
	Go, Known                   string // what it says to join, and to sign in for it
	Key                         *keyForm
	Password                    passwordField
	Joins                       bool // a person who is signed in and to whom it was sent
	SignOut                     string
	Wrong                       string // the address of who is signed in, to whom it was not sent
}

// invitation shows who invites to what.
func (p *Pages) invitation(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	i, err := p.c.Access.OpenInvitation(r.Context(), chi.URLParam(r, "word"))
	if err != nil {
		p.noInvitation(w, r, err)
		return
	}
	v := inviteView{view: p.view(r, t, t.InviteTitle, "narrow"), Lead: t.InviteLead, Role: t.Roles[i.Role],
		Go: t.InviteJoin, Known: t.InviteSignIn}
	p.joinPage(w, r, p.byInvitation(), v, invited{i.Email, i.Platform})
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

type appView struct {
	view
	Action    string
	Key       string
	QR        *pages.Code
	CodeFocus bool
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
