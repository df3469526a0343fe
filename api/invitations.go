package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
)

func (s *server) ListInvitations(
	ctx context.Context,
	r apigen.ListInvitationsRequestObject,
) (apigen.ListInvitationsResponseObject, error) {
	p, err := page[id.Invitation](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Access.ListInvitations(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).invitation)
	return apigen.ListInvitations200JSONResponse{Data: data, NextCursor: next}, nil
}

func (f fields) invitation(i access.Invitation) apigen.Invitation {
	return apigen.Invitation{
		ID:         i.ID,
		Email:      f.contact(authz.Contact, i.Email),
		Name:       i.Name,
		Role:       apigen.Role(i.Role),
		MerchantID: optional(i.Merchant),
		CreatedAt:  clock.Stamp(i.CreatedAt),
		ExpiresAt:  clock.Stamp(i.ExpiresAt),
		AcceptedAt: clock.StampOf(i.AcceptedAt),
		RevokedAt:  clock.StampOf(i.RevokedAt),
	}
}

func (s *server) CreateInvitation(
	ctx context.Context,
	r apigen.CreateInvitationRequestObject,
) (apigen.CreateInvitationResponseObject, error) {
	b := r.Body
	i, word, err := s.Access.CreateInvitation(ctx, authn.From(ctx), access.NewMember{
		Email: string(b.Email), Name: value(b.Name), Role: tenants.Role(b.Role), Merchant: value(b.MerchantID),
	})
	if err != nil {
		return nil, err
	}
	shown := s.seen(ctx).invitation(i)
	return apigen.CreateInvitation201JSONResponse{Body: apigen.InvitationCreated{
		ID: shown.ID, Email: shown.Email, Name: shown.Name, Role: shown.Role, MerchantID: shown.MerchantID,
		CreatedAt: shown.CreatedAt, ExpiresAt: shown.ExpiresAt,
		URL: s.PublicURL + access.InvitationPath + word.Reveal(),
	}}, nil
}

func (s *server) RevokeInvitation(
	ctx context.Context,
	r apigen.RevokeInvitationRequestObject,
) (apigen.RevokeInvitationResponseObject, error) {
	if err := s.Access.RevokeInvitation(ctx, authn.From(ctx), r.InvitationID); err != nil {
		return nil, err
	}
	return apigen.RevokeInvitation204Response{}, nil
}

func (s *server) ListRoles(
	_ context.Context,
	_ apigen.ListRolesRequestObject,
) (apigen.ListRolesResponseObject, error) {
	return apigen.ListRoles200JSONResponse{Data: each(vocabulary.Roles(),
		func(r vocabulary.Role) apigen.RoleOperations {
			return apigen.RoleOperations{Role: apigen.Role(r), Operations: s.policy.Of(r)}
		})}, nil
}
