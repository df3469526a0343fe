package signin

import (
	"net/http"

	"zhitong/api/authn"
	"zhitong/tenants/access"
)

// membership is a platform as the account shows it.
type membership struct {
	Name, Role string
	Sandbox    bool
}

type accountView struct {
	view
	Email   string
	SignOut string
	In      []membership
}

func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, me authn.Signed) {
	t := p.words.of(r)
	who, err := p.c.People.Get(r.Context(), me.Person)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v := accountView{view: p.view(r, t, t.AccountTitle, "wide"), Email: who.Email, SignOut: signOutPath}
	if v.In, err = p.memberships(r, t, me); err != nil {
		p.sorry(w, r, err)
		return
	}
	v.Home = accountPath
	p.render(w, r, http.StatusOK, "account", v)
}

func (p *Pages) memberships(r *http.Request, t *text, me authn.Signed) (out []membership, err error) {
	in, err := p.c.People.Memberships(r.Context(), me.Person)
	if err != nil {
		return nil, err
	}
	for _, m := range in {
		var of *access.Described
		if of, err = p.c.Access.Describe(r.Context(), m.Tenant, m.Member); err != nil {
			return nil, err
		}
		if of != nil { // else removed, or the platform is not active
			out = append(out, membership{of.Platform, t.Roles[of.Role], of.Mode == "sandbox"})
		}
	}
	return out, nil
}
