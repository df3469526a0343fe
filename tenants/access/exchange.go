package access

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/vault"
)

// leaveTimeout bounds the last word of a run that was broken off.
const leaveTimeout = 5 * time.Second

// exchangeAction names an exchange in the audit log.
const exchangeAction = "exchangeDataKey"

// ExchangeDataKey exchanges a tenant's data key, at the word of the installation's operator: everything that it sealed
// is sealed anew with a new one, and it is deleted. Phased, under load: programs go on running, and what broke off goes
// on when it is called again. Its tenant's audit log has an entry for the beginning and one for the end. told hears of
// each page that is done. It returns ErrNoTenant, [vault.ErrNoDataKey] and [vault.ErrOtherRun].
func (s *Service) ExchangeDataKey(
	ctx context.Context,
	tenant id.Tenant,
	told func(c vault.Column, values int),
) (version, values int, err error) {
	run, err := uuid.NewRandom()
	if err != nil {
		return 0, 0, fmt.Errorf("draw the number of the run: %w", err)
	}
	if version, err = s.beginExchange(ctx, tenant); err != nil {
		return 0, 0, err
	}
	err = s.vault.Reseal(ctx, s.db, tenant, run, func(c vault.Column, n int) {
		values += n
		told(c, n)
	})
	if err == nil {
		err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			if err := s.vault.Finish(ctx, tx, run); err != nil {
				return err
			}
			if err := events.DataKeyExchanged(ctx, tx, events.BySystem("keyset exchange"), version,
				s.clock.Now()); err != nil {
				return err
			}
			return audit.Record(ctx, tx, audit.System("keyset exchange"), exchangeAction, "tenant", tenant,
				fmt.Sprintf("ended: version %d of the data key is gone", version-1))
		})
	}
	if err != nil {
		s.leaveExchange(ctx, tenant, run)
		return 0, 0, err
	}
	return version, values, nil
}

func (s *Service) beginExchange(ctx context.Context, tenant id.Tenant) (version int, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.TenantGet(ctx, tx); db.IsNoRows(err) {
			return fmt.Errorf("%w: %s", ErrNoTenant, tenant)
		} else if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		var begun bool
		if version, begun, err = s.vault.Begin(ctx, tx); err != nil || !begun {
			return err
		}
		return audit.Record(ctx, tx, audit.System("keyset exchange"), exchangeAction, "tenant", tenant,
			fmt.Sprintf("begun: version %d of the data key seals from now on", version))
	})
	return version, err
}

// leaveExchange lets the next run begin at once; without it that waits for a minute.
func (s *Service) leaveExchange(ctx context.Context, tenant id.Tenant, run uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	_ = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return s.vault.Leave(ctx, tx, run)
	})
}
