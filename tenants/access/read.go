package access

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// GetKey reads an API key, without its secret. It returns api_key_not_found.
func (s *Service) GetKey(ctx context.Context, a tenants.Actor, key id.APIKey) (k APIKey, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		k, err = readKey(ctx, tx, key)
		return err
	})
	return k, err
}

func readKey(ctx context.Context, tx db.TenantTx, key id.APIKey) (APIKey, error) {
	r, err := q.APIKeyRead(ctx, tx, key)
	if db.IsNoRows(err) {
		return APIKey{}, fault.New(CodeAPIKeyNotFound, "There is no such API key.")
	}
	if err != nil {
		return APIKey{}, fmt.Errorf("read the API key: %w", err)
	}
	return keyOf(dbsqlc.APIKeyListRow(r)), nil
}

func keyOf(r dbsqlc.APIKeyListRow) APIKey {
	return APIKey{
		ID:         r.ID,
		Name:       r.Name,
		Role:       tenants.Role(r.Role),
		Merchant:   r.MerchantID,
		Last4:      r.Last4,
		CreatedAt:  r.CreatedAt,
		RevokedAt:  r.RevokedAt,
		ExpiresAt:  r.ExpiresAt,
		LastUsedAt: r.LastUsedAt,

		Permissions:   tenants.ReadPermissions(r.Permissions),
		PreviousUntil: r.PreviousSecretUntil,
	}
}
