package access

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/people"
	"zhitong/tenants/vault"
)

const (
	// InvitationFor is how long an invitation can be accepted.
	InvitationFor = 72 * time.Hour
	// invitationsOpenMax bounds how many of a tenant wait at once.
	invitationsOpenMax = 200
	inviteSecret       = 32
)

// Invitation is how a person becomes a member.
type Invitation struct {
	ID         id.Invitation
	Email      string
	Name       string
	Role       tenants.Role
	Merchant   id.Merchant // zero unless the role is a merchant's
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AcceptedAt *time.Time
	RevokedAt  *time.Time
}

// invitationOf is the invitation of a row, with the address opened; what goes wrong is joined to err.
func (s *Service) invitationOf(ctx context.Context, tx db.TenantTx, r dbsqlc.Invitation, err *error) Invitation {
	email, problem := vault.InvitationEmail.OpenText(ctx, tx, s.vault, r.ID, r.SealedEmail, r.Email)
	*err = errors.Join(*err, problem)
	return Invitation{r.ID, email, r.Name, r.Role, r.MerchantID, r.CreatedAt, r.ExpiresAt, r.AcceptedAt, r.RevokedAt}
}

var inviteAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// inviteWord is the word of an invitation's link: it names the tenant, and carries 256 bits that nobody else can
// compute, so that a mail can be written from the identifier alone. Only its hash is kept.
func inviteWord(k *secret.InstallationKey, t id.Tenant, i id.Invitation) (text secret.String, hash [32]byte) {
	sum := k.MAC("invitations.word", append(t[:], i[:]...))
	word := inviteAlphabet.EncodeToString(append(t[:], sum[:]...))
	return secret.New(word), sha256.Sum256([]byte(word))
}

// readInvite tells whose invitation a word is, before anyone has looked it up.
func readInvite(word string) (t id.Tenant, hash [32]byte, ok bool) {
	raw, err := inviteAlphabet.DecodeString(word)
	if err != nil || len(raw) != len(t)+inviteSecret || inviteAlphabet.EncodeToString(raw) != word {
		return t, hash, false
	}
	copy(t[:], raw)
	return t, sha256.Sum256([]byte(word)), true
}

func errInvitation() error {
	return fault.New(CodeInvitationEnded, "The invitation does not exist, was used or withdrawn, or is over.")
}

// CreateInvitation invites somebody to be a member; the word of the link is shown once. Somebody who is listed as a
// member already and has not signed in yet is invited to what they are listed as. It returns member_email_taken,
// role_exceeds_own, role_needs_merchant, merchant_not_found or too_many_objects.
func (s *Service) CreateInvitation(
	ctx context.Context,
	a tenants.Actor,
	in NewMember,
) (out Invitation, word secret.String, err error) {
	email, err := tenants.NormalEmail(in.Email)
	if err != nil {
		return Invitation{}, word, fault.New(tenants.CodeInvalidRequest, "The e-mail address is not one.").
			At("/email", "format", "Must be an e-mail address.")
	}
	now := s.clock.Now()
	out = Invitation{ID: id.New[id.Invitation](), Email: email, Name: in.Name, Role: in.Role, Merchant: in.Merchant,
		CreatedAt: now, ExpiresAt: now.Add(InvitationFor)}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return Invitation{}, word, err
	}
	word, hash := inviteWord(k, a.Tenant, out.ID)
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := unrestricted(a); err != nil {
			return err
		}
		if err := grant(ctx, tx, a, in.Role, in.Merchant); err != nil {
			return err
		}
		if err := tenants.Room(ctx, tx, tenants.Members); err != nil {
			return err
		}
		if err := s.invitable(ctx, tx, out); err != nil {
			return err
		}
		open, err := q.InvitationsOpen(ctx, tx, now, invitationsOpenMax)
		if err != nil {
			return fmt.Errorf("count the invitations: %w", err)
		}
		if open >= invitationsOpenMax {
			return fault.New(tenants.CodeTooManyObjects, "%d invitations wait already.", invitationsOpenMax)
		}
		sealed, err := vault.InvitationEmail.SealText(ctx, tx, s.vault, out.ID, email)
		if err != nil {
			return err
		}
		if err := q.InvitationInsert(ctx, tx.Later(), dbsqlc.InvitationInsertParams{
			ID: out.ID, SealedEmail: sealed, Name: in.Name, Role: in.Role, MerchantID: in.Merchant, SecretHash: hash[:],
			CreatedBy: auditID(a), CreatedAt: now, ExpiresAt: out.ExpiresAt,
		}); err != nil {
			return fmt.Errorf("insert the invitation: %w", err)
		}
		if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.InvitationMail{
			TenantID: queue.RefTo(a.Tenant), InvitationID: queue.RefTo(out.ID)}}); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "createInvitation", "invitation", out.ID,
			"role "+string(in.Role), tenants.Changes{}.Add("email", "", tenants.Masked(email)).
				Add("role", "", in.Role).Add("merchant_id", "", in.Merchant)...); err != nil {
			return err
		}
		return tellInvitation(ctx, tx, vocabulary.EventInvitationCreated, events.ByActor(a), out, id.Member{}, now)
	})
	if err != nil {
		return Invitation{}, secret.String{}, err
	}
	return out, word, nil
}

