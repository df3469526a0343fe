package tenants

import (
	"context"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
)

// Role is what a member or an API key may do; the policy that says so is keyed by operation, in the API.
type Role = vocabulary.Role

// The roles. A distributor or supplier is one merchant of the tenant and sees that merchant's rows only.
const (
	RoleOwner       = vocabulary.RoleOwner
	RoleAdmin       = vocabulary.RoleAdmin
	RoleFinance     = vocabulary.RoleFinance
	RoleRisk        = vocabulary.RoleRisk
	RoleSupport     = vocabulary.RoleSupport
	RoleDeveloper   = vocabulary.RoleDeveloper
	RoleStorefront  = vocabulary.RoleStorefront
	RoleDistributor = vocabulary.RoleDistributor
	RoleSupplier    = vocabulary.RoleSupplier
)

// Caller is what a request comes by: an API key, or the session of a person. It is one of the two, made by [ByKey] or
// [BySession]; the zero Caller is nobody. Callers can be compared.
type Caller struct {
	kind   vocabulary.CallerKind
	id     uuid.UUID
	member id.Member
}

// ByKey is the caller with an API key.
func ByKey(k id.APIKey) Caller { return Caller{kind: vocabulary.CallerAPIKey, id: uuid.UUID(k)} }

// BySession is the caller in a session of the member.
func BySession(s id.Session, m id.Member) Caller {
	return Caller{kind: vocabulary.CallerSession, id: uuid.UUID(s), member: m}
}

// Kind is [vocabulary.CallerAPIKey] or [vocabulary.CallerSession]; empty for nobody.
func (c Caller) Kind() vocabulary.CallerKind { return c.kind }

// ID is the identifier of the key or of the session.
func (c Caller) ID() uuid.UUID { return c.id }

// Member is the person of a session; zero for a key.
func (c Caller) Member() id.Member { return c.member }

// IsZero tells whether nobody calls.
func (c Caller) IsZero() bool { return c == Caller{} }

// String is the identifier as text: key_… or ses_…, and "nobody" of the zero Caller.
func (c Caller) String() string {
	switch c.kind {
	case vocabulary.CallerAPIKey:
		return id.APIKey(c.id).String()
	case vocabulary.CallerSession:
		return id.Session(c.id).String()
	}
	return "nobody"
}

// AuditActor is who the audit log names: the key, or the person of the session.
func (c Caller) AuditActor() (kind vocabulary.ActorKind, text string) {
	if c.kind == vocabulary.CallerSession {
		return vocabulary.ActorMember, c.member.String()
	}
	return vocabulary.ActorAPIKey, c.String()
}

// Actor is who is calling, and what they may see.
type Actor struct {
	Tenant   id.Tenant
	Caller   Caller
	Role     Role
	Merchant id.Merchant           // zero unless the role is a merchant's
	Mode     vocabulary.TenantMode // ModeSandbox or ModeLive
	// Permissions narrow the role; nil does not.
	Permissions Permissions
	Address     string // from where, as the audit log tells it; empty: the program itself
}

// In runs fn in one transaction that sees the actor's rows only: its tenant's, and its merchant's when it is one.
func (a Actor) In(ctx context.Context, d *db.DB, fn func(ctx context.Context, tx db.TenantTx) error) error {
	return d.InMerchant(ctx, a.Tenant, a.Merchant, fn)
}

// Same tells whether two actors are one: the same key, or sessions of the same member.
func (a Actor) Same(b Actor) bool {
	if a.Tenant != b.Tenant || a.Caller.IsZero() || a.Caller.kind != b.Caller.kind {
		return false
	}
	if a.Caller.kind == vocabulary.CallerSession {
		return a.Caller.member == b.Caller.member
	}
	return a.Caller.id == b.Caller.id
}

// Runs tells whether the actor may handle what another one has asked for: its own, and as an owner or admin whose
// rights nothing narrows everybody's.
func (a Actor) Runs(b Actor) bool {
	return a.Same(b) || a.Tenant == b.Tenant && (a.Role == RoleOwner || a.Role == RoleAdmin) && a.Permissions == nil
}
