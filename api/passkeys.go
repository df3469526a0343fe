package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
)

func passkeyOf(k people.Passkey) apigen.Passkey {
	return apigen.Passkey{ID: k.ID, Name: k.Name, Synced: k.Synced, CreatedAt: clock.Stamp(k.CreatedAt),
		LastUsedAt: clock.StampOf(k.LastUsedAt)}
}

func askedOf(c people.Ceremony) apigen.PasskeyOptions {
	return apigen.PasskeyOptions{Options: c.Options, Ticket: c.Ticket.Reveal()}
}

func (s *server) BeginElevation(
	ctx context.Context,
	_ apigen.BeginElevationRequestObject,
) (apigen.BeginElevationResponseObject, error) {
	c, err := s.People.BeginPasskeyProof(ctx, authn.SessionFrom(ctx).Person)
	return apigen.BeginElevation200JSONResponse(askedOf(c)), err
}

func (s *server) BeginPasskey(
	ctx context.Context,
	_ apigen.BeginPasskeyRequestObject,
) (apigen.BeginPasskeyResponseObject, error) {
	c, err := s.People.BeginPasskey(ctx, authn.SessionFrom(ctx).Person)
	return apigen.BeginPasskey200JSONResponse(askedOf(c)), err
}

func (s *server) CreatePasskey(
	ctx context.Context,
	r apigen.CreatePasskeyRequestObject,
) (apigen.CreatePasskeyResponseObject, error) {
	made, codes, err := s.People.AddPasskey(ctx, authn.SessionFrom(ctx).Person, secret.New(r.Body.Passkey.Ticket),
		r.Body.Passkey.Credential, value(r.Body.Name), s.alone(ctx))
	if err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	out := apigen.CreatePasskey201JSONResponse{Passkey: passkeyOf(made)}
	if codes != nil {
		out.RecoveryCodes = &codes
	}
	return out, nil
}

func (s *server) UpdatePasskey(
	ctx context.Context,
	r apigen.UpdatePasskeyRequestObject,
) (apigen.UpdatePasskeyResponseObject, error) {
	k, err := s.People.RenamePasskey(ctx, authn.SessionFrom(ctx).Person, r.PasskeyID, r.Body.Name)
	return apigen.UpdatePasskey200JSONResponse(passkeyOf(k)), err
}

func (s *server) DeletePasskey(
	ctx context.Context,
	r apigen.DeletePasskeyRequestObject,
) (apigen.DeletePasskeyResponseObject, error) {
	if err := s.People.DeletePasskey(ctx, authn.SessionFrom(ctx).Person, r.PasskeyID, s.alone(ctx)); err != nil {
		return nil, err
	}
	s.Sessions.Forget()
	return apigen.DeletePasskey204Response{}, nil
}
