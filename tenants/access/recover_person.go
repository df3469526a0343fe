package access

import (
	"context"
	"errors"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

// ErrNoPerson is the error of an address that nobody has.
var ErrNoPerson = errors.New("nobody has this address")

// RecoverPerson lets somebody in again who has lost everything, at the word of the installation's operator: what they
// sign in with is taken away, their sessions end, and a link sets a new password, once. Each platform that they are a
// member of reads so in its audit log, before anything is done: a crash between leaves a note too many, never one too
// few, and a second run makes another link. It returns the path of the link, invalid_request without a reason, and
// ErrNoPerson.
func (s *Service) RecoverPerson(
	ctx context.Context,
	p *people.Service,
	in *sessions.Service,
	email, reason string,
) (person id.Person, path secret.String, err error) {
	if reason == "" {
		return person, path, fault.New(tenants.CodeInvalidRequest, "A reason is needed.").
			At("/reason", "required", "Says who asked, and how they were recognised.")
	}
	email, err = tenants.NormalEmail(email)
	if err != nil {
		return person, path, ErrNoPerson
	}
	person, known, err := p.Known(ctx, email)
	if err == nil && !known {
		err = ErrNoPerson
	}
	if err != nil {
		return person, path, err
	}
	of, err := p.Memberships(ctx, person)
	if err != nil {
		return person, path, err
	}
	for _, m := range of {
		if err := s.db.InTenant(ctx, m.Tenant, func(ctx context.Context, tx db.TenantTx) error {
			return audit.Record(ctx, tx, audit.System("people recover"), "recoverPerson", "member", m.Member, reason)
		}); err != nil {
			return person, path, fmt.Errorf("note it in platform %s: %w", m.Tenant, err)
		}
		p.Reached("noted")
	}
	path, err = p.Reset(ctx, person, in.EndOthers(person, id.Session{}))
	p.Reached("taken away")
	return person, path, err
}
