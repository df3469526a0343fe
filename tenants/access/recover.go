package access

import (
	"context"
	"errors"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// ErrNoTenant is the error of a tenant that is not there.
var ErrNoTenant = errors.New("there is no such tenant")

// Recover makes an owner's API key for a tenant that has lost its own, at the word of the installation's operator; the
// secret is given here only. The audit log of the tenant says so, with the reason. It returns invalid_request without a
// reason, and ErrNoTenant.
func (s *Service) Recover(
	ctx context.Context,
	tenant id.Tenant,
	reason string,
) (k APIKey, text secret.String, err error) {
	if reason == "" {
		return APIKey{}, secret.String{}, fault.New(tenants.CodeInvalidRequest, "A reason is needed.").
			At("/reason", "required", "Says who asked, and how they were recognised.")
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		t, err := q.TenantGet(ctx, tx)
		if db.IsNoRows(err) {
			return fmt.Errorf("%w: %s", ErrNoTenant, tenant)
		}
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		made := tenants.MakeKey(t.Mode, tenant)
		k = APIKey{ID: id.New[id.APIKey](), Name: "recovered", Role: tenants.RoleOwner, Last4: made.Last4}
		text = made.Secret
		k.CreatedAt, err = q.APIKeyInsert(ctx, tx, dbsqlc.APIKeyInsertParams{
			ID:         k.ID,
			Name:       k.Name,
			Role:       k.Role,
			SecretHash: made.Hash[:],
			Last4:      k.Last4,
		})
		if err != nil {
			return fmt.Errorf("insert the API key: %w", err)
		}
		if err := tellKey(ctx, tx, vocabulary.EventAPIKeyCreated, events.BySystem("recover"), k,
			s.clock.Now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.System("recover"), "recoverOwner", "api_key", k.ID, reason)
	})
	if err != nil {
		return APIKey{}, secret.String{}, err
	}
	return k, text, nil
}
