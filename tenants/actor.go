package tenants

import (
	"context"

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
	RoleDistributor = vocabulary.RoleDistributor
	RoleSupplier    = vocabulary.RoleSupplier
)

// Actor is who is calling.
type Actor struct {
	Tenant   id.Tenant
	APIKey   id.APIKey
	Role     Role
	Merchant id.Merchant           // zero unless the role is a merchant's
	Mode     vocabulary.TenantMode // ModeSandbox or ModeLive
}

// In runs fn in one transaction behind the actor's walls: its tenant's, and its merchant's when it is one.
func (a Actor) In(ctx context.Context, d *db.DB, fn func(ctx context.Context, tx db.TenantTx) error) error {
	return d.InMerchant(ctx, a.Tenant, a.Merchant, fn)
}
