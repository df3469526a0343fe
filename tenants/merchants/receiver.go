package merchants

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// ReceiverFor reads a merchant that is to have another receiver. It returns merchant_not_found, and invalid_request for
// an account that cannot be one. Atomic.
func (s *Service) ReceiverFor(
	ctx context.Context,
	tx db.TenantTx,
	merchant id.Merchant,
	to *Receiver,
) (Merchant, error) {
	if err := to.check(); err != nil {
		return Merchant{}, err
	}
	return s.get(ctx, tx, merchant)
}

// ChangeReceiver gives a merchant another receiver, when it still has the one that is to be replaced: it returns false
// otherwise. A second person has approved it. It returns merchant_not_found. Atomic.
func (s *Service) ChangeReceiver(
	ctx context.Context,
	tx db.TenantTx,
	by tenants.Actor,
	merchant id.Merchant,
	from, to *Receiver,
) (bool, error) {
	r, err := q.MerchantGetForUpdate(ctx, tx, merchant)
	m, err := s.found(ctx, tx, dbsqlc.MerchantListRow(r), err)
	if err != nil {
		return false, err
	}
	if !sameReceiver(m.Receiver, from) {
		return false, nil
	}
	before := m
	m.Receiver, m.ReceiverBoundAt = to, nil
	if err := s.write(ctx, tx, m); err != nil {
		return false, err
	}
	return true, audit.Record(ctx, tx, audit.Actor(by), "updateMerchant", "merchant", m.ID, "new receiver, approved",
		changes(before, m)...)
}

func sameReceiver(a, b *Receiver) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// write stores what can change of a merchant.
func (s *Service) write(ctx context.Context, tx db.TenantTx, m Merchant) error {
	sealed, err := s.seal(ctx, tx, m)
	if err != nil {
		return err
	}
	err = q.MerchantUpdate(ctx, tx, dbsqlc.MerchantUpdateParams{
		ID:              m.ID,
		Name:            m.Name,
		SealedContact:   sealed.contact,
		ReceiverType:    (*string)(sealed.kind),
		SealedReceiver:  sealed.account,
		ReceiverBoundAt: m.ReceiverBoundAt,
		Metadata:        m.Metadata,
	})
	if err != nil {
		return fmt.Errorf("update the merchant: %w", err)
	}
	return nil
}
