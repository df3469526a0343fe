package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

func (s *server) GetSession(
	ctx context.Context,
	_ apigen.GetSessionRequestObject,
) (apigen.GetSessionResponseObject, error) {
	now := authn.SessionFrom(ctx)
	p, err := s.People.Get(ctx, now.Person)
	if err != nil {
		return nil, err
	}
	in, err := s.People.Memberships(ctx, now.Person)
	if err != nil {
		return nil, err
	}
	out := apigen.GetSession200JSONResponse{
		ID:     now.ID,
		Person: personOf(p),
		Methods: each(now.Methods,
			func(m string) apigen.CurrentSessionMethods { return apigen.CurrentSessionMethods(m) }),
		CreatedAt:   clock.Stamp(now.CreatedAt),
		Memberships: []apigen.Membership{},
	}
	if now.IsElevated(s.wall().Now()) {
		out.ElevatedUntil = clock.StampOf(now.ElevatedUntil)
	}
	for _, m := range in {
		of, err := s.Access.Describe(ctx, m.Tenant, m.Member)
		if err != nil {
			return nil, err
		}
		if of == nil { // removed, or the platform is not active
			continue
		}
		membership := apigen.Membership{TenantID: m.Tenant, MemberID: m.Member, Name: of.Platform,
			Mode: apigen.TenantMode(of.Mode), Role: apigen.Role(of.Role), MerchantID: optional(of.Merchant)}
		out.Memberships = append(out.Memberships, membership)
		if m.Tenant == authn.From(ctx).Tenant {
			out.Membership = &membership
			operations := s.policy.Of(of.Role)
			out.Operations = &operations
		}
	}
	return out, nil
}

func personOf(p people.Person) apigen.Person {
	return apigen.Person{ID: p.ID, Email: p.Email, Language: apigen.Language(p.Language),
		CreatedAt: clock.Stamp(p.CreatedAt)}
}

func (s *server) DeleteSession(
	ctx context.Context,
	_ apigen.DeleteSessionRequestObject,
) (apigen.DeleteSessionResponseObject, error) {
	now := authn.SessionFrom(ctx)
	if err := s.Sessions.End(ctx, now.Person, now.ID); err != nil {
		return nil, err
	}
	return apigen.DeleteSession204Response{
		Headers: apigen.DeleteSession204ResponseHeaders{SetCookie: cookie(s.cookies.Clear().String())},
	}, nil
}

// cookie is the header as the generated code takes it.
func cookie(text string) *string { return &text }

func (s *server) CreateElevation(
	ctx context.Context,
	r apigen.CreateElevationRequestObject,
) (apigen.CreateElevationResponseObject, error) {
	now := authn.SessionFrom(ctx)
	var methods []people.Method
	var err error
	switch key := r.Body.Passkey; {
	case key != nil && (r.Body.Password != nil || r.Body.Code != nil), key == nil && r.Body.Password == nil:
		err = fault.New(tenants.CodeInvalidRequest, "Send either a passkey or a password.")
	case key != nil:
		methods, err = s.People.AgainByPasskey(ctx, now.Person, secret.New(key.Ticket), key.Credential)
	default:
		methods, err = s.People.Again(ctx, now.Person, people.Attempt{Password: secret.New(*r.Body.Password),
			Code: value(r.Body.Code), Address: call.From(ctx).Address})
	}
	if err != nil {
		return nil, err
	}
	elevated, token, err := s.Sessions.Elevate(ctx, now.Token, now.Session, methods)
	if err != nil {
		return nil, err
	}
	return apigen.CreateElevation200JSONResponse{
		Body: apigen.Elevation{ElevatedUntil: clock.Stamp(*elevated.ElevatedUntil)},
		Headers: apigen.CreateElevation200ResponseHeaders{
			SetCookie: cookie(s.cookies.Set(token.Reveal()).String()),
		},
	}, nil
}

func (s *server) ListSessions(
	ctx context.Context,
	_ apigen.ListSessionsRequestObject,
) (apigen.ListSessionsResponseObject, error) {
	now := authn.SessionFrom(ctx)
	list, err := s.Sessions.List(ctx, now.Person)
	if err != nil {
		return nil, err
	}
	return apigen.ListSessions200JSONResponse{Data: each(list, func(x sessions.Session) apigen.SignedInSession {
		return apigen.SignedInSession{
			ID:      x.ID,
			Current: x.ID == now.ID,
			Methods: each(x.Methods, func(m string) apigen.SignedInSessionMethods {
				return apigen.SignedInSessionMethods(m)
			}),
			ClientAddress: x.Address,
			UserAgent:     x.Agent,
			CreatedAt:     clock.Stamp(x.CreatedAt),
			LastSeenAt:    clock.Stamp(x.LastSeenAt),
		}
	})}, nil
}

