package webhooks

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

// OverlapMax bounds how long the secret before still signs after a change.
const OverlapMax = 7 * 24 * time.Hour

// secrets opens what signs for an endpoint: its secret, then the one before while it is still valid.
func (s *Service) secrets(ctx context.Context, tx db.TenantTx, r dbsqlc.WebhookEndpoint) ([]secret.String, error) {
	plain, err := s.vault.Open(ctx, tx, r.SealedSecret, vault.WebhookSecret.At(tx.Tenant(), r.ID))
	if err != nil {
		return nil, fmt.Errorf("open the endpoint's secret: %w", err)
	}
	out := []secret.String{secret.New(string(plain))}
	if r.PreviousSecretUntil == nil || !s.clock.Now().Before(*r.PreviousSecretUntil) {
		return out, nil
	}
	before := vault.WebhookPreviousSecret.At(tx.Tenant(), r.ID)
	if plain, err = s.vault.Open(ctx, tx, r.SealedPreviousSecret, before); err != nil {
		return nil, fmt.Errorf("open the endpoint's secret before: %w", err)
	}
	return append(out, secret.New(string(plain))), nil
}

// Rotate gives an endpoint a new secret. For as long as overlap says, from 0 to [OverlapMax], messages carry the
// signatures of both, so that the receiver can change over without losing one; a secret that was still valid from a
// change before ends at once. A repeat with the same key changes nothing and tells the same secret.
//
// It returns webhook_endpoint_not_found and idempotency_key_reused.
func (s *Service) Rotate(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	endpoint id.WebhookEndpoint,
	overlap time.Duration,
) (e Endpoint, now secret.String, replayed bool, err error) {
	const operation = "rotateWebhookSecret"
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.WebhookEndpointGetForUpdate(ctx, tx, endpoint)
		if e, err = foundEndpoint(endpointOf(r), err); err != nil {
			return err
		}
		if _, replayed, err = key.Claim(ctx, tx, a, operation, endpoint); err != nil {
			return err
		}
		if replayed {
			plain, err := key.Kept(ctx, tx, s.vault, a, operation)
			now = secret.New(string(plain))
			return err
		}
		held, err := s.secrets(ctx, tx, r)
		if err != nil {
			return err
		}
		now = newSecret()
		if e, err = s.rotate(ctx, tx, e, held[0], now, overlap); err != nil {
			return err
		}
		if err := key.Keep(ctx, tx, s.vault, endpoint, []byte(now.Reveal())); err != nil {
			return err
		}
		if err := events.SecretRotated(ctx, tx, a, e.ID, e.PreviousUntil, s.clock.Now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "webhook_endpoint", e.ID,
			"the secret before is valid for "+overlap.String())
	})
	if err != nil {
		return Endpoint{}, secret.String{}, false, err
	}
	return e, now, replayed, nil
}

func (s *Service) rotate(
	ctx context.Context,
	tx db.TenantTx,
	e Endpoint,
	before, now secret.String,
	overlap time.Duration,
) (Endpoint, error) {
	p := dbsqlc.WebhookEndpointRotateParams{ID: e.ID}
	var err error
	if p.SealedSecret, err = s.vault.Seal(ctx, tx, []byte(now.Reveal()),
		vault.WebhookSecret.At(tx.Tenant(), e.ID)); err != nil {
		return Endpoint{}, fmt.Errorf("seal the endpoint's secret: %w", err)
	}
	e.PreviousUntil = nil
	if overlap > 0 {
		until := s.clock.Now().Add(min(overlap, OverlapMax))
		e.PreviousUntil, p.PreviousSecretUntil = &until, &until
		p.SealedPreviousSecret, err = s.vault.Seal(ctx, tx, []byte(before.Reveal()),
			vault.WebhookPreviousSecret.At(tx.Tenant(), e.ID))
		if err != nil {
			return Endpoint{}, fmt.Errorf("seal the endpoint's secret before: %w", err)
		}
	}
	if err := q.WebhookEndpointRotate(ctx, tx.Later(), p); err != nil {
		return Endpoint{}, fmt.Errorf("change the endpoint's secret: %w", err)
	}
	return e, nil
}
