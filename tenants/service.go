package tenants

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/secret"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/vault"
)

// Config is what a Service needs.
type Config struct {
	DB       *db.DB
	Vault    *vault.Vault
	Gateways *Gateways
	Desk     *zft.Desk // of the simulator; nil: nobody can sign up
	Clock    clock.Clock
	// SimulatorGatewayURL is the address of the simulator's gateway.do, for connections that name it; empty: there is
	// none.
	SimulatorGatewayURL string
	// SignUpsHour is how many platforms may sign up within an hour, in all; 0: any number.
	SignUpsHour int
	// Replaced is told in the transaction that replaces a connection, unless it is nil.
	Replaced func(ctx context.Context, tx db.TenantTx, a Actor, c Connection, at time.Time) error
	Step     func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of a tenant itself.
type Service struct {
	db               *db.DB
	vault            *vault.Vault
	gateways         *Gateways
	desk             *zft.Desk
	clock            clock.Clock
	simulatorGateway string
	signUpsHour      int
	replaced         func(ctx context.Context, tx db.TenantTx, a Actor, c Connection, at time.Time) error
	step             func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{
		db:               c.DB,
		vault:            c.Vault,
		gateways:         c.Gateways,
		desk:             c.Desk,
		clock:            c.Clock,
		simulatorGateway: c.SimulatorGatewayURL,
		signUpsHour:      c.SignUpsHour,
		replaced:         c.Replaced,
		step:             c.Step,
	}
}

// NewTenant is what a platform signs up with.
type NewTenant struct {
	ID         id.Tenant // zero: a new one
	Name       string
	OwnerEmail string
	OwnerName  string
	Address    string // of the client, for the audit log
	WithoutKey bool   // there is no first API key: the owner signs in
	// Also, unless it is nil, runs in the transaction that writes the tenant.
	Also func(ctx context.Context, tx db.TenantTx, made SignedUp) error
}

// Owner is the first member of a tenant.
type Owner struct {
	ID        id.Member
	Email     string
	Name      string
	Role      Role
	CreatedAt time.Time
}

// FirstKey is the first API key of a tenant, with every right.
type FirstKey struct {
	ID        id.APIKey
	Name      string
	Role      Role
	Last4     string
	CreatedAt time.Time
	Secret    secret.String // not shown again
}

// SignedUp is what a sign-up gives.
type SignedUp struct {
	Tenant Tenant
	Owner  Owner
	Key    FirstKey
}

// TenantKey is violated by a second tenant with one id.
const TenantKey = "tenants_pkey"

// SignUp makes a sandbox tenant: it registers an app at the simulator's desk, then writes the tenant, its data key, its
// connection, its owner and its first API key in one transaction. A crash between the two leaves an app at the
// simulator that nobody uses. It returns invalid_request, too_many_sign_ups or sandbox_unavailable, and violates
// [TenantKey] when there is a tenant with the id.
func (s *Service) SignUp(ctx context.Context, in NewTenant) (SignedUp, error) {
	email, err := NormalEmail(in.OwnerEmail)
	if err != nil {
		return SignedUp{}, fault.New(CodeInvalidRequest, "The e-mail address is not one.").
			At("/owner_email", "format", "Must be an e-mail address.")
	}
	if strings.TrimSpace(in.Name) == "" {
		return SignedUp{}, fault.New(CodeInvalidRequest, "The platform needs a name.").
			At("/name", "required", "May not be blank.")
	}
	if err := s.mayTakeAnother(ctx); err != nil {
		return SignedUp{}, err
	}
	now := s.clock.Now()
	tenant := Tenant{ID: in.ID, Name: in.Name, Mode: ModeSandbox, Status: StatusActive, CreatedAt: now, Version: 1,
		CardKeysShownDays: shownDays, UploadBytesMax: uploadMax, ApprovalHours: approvalHours,
		Bounds: usualBounds(), Kept: UsuallyKept()}
	if tenant.ID.IsZero() {
		tenant.ID = id.New[id.Tenant]()
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return SignedUp{}, err
	}
	cred, err := s.registerApp(ctx, tenant)
	s.step("registered")
	if err != nil {
		return SignedUp{}, err
	}
	key := MakeKey(ModeSandbox, tenant.ID)
	out := SignedUp{
		Tenant: tenant,
		Owner:  Owner{ID: id.New[id.Member](), Email: email, Name: in.OwnerName, Role: RoleOwner, CreatedAt: now},
		Key: FirstKey{
			ID:        id.New[id.APIKey](),
			Name:      "first key",
			Role:      RoleOwner,
			Last4:     key.Last4,
			CreatedAt: now,
			Secret:    key.Secret,
		},
	}
	err = s.db.InTenant(ctx, tenant.ID, func(ctx context.Context, tx db.TenantTx) error {
		if err := s.insert(ctx, tx, out, in, key, cred); err != nil || in.Also == nil {
			return err
		}
		return in.Also(ctx, tx, out)
	})
	s.step("written")
	if err != nil {
		return SignedUp{}, fmt.Errorf("write the tenant: %w", err)
	}
	return out, nil
}

// registerApp has the simulator issue an app for the tenant.
func (s *Service) registerApp(ctx context.Context, t Tenant) (zft.Credentials, error) {
	if s.desk == nil {
		return zft.Credentials{}, fault.New(CodeSandboxUnavailable, "This server has no sandbox gateway.")
	}
	cred, err := zft.Register(ctx, s.desk, t.Name, s.gateways.AppGatewayURL(t.ID))
	if err != nil {
		return zft.Credentials{}, fault.New(CodeSandboxUnavailable,
			"The sandbox gateway did not answer. Repeat the request in a moment.").Because(err)
	}
	return cred, nil
}

func (s *Service) insert(
	ctx context.Context,
	tx db.TenantTx,
	t SignedUp,
	in NewTenant,
	key NewKey,
	cred zft.Credentials,
) error {
	if err := q.TenantInsert(ctx, tx.Later(), t.Tenant.Name, t.Tenant.Mode, t.Tenant.CreatedAt); err != nil {
		return err
	}
	if err := q.TenantDirectoryInsert(ctx, tx.Later()); err != nil {
		return err
	}
	if err := s.putConnection(ctx, tx, cred); err != nil {
		return err
	}
	if err := s.insertOwner(ctx, tx, t.Owner); err != nil {
		return err
	}
	by := Actor{Caller: ByKey(t.Key.ID), Address: in.Address}
	if in.WithoutKey {
		by.Caller = BySession(id.Session{}, t.Owner.ID)
	} else if _, err := q.APIKeyInsert(ctx, tx, dbsqlc.APIKeyInsertParams{
		ID:         t.Key.ID,
		Name:       t.Key.Name,
		Role:       t.Key.Role,
		SecretHash: key.Hash[:],
		Last4:      key.Last4,
	}); err != nil {
		return err
	}
	return record(ctx, tx, by, "createTenant", t.Tenant.ID, "",
		Changes{}.Add("name", "", t.Tenant.Name).Add("mode", "", t.Tenant.Mode)...)
}

// insertOwner writes the first member of a tenant.
func (s *Service) insertOwner(ctx context.Context, tx db.TenantTx, o Owner) error {
	sealed, err := vault.MemberEmail.SealText(ctx, tx, s.vault, o.ID, o.Email)
	if err != nil {
		return err
	}
	digest, err := s.vault.Digest(ctx, s.db, tx.Tenant(), vault.ByMemberEmail, o.Email)
	if err != nil {
		return err
	}
	_, err = q.MemberInsert(ctx, tx, dbsqlc.MemberInsertParams{ID: o.ID, SealedEmail: sealed, EmailDigest: digest,
		Name: o.Name, Role: o.Role})
	return err
}

// record writes about the tenant to the audit log. Package audit, which everyone else uses, stands on this one.
func record(
	ctx context.Context,
	tx db.TenantTx,
	by Actor,
	action string,
	subject [16]byte,
	detail string,
	changes ...Change,
) error {
	raw, err := Changes(changes).JSON()
	if err != nil {
		return err
	}
	kind, text := by.Caller.AuditActor()
	return q.AuditInsert(ctx, tx.Later(), dbsqlc.AuditInsertParams{
		ID:            id.New[id.AuditEntry](),
		ActorKind:     kind,
		ActorID:       text,
		Action:        action,
		SubjectType:   "tenant",
		SubjectID:     uuid.UUID(subject),
		Detail:        detail,
		Changes:       raw,
		ClientAddress: by.Address,
	})
}

// Get reads the actor's tenant.
func (s *Service) Get(ctx context.Context, a Actor) (t Tenant, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		t = tenantOf(r)
		return nil
	})
	return t, err
}

