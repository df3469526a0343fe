package api

import (
	"context"
	"net/http"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// admitPerson is admit for a request with the cookie of a session. In this order: does it come from a page of ours, who
// is it, what are they to the platform, not too often, may they, and have they shown lately who they are.
func (g *gate) admitPerson(
	w http.ResponseWriter,
	r *http.Request,
	it *call.Call,
	op *contract.Operation,
	token string,
) (*http.Request, error) {
	if err := authn.SameSite(r); err != nil {
		return r, err
	}
	signed := authn.Signed{Token: token, Tenant: authn.Tenant(r)}
	named := len(r.Header.Values(authn.TenantHeader)) > 0
	var actor tenants.Actor
	var err error
	if op.Personal && !(op.NamesTenant && named) {
		signed.Session, err = g.sessions.Person(r.Context(), token)
		actor.Caller = tenants.BySession(signed.ID, actor.Caller.Member())
	} else {
		actor, signed.Session, err = g.sessions.Actor(r.Context(), token, signed.Tenant)
		it.Again = func(ctx context.Context) (tenants.Actor, error) {
			again, _, err := g.sessions.Actor(ctx, token, signed.Tenant)
			return again, err
		}
	}
	if err != nil {
		if fault.CodeOf(err) == sessions.CodeSessionEnded && g.limits.missed(w, r) {
			return r, errRateLimited()
		}
		return r, err
	}
	it.Tenant, it.Caller = actor.Tenant, actor.Caller
	actor.Address = it.Address
	if g.limits.callers.over(w, r, signed.Person.String()) {
		return r, errRateLimited()
	}
	if !op.Personal {
		if err := refusal(g.policy, actor, op); err != nil {
			return r, err
		}
		if !actor.Role.OfMerchant() && !people.Second(signed.Methods) {
			return r, fault.New(authn.CodeSecondFactorRequired, "The role %s needs a second factor.", actor.Role)
		}
	}
	if op.Elevated && !signed.IsElevated(g.clock.Now()) {
		return r, fault.New(authn.CodeReauthentication, "The operation %s needs a fresh proof of who you are.", op.ID)
	}
	ctx := authn.WithSession(r.Context(), signed)
	return r.WithContext(authn.With(ctx, actor)), nil
}
