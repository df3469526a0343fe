package recording_test

import (
	"context"
	"runtime"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/seed"
)

// What one paid order may cost: page-pay creation, and the notification that delivers its keys. Whoever raises a number
// says why in the commit. RSA: one signature in the creation (the cashier's address), one verification in the payment;
// there is no gateway to call here, so nothing else can be signed.
const (
	createRoundTrips, createStatements = 2, 12
	paidRoundTrips, paidStatements     = 2, 15
	commitsMax                         = 3
	paidAllocations                    = 600
)

func TestBudgetPerPaidOrder(t *testing.T) {
	t.Parallel()
	create, paid := record(t)
	if have := create.Commits() + paid.Commits(); have > commitsMax {
		t.Errorf("%d commits until the keys are delivered, at most %d", have, commitsMax)
	}
	for _, c := range []struct {
		name                   string
		have                   recording.Transaction
		roundTrips, statements int
	}{{"creating", create, createRoundTrips, createStatements}, {"paying", paid, paidRoundTrips, paidStatements}} {
		if len(c.have) > c.roundTrips {
			t.Errorf("%s an order takes %d round trips, at most %d; test/bench/pgbench has them", c.name, len(c.have),
				c.roundTrips)
		}
		if n := c.have.Statements(); n > c.statements {
			t.Errorf("%s an order takes %d statements, at most %d; test/bench/pgbench has them", c.name, n,
				c.statements)
		}
		t.Logf("%s: %d round trips, %d statements, %d commits", c.name, len(c.have), c.have.Statements(),
			c.have.Commits())
	}
}

// TestAllocationsPerNotification counts while other tests may run: the least of several counts is ours.
func TestAllocationsPerNotification(t *testing.T) {
	t.Parallel()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.NewDBWith(t, db.Config{})
	const batches, each = 30, 20
	err = d.InTenant(t.Context(), id.Tenant(seed.UID(seed.Tenant, 1)), func(ctx context.Context, tx db.TenantTx) error {
		if err := seed.Tenants(ctx, tx, 1, 1, k.Connection, ""); err != nil {
			return err
		}
		return seed.Orders(ctx, tx, 1, batches*each, 1, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	c := clock.FrozenAt(seed.At())
	p := recording.NewProduct(d, k, c)
	bodies, err := seed.Notices(k.Alipay, 1, batches*each)
	if err != nil {
		t.Fatal(err)
	}
	least := uint64(1 << 62)
	var before, after runtime.MemStats
	for b := range batches {
		if least <= paidAllocations {
			break // what other tests allocate beside it only adds
		}
		runtime.ReadMemStats(&before)
		for _, body := range bodies[b*each : (b+1)*each] {
			if ack, err := p.Orders.ApplyNotification(t.Context(), recording.Actor(1).Tenant, body); err != nil ||
				!ack {
				t.Fatalf("acknowledged %v, %v", ack, err)
			}
		}
		runtime.ReadMemStats(&after)
		least = min(least, (after.Mallocs-before.Mallocs)/each)
	}
	if least > paidAllocations {
		t.Errorf("%d allocations per notification, at most %d", least, paidAllocations)
	}
	t.Logf("%d allocations per notification", least)
}
