package signin

import (
	"fmt"
	"net/http"
	"time"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/console"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/approvals"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// membership is a platform as the account shows it.
type membership struct {
	Name, Role, Page string // Page is the address of its console, or of the merchant's portal
	Sandbox          bool
}

// signedInView is a session as the account shows it.
type signedInView struct {
	ID, Agent, Address, Seen, SeenISO string
	Current                           bool
}

type accountView struct {
	view
	Email, SignOut string
	In             []membership
	Factors        people.Factors
	NeedsApp       bool
	Sessions       []signedInView
	Others         bool
	Password       string // addresses
	App, Remove    string
	Key, RemoveKey string
	RenameKey      string
	Stop           string
	Impending      []impendingView
	Codes, End     string
	EndOthers      string
}

func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	t := p.words.of(r)
	v := accountView{view: p.view(r, t, t.AccountTitle, "wide"), SignOut: signOutPath, Password: passwordPath,
		App: appPath, Remove: removeAppPath, RemoveKey: removeKeyPath, RenameKey: renameKeyPath, Stop: stopPath,
		Codes: codesPath, End: endPath, EndOthers: endPath + "/others"}
	v.Home = accountPath
	who, err := p.c.People.Get(r.Context(), me.Person)
	if err == nil {
		v.Email = who.Email
		v.In, v.Impending, err = p.memberships(r, t, me)
	}
	if err == nil {
		v.Factors, err = p.c.People.ListFactors(r.Context(), me.Person)
	}
	var list []sessions.Session
	if err == nil {
		list, err = p.c.Sessions.List(r.Context(), me.Person)
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v.NeedsApp = !v.Factors.Second()
	if p.c.People.PasskeyOrigin() != "" && len(v.Factors.Passkeys) < people.PasskeysMax {
		v.Key = keyPath
	}
	for _, s := range list {
		v.Sessions = append(v.Sessions, signedInView{s.ID.String(), agentOf(s.Agent, t), s.Address,
			s.LastSeenAt.In(beijing()).Format("01-02 15:04:05"), s.LastSeenAt.UTC().Format(time.RFC3339),
			s.ID == me.ID})
		v.Others = v.Others || s.ID != me.ID
	}
	p.render(w, r, http.StatusOK, "account", v)
}

// impendingView is what is to happen to what somebody signs in with.
type impendingView struct{ Tenant, Approval, Text string }

// impendingIn is of how many platforms somebody can be a member for one of them to take away what they sign in with: a
// live one and its sandbox.
const impendingIn = 2

func (p *Pages) memberships(r *http.Request, t *text, me authn.Signed) (out []membership, next []impendingView,
	err error,
) {
	in, err := p.c.People.Memberships(r.Context(), me.Person)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range in {
		of, err := p.c.Access.Describe(r.Context(), m.Tenant, m.Member)
		if err != nil {
			return nil, nil, err
		}
		if of == nil { // removed, or the platform is not active
			continue
		}
		page := console.Path + m.Tenant.String()
		if of.Role.OfMerchant() {
			page = console.PortalPath + m.Tenant.String()
		}
		out = append(out, membership{of.Platform, t.Roles[of.Role], page, of.Mode == "sandbox"})
		if len(in) > impendingIn {
			continue
		}
		to, err := p.c.Approvals.ImpendingFor(r.Context(), m.Tenant, m.Member)
		if err != nil {
			return nil, nil, err
		}
		if to == nil {
			continue
		}
		words := fmt.Sprintf(t.Impending, to.Platform)
		if at := to.Approval.NotBefore; at != nil {
			words = fmt.Sprintf(t.ImpendingAt, to.Platform, at.In(beijing()).Format("01-02 15:04"))
		}
		next = append(next, impendingView{m.Tenant.String(), to.Approval.ID.String(), words})
	}
	return out, next, nil
}

// stop stops what is to happen to what somebody signs in with. Stopping what is over changes nothing.
func (p *Pages) stop(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	approval, err := id.Parse[id.Approval](r.PostFormValue("of"))
	tenant, terr := id.Parse[id.Tenant](r.PostFormValue("at"))
	if err != nil || terr != nil {
		p.lead(w, r, accountPath)
		return
	}
	actor, _, err := p.c.Sessions.Actor(r.Context(), me.Token, tenant)
	if err == nil {
		actor.Address = call.From(r.Context()).Address
		_, err = p.c.Approvals.Stop(r.Context(), actor, approval)
	}
	switch code := fault.CodeOf(err); {
	case err == nil, code == approvals.CodeEnded:
		p.lead(w, r, accountPath, "said", saidStopped)
	case code == approvals.CodeNotFound, code == sessions.CodeTenantNotFound: // nothing of theirs
		p.lead(w, r, accountPath)
	default:
		p.sorry(w, r, err)
	}
}

// alone ends every other session, in the transaction of a change of what somebody signs in with.
func (p *Pages) alone(me authn.Signed) people.Also { return p.c.Sessions.EndOthers(me.Person, me.ID) }

// acts are what the account does after a fresh proof, by the name that the page of the proof carries.
func (p *Pages) acts() map[string]func(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	return map[string]func(w http.ResponseWriter, r *http.Request, me authn.Signed){
		actCodes: p.newCodes, actRemoveApp: p.removeApp, actRemoveKey: p.removeKey, actEnd: p.end,
		actEndOthers: p.endOthers,
	}
}

// The acts.
const (
	actCodes     = "codes"
	actRemoveApp = "remove-app"
	actRemoveKey = "remove-passkey"
	actEnd       = "end"
	actEndOthers = "end-others"
)

// act does what needs a fresh proof, or asks for the proof first and goes on with it.
func (p *Pages) act(name string) http.HandlerFunc {
	return p.person(func(w http.ResponseWriter, r *http.Request, me authn.Signed) {
		if !me.IsElevated(p.c.Clock.Now()) {
			p.lead(w, r, provePath, "act", name, "of", r.PostFormValue("of"))
			return
		}
		p.acts()[name](w, r, me)
	})
}

// fresh lets a page be seen that needs a fresh proof, or asks for it first.
func (p *Pages) fresh(h func(w http.ResponseWriter, r *http.Request, me authn.Signed)) http.HandlerFunc {
	return p.person(func(w http.ResponseWriter, r *http.Request, me authn.Signed) {
		if !me.IsElevated(p.c.Clock.Now()) {
			p.lead(w, r, provePath, "next", r.URL.Path)
			return
		}
		h(w, r, me)
	})
}

// passkeyID is the passkey that a form names.
func passkeyID(r *http.Request) (id.Passkey, error) {
	return id.Parse[id.Passkey](r.PostFormValue("of"))
}

func (p *Pages) newCodes(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	codes, err := p.c.People.NewRecoveryCodes(r.Context(), me.Person, p.alone(me))
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	p.c.Sessions.Forget()
	p.showCodes(w, r, nil, codes)
}

func (p *Pages) removeApp(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	err := p.c.People.DeleteTOTP(r.Context(), me.Person, p.alone(me))
	if err != nil && fault.CodeOf(err) != people.CodeFactorNotFound {
		p.sorry(w, r, err)
		return
	}
	p.c.Sessions.Forget()
	p.lead(w, r, accountPath, "said", saidAppGone)
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	of, err := id.Parse[id.Session](r.PostFormValue("of"))
	if err == nil {
		err = p.c.Sessions.End(r.Context(), me.Person, of)
	} else {
		err = nil // a session that cannot be is over
	}
	if err != nil && fault.CodeOf(err) != sessions.CodeSessionNotFound {
		p.sorry(w, r, err)
		return
	}
	p.lead(w, r, accountPath, "said", saidEnd)
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	if err := p.c.Sessions.EndAllOthers(r.Context(), me.Person, me.ID); err != nil {
		p.sorry(w, r, err)
		return
	}
	p.lead(w, r, accountPath, "said", saidEnd)
}