// shownDays is for how many days a new platform's pages show card keys, as the table says.
const shownDays = 7

// approvalHours is for how many hours an approval of a new platform waits, as the table says.
const approvalHours = 72

// uploadMax is how many bytes an upload of a new platform may have, as the table says.
const uploadMax = 20_000_000

func tenantOf(r dbsqlc.Tenant) Tenant {
	return Tenant{
		ID:                r.TenantID,
		Name:              r.Name,
		Mode:              r.Mode,
		Status:            r.Status,
		CreatedAt:         r.CreatedAt,
		Version:           r.Version,
		Twin:              r.TwinID,
		CardKeysShownDays: r.CardKeysShownDays,
		UploadBytesMax:    r.UploadBytesMax,
		RefundLimit:       r.RefundApprovalAboveFen,
		ApprovalHours:     r.ApprovalHours,
		Bounds: Bounds{
			PerAPIKey:      r.UnpaidOrdersPerApiKey,
			PerContact:     r.UnpaidOrdersPerContact,
			PerBuyerIP:     r.UnpaidOrdersPerBuyerIp,
			HeldPerProduct: r.HeldCardKeysPerProduct,
		},
		Kept: Kept{
			Events:          r.EventsKeptDays,
			WebhookAttempts: r.WebhookAttemptsKeptDays,
			AuditLog:        r.AuditLogKeptDays,
			Drafts:          r.DraftsKeptDays,
		},
	}
}