func auditID(a tenants.Actor) string {
	_, text := a.Caller.AuditActor()
	return text
}

// invitable refuses an address that is another member's: one who has signed in, or is listed with another role.
func (s *Service) invitable(ctx context.Context, tx db.TenantTx, i Invitation) error {
	m, err := s.memberByEmail(ctx, tx, i.Email)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !m.PersonID.IsZero() || m.Role != i.Role || m.MerchantID != i.Merchant {
		return errEmailTaken()
	}
	return nil
}

// ListInvitations reads a page of invitations, newest first.
func (s *Service) ListInvitations(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Invitation],
) (out tenants.PageOf[Invitation], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.InvitationList(ctx, tx, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the invitations: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.Invitation) string { return r.ID.String() },
			func(r dbsqlc.Invitation) Invitation { return s.invitationOf(ctx, tx, r, &err) })
		return err
	})
	return out, err
}

// RevokeInvitation withdraws an invitation that was not accepted; withdrawing it again changes nothing. It returns
// invitation_not_found or role_exceeds_own.
func (s *Service) RevokeInvitation(ctx context.Context, a tenants.Actor, invitation id.Invitation) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.InvitationGet(ctx, tx, invitation)
		if db.IsNoRows(err) {
			return fault.New(CodeInvitationNotFound, "There is no such invitation.")
		}
		if err != nil {
			return fmt.Errorf("read the invitation: %w", err)
		}
		if err := unrestricted(a); err != nil {
			return err
		}
		if !a.Role.MayGive(r.Role) {
			return fault.New(CodeRoleExceedsOwn, "A %s cannot withdraw an invitation to the role %s.", a.Role, r.Role)
		}
		now := s.clock.Now()
		n, err := q.InvitationRevoke(ctx, tx, &now, invitation)
		if err != nil {
			return fmt.Errorf("withdraw the invitation: %w", err)
		}
		if n == 0 {
			return nil
		}
		told := Invitation{ID: r.ID, Role: r.Role, Merchant: r.MerchantID, ExpiresAt: r.ExpiresAt}
		if err := tellInvitation(ctx, tx, vocabulary.EventInvitationRevoked, events.ByActor(a), told, id.Member{},
			now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "revokeInvitation", "invitation", invitation, "",
			tenants.Changes{}.Add("revoked_at", nil, now)...)
	})
}

// Invited is what whoever opens an invitation's link is shown.
type Invited struct {
	Invitation
	Tenant   id.Tenant
	Platform string // its name
}

// OpenInvitation reads the invitation of a link. It returns invitation_ended for anything that cannot be accepted.
func (s *Service) OpenInvitation(ctx context.Context, word string) (out Invited, err error) {
	t, hash, ok := readInvite(word)
	if !ok {
		return Invited{}, errInvitation()
	}
	err = s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		out, err = s.invited(ctx, tx, hash)
		return err
	})
	return out, err
}

func (s *Service) invited(ctx context.Context, tx db.TenantTx, hash [32]byte) (Invited, error) {
	r, err := q.InvitationBySecret(ctx, tx, hash[:])
	if db.IsNoRows(err) {
		return Invited{}, errInvitation()
	}
	if err != nil {
		return Invited{}, fmt.Errorf("read the invitation: %w", err)
	}
	tenant, err := q.TenantGet(ctx, tx)
	if err != nil {
		return Invited{}, fmt.Errorf("read the tenant: %w", err)
	}
	if r.AcceptedAt != nil || r.RevokedAt != nil || !s.clock.Now().Before(r.ExpiresAt) ||
		tenant.Status != tenants.StatusActive {
		return Invited{}, errInvitation()
	}
	return Invited{s.invitationOf(ctx, tx, r, &err), tx.Tenant(), tenant.Name}, err
}

