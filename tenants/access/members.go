package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/people"
	"zhitong/tenants/vault"
)

// emailUnique is the constraint that keeps two members from sharing an address.
const emailUnique = "members_email_digest"

// Member is a person of the tenant, or of one of its merchants.
type Member struct {
	ID        id.Member
	Email     string
	Name      string
	Role      tenants.Role
	Merchant  id.Merchant // zero unless the role is a merchant's
	CreatedAt time.Time
	Version   int64 // counts its changes, from 1
}

// NewMember is what a member is made from.
type NewMember struct {
	Email    string
	Name     string
	Role     tenants.Role
	Merchant id.Merchant
}

// CreateMember adds a member; replayed says that an earlier request with the same key had. It returns
// member_email_taken, role_exceeds_own, role_needs_merchant, merchant_not_found or idempotency_key_reused.
func (s *Service) CreateMember(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in NewMember,
) (m Member, replayed bool, err error) {
	email, err := tenants.NormalEmail(in.Email)
	if err != nil {
		return Member{}, false, fault.New(tenants.CodeInvalidRequest, "The e-mail address is not one.").
			At("/email", "format", "Must be an e-mail address.")
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return Member{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		m = Member{ID: id.New[id.Member](), Email: email, Name: in.Name, Role: in.Role, Merchant: in.Merchant,
			Version: 1}
		existing, replay, err := key.Claim(ctx, tx, a, "createMember", m.ID)
		if err != nil {
			return err
		}
		if replayed = replay; replay {
			m, err = s.readMember(ctx, tx, id.Member(existing))
			return err
		}
		if err := unrestricted(a); err != nil {
			return err
		}
		if err := grant(ctx, tx, a, in.Role, in.Merchant); err != nil {
			return err
		}
		if err := tenants.Room(ctx, tx, tenants.Members); err != nil {
			return err
		}
		if m.CreatedAt, err = s.insertMember(ctx, tx, m); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "createMember", "member", m.ID, "role "+string(m.Role),
			memberChanges(Member{}, m)...); err != nil {
			return err
		}
		return tellMember(ctx, tx, vocabulary.EventMemberCreated, events.ByActor(a), m, "", s.clock.Now())
	})
	if err != nil {
		return Member{}, false, err
	}
	return m, replayed, nil
}

func errEmailTaken() error {
	return fault.New(CodeMemberEmailTaken, "A member with this e-mail address exists already.").
		At("/email", "taken", "Is another member's.")
}

// insertMember writes a member, with the address sealed. It returns member_email_taken. The vault is ready.
func (s *Service) insertMember(ctx context.Context, tx db.TenantTx, m Member) (at time.Time, err error) {
	_, err = s.memberByEmail(ctx, tx, m.Email) // one of before has no digest that the index could hold
	if err == nil {
		return at, errEmailTaken()
	}
	if !db.IsNoRows(err) {
		return at, err
	}
	sealed, err := vault.MemberEmail.SealText(ctx, tx, s.vault, m.ID, m.Email)
	if err != nil {
		return at, err
	}
	digest, err := s.vault.Digest(ctx, s.db, tx.Tenant(), vault.ByMemberEmail, m.Email)
	if err != nil {
		return at, err
	}
	at, err = q.MemberInsert(ctx, tx, dbsqlc.MemberInsertParams{ID: m.ID, SealedEmail: sealed, EmailDigest: digest,
		Name: m.Name, Role: m.Role, MerchantID: m.Merchant})
	if db.Violates(err, emailUnique) {
		return at, errEmailTaken()
	}
	if err != nil {
		return at, fmt.Errorf("insert the member: %w", err)
	}
	return at, nil
}

// memberByEmail finds and locks the member with an address; [db.IsNoRows] tells that there is none. The vault is ready.
func (s *Service) memberByEmail(ctx context.Context, tx db.TenantTx, email string) (r dbsqlc.MemberByEmailRow,
	err error) {
	digest, err := s.vault.Digest(ctx, s.db, tx.Tenant(), vault.ByMemberEmail, email)
	if err != nil {
		return r, err
	}
	if r, err = q.MemberByEmail(ctx, tx, digest, email); err != nil {
		return r, fmt.Errorf("look for a member with the address: %w", err)
	}
	return r, nil
}

// ListMembers reads a page of members, newest first.
func (s *Service) ListMembers(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Member],
) (out tenants.PageOf[Member], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.MemberList(ctx, tx, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the members: %w", err)
		}
		out = tenants.Cut(
			page,
			rows,
			func(r dbsqlc.MemberListRow) string { return r.ID.String() },
			func(r dbsqlc.MemberListRow) Member { return s.memberOf(ctx, tx, r, &err) },
		)
		return err
	})
	return out, err
}

// GetMember reads a member. It returns member_not_found.
func (s *Service) GetMember(ctx context.Context, a tenants.Actor, member id.Member) (m Member, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		m, err = s.readMember(ctx, tx, member)
		return err
	})
	return m, err
}

func (s *Service) readMember(ctx context.Context, tx db.TenantTx, member id.Member) (Member, error) {
	r, err := q.MemberGet(ctx, tx, member)
	if db.IsNoRows(err) {
		return Member{}, fault.New(CodeMemberNotFound, "There is no such member.")
	}
	if err != nil {
		return Member{}, fmt.Errorf("read the member: %w", err)
	}
	m := s.memberOf(ctx, tx, dbsqlc.MemberListRow(r), &err)
	return m, err
}

