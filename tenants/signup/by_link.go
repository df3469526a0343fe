package signup

import (
	"context"
	"strings"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
)

// ByLink signs a sandbox platform up for whoever has confirmed their address by the link that was mailed, and makes
// them its owner: somebody new, or a person who has signed in. It has no API key: the owner makes one. The platform's
// id goes back to the link, and the link is used up in the transaction that makes the platform: there is one for each
// link.
//
// It returns people.ErrLinkOver, invitation_other_address, too_many_sign_ups and sandbox_unavailable.
func (s *Service) ByLink(
	ctx context.Context,
	p *people.Service,
	word string,
	j access.Joiner,
) (person id.Person, err error) {
	want, err := p.SignUpOf(ctx, word)
	if err != nil {
		return person, err
	}
	email := j.Person.Email
	if person = j.Person.ID; j.New != nil {
		person, email = j.New.ID, j.New.Email()
	}
	if !strings.EqualFold(email, want.Email) {
		return person, fault.New(access.CodeInvitationOtherAddress, "The link was sent to another address.")
	}
	in := tenants.NewTenant{Name: want.Platform, OwnerEmail: want.Email, Address: j.Address, WithoutKey: true}
	if in.ID, err = s.derived(ctx, "sign up by link", want.Link[:]); err != nil {
		return person, err
	}
	in.Also = func(ctx context.Context, tx db.TenantTx, made tenants.SignedUp) error {
		if err := p.UseSignUp(ctx, tx, want.Link); err != nil {
			return err
		}
		if j.New != nil {
			if err := p.Create(ctx, tx, j.New); err != nil {
				return err
			}
		}
		if err := access.Bind(ctx, tx, person, made.Owner.ID); err != nil {
			return err
		}
		return people.Join(ctx, tx, person, made.Owner.ID)
	}
	_, err = s.tenants.SignUp(ctx, in)
	switch {
	case people.Taken(err):
		return person, fault.New(access.CodeInvitationOtherAddress, "You have an account already: sign in first.")
	case db.Violates(err, tenants.TenantKey): // the same link at the same time
		return person, people.ErrLinkOver
	}
	return person, err
}
