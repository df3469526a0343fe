package splits

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/vault"
)

// part is a part of a split with the account it goes to, which lies sealed in the database.
type part struct {
	dbsqlc.SplitPart
	account string
	now     *receiver // the merchant's receiver, when it has the same account now
}

// receiver is where a merchant's parts go to.
type receiver struct {
	dbsqlc.SplitReceiverMerchantsRow
	account string // empty: it has none
}

// opened are parts with their accounts.
func opened(ctx context.Context, tx db.TenantTx, v *vault.Vault, rows []dbsqlc.SplitPart) ([]part, error) {
	parts := make([]part, len(rows))
	for i, r := range rows {
		account, err := v.OpenPart(ctx, tx, r.SplitID, r.Position, r.SealedReceiver, r.ReceiverAccount)
		if err != nil {
			return nil, fmt.Errorf("open the account of part %d of split %s: %w", r.Position, r.SplitID, err)
		}
		parts[i] = part{SplitPart: r, account: account}
	}
	return parts, nil
}

// partsOfSplit reads the parts of a split.
func partsOfSplit(ctx context.Context, tx db.TenantTx, v *vault.Vault, split id.Split) ([]part, error) {
	rows, err := q.SplitPartList(ctx, tx, split)
	if err != nil {
		return nil, fmt.Errorf("read the parts of the split: %w", err)
	}
	return opened(ctx, tx, v, rows)
}

// receivers reads the merchants that the parts of a rule name.
func (s *Service) receivers(ctx context.Context, tx db.TenantTx, parts []PartRule) (map[id.Merchant]receiver, error) {
	var ids []uuid.UUID
	for _, p := range parts {
		if !p.Merchant.IsZero() {
			ids = append(ids, uuid.UUID(p.Merchant))
		}
	}
	known := map[id.Merchant]receiver{}
	if len(ids) == 0 {
		return known, nil
	}
	rows, err := q.SplitReceiverMerchants(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the receivers: %w", err)
	}
	for _, r := range rows {
		m := receiver{SplitReceiverMerchantsRow: r}
		if r.ReceiverType != nil {
			m.account, err = vault.MerchantReceiver.OpenText(ctx, tx, s.vault, r.ID, r.SealedReceiver,
				text(r.ReceiverAccount))
			if err != nil {
				return nil, fmt.Errorf("open the receiver of merchant %s: %w", r.ID, err)
			}
		}
		known[r.ID] = m
	}
	return known, nil
}

// is tells whether a merchant's parts go to this account.
func (m receiver) is(kind vocabulary.ReceiverType, account string) bool {
	return m.ReceiverType != nil && *m.ReceiverType == kind && m.account == account
}

// bound notes that the acquirer knows the receiver, unless the merchant has named another one meanwhile.
func (s *Service) bound(ctx context.Context, tenant id.Tenant, m receiver) error {
	now := s.clock.Now()
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return q.SplitReceiverBound(ctx, tx.Later(), dbsqlc.SplitReceiverBoundParams{
			BoundAt: &now, ID: m.ID, ReceiverType: m.ReceiverType, ReceiverAccount: m.ReceiverAccount,
			SealedReceiver: m.SealedReceiver,
		})
	})
	if err != nil {
		return fmt.Errorf("record the binding: %w", err)
	}
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
