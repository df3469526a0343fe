package tenants

import (
	"context"
	"slices"

	"zhitong/db"
	"zhitong/internal/id"
)

// Role is what a member or an API key may do; the policy that says so is keyed by operation, in the API.
type Role string

// The roles. A distributor or supplier is one merchant of the tenant and sees that merchant's rows only.
const (
	RoleOwner       Role = "owner"
	RoleAdmin       Role = "admin"
	RoleFinance     Role = "finance"
	RoleRisk        Role = "risk"
	RoleSupport     Role = "support"
	RoleDeveloper   Role = "developer"
	RoleDistributor Role = "distributor"
	RoleSupplier    Role = "supplier"
)

// Roles lists every role.
func Roles() []Role {
	return []Role{
		RoleOwner,
		RoleAdmin,
		RoleFinance,
		RoleRisk,
		RoleSupport,
		RoleDeveloper,
		RoleDistributor,
		RoleSupplier,
	}
}

// Valid tells whether the role exists.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// OfMerchant tells whether the role belongs to one merchant.
func (r Role) OfMerchant() bool { return r == RoleDistributor || r == RoleSupplier }

// Actor is who is calling.
type Actor struct {
	Tenant   id.Tenant
	APIKey   id.APIKey
	Role     Role
	Merchant id.Merchant // zero unless the role is a merchant's
	Mode     string      // ModeSandbox or ModeLive
}

// In runs fn in one transaction behind the actor's walls: its tenant's, and its merchant's when it is one.
func (a Actor) In(ctx context.Context, d *db.DB, fn func(ctx context.Context, tx db.TenantTx) error) error {
	return d.InMerchant(ctx, a.Tenant, a.Merchant, fn)
}

// MayGive tells whether someone with role r may give the role to another: an owner every role, an admin every role but
// owner, anyone else only their own. Whose merchant it is for is checked beside it.
func (r Role) MayGive(role Role) bool {
	switch r {
	case RoleOwner:
		return role.Valid()
	case RoleAdmin:
		return role.Valid() && role != RoleOwner
	default:
		return r.Valid() && r == role
	}
}
