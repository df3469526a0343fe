package access

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/mask"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// keyEvent is the picture of an API key in its events. It has neither the secret nor the name, which people type.
type keyEvent struct {
	events.By
	APIKeyID      id.APIKey    `json:"api_key_id"`
	Role          tenants.Role `json:"role"`
	MerchantID    *id.Merchant `json:"merchant_id,omitempty"`
	Last4         string       `json:"last4"`
	Restricted    bool         `json:"restricted"`
	ExpiresAt     *clock.Stamp `json:"expires_at,omitempty"`
	PreviousUntil *clock.Stamp `json:"previous_secret_until,omitempty"`
}

// memberEvent is the picture of a member in its events. It has neither the address nor the name.
type memberEvent struct {
	events.By
	MemberID     id.Member     `json:"member_id"`
	Role         tenants.Role  `json:"role"`
	PreviousRole *tenants.Role `json:"previous_role,omitempty"`
	MerchantID   *id.Merchant  `json:"merchant_id,omitempty"`
}

// invitationEvent is the picture of an invitation in its events.
type invitationEvent struct {
	events.By
	InvitationID id.Invitation `json:"invitation_id"`
	Role         tenants.Role  `json:"role"`
	MerchantID   *id.Merchant  `json:"merchant_id,omitempty"`
	MemberID     *id.Member    `json:"member_id,omitempty"`
	ExpiresAt    clock.Stamp   `json:"expires_at"`
}

func merchantOf(m id.Merchant) *id.Merchant {
	if m.IsZero() {
		return nil
	}
	return &m
}

// emit emits an event, which is the platform's also where a merchant's member acts.
func emit(ctx context.Context, tx db.TenantTx, e events.Event) error {
	tx.BeyondMerchant()
	return events.Emit(ctx, tx, e)
}

// tellKey emits an event of a key. It is the last word of its transaction, as tellMember and tellInvitation are: the
// wall between merchants is gone after it.
func tellKey(
	ctx context.Context,
	tx db.TenantTx,
	kind vocabulary.EventType,
	by events.By,
	k APIKey,
	at time.Time,
) error {
	return emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectAPIKey, SubjectID: k.ID, At: at,
		Data: keyEvent{by, k.ID, k.Role, merchantOf(k.Merchant), k.Last4, k.Permissions != nil,
			clock.StampOf(k.ExpiresAt), clock.StampOf(k.PreviousUntil)}})
}

// tellRevoked emits that a key is about to be revoked.
func tellRevoked(ctx context.Context, tx db.TenantTx, a tenants.Actor, key id.APIKey, at time.Time) error {
	k, err := readKey(ctx, tx, key)
	if err != nil {
		return err
	}
	return tellKey(ctx, tx, vocabulary.EventAPIKeyRevoked, events.ByActor(a), k, at)
}

// tellMember emits an event of a member; before is the role that it had, empty unless it was changed.
func tellMember(
	ctx context.Context,
	tx db.TenantTx,
	kind vocabulary.EventType,
	by events.By,
	m Member,
	before tenants.Role,
	at time.Time,
) error {
	data := memberEvent{By: by, MemberID: m.ID, Role: m.Role, MerchantID: merchantOf(m.Merchant)}
	if before != "" && before != m.Role {
		data.PreviousRole = &before
	}
	return emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectMember, SubjectID: m.ID,
		Data: data, At: at})
}

// tellInvitation emits an event of an invitation; member is who has accepted it.
func tellInvitation(
	ctx context.Context,
	tx db.TenantTx,
	kind vocabulary.EventType,
	by events.By,
	i Invitation,
	member id.Member,
	at time.Time,
) error {
	data := invitationEvent{By: by, InvitationID: i.ID, Role: i.Role, MerchantID: merchantOf(i.Merchant),
		ExpiresAt: clock.Stamp(i.ExpiresAt)}
	if !member.IsZero() {
		data.MemberID = &member
	}
	return emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectInvitation, SubjectID: i.ID,
		Data: data, At: at})
}

// tellJoined emits that an invitation was accepted, and by whom.
func tellJoined(ctx context.Context, tx db.TenantTx, i Invitation, m id.Member, at time.Time) error {
	by := events.By{ActorKind: vocabulary.ActorMember, ActorID: m.String()}
	if err := tellInvitation(ctx, tx, vocabulary.EventInvitationAccepted, by, i, m, at); err != nil {
		return err
	}
	member := Member{ID: m, Role: i.Role, Merchant: i.Merchant}
	return tellMember(ctx, tx, vocabulary.EventMemberJoined, by, member, "", at)
}

// Act is what a member did with the account that they sign in with.
type Act struct {
	ID      id.Act
	Member  id.Member
	Session id.Session // which began at a new place
	What    string     // one of the acts of package tenants
}

// accountEvent is the picture of an act in its event.
type accountEvent struct {
	events.By
	ActID      id.Act       `json:"act_id"`
	MemberID   id.Member    `json:"member_id"`
	Role       tenants.Role `json:"role"`
	MerchantID *id.Merchant `json:"merchant_id,omitempty"`
	Network    string       `json:"network,omitempty"`
}

// kinds says as what an act is told: the type of its event, and the action of the audit log.
func (a Act) kinds() (event vocabulary.EventType, action string) {
	switch a.What {
	case tenants.ActPlace:
		return vocabulary.EventMemberSignedInElsewhere, "signIn"
	case tenants.ActPassword:
		return vocabulary.EventMemberPasswordChanged, "changePassword"
	default:
		return vocabulary.EventMemberFactorsChanged, "changeFactors"
	}
}

// TellMember tells a platform what a member did with their account, once: whoever runs it again finds what was told.
// Nobody is told of a member who is no longer one.
func (s *Service) TellMember(ctx context.Context, tenant id.Tenant, a Act) error {
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		m, err := q.MemberLock(ctx, tx, a.Member)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("lock the member: %w", err)
		}
		if told, err := q.EventOfAct(ctx, tx, a.Member.UUID(), a.ID.String()); err != nil || told {
			return err
		}
		data := accountEvent{By: events.By{ActorKind: vocabulary.ActorMember, ActorID: a.Member.String()}, ActID: a.ID,
			MemberID: a.Member, Role: m.Role, MerchantID: merchantOf(m.MerchantID)}
		detail := ""
		if a.What == tenants.ActPlace {
			began, err := q.SessionGet(ctx, tx, a.Session)
			if err != nil && !db.IsNoRows(err) {
				return fmt.Errorf("read the session: %w", err)
			}
			data.Network = mask.Network(began.Address)
			detail = "from a new place, network " + data.Network
		}
		kind, action := a.kinds()
		if err := audit.Record(ctx, tx, audit.Member(a.Member), action, "member", a.Member, detail); err != nil {
			return err
		}
		return emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectMember, SubjectID: a.Member,
			Data: data, At: s.clock.Now()})
	})
}
