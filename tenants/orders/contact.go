package orders

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

// A buyer's contact lies sealed in its order. It is found, and counted, by a keyed digest of its notation.

// contactDigest is what orders of a contact are found by; nil of none. It needs [Service.in].
func (s *Service) contactDigest(ctx context.Context, t id.Tenant, contact string) ([]byte, error) {
	return s.vault.Digest(ctx, s.db, t, vault.ByBuyerContact, tenants.NormalContact(contact))
}

// openContact opens the contact of an order that was read.
func (s *Service) openContact(ctx context.Context, tx db.TenantTx, o *Order) (err error) {
	o.BuyerContact, err = vault.BuyerContact.OpenText(ctx, tx, s.vault, o.ID, o.sealedContact,
		o.BuyerContact)
	if err != nil {
		return fmt.Errorf("open the contact of order %s: %w", o.ID, err)
	}
	return nil
}
