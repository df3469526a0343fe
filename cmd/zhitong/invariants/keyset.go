package invariants

import (
	"context"
	"errors"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

// Keyset adds to a report whose keys the master keyset of v does not open: it is another installation's, or lacks a
// key.
func (r *Report) Keyset(ctx context.Context, d *db.DB, v *vault.Vault) error {
	r.Checks = append(r.Checks, "I10 keyset")
	note := func(tenant id.Tenant, err error) error {
		if errors.Is(err, secret.ErrOtherMaster) {
			r.Breaches = append(r.Breaches,
				Breach{Invariant: "I10", Check: "keyset", Tenant: tenant, Detail: err.Error()})
			return nil
		}
		return err
	}
	if err := note(id.Tenant{}, v.Check(ctx, d)); err != nil {
		return err
	}
	_, err := tenants.Each(ctx, d, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
		return note(t, d.InTenant(ctx, t, v.CheckTenant))
	})
	return err
}
