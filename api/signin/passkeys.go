package signin

import (
	"encoding/json"
	"errors"
	"net/http"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
)

// keyForm is a form that a device fills in: the script asks for what the device is to be asked, and sends the form with
// its answer. Without script, or at another origin than that of the passkeys, it is not shown.
type keyForm struct {
	Action, Options, Origin, Kind string // Kind: get or create
	Text, Failed                  string
	Offer                         bool // the browser offers passkeys by itself, in the field of the address
}

// keyForm is nil when this server has no passkeys.
func (p *Pages) keyForm(t *text, action, kind, label string) *keyForm {
	origin := p.c.People.PasskeyOrigin()
	if origin == "" {
		return nil
	}
	return &keyForm{Action: action, Options: action, Origin: origin, Kind: kind, Text: label, Failed: t.KeyFailed}
}

// optionsOf is the address at which a form's script asks.
func optionsOf(f *keyForm, at string) *keyForm {
	if f != nil {
		f.Options = at
	}
	return f
}

// asked answers the script of a form with what the device is to be asked.
func (p *Pages) asked(w http.ResponseWriter, r *http.Request, c people.Ceremony, err error) {
	if err != nil {
		p.c.Problems.Write(w, r, err)
		return
	}
	raw, err := json.Marshal(map[string]any{"options": c.Options, "ticket": c.Ticket.Reveal()})
	if err != nil {
		p.c.Problems.Write(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(raw)
}

// answer is what a device has answered, with the ticket of what it was asked.
func answer(r *http.Request) (ticket secret.String, credential string) {
	return secret.New(r.PostFormValue("ticket")), r.PostFormValue("credential")
}

func (p *Pages) signInKeyOptions(w http.ResponseWriter, r *http.Request) {
	c, err := p.c.People.BeginPasskeySignIn(r.Context())
	p.asked(w, r, c, err)
}

// signInKey signs in whoever holds a passkey. A wrong one counts as a wrong key of the API does.
func (p *Pages) signInKey(w http.ResponseWriter, r *http.Request) {
	to := next(r)
	ticket, credential := answer(r)
	who, methods, err := p.c.People.PasskeySignIn(r.Context(), ticket, credential)
	switch {
	case refusedKey(err):
		if p.c.Missed(w, r) {
			p.sorry(w, r, fault.New(problem.RateLimited, "Too many attempts."))
			return
		}
		p.lead(w, r, signInPath, "next", to, "said", saidKey)
	case err != nil:
		p.sorry(w, r, err)
	default:
		p.start(w, r, who, methods, to)
	}
}

func refusedKey(err error) bool {
	code := fault.CodeOf(err)
	return code == people.CodePasskeyRefused || code == people.CodePasskeysOff
}

func (p *Pages) proveKeyOptions(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	c, err := p.c.People.BeginPasskeyProof(r.Context(), me.Person)
	p.asked(w, r, c, err)
}

// proveKey is a fresh proof by a passkey.
func (p *Pages) proveKey(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	ticket, credential := answer(r)
	methods, err := p.c.People.AgainByPasskey(r.Context(), me.Person, ticket, credential)
	if refusedKey(err) {
		p.proveAgain(w, r, saidKey)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	p.proved(w, r, me, methods)
}

type keyView struct {
	view
	Key  *keyForm
	Name string
	Back string
}

// ownKeyPage offers to make a passkey.
func (p *Pages) ownKeyPage(w http.ResponseWriter, r *http.Request, _ authn.Signed) {
	t := p.words.of(r)
	v := keyView{view: p.view(r, t, t.KeyTitle, "narrow"), Name: agentOf(r.UserAgent(), t), Back: accountPath,
		Key: optionsOf(p.keyForm(t, keyPath, "create", t.KeyMake), keyPath+optionsPart)}
	p.render(w, r, http.StatusOK, "passkey", v)
}

func (p *Pages) ownKeyOptions(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	c, err := p.c.People.BeginPasskey(r.Context(), me.Person)
	p.asked(w, r, c, err)
}

// ownKey makes a passkey count, and shows recovery codes to whoever had none.
func (p *Pages) ownKey(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	ticket, credential := answer(r)
	_, codes, err := p.c.People.AddPasskey(r.Context(), me.Person, ticket, credential, r.PostFormValue("name"),
		p.alone(me))
	switch {
	case refusedKey(err):
		p.lead(w, r, keyPath, "said", saidKey)
		return
	case fault.CodeOf(err) == people.CodeFactorExists, fault.CodeOf(err) == people.CodePasskeyLimit:
		p.lead(w, r, accountPath, "said", saidKeyMany)
		return
	case err != nil:
		p.sorry(w, r, err)
		return
	}
	p.c.Sessions.Forget()
	if !people.Second(me.Methods) { // their roles work from now on
		if me, err = p.elevate(w, r, me, []people.Method{people.ByPasskey}); err != nil {
			p.sorry(w, r, err)
			return
		}
	}
	if codes != nil {
		t := p.words.of(r)
		p.showCodes(w, r, stepsOf(1, t.StepKey, t.StepCodes), codes)
		return
	}
	p.lead(w, r, accountPath, "said", saidKeyMade)
}

// removeKey takes a passkey away.
func (p *Pages) removeKey(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	said := saidKeyGone
	if of, err := passkeyID(r); err == nil { // one that cannot be is gone
		err = p.c.People.DeletePasskey(r.Context(), me.Person, of, p.alone(me))
		switch {
		case fault.CodeOf(err) == people.CodeFactorNeeded:
			said = saidKeyLast
		case err != nil && fault.CodeOf(err) != people.CodeFactorNotFound:
			p.sorry(w, r, err)
			return
		}
	}
	p.c.Sessions.Forget()
	p.lead(w, r, accountPath, "said", said)
}

type renameView struct {
	view
	Action, Of, Name, Back string
}

// renameKeyPage asks for the new name of a passkey.
func (p *Pages) renameKeyPage(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	f, err := p.c.People.ListFactors(r.Context(), me.Person)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	of := r.URL.Query().Get("of")
	for _, k := range f.Passkeys {
		if k.ID.String() == of {
			t := p.words.of(r)
			p.render(w, r, http.StatusOK, "rename-passkey", renameView{p.view(r, t, t.KeyRenameTitle, "narrow"),
				renameKeyPath, of, k.Name, accountPath})
			return
		}
	}
	p.lead(w, r, accountPath)
}

// renameKey gives a passkey another name; one that is gone has none.
func (p *Pages) renameKey(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	of, err := passkeyID(r)
	if err == nil {
		_, err = p.c.People.RenamePasskey(r.Context(), me.Person, of, r.PostFormValue("name"))
	} else {
		err = nil
	}
	if err != nil && fault.CodeOf(err) != people.CodeFactorNotFound {
		p.sorry(w, r, err)
		return
	}
	p.lead(w, r, accountPath, "said", saidKeyNamed)
}

// joinKeyOptions asks the device of somebody new.
func (p *Pages) joinKeyOptions(w http.ResponseWriter, r *http.Request, by joining) {
	in, err := by.open(r)
	if err != nil {
		p.c.Problems.Write(w, r, err)
		return
	}
	c, err := p.c.People.EnrolPasskey(r.Context(), by.word(r), in.email)
	p.asked(w, r, c, err)
}

// joinKey makes somebody new a person by the passkey that their device has made.
func (p *Pages) joinKey(w http.ResponseWriter, r *http.Request, by joining) {
	t := p.words.of(r)
	ticket, credential := answer(r)
	j, err := p.c.People.EnrolledByPasskey(r.Context(), by.word(r), ticket, credential, agentOf(r.UserAgent(), t),
		t.language())
	if refusedKey(err) {
		p.lead(w, r, by.at(r), "said", saidKey)
		return
	}
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	p.join(w, r, by, j)
}

// join makes somebody new a person and a member, signs them in, and shows their recovery codes.
func (p *Pages) join(w http.ResponseWriter, r *http.Request, by joining, j *people.Joining) {
	t := p.words.of(r)
	who, err := by.accept(r, joiner{new: j})
	switch {
	case errors.Is(err, errKnown): // has an account already
		http.SetCookie(w, p.stepCookie("", 0))
		p.lead(w, r, signInPath, "next", by.at(r), "said", saidKnown)
		return
	case refusedKey(err):
		p.lead(w, r, by.at(r), "said", saidKey)
		return
	case err != nil:
		by.gone(w, r, err)
		return
	}
	_, token, err := p.c.Sessions.Start(r.Context(), who, j.Methods(), call.From(r.Context()).Address, r.UserAgent())
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
	p.showCodes(w, r, by.steps(t, 1), codes)
}
