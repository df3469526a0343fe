package tenants

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/vault"
)

// Codes of faults of going live.
const (
	CodeLiveTenantExists fault.Code = "live_tenant_exists"
	CodePersonRequired   fault.Code = "person_required"
)

// liveFaults are the codes of going live.
func liveFaults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeLiveTenantExists, Status: http.StatusConflict, Title: "There is a live platform already",
			TitleZh: "正式平台已存在",
			Meaning: "A sandbox has one live platform beside it, `twin_id` of getTenant. A live platform has " +
				"none: it is live.",
			MeaningZh: "一个沙箱只对应一个正式平台，见 getTenant 的 `twin_id`；正式平台本身不能再开通。"},
		{Code: CodePersonRequired, Status: http.StatusForbidden, Title: "Somebody has to sign in for this",
			TitleZh: "须由本人登录后操作",
			Meaning: "No API key opens a live platform, or takes away what somebody signs in with. Sign in, and " +
				"show again who you are.",
			MeaningZh: "API 密钥不能开通正式平台，也不能移除他人的登录方式。请登录并重新验证身份。"},
	}
}

// NewLive is what a live tenant is opened with, beside the settings of its sandbox.
type NewLive struct {
	Name string // empty: the sandbox's
	// Also runs in the transaction that writes the tenant: it lists the person who opens it among its members.
	Also func(ctx context.Context, tx db.TenantTx, person id.Person, owner id.Member) error
}

// opener is the owner of the sandbox who goes live.
type opener struct {
	person      id.Person
	name, email string
}

// OpenLive opens the live tenant beside the actor's sandbox: a tenant of its own with the sandbox's settings, without
// a connection, keys, merchants or goods, whose one member is the person who opens it. Its identifier is derived from
// the sandbox's, so that there is one at most; after a crash a repeat goes on. Whoever the one member is has opened it:
// another owner who comes at the same moment, or after a crash, is told that it is there, and the sandbox of which it
// is. It returns person_required, live_tenant_exists, invalid_request and too_many_sign_ups.
func (s *Service) OpenLive(ctx context.Context, a Actor, in NewLive) (Tenant, error) {
	if a.Caller.Member().IsZero() {
		return Tenant{}, fault.New(CodePersonRequired, "An API key cannot open a live platform.")
	}
	if err := s.mayTakeAnother(ctx); err != nil {
		return Tenant{}, err
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return Tenant{}, err
	}
	sum, err := s.vault.MAC(ctx, s.db, "createLiveTenant", a.Tenant[:])
	if err != nil {
		return Tenant{}, err
	}
	live, by, err := s.sandbox(ctx, a)
	if err != nil {
		return Tenant{}, err
	}
	live.ID, live.Twin, live.Mode, live.Version = DerivedID(sum), a.Tenant, ModeLive, 1
	live.CreatedAt = s.clock.Now()
	if in.Name != "" {
		live.Name = in.Name
	}
	if strings.TrimSpace(live.Name) == "" {
		return Tenant{}, fault.New(CodeInvalidRequest, "The platform needs a name.").
			At("/name", "required", "May not be blank.")
	}
	err = s.db.InTenant(ctx, live.ID, func(ctx context.Context, tx db.TenantTx) error {
		return s.insertLive(ctx, tx, a, live, by, in)
	})
	s.step("live tenant written")
	made, opened := err == nil, err == nil
	if db.Violates(err, TenantKey) { // written before a crash, or by somebody else just now
		live, opened, err = s.written(ctx, live.ID, by.person)
	}
	if err != nil {
		return Tenant{}, fmt.Errorf("write the live tenant: %w", err)
	}
	told, err := s.tellTwin(ctx, a, live.ID, opened)
	if err != nil {
		return Tenant{}, err
	}
	if !opened || !told && !made { // another's, or one's own of before
		return Tenant{}, errLiveExists()
	}
	return live, nil
}

// written reads a live tenant that is there, and tells whether the person is a member of it.
func (s *Service) written(ctx context.Context, live id.Tenant, p id.Person) (t Tenant, member bool, err error) {
	err = s.db.InTenant(ctx, live, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the live tenant: %w", err)
		}
		t = tenantOf(r)
		_, err = q.SessionMember(ctx, tx, p)
		if member = err == nil; db.IsNoRows(err) {
			err = nil
		}
		return err
	})
	return t, member, err
}

