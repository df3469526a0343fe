package vault

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
)

// Walk goes over rows of one tenant in the order of their keys, a page in a transaction. page works on the rows after a
// key, at first after "", and gives the key of its last row, or "" when there are no more. What a page did is kept when
// the walk is broken off; a walk that is taken up again begins at the first row, so page passes over what is done.
// kept, unless nil, is called after the commit of each page.
func Walk(
	ctx context.Context,
	d *db.DB,
	t id.Tenant,
	page func(ctx context.Context, tx db.TenantTx, after string) (last string, err error),
	kept func(),
) error {
	after := ""
	for {
		var last string
		err := d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
			last, err = page(ctx, tx, after)
			return err
		})
		if err != nil {
			return err
		}
		if kept != nil {
			kept()
		}
		if last == "" {
			return nil
		}
		after = last
	}
}

// reseal seals one page of a column anew: opened with the version that sealed it, sealed with the one that seals now.
func (v *Vault) reseal(ctx context.Context, tx db.TenantTx, c walked, after string) (last string, n int, err error) {
	keys, err := v.sealing(ctx, tx)
	if err != nil {
		return "", 0, err
	}
	rows, err := c.next(ctx, tx, int32(keys.current.Version()), after, c.page)
	if err != nil {
		return "", 0, fmt.Errorf("read %s to seal it anew: %w", c.Column, err)
	}
	for _, r := range rows {
		at := c.At(tx.Tenant(), r.row)
		plain, err := v.Open(ctx, tx, r.sealed, at)
		if err != nil {
			return "", 0, fmt.Errorf("%s of %s: %w", c.Column, r.key, err)
		}
		if r.sealed, err = keys.current.Seal(plain, at); err != nil {
			return "", 0, err
		}
		fingerprint := keys.current.Fingerprint(plain)
		if err := c.set(ctx, tx, r, fingerprint[:]); err != nil {
			return "", 0, fmt.Errorf("write %s, sealed anew: %w", c.Column, err)
		}
		last = r.key
	}
	if len(rows) < int(c.page) {
		last = ""
	}
	return last, len(rows), nil
}
