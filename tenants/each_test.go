package tenants_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// TestShards: the shards have every tenant once, a failure keeps nobody else from their turn, and what was stopped goes
// on after the tenant it came to.
func TestShards(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	const of = 4
	var want, have []id.Tenant
	for range 20 {
		want = append(want, dbtest.NewTenant(t, d))
	}
	for n := range of {
		at, err := tenants.Each(t.Context(), d, tenants.Shard{Number: n, Of: of},
			func(_ context.Context, tenant id.Tenant) error {
				have = append(have, tenant)
				return nil
			})
		if err != nil || !at.IsZero() {
			t.Errorf("shard %d: stopped at %s, %v", n, at, err)
		}
	}
	compare := func(a, b id.Tenant) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(want, compare)
	slices.SortFunc(have, compare)
	if !slices.Equal(have, want) {
		t.Errorf("the shards have %d tenants, want each of %d once", len(have), len(want))
	}

	errAway := errors.New("away")
	have = nil
	_, err := tenants.Each(t.Context(), d, tenants.Shard{}, func(_ context.Context, tenant id.Tenant) error {
		have = append(have, tenant)
		if tenant == want[3] {
			return errAway
		}
		return nil
	})
	if !errors.Is(err, errAway) || !slices.Equal(have, want) {
		t.Errorf("with one tenant away: %d tenants, %v", len(have), err)
	}

	ctx, stop := context.WithCancel(t.Context())
	at, err := tenants.Each(ctx, d, tenants.Shard{}, func(_ context.Context, tenant id.Tenant) error {
		if tenant == want[7] {
			stop()
		}
		return nil
	})
	if at != want[7] || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped at %s, %v", at, err)
	}
	have = nil
	if _, err := tenants.Each(t.Context(), d, tenants.Shard{After: at},
		func(_ context.Context, tenant id.Tenant) error {
			have = append(have, tenant)
			return nil
		}); err != nil || !slices.Equal(have, want[8:]) {
		t.Errorf("went on with %d tenants, want %d, %v", len(have), len(want[8:]), err)
	}
}
