package merchants

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/vault"
)

// sealed are the columns of what a merchant is reached by and paid at.
type sealed struct {
	contact, account []byte
	kind             *vocabulary.ReceiverType
}

func (s *Service) seal(ctx context.Context, tx db.TenantTx, m Merchant) (c sealed, err error) {
	row := m.ID
	if c.contact, err = vault.MerchantContact.SealText(ctx, tx, s.vault, row, m.Contact); err != nil {
		return c, err
	}
	if m.Receiver == nil {
		return c, nil
	}
	c.kind = &m.Receiver.Type
	c.account, err = vault.MerchantReceiver.SealText(ctx, tx, s.vault, row, m.Receiver.Account)
	return c, err
}

func (s *Service) open(ctx context.Context, tx db.TenantTx, r dbsqlc.MerchantListRow, m *Merchant) (err error) {
	row := r.ID
	m.Contact, err = vault.MerchantContact.OpenText(ctx, tx, s.vault, row, r.SealedContact, r.Contact)
	if err != nil {
		return fmt.Errorf("open the contact of merchant %s: %w", r.ID, err)
	}
	if r.ReceiverType == nil {
		return nil
	}
	m.Receiver = &Receiver{Type: *r.ReceiverType}
	plain := ""
	if r.ReceiverAccount != nil {
		plain = *r.ReceiverAccount
	}
	m.Receiver.Account, err = vault.MerchantReceiver.OpenText(ctx, tx, s.vault, row, r.SealedReceiver, plain)
	if err != nil {
		return fmt.Errorf("open the receiver of merchant %s: %w", r.ID, err)
	}
	return nil
}