// tellTwin tells the sandbox its live tenant, unless somebody has.
func (s *Service) tellTwin(ctx context.Context, a Actor, live id.Tenant, opened bool) (told bool, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		n, err := q.TenantSetTwin(ctx, tx, live)
		if err != nil {
			return fmt.Errorf("tell the sandbox its live tenant: %w", err)
		}
		if told = n == 1; !told {
			return nil
		}
		detail := ""
		if !opened {
			detail = "opened by another owner"
		}
		return record(ctx, tx, a, "createLiveTenant", live, detail, Changes{}.Add("twin_id", nil, live)...)
	})
	return told, err
}

func errLiveExists() error {
	return fault.New(CodeLiveTenantExists, "The platform is live, or has a live one beside it.")
}

// sandbox reads what goes live, and who opens it.
func (s *Service) sandbox(ctx context.Context, a Actor) (t Tenant, by opener, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		if t = tenantOf(r); t.Mode != ModeSandbox || !t.Twin.IsZero() {
			return errLiveExists()
		}
		m, err := q.MemberGet(ctx, tx, a.Caller.Member())
		if err != nil {
			return fmt.Errorf("read the owner: %w", err)
		}
		person, err := q.MemberPerson(ctx, tx, a.Caller.Member())
		if err != nil {
			return fmt.Errorf("read the owner's person: %w", err)
		}
		by = opener{person: person, name: m.Name}
		by.email, err = vault.MemberEmail.OpenText(ctx, tx, s.vault, m.ID, m.SealedEmail, m.Email)
		return err
	})
	return t, by, err
}

// insertLive writes the live tenant with its first member.
func (s *Service) insertLive(ctx context.Context, tx db.TenantTx, a Actor, t Tenant, by opener, in NewLive) error {
	if err := q.TenantInsertLive(ctx, tx.Later(), dbsqlc.TenantInsertLiveParams{
		Name: t.Name, CreatedAt: t.CreatedAt, TwinID: t.Twin, CardKeysShownDays: t.CardKeysShownDays,
		UnpaidOrdersPerApiKey: t.Bounds.PerAPIKey, UnpaidOrdersPerContact: t.Bounds.PerContact,
		UnpaidOrdersPerBuyerIp: t.Bounds.PerBuyerIP, HeldCardKeysPerProduct: t.Bounds.HeldPerProduct,
		EventsKeptDays: t.Kept.Events, WebhookAttemptsKeptDays: t.Kept.WebhookAttempts,
		AuditLogKeptDays: t.Kept.AuditLog, DraftsKeptDays: t.Kept.Drafts, UploadBytesMax: t.UploadBytesMax,
		RefundApprovalAboveFen: t.RefundLimit, ApprovalHours: t.ApprovalHours,
	}); err != nil {
		return err
	}
	if err := q.TenantDirectoryInsert(ctx, tx.Later()); err != nil {
		return err
	}
	owner := Owner{ID: id.New[id.Member](), Email: by.email, Name: by.name, Role: RoleOwner}
	if err := s.insertOwner(ctx, tx, owner); err != nil {
		return err
	}
	if _, err := q.MemberBind(ctx, tx, by.person, owner.ID); err != nil {
		return fmt.Errorf("bind the owner to the person: %w", err)
	}
	if err := in.Also(ctx, tx, by.person, owner.ID); err != nil {
		return err
	}
	first := Actor{Caller: BySession(id.Session(a.Caller.ID()), owner.ID), Address: a.Address}
	return record(ctx, tx, first, "createLiveTenant", t.ID, "", Changes{}.Add("name", "", t.Name).
		Add("mode", "", t.Mode).Add("twin_id", nil, t.Twin)...)
}

// DerivedID makes the identifier of a tenant of a MAC: a UUID of version 8, which is free for such uses (RFC 9562).
func DerivedID(sum [32]byte) id.Tenant {
	t := id.Tenant(sum[:16])
	t[6] = t[6]&0x0f | 0x80
	t[8] = t[8]&0x3f | 0x80
	return t
}
