package splits

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
)

// limitKept is how long a reading of Alipay's cap is trusted.
const limitKept = time.Hour

// limit is Alipay's cap on the splits of a payment, as read within the last hour. Phased. It returns alipay_unavailable
// when Alipay does not say, and alipay_connection_missing.
func (s *Service) limit(ctx context.Context, tenant id.Tenant) (money.BasisPoints, error) {
	var known *money.BasisPoints
	var acq acquiring.Acquirer
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.SplitCapGet(ctx, tx)
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the cap on splits: %w", err)
		}
		known = nil
		if row.MaxSplitBps != nil && row.MaxSplitReadAt != nil &&
			s.clock.Now().Sub(*row.MaxSplitReadAt).Abs() < limitKept {
			known = row.MaxSplitBps
			return nil
		}
		acq, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	if known != nil {
		return *known, nil
	}
	read, err := acq.Settle.Cap(ctx, id.New[id.SplitRule]().Hex())
	if err != nil {
		return 0, fault.New(tenants.CodeAlipayUnavailable, "Alipay did not tell how much of a payment may be split "+
			"away.").
			Because(err)
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		now := s.clock.Now()
		return q.SplitCapSet(ctx, tx.Later(), &read, &now)
	})
	if err != nil {
		return 0, fmt.Errorf("keep the cap on splits: %w", err)
	}
	return read, nil
}
