// Package restored makes a database that was restored from a backup safe to work with, before the program runs on it
// (`zhitong restored`).
//
// What happened after the backup is not in it, but it happened: orders were paid, card keys were handed out, money
// moved. Of the money Alipay knows, and its numbers are the same when they are in the backup: payments that the backup
// has as unpaid are asked for by their watch, settlements, splits and refunds that were made are found or refused. Of
// the card keys nobody knows: those that were sold afterwards are available again. So nothing may be sold from the
// restored stock until its owner has looked at it: every product is archived, and the platform takes back into sale
// what it finds unsold.
package restored

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// Held is what was done for one tenant.
type Held struct {
	Tenant   id.Tenant `json:"tenant_id"`
	Products int64     `json:"products"`  // taken off sale
	CardKeys int64     `json:"card_keys"` // available in the backup; those sold since are among them
	Orders   int64     `json:"orders"`    // that await their payment and are asked about at Alipay
}

// Hold takes everything off sale and makes every watch of an unpaid order due at once, tenant by tenant. It may be
// repeated; what a tenant has put on sale again is taken off again.
func Hold(ctx context.Context, d *db.DB) (all []Held, err error) {
	_, err = tenants.Each(ctx, d, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
		h := Held{Tenant: t}
		err := d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
			tag, err := tx.Exec(ctx, "UPDATE products SET status = 'archived' WHERE tenant_id = app.tenant_id() "+
				"AND status = 'active'")
			if err != nil {
				return err
			}
			h.Products = tag.RowsAffected()
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM card_keys WHERE tenant_id = app.tenant_id() "+
				"AND status = 'available'").Scan(&h.CardKeys); err != nil {
				return err
			}
			return tx.QueryRow(ctx, "SELECT count(*) FROM orders WHERE tenant_id = app.tenant_id() "+
				"AND status = 'awaiting_payment'").Scan(&h.Orders)
		})
		if err == nil {
			all = append(all, h)
		}
		return err
	})
	if err != nil {
		return all, fmt.Errorf("hold every tenant: %w", err)
	}
	if _, err := d.Pool().Exec(ctx, `UPDATE river.river_job SET state = 'available', scheduled_at = now()
		WHERE kind IN ('payment_watch', 'refund_execute', 'split_execute')
			AND state IN ('scheduled', 'retryable', 'running')`); err != nil {
		return all, fmt.Errorf("make the watches due: %w", err)
	}
	return all, nil
}
