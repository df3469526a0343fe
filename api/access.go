package api

import (
	"context"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/audit"
)

func (s *server) ListMembers(
	ctx context.Context,
	r apigen.ListMembersRequestObject,
) (apigen.ListMembersResponseObject, error) {
	p, err := page[id.Member](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Access.ListMembers(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).member)
	return apigen.ListMembers200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateMember(
	ctx context.Context,
	r apigen.CreateMemberRequestObject,
) (apigen.CreateMemberResponseObject, error) {
	b := r.Body
	m, again, err := s.Access.CreateMember(ctx, authn.From(ctx), keyIn(ctx), access.NewMember{
		Email: string(b.Email), Name: value(b.Name), Role: tenants.Role(b.Role), Merchant: value(b.MerchantID),
	})
	if err != nil {
		return nil, err
	}
	return apigen.CreateMember201JSONResponse{
		Body:    s.seen(ctx).member(m),
		Headers: apigen.CreateMember201ResponseHeaders{ETag: etag(m.Version), IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) GetMember(
	ctx context.Context,
	r apigen.GetMemberRequestObject,
) (apigen.GetMemberResponseObject, error) {
	m, err := s.Access.GetMember(ctx, authn.From(ctx), r.MemberID)
	if err != nil {
		return nil, err
	}
	return apigen.GetMember200JSONResponse{
		Body:    s.seen(ctx).member(m),
		Headers: apigen.GetMember200ResponseHeaders{ETag: etag(m.Version)},
	}, nil
}

func (s *server) UpdateMember(
	ctx context.Context,
	r apigen.UpdateMemberRequestObject,
) (apigen.UpdateMemberResponseObject, error) {
	b := r.Body
	c := access.MemberChange{Name: b.Name, Role: (*tenants.Role)(b.Role), Match: match(r.Params.IfMatch)}
	if b.MerchantID.IsSpecified() {
		merchant, _ := b.MerchantID.Get() // zero for null
		c.Merchant = &merchant
	}
	m, err := s.Access.UpdateMember(ctx, authn.From(ctx), r.MemberID, c)
	if err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.UpdateMember200JSONResponse{
		Body:    s.seen(ctx).member(m),
		Headers: apigen.UpdateMember200ResponseHeaders{ETag: etag(m.Version)},
	}, nil
}

func (s *server) RemoveMember(
	ctx context.Context,
	r apigen.RemoveMemberRequestObject,
) (apigen.RemoveMemberResponseObject, error) {
	if err := s.Access.RemoveMember(ctx, authn.From(ctx), r.MemberID, match(r.Params.IfMatch)); err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.RemoveMember204Response{}, nil
}

func (f fields) member(m access.Member) apigen.Member {
	return apigen.Member{
		ID:         m.ID,
		Email:      f.contact(authz.Contact, m.Email),
		Name:       m.Name,
		Role:       apigen.Role(m.Role),
		MerchantID: optional(m.Merchant),
		CreatedAt:  clock.Stamp(m.CreatedAt),
	}
}

func (s *server) ListAPIKeys(
	ctx context.Context,
	r apigen.ListAPIKeysRequestObject,
) (apigen.ListAPIKeysResponseObject, error) {
	p, err := page[id.APIKey](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Access.ListKeys(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, apiKeyOf)
	return apigen.ListAPIKeys200JSONResponse{Data: data, NextCursor: next}, nil
}

func apiKeyOf(k access.APIKey) apigen.APIKey {
	return apigen.APIKey{
		ID:         k.ID,
		Name:       k.Name,
		Role:       apigen.Role(k.Role),
		MerchantID: optional(k.Merchant),
		Last4:      k.Last4,
		CreatedAt:  clock.Stamp(k.CreatedAt),
		RevokedAt:  clock.StampOf(k.RevokedAt),
		ExpiresAt:  clock.StampOf(k.ExpiresAt),
		LastUsedAt: clock.StampOf(k.LastUsedAt),

		Permissions:         permissionsOf(k.Permissions),
		PreviousSecretUntil: clock.StampOf(k.PreviousUntil),
	}
}

func (s *server) CreateAPIKey(
	ctx context.Context,
	r apigen.CreateAPIKeyRequestObject,
) (apigen.CreateAPIKeyResponseObject, error) {
	b := r.Body
	k, secret, again, err := s.Access.CreateKey(ctx, authn.From(ctx), keyIn(ctx),
		access.NewAPIKey{
			Name:      b.Name,
			Role:      tenants.Role(b.Role),
			Merchant:  value(b.MerchantID),
			ExpiresAt: (*time.Time)(b.ExpiresAt),

			Permissions: permissionsIn(b.Permissions),
		})
	if err != nil {
		return nil, err
	}
	return apigen.CreateAPIKey201JSONResponse{
		Body: apigen.APIKeyCreated{
			ID:          k.ID,
			Name:        k.Name,
			Role:        apigen.Role(k.Role),
			MerchantID:  optional(k.Merchant),
			Last4:       k.Last4,
			CreatedAt:   clock.Stamp(k.CreatedAt),
			ExpiresAt:   clock.StampOf(k.ExpiresAt),
			Permissions: permissionsOf(k.Permissions),
			Secret:      secret.Reveal(),
		},
		Headers: apigen.CreateAPIKey201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func permissionsOf(p tenants.Permissions) *apigen.Permissions {
	if p == nil {
		return nil
	}
	out := apigen.Permissions{}
	for r, l := range p.Texts() {
		out[r] = apigen.AccessLevel(l)
	}
	return &out
}

func permissionsIn(p *apigen.Permissions) tenants.Permissions {
	if p == nil {
		return nil
	}
	out := tenants.Permissions{}
	for r, l := range *p {
		out[vocabulary.Resource(r)] = vocabulary.Level(l)
	}
	return out
}

func (s *server) RollAPIKey(
	ctx context.Context,
	r apigen.RollAPIKeyRequestObject,
) (apigen.RollAPIKeyResponseObject, error) {
	overlap := overlapDefault
	if r.Body.OverlapSeconds != nil {
		overlap = time.Duration(*r.Body.OverlapSeconds) * time.Second
	}
	k, secret, again, err := s.Access.RollKey(ctx, authn.From(ctx), keyIn(ctx), r.APIKeyID, overlap)
	if err != nil {
		return nil, err
	}
	return apigen.RollAPIKey200JSONResponse{
		Body: apigen.APIKeyRolled{
			ID:                  k.ID,
			Last4:               k.Last4,
			Secret:              secret.Reveal(),
			PreviousSecretUntil: clock.StampOf(k.PreviousUntil),
		},
		Headers: apigen.RollAPIKey200ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) RevokeAPIKey(
	ctx context.Context,
	r apigen.RevokeAPIKeyRequestObject,
) (apigen.RevokeAPIKeyResponseObject, error) {
	if err := s.Access.RevokeKey(ctx, authn.From(ctx), r.APIKeyID); err != nil {
		return nil, err
	}
	return apigen.RevokeAPIKey204Response{}, nil
}

func (s *server) ListAuditLog(
	ctx context.Context,
	r apigen.ListAuditLogRequestObject,
) (apigen.ListAuditLogResponseObject, error) {
	q := r.Params
	p, err := span[id.AuditEntry](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	f := audit.Filter{
		ActorKinds: each(value(q.ActorKind),
			func(k apigen.ActorKind) vocabulary.ActorKind { return vocabulary.ActorKind(k) }),
		ActorID: value(q.ActorID),
		Actions: value(q.Action),
	}
	if f.Subject, err = subject(q.SubjectID); err != nil {
		return nil, err
	}
	found, err := s.Audit.List(ctx, authn.From(ctx), p, f)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).auditEntry)
	return apigen.ListAuditLog200JSONResponse{Data: data, NextCursor: next}, nil
}

func (f fields) auditEntry(e audit.Entry) apigen.AuditEntry {
	return apigen.AuditEntry{
		ID:          e.ID,
		ActorKind:   apigen.ActorKind(e.By.Kind),
		ActorID:     e.By.ID,
		Action:      e.Action,
		SubjectType: e.SubjectType,
		SubjectID:   id.TextOf(e.SubjectType, e.SubjectID),
		Detail:      e.Detail,
		Changes: each(e.Changes, func(c tenants.Change) apigen.AuditChange {
			return apigen.AuditChange{Field: c.Field, Before: optional(c.Before), After: optional(c.After)}
		}),
		ClientAddress: f.network(e.By.Address),
		CreatedAt:     clock.Stamp(e.CreatedAt),
	}
}

func (s *server) GetAPIKey(
	ctx context.Context,
	r apigen.GetAPIKeyRequestObject,
) (apigen.GetAPIKeyResponseObject, error) {
	k, err := s.Access.GetKey(ctx, authn.From(ctx), r.APIKeyID)
	if err != nil {
		return nil, err
	}
	return apigen.GetAPIKey200JSONResponse(apiKeyOf(k)), nil
}