// Joiner is who accepts an invitation: somebody new, or a person who has signed in.
type Joiner struct {
	New    *people.Joining
	Person people.Person // whose address is the invitation's; unless New
	// Address of the network, for the audit log.
	Address string
}

// AcceptInvitation makes the person a member, once. It returns invitation_ended, and invitation_other_address for a
// person to whom it was not sent.
func (s *Service) AcceptInvitation(
	ctx context.Context,
	p *people.Service,
	word string,
	j Joiner,
) (person id.Person, err error) {
	t, hash, ok := readInvite(word)
	if !ok {
		return person, errInvitation()
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return person, err
	}
	err = s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		i, err := s.invited(ctx, tx, hash)
		if err != nil {
			return err
		}
		address := j.Person.Email
		if person = j.Person.ID; j.New != nil {
			if person, address = j.New.ID, j.New.Email(); strings.EqualFold(address, i.Email) {
				err = p.Create(ctx, tx, j.New)
			}
		}
		if err != nil {
			return err
		}
		if !strings.EqualFold(address, i.Email) {
			return fault.New(CodeInvitationOtherAddress, "The invitation was sent to another address.")
		}
		m, err := s.bind(ctx, tx, i, person)
		if err != nil {
			return err
		}
		if err := people.Join(ctx, tx, person, m); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := q.InvitationAccept(ctx, tx.Later(), &now, i.ID); err != nil {
			return fmt.Errorf("accept the invitation: %w", err)
		}
		if err := tellJoined(ctx, tx, i.Invitation, m, now); err != nil {
			return err
		}
		by := audit.Member(m)
		by.Address = j.Address
		return audit.Record(ctx, tx, by, "acceptInvitation", "member", m, "role "+string(i.Role),
			tenants.Changes{}.Add("role", "", i.Role).Add("merchant_id", "", i.Merchant)...)
	})
	if people.Taken(err) {
		return person, fault.New(CodeInvitationOtherAddress, "You have an account already: sign in to accept.")
	}
	return person, err
}

// bind makes the person the member that the invitation speaks of, or a new one.
func (s *Service) bind(ctx context.Context, tx db.TenantTx, i Invited, p id.Person) (m id.Member, err error) {
	found, err := s.memberByEmail(ctx, tx, i.Email)
	switch {
	case db.IsNoRows(err):
		m = id.New[id.Member]()
		if _, err := s.insertMember(ctx, tx, Member{ID: m, Email: i.Email, Name: i.Name, Role: i.Role,
			Merchant: i.Merchant}); err != nil {
			return m, err
		}
	case err != nil:
		return m, err
	case !found.PersonID.IsZero() || found.Role != i.Role || found.MerchantID != i.Merchant:
		return m, errInvitation() // somebody else came first, or was given another role since
	default:
		m = found.ID
	}
	return m, Bind(ctx, tx, p, m)
}

// Bind makes a person a member who is nobody's yet. Atomic; it returns invitation_ended for one who is somebody.
func Bind(ctx context.Context, tx db.TenantTx, p id.Person, m id.Member) error {
	n, err := q.MemberBind(ctx, tx, p, m)
	if err != nil {
		return fmt.Errorf("bind the member to the person: %w", err)
	}
	if n == 0 {
		return errInvitation()
	}
	return nil
}

// Described is what a member is to a platform, for the person.
type Described struct {
	Platform string // its name
	Mode     vocabulary.TenantMode
	Role     tenants.Role
	Merchant id.Merchant
}

// Describe tells what a member is to a platform; nil when they are a member no more, or the platform is not active.
func (s *Service) Describe(ctx context.Context, t id.Tenant, m id.Member) (out *Described, err error) {
	err = s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		member, err := q.MemberGet(ctx, tx, m)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the member: %w", err)
		}
		tenant, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		if tenant.Status == tenants.StatusActive {
			out = &Described{tenant.Name, tenant.Mode, member.Role, member.MerchantID}
		}
		return nil
	})
	return out, err
}
