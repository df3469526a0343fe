package merchants

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Suspend stops a merchant's sales: no order with it as merchant of record is made until Reactivate. Orders that exist
// can be paid, delivered, split and refunded. One that is suspended already stays so. It returns merchant_not_found.
func (s *Service) Suspend(ctx context.Context, a tenants.Actor, merchant id.Merchant) (Merchant, error) {
	return s.setStatus(ctx, a, merchant, "suspendMerchant",
		func(Merchant) vocabulary.MerchantStatus { return StatusSuspended })
}

// Reactivate ends a suspension: the merchant is active when Alipay has approved it, else it waits for that. One that is
// not suspended stays as it is. It returns merchant_not_found.
func (s *Service) Reactivate(ctx context.Context, a tenants.Actor, merchant id.Merchant) (Merchant, error) {
	return s.setStatus(ctx, a, merchant, "reactivateMerchant", func(m Merchant) vocabulary.MerchantStatus {
		switch {
		case m.Status != StatusSuspended:
			return m.Status
		case m.Smid == "":
			return StatusPending
		}
		return StatusActive
	})
}

func (s *Service) setStatus(
	ctx context.Context,
	a tenants.Actor,
	merchant id.Merchant,
	operation string,
	to func(Merchant) vocabulary.MerchantStatus,
) (m Merchant, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.MerchantGetForUpdate(ctx, tx, merchant)
		if m, err = s.found(ctx, tx, dbsqlc.MerchantListRow(r), err); err != nil {
			return err
		}
		before := m
		if m.Status = to(m); m.Status == before.Status {
			return nil
		}
		m.Version++
		if err := q.MerchantSetStatus(ctx, tx.Later(), m.Status, m.ID); err != nil {
			return fmt.Errorf("set the merchant's status: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "merchant", m.ID, "", changes(before, m)...)
	})
	if err != nil {
		return Merchant{}, err
	}
	return m, nil
}