// Settings are what a tenant may change of itself; what is nil stays.
type Settings struct {
	Name              *string
	CardKeysShownDays *int32 // 1 to 90, as the API holds it
	UploadBytesMax    *int32 // 0 to 1,000,000,000, as the API holds it
	ApprovalHours     *int32 // 1 to 168, as the API holds it
	// RefundLimit lowers the amount above which a refund needs a second person; to raise it needs one, too.
	RefundLimit *money.Fen
	// NoRefundLimit takes the limit away, which needs a second person where there is one.
	NoRefundLimit bool
	// Bounds from 0 to 100,000, as the API holds it.
	PerAPIKey, PerContact, PerBuyerIP, HeldPerProduct *int32
	// Days within the bounds of package retention, as the API holds them.
	EventsKept, WebhookAttemptsKept, AuditLogKept, DraftsKept *int32
	Match                                                     Match
}

// Update changes the actor's tenant. It returns invalid_request or precondition_failed.
func (s *Service) Update(ctx context.Context, a Actor, in Settings) (t Tenant, err error) {
	if in.Name != nil && strings.TrimSpace(*in.Name) == "" {
		return Tenant{}, fault.New(CodeInvalidRequest, "The platform needs a name.").
			At("/name", "required", "May not be blank.")
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TenantGetForUpdate(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		if err := in.Match.Check(r.Version); err != nil {
			return err
		}
		t = tenantOf(r)
		t.Version++
		if in.Name != nil {
			t.Name = *in.Name
		}
		was := t
		for _, n := range []struct {
			have *int32
			want *int32
		}{
			{&t.CardKeysShownDays, in.CardKeysShownDays}, {&t.Bounds.PerAPIKey, in.PerAPIKey},
			{&t.Bounds.PerContact, in.PerContact}, {&t.Bounds.PerBuyerIP, in.PerBuyerIP},
			{&t.Bounds.HeldPerProduct, in.HeldPerProduct}, {&t.Kept.Events, in.EventsKept},
			{&t.Kept.WebhookAttempts, in.WebhookAttemptsKept}, {&t.Kept.AuditLog, in.AuditLogKept},
			{&t.Kept.Drafts, in.DraftsKept},
			{&t.UploadBytesMax, in.UploadBytesMax}, {&t.ApprovalHours, in.ApprovalHours},
		} {
			if n.want != nil {
				*n.have = *n.want
			}
		}
		if t.RefundLimit, err = limitOf(r.RefundApprovalAboveFen, in); err != nil {
			return err
		}
		if err := q.TenantUpdate(ctx, tx.Later(), dbsqlc.TenantUpdateParams{
			Name:                    t.Name,
			CardKeysShownDays:       t.CardKeysShownDays,
			UnpaidOrdersPerApiKey:   t.Bounds.PerAPIKey,
			UnpaidOrdersPerContact:  t.Bounds.PerContact,
			UnpaidOrdersPerBuyerIp:  t.Bounds.PerBuyerIP,
			HeldCardKeysPerProduct:  t.Bounds.HeldPerProduct,
			EventsKeptDays:          t.Kept.Events,
			WebhookAttemptsKeptDays: t.Kept.WebhookAttempts,
			AuditLogKeptDays:        t.Kept.AuditLog,
			DraftsKeptDays:          t.Kept.Drafts,
			UploadBytesMax:          t.UploadBytesMax,
			RefundApprovalAboveFen:  t.RefundLimit,
			ApprovalHours:           t.ApprovalHours,
		}); err != nil {
			return fmt.Errorf("change the tenant: %w", err)
		}
		return record(ctx, tx, a, "updateTenant", a.Tenant, "", Changes{}.
			Add("name", r.Name, t.Name).
			Add("card_keys_shown_days", r.CardKeysShownDays, t.CardKeysShownDays).
			Add("unpaid_orders_per_api_key", was.Bounds.PerAPIKey, t.Bounds.PerAPIKey).
			Add("unpaid_orders_per_contact", was.Bounds.PerContact, t.Bounds.PerContact).
			Add("unpaid_orders_per_buyer_ip", was.Bounds.PerBuyerIP, t.Bounds.PerBuyerIP).
			Add("held_card_keys_per_product", was.Bounds.HeldPerProduct, t.Bounds.HeldPerProduct).
			Add("retention.events_days", was.Kept.Events, t.Kept.Events).
			Add("retention.webhook_attempts_days", was.Kept.WebhookAttempts, t.Kept.WebhookAttempts).
			Add("retention.audit_log_days", was.Kept.AuditLog, t.Kept.AuditLog).
			Add("retention.drafts_days", was.Kept.Drafts, t.Kept.Drafts).
			Add("upload_bytes_max", r.UploadBytesMax, t.UploadBytesMax).
			Add("approval_hours", r.ApprovalHours, t.ApprovalHours).
			Add("refund_approval_above_fen", fenText(r.RefundApprovalAboveFen), fenText(t.RefundLimit))...)
	})
	if err != nil {
		return Tenant{}, err
	}
	return t, nil
}
