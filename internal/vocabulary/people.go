package vocabulary

import "slices"

// TenantMode tells whose money a tenant moves.
type TenantMode string

// Values of [TenantMode].
const (
	ModeSandbox TenantMode = "sandbox" // its gateway is the simulator
	ModeLive    TenantMode = "live"    // its gateway is Alipay
)

// TenantStatus is the status of a tenant.
type TenantStatus string

// Values of [TenantStatus].
const (
	TenantActive    TenantStatus = "active"
	TenantSuspended TenantStatus = "suspended"
	TenantClosed    TenantStatus = "closed"
)

// Role is what a member or an API key may do. The policy that says so is keyed by operation, in the API.
type Role string

// Values of [Role].
const (
	RoleOwner       Role = "owner"
	RoleAdmin       Role = "admin"
	RoleFinance     Role = "finance"
	RoleRisk        Role = "risk"
	RoleSupport     Role = "support"
	RoleDeveloper   Role = "developer"
	RoleStorefront  Role = "storefront"  // a shop's server: makes, reads and closes orders, nothing else
	RoleDistributor Role = "distributor" // one merchant of the tenant; sees that merchant's rows only
	RoleSupplier    Role = "supplier"    // likewise
)

// ActorKind is what kind of caller an audit entry is about.
type ActorKind string

// Values of [ActorKind].
const (
	ActorAPIKey ActorKind = "api_key"
	ActorMember ActorKind = "member"
	ActorBuyer  ActorKind = "buyer"
	ActorSystem ActorKind = "system" // a job or a command
)

// CallerKind is what a request comes by.
type CallerKind string

// Values of [CallerKind].
const (
	CallerAPIKey  CallerKind = "api_key" // a program
	CallerSession CallerKind = "session" // a person who has signed in
)

// Language is what a person's pages and mails are written in.
type Language string

// Values of [Language].
const (
	Chinese Language = "zh"
	English Language = "en"
)

// LinkKind is what a one-time link is for.
type LinkKind string

// Values of [LinkKind].
const (
	LinkRecovery LinkKind = "recovery" // a new password
	LinkSignUp   LinkKind = "sign_up"  // a new platform
	LinkSignIn   LinkKind = "sign_in"  // for trying: in without a password
)

// Roles lists every role.
func Roles() []Role {
	return []Role{
		RoleOwner, RoleAdmin, RoleFinance, RoleRisk, RoleSupport, RoleDeveloper, RoleStorefront, RoleDistributor,
		RoleSupplier,
	}
}

// Valid tells whether the role exists.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// OfMerchant tells whether the role belongs to one merchant.
func (r Role) OfMerchant() bool { return r == RoleDistributor || r == RoleSupplier }

// MayGive tells whether someone with role r may give the role to another: an owner every role, an admin every role but
// owner, anyone else only their own. Whose merchant it is for is checked beside it.
func (r Role) MayGive(role Role) bool {
	switch r {
	case RoleOwner:
		return role.Valid()
	case RoleAdmin:
		return role.Valid() && role != RoleOwner
	case RoleFinance, RoleRisk, RoleSupport, RoleDeveloper, RoleStorefront, RoleDistributor, RoleSupplier:
		return r == role
	}
	return false
}
