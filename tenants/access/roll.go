package access

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
)

const (
	// OverlapMax bounds how long the secret before a roll works on.
	OverlapMax = 7 * 24 * time.Hour
	// OverlapLastOwner is the least overlap of the last owner's key: when the answer with the new secret is lost, the
	// secret before is the only way to ask for another.
	OverlapLastOwner = time.Hour
)

// covers tells whether a may give, or take away, a key with the permissions. It returns permission_missing.
func covers(a tenants.Actor, p tenants.Permissions) error {
	if r, l, lacks := a.Permissions.Lack(p); lacks {
		return PermissionMissing(r, l)
	}
	return nil
}

// known refuses permissions on what there is not. It returns invalid_request.
func known(p tenants.Permissions) error {
	for r := range p {
		if !r.Valid() {
			return fault.New(tenants.CodeInvalidRequest, "There is no such resource.").
				At("/permissions/"+string(r), "enum", "Must be a resource.")
		}
	}
	return nil
}

// unrestricted is covers for what has no permissions of its own: a member.
func unrestricted(a tenants.Actor) error { return covers(a, nil) }

// forget drops a key from the cache, by both of its secrets.
func (s *Service) forget(k dbsqlc.APIKeyGetRow) {
	s.cache.Remove([32]byte(k.SecretHash))
	if len(k.PreviousSecretHash) == 32 {
		s.cache.Remove([32]byte(k.PreviousSecretHash))
	}
}

// RollKey gives an API key a new secret; the one before works for overlap, at most OverlapMax, and then ends by itself.
// One that works still from an earlier roll ends at once. The secret is shown again only to a repeat with the same
// idempotency key, which replayed tells.
//
// It returns api_key_not_found, api_key_ended, role_exceeds_own or permission_missing for a key that the actor could
// not give, and last_owner_key when the last owner's key would have less than OverlapLastOwner.
func (s *Service) RollKey(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	rolled id.APIKey,
	overlap time.Duration,
) (k APIKey, text secret.String, replayed bool, err error) {
	const operation = "rollAPIKey"
	made := tenants.MakeKey(a.Mode, a.Tenant)
	var before dbsqlc.APIKeyGetRow
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		// Two who roll a key at once come one after the other; revoking waits here, too.
		if err := q.TenantLock(ctx, tx); err != nil {
			return fmt.Errorf("lock the tenant: %w", err)
		}
		before, err = q.APIKeyGet(ctx, tx, rolled)
		if db.IsNoRows(err) {
			return fault.New(CodeAPIKeyNotFound, "There is no such API key.")
		}
		if err != nil {
			return fmt.Errorf("read the API key: %w", err)
		}
		if err := givable(a, before); err != nil {
			return err
		}
		if _, replayed, err = key.Claim(ctx, tx, a, operation, rolled); err != nil {
			return err
		}
		if replayed {
			plain, err := key.Kept(ctx, tx, s.vault, a, operation)
			if err != nil {
				return err
			}
			text = secret.New(string(plain))
			k, err = readKey(ctx, tx, rolled)
			return err
		}
		if err := s.roll(ctx, tx, a, before, made, overlap); err != nil {
			return err
		}
		text = made.Secret
		if err := key.Keep(ctx, tx, s.vault, rolled, []byte(text.Reveal())); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), operation, "api_key", rolled,
			"the secret before is valid for "+overlap.String()); err != nil {
			return err
		}
		if k, err = readKey(ctx, tx, rolled); err != nil {
			return err
		}
		return tellKey(ctx, tx, vocabulary.EventAPIKeyRolled, events.ByActor(a), k, s.clock.Now())
	})
	if err != nil {
		return APIKey{}, secret.String{}, false, err
	}
	s.forget(before)
	return k, text, replayed, nil
}

// givable tells whether a could give such a key. It returns role_exceeds_own or permission_missing.
func givable(a tenants.Actor, k dbsqlc.APIKeyGetRow) error {
	role := tenants.Role(k.Role)
	if !a.Role.MayGive(role) || (!a.Merchant.IsZero() && a.Merchant != k.MerchantID) {
		return fault.New(CodeRoleExceedsOwn, "The role %s cannot roll a key with the role %s.", a.Role, role)
	}
	return covers(a, tenants.ReadPermissions(k.Permissions))
}

func (s *Service) roll(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	k dbsqlc.APIKeyGetRow,
	made tenants.NewKey,
	overlap time.Duration,
) error {
	now := s.clock.Now()
	if k.RevokedAt != nil || (k.ExpiresAt != nil && !now.Before(*k.ExpiresAt)) {
		return fault.New(CodeAPIKeyEnded, "The API key was revoked or has expired.")
	}
	if overlap < OverlapLastOwner {
		if err := another(ctx, tx, k); err != nil {
			return err
		}
	}
	p := dbsqlc.APIKeyRollParams{SecretHash: made.Hash[:], Last4: made.Last4, ID: k.ID, By: audit.Actor(a).ID}
	if overlap > 0 {
		until := now.Add(min(overlap, OverlapMax))
		p.PreviousSecretHash, p.PreviousSecretUntil = k.SecretHash, &until
	}
	if err := q.APIKeyRoll(ctx, tx.Later(), p); err != nil {
		return fmt.Errorf("change the secret of the API key: %w", err)
	}
	return nil
}