func (s *server) RevokeSession(
	ctx context.Context,
	r apigen.RevokeSessionRequestObject,
) (apigen.RevokeSessionResponseObject, error) {
	if err := s.Sessions.End(ctx, authn.SessionFrom(ctx).Person, r.SessionID); err != nil {
		return nil, err
	}
	return apigen.RevokeSession204Response{}, nil
}

func (s *server) UpdatePerson(
	ctx context.Context,
	r apigen.UpdatePersonRequestObject,
) (apigen.UpdatePersonResponseObject, error) {
	me := authn.SessionFrom(ctx).Person
	if l := r.Body.Language; l != nil {
		if err := s.People.SetLanguage(ctx, me, vocabulary.Language(*l)); err != nil {
			return nil, err
		}
	}
	p, err := s.People.Get(ctx, me)
	if err != nil {
		return nil, err
	}
	return apigen.UpdatePerson200JSONResponse(personOf(p)), nil
}

// alone is done in the transaction of every change of what somebody signs in with: whoever has taken a session over
// loses it.
func (s *server) alone(ctx context.Context) people.Also {
	now := authn.SessionFrom(ctx)
	return s.Sessions.EndOthers(now.Person, now.ID)
}

func (s *server) ChangePassword(
	ctx context.Context,
	r apigen.ChangePasswordRequestObject,
) (apigen.ChangePasswordResponseObject, error) {
	if err := s.People.ChangePassword(ctx, authn.SessionFrom(ctx).Person, secret.New(r.Body.Password),
		s.alone(ctx)); err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.ChangePassword204Response{}, nil
}

func (s *server) ListFactors(
	ctx context.Context,
	_ apigen.ListFactorsRequestObject,
) (apigen.ListFactorsResponseObject, error) {
	f, err := s.People.ListFactors(ctx, authn.SessionFrom(ctx).Person)
	if err != nil {
		return nil, err
	}
	out := apigen.ListFactors200JSONResponse{Password: f.Password, Totp: f.TOTP,
		RecoveryCodesLeft: int32(f.RecoveryCodes), Passkeys: each(f.Passkeys, passkeyOf)}
	if f.TOTP {
		out.TotpSince = clock.StampOf(&f.TOTPSince)
	}
	return out, nil
}

func (s *server) BeginTOTP(
	ctx context.Context,
	_ apigen.BeginTOTPRequestObject,
) (apigen.BeginTOTPResponseObject, error) {
	me := authn.SessionFrom(ctx).Person
	p, err := s.People.Get(ctx, me)
	if err != nil {
		return nil, err
	}
	made, err := s.People.BeginTOTP(ctx, me)
	if err != nil {
		return nil, err
	}
	return apigen.BeginTOTP200JSONResponse{Secret: made.Reveal(),
		Address: people.TOTPAddress(made, p.Email).Reveal()}, nil
}

func (s *server) ConfirmTOTP(
	ctx context.Context,
	r apigen.ConfirmTOTPRequestObject,
) (apigen.ConfirmTOTPResponseObject, error) {
	if err := s.People.ConfirmTOTP(ctx, authn.SessionFrom(ctx).Person, r.Body.Code, s.alone(ctx)); err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.ConfirmTOTP204Response{}, nil
}

func (s *server) DeleteTOTP(
	ctx context.Context,
	_ apigen.DeleteTOTPRequestObject,
) (apigen.DeleteTOTPResponseObject, error) {
	if err := s.People.DeleteTOTP(ctx, authn.SessionFrom(ctx).Person, s.alone(ctx)); err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.DeleteTOTP204Response{}, nil
}

func (s *server) CreateRecoveryCodes(
	ctx context.Context,
	_ apigen.CreateRecoveryCodesRequestObject,
) (apigen.CreateRecoveryCodesResponseObject, error) {
	codes, err := s.People.NewRecoveryCodes(ctx, authn.SessionFrom(ctx).Person, s.alone(ctx))
	if err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.CreateRecoveryCodes200JSONResponse{Codes: codes}, nil
}
