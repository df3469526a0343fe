package jobs_test

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/jobs"
	"zhitong/queue"
	"zhitong/tenants/books"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/recovery"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/webhooks"
)

// workRoad starts the workers of a selling tenant until they are stopped or the test ends.
func workRoad(t *testing.T, r *tenantstest.Road) (stop func()) {
	t.Helper()
	client, err := jobs.NewClient(
		r.DB.Pool(),
		jobs.Deps{
			DB:     r.DB,
			Orders: r.Orders,
			Splits: r.Splits,
			Onboarding: onboarding.New(onboarding.Config{
				DB: r.DB, Vault: r.Vault, Gateways: r.Gateways, Clock: r.Clock, Log: slog.New(slog.DiscardHandler),
			}),
			Webhooks: webhooks.New(webhooks.Config{
				DB: r.DB, Vault: r.Vault, Clock: r.Clock,
				Reach: webhooks.Reach{AllowHTTP: true,
					Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			}),
			Recovery: recovery.New(r.DB, r.Clock),
			Books:    books.New(books.Config{DB: r.DB, Gateways: r.Gateways, Clock: r.Clock}),
			Clock:    clock.System{},
			Log:      slog.New(slog.DiscardHandler),
			Registry: prometheus.NewRegistry(),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := client.StopAndCancel(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// until waits until a condition holds.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("it never happens")
		}
	}
}

// balanced holds the book of an order to the simulator's.
func balanced(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
}

// insert queues a job of that tenant.
func insert(t *testing.T, r *tenantstest.Road, a queue.JobArgs) {
	t.Helper()
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: a}); err != nil {
			t.Fatal(err)
		}
	})
}

// exec changes the jobs, as a bad day or an operator would.
func exec(t *testing.T, r *tenantstest.Road, sql string, want int64) {
	t.Helper()
	tag, err := r.DB.Pool().Exec(t.Context(), sql)
	if err != nil || tag.RowsAffected() != want {
		t.Fatalf("%s: %d rows, want %d, %v", sql, tag.RowsAffected(), want, err)
	}
}

const discard = "UPDATE river.river_job SET state = 'discarded', attempt = max_attempts, finalized_at = now() " +
	"WHERE state IN ('available', 'scheduled')"

// TestDiscardedJobsAreTakenUp gives every job from payment to refund up, one after the other: each is taken
// up again and finishes.
func TestDiscardedJobsAreTakenUp(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Hear(nil) // the notification is lost: only the watch tells of the payment
	o := r.Order(1)
	r.PayAtDesk(o)
	exec(t, r, discard+" AND kind = 'payment_watch'", 1)
	insert(t, r, queue.DiscardedRetry{})
	stop := workRoad(t, r)
	r.Until(o.ID, func(o orders.Order) bool { return o.Status == orders.StatusDelivered })
	until(t, func() bool { return r.Count("splits", "order_id = $1 AND status = 'completed'", o.ID) == 1 })
	stop()

	if _, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "x", idempotency.Key{}); err != nil {
		t.Fatal(err)
	}
	exec(t, r, discard+" AND kind = 'refund_execute'", 1)
	insert(t, r, queue.DiscardedRetry{})
	workRoad(t, r)
	until(t, func() bool { return r.Count("refunds", "order_id = $1 AND status = 'succeeded'", o.ID) == 1 })
	balanced(t, r, o)
}

// TestDiscardedSplitIsTakenUp: the same for a split, and the money moves once.
func TestDiscardedSplitIsTakenUp(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Paid(r.Order(1))
	exec(t, r, "DELETE FROM river.river_job WHERE kind = 'payment_watch'", 1)
	exec(t, r, discard+" AND kind = 'split_execute'", 1)
	insert(t, r, queue.DiscardedRetry{})
	workRoad(t, r)
	until(t, func() bool { return r.Count("splits", "order_id = $1 AND status = 'completed'", o.ID) == 1 })
	balanced(t, r, o)
}

// TestUnwatchedOrders takes the watch of orders away altogether: one is paid and one is not, and both end as they
// should, in their own tenant.
func TestUnwatchedOrders(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	dbtest.NewTenant(t, r.DB) // one that has nothing
	r.Hear(nil)
	paid, unpaid, watched := r.Order(1), r.Order(1), r.Order(1)
	r.PayAtDesk(paid)
	exec(
		t,
		r,
		"DELETE FROM river.river_job WHERE kind = 'payment_watch' AND args->>'payment_id' <> '"+
			watched.Payment.ID.UUID().String()+"'",
		2,
	)
	lost := recovery.New(r.DB, r.Clock)
	look := func() int {
		t.Helper()
		found := recovery.Found{}
		if err := lost.Tenant(t.Context(), r.Tenant, found); err != nil {
			t.Fatal(err)
		}
		return found[queue.PaymentWatch{}.Kind()]
	}
	if n := look(); n != 0 {
		t.Errorf("before their time is up: %d", n)
	}
	r.Clock.Advance(21 * time.Minute)
	for _, want := range []int{2, 0} { // the second time they are watched
		if n := look(); n != want {
			t.Errorf("%d orders got a watch, want %d", n, want)
		}
	}
	exec(t, r, "UPDATE river.river_job SET scheduled_at = now(), state = 'available' WHERE kind = 'payment_watch'", 3)
	workRoad(t, r)
	r.Until(paid.ID, func(o orders.Order) bool { return o.Status == orders.StatusDelivered })
	for _, o := range []orders.Order{unpaid, watched} {
		r.Until(o.ID, func(o orders.Order) bool { return o.Status == orders.StatusClosed })
	}
	r.Clock.Advance(48 * time.Hour)
	if n := look(); n != 0 {
		t.Errorf("after all: %d", n)
	}
}