// memberOf is the member of a row, with the address opened; what goes wrong is joined to err.
func (s *Service) memberOf(ctx context.Context, tx db.TenantTx, r dbsqlc.MemberListRow, err *error) Member {
	email, problem := vault.MemberEmail.OpenText(ctx, tx, s.vault, r.ID, r.SealedEmail, r.Email)
	*err = errors.Join(*err, problem)
	return Member{r.ID, email, r.Name, tenants.Role(r.Role), r.MerchantID, r.CreatedAt, r.Version}
}

// MemberChange is what to change of a member; nil leaves as it is.
type MemberChange struct {
	Name *string
	Role *tenants.Role
	// Merchant is the merchant of the roles distributor and supplier. A role that takes none takes it away.
	Merchant *id.Merchant
	Match    tenants.Match
}

// UpdateMember changes a member's name, role or merchant. It returns member_not_found, precondition_failed,
// role_exceeds_own for a role above the actor's, old or new, role_needs_merchant, merchant_not_found or last_owner.
func (s *Service) UpdateMember(
	ctx context.Context,
	a tenants.Actor,
	member id.Member,
	c MemberChange,
) (m Member, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		before, err := s.lockMember(ctx, tx, a, member, c.Match)
		if err != nil {
			return err
		}
		m = before
		m.Version++
		if c.Name != nil {
			m.Name = *c.Name
		}
		if c.Role != nil {
			m.Role = *c.Role
			if !m.Role.OfMerchant() {
				m.Merchant = id.Merchant{}
			}
		}
		if c.Merchant != nil {
			m.Merchant = *c.Merchant
		}
		if m.Role != before.Role || m.Merchant != before.Merchant {
			if err := grant(ctx, tx, a, m.Role, m.Merchant); err != nil {
				return err
			}
		}
		if m.Role != tenants.RoleOwner {
			if err := anotherOwner(ctx, tx, before); err != nil {
				return err
			}
		}
		err = q.MemberUpdate(ctx, tx.Later(), dbsqlc.MemberUpdateParams{
			ID:         m.ID,
			Name:       m.Name,
			Role:       m.Role,
			MerchantID: m.Merchant,
		})
		if err != nil {
			return fmt.Errorf("update the member: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "updateMember", "member", m.ID, "role "+string(m.Role),
			memberChanges(before, m)...); err != nil {
			return err
		}
		if m.Role == before.Role && m.Merchant == before.Merchant && m.Name == before.Name {
			return nil
		}
		return tellMember(ctx, tx, vocabulary.EventMemberUpdated, events.ByActor(a), m, before.Role, s.clock.Now())
	})
	if err != nil {
		return Member{}, err
	}
	return m, nil
}

// RemoveMember takes a person out of the platform. API keys are the platform's and no person's, so they stay. It
// returns member_not_found, precondition_failed, role_exceeds_own or last_owner.
func (s *Service) RemoveMember(ctx context.Context, a tenants.Actor, member id.Member, match tenants.Match) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		m, err := s.lockMember(ctx, tx, a, member, match)
		if err != nil {
			return err
		}
		if err := anotherOwner(ctx, tx, m); err != nil {
			return err
		}
		person, err := q.MemberPerson(ctx, tx, m.ID)
		if err != nil {
			return fmt.Errorf("read who the member is: %w", err)
		}
		if err := people.Leave(ctx, tx, person); err != nil {
			return err
		}
		if err := q.MemberDelete(ctx, tx.Later(), m.ID); err != nil {
			return fmt.Errorf("delete the member: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "removeMember", "member", m.ID, "role "+string(m.Role),
			memberChanges(m, Member{})...); err != nil {
			return err
		}
		return tellMember(ctx, tx, vocabulary.EventMemberRemoved, events.ByActor(a), m, "", s.clock.Now())
	})
}

// lockMember reads a member that a may change. The tenant is locked: of two who demote each other, the second one finds
// itself the last owner. It returns member_not_found, precondition_failed or role_exceeds_own.
func (s *Service) lockMember(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	member id.Member,
	match tenants.Match,
) (Member, error) {
	if err := q.TenantLock(ctx, tx); err != nil {
		return Member{}, fmt.Errorf("lock the tenant: %w", err)
	}
	m, err := s.readMember(ctx, tx, member)
	if err != nil {
		return Member{}, err
	}
	if err := match.Check(m.Version); err != nil {
		return Member{}, err
	}
	if err := unrestricted(a); err != nil {
		return Member{}, err
	}
	if !a.Role.MayGive(m.Role) {
		return Member{}, fault.New(CodeRoleExceedsOwn, "The role %s cannot change a member with the role %s.",
			a.Role, m.Role)
	}
	return m, nil
}

// anotherOwner returns last_owner when m is the only owner. The tenant is locked.
func anotherOwner(ctx context.Context, tx db.TenantTx, m Member) error {
	if m.Role != tenants.RoleOwner {
		return nil
	}
	beside, err := q.MemberOwnersBeside(ctx, tx, m.ID)
	if err != nil {
		return fmt.Errorf("count the owners: %w", err)
	}
	if beside == 0 {
		return fault.New(CodeLastOwner, "This is the platform's last member with the role owner. Make another one an "+
			"owner first.")
	}
	return nil
}

// memberChanges are what the audit log keeps of a change. Address and name are a person's.
func memberChanges(before, after Member) (c tenants.Changes) {
	return c.Add("email", tenants.Masked(before.Email), tenants.Masked(after.Email)).
		Add("name", tenants.Masked(before.Name), tenants.Masked(after.Name)).
		Add("role", before.Role, after.Role).
		Add("merchant_id", before.Merchant, after.Merchant)
}
