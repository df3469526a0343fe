package tenants

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

const (
	// eachPage is how many tenants are listed at a time.
	eachPage = 500
	// eachFailures is how many tenants may fail before the rest is left to the next time.
	eachFailures = 10
)

// Shard is a part of the tenants: number Number of Of parts that are about equally large, from the tenant after After
// on. The zero Shard is all tenants.
type Shard struct {
	Number, Of int
	After      id.Tenant
}

// Each calls fn for every tenant of a shard, one after the other, for what is looked after without being asked. A
// tenant that fails does not keep it from the others; the error names all that did. When the context ends, or too many
// have failed, it stops: at is then the last tenant that was reached, and otherwise zero.
func Each(
	ctx context.Context,
	d *db.DB,
	shard Shard,
	fn func(ctx context.Context, tenant id.Tenant) error,
) (at id.Tenant, err error) {
	list := func(ctx context.Context, tx db.SharedTx, after id.Tenant) ([]id.Tenant, error) {
		return q.TenantDirectoryList(ctx, tx, dbsqlc.TenantDirectoryListParams{
			After:    uuid.UUID(after),
			Shards:   int32(max(shard.Of, 1)),
			Shard:    int32(shard.Number),
			PageSize: eachPage,
		})
	}
	return each(ctx, d, shard.After, list, fn)
}

// EachTold is Each for the tenants whose people are told of events, from the one after after on.
func EachTold(
	ctx context.Context,
	d *db.DB,
	after id.Tenant,
	fn func(ctx context.Context, tenant id.Tenant) error,
) (at id.Tenant, err error) {
	return each(ctx, d, after, func(ctx context.Context, tx db.SharedTx, after id.Tenant) ([]id.Tenant, error) {
		return q.TenantDirectoryToldList(ctx, tx, uuid.UUID(after), eachPage)
	}, fn)
}

// TellEvents makes the tenant one of those that EachTold goes through. Atomic.
func TellEvents(ctx context.Context, tx db.TenantTx) error {
	if err := q.TenantDirectoryTold(ctx, tx.Later()); err != nil {
		return fmt.Errorf("note that events are told: %w", err)
	}
	return nil
}

func each(
	ctx context.Context,
	d *db.DB,
	after id.Tenant,
	list func(ctx context.Context, tx db.SharedTx, after id.Tenant) ([]id.Tenant, error),
	fn func(ctx context.Context, tenant id.Tenant) error,
) (at id.Tenant, err error) {
	var failed []error
	for {
		var page []id.Tenant
		err := d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
			page, err = list(ctx, tx, after)
			return err
		})
		if err != nil {
			return after, errors.Join(append(failed, fmt.Errorf("list the tenants: %w", err))...)
		}
		for _, t := range page {
			if err := fn(ctx, t); err != nil {
				failed = append(failed, fmt.Errorf("tenant %s: %w", t, err))
			}
			if len(failed) >= eachFailures || ctx.Err() != nil {
				return t, errors.Join(append(failed, ctx.Err())...)
			}
			after = t
		}
		if len(page) < eachPage {
			return id.Tenant{}, errors.Join(failed...)
		}
	}
}
