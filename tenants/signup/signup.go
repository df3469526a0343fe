// Package signup makes a sign-up safe to repeat. Nobody is signed in yet and no tenant is known, so the tenant's id is
// derived from the Idempotency-Key: a repeat finds its tenant by it, and a second tenant with it cannot be written.
package signup

import (
	"context"
	"encoding/json"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

const operation = "createTenant"

// Service carries the use case.
type Service struct {
	db      *db.DB
	vault   *vault.Vault
	tenants *tenants.Service
}

// New makes a Service.
func New(d *db.DB, v *vault.Vault, t *tenants.Service) *Service { return &Service{d, v, t} }

// remembered is what a sign-up was answered with. It is stored sealed.
type remembered struct {
	SignedUp tenants.SignedUp
	Secret   string // which [tenants.SignedUp] does not give away when it is written
}

// SignUp is [tenants.Service.SignUp], once for each key, which is required and not to be guessed: whoever sends it
// again with the same request gets the same tenant and the same API key; replayed says so. When the key is no longer
// remembered it is refused, as it is with another request: idempotency_key_reused.
func (s *Service) SignUp(
	ctx context.Context,
	key idempotency.Key,
	in tenants.NewTenant,
) (out tenants.SignedUp, replayed bool, err error) {
	if in.ID, err = s.tenantOf(ctx, key); err != nil {
		return tenants.SignedUp{}, false, err
	}
	if out, replayed, err = s.before(ctx, key, in.ID); err != nil || replayed {
		return out, replayed, err
	}
	in.Also = func(ctx context.Context, tx db.TenantTx, made tenants.SignedUp) error {
		a := actor(in.ID)
		a.Caller = tenants.ByKey(made.Key.ID)
		if err := key.ClaimNew(ctx, tx, a, operation, in.ID); err != nil {
			return err
		}
		plain, err := json.Marshal(remembered{made, made.Key.Secret.Reveal()})
		if err != nil {
			return fmt.Errorf("write the sign-up to remember: %w", err)
		}
		return key.Keep(ctx, tx, s.vault, in.ID, plain)
	}
	out, err = s.tenants.SignUp(ctx, in)
	if db.Violates(err, tenants.TenantKey) { // another request with this key was faster
		if out, replayed, err = s.before(ctx, key, in.ID); err == nil && !replayed {
			err = fmt.Errorf("sign up: the tenant is there and is not found")
		}
	}
	return out, replayed, err
}

// tenantOf is the id of the tenant that a key signs up. Without the installation's key nobody can tell the one from
// the other.
func (s *Service) tenantOf(ctx context.Context, key idempotency.Key) (id.Tenant, error) {
	return s.derived(ctx, operation, []byte(key.Value))
}

func (s *Service) derived(ctx context.Context, use string, from []byte) (id.Tenant, error) {
	sum, err := s.vault.MAC(ctx, s.db, use, from)
	if err != nil {
		return id.Tenant{}, err
	}
	return tenants.DerivedID(sum), nil
}

// actor is who a sign-up makes: the owner of the tenant.
func actor(t id.Tenant) tenants.Actor {
	return tenants.Actor{Tenant: t, Role: tenants.RoleOwner, Mode: tenants.ModeSandbox}
}

// before finds what an earlier request with the key was answered with.
func (s *Service) before(
	ctx context.Context,
	key idempotency.Key,
	tenant id.Tenant,
) (out tenants.SignedUp, found bool, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.TenantGet(ctx, tx); db.IsNoRows(err) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for the tenant: %w", err)
		}
		plain, err := key.Kept(ctx, tx, s.vault, actor(tenant), operation)
		if db.IsNoRows(err) {
			return fault.New(idempotency.CodeKeyReused, "This Idempotency-Key has signed a platform up before.")
		}
		if err != nil {
			return err
		}
		var r remembered
		if err := json.Unmarshal(plain, &r); err != nil {
			return fmt.Errorf("read the remembered sign-up: %w", err)
		}
		out, found = r.SignedUp, true
		out.Key.Secret = secret.New(r.Secret)
		return nil
	})
	return out, found, err
}
