package tenants

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
)

const (
	// eachPage is how many tenants are listed at a time.
	eachPage = 500
	// eachFailures is how many tenants may fail before the rest is left to the next time.
	eachFailures = 10
)

// Each calls fn for every tenant, one after the other, for what is looked after without being asked. A tenant that
// fails does not keep it from the others; the error names all that did.
func Each(ctx context.Context, d *db.DB, fn func(ctx context.Context, tenant id.Tenant) error) error {
	var after uuid.UUID
	var failed []error
	for {
		var page []id.Tenant
		err := d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
			page, err = q.TenantDirectoryList(ctx, tx, after, eachPage)
			return err
		})
		if err != nil {
			return errors.Join(append(failed, fmt.Errorf("list the tenants: %w", err))...)
		}
		for _, t := range page {
			if err := fn(ctx, t); err != nil {
				failed = append(failed, fmt.Errorf("tenant %s: %w", t, err))
			}
			if len(failed) >= eachFailures || ctx.Err() != nil {
				return errors.Join(append(failed, ctx.Err())...)
			}
		}
		if len(page) < eachPage {
			return errors.Join(failed...)
		}
		after = uuid.UUID(page[len(page)-1])
	}
}
