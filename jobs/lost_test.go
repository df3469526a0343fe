package jobs_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"zhitong/internal/fault"
	"zhitong/queue"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/webhooks"
)

// TestEveryLostJobIsFoundAgain deletes every job there is, again and again while orders are made, paid and given back
// and while the workers work: what the rows call for is done all the same, once, and every event arrives.
func TestEveryLostJobIsFoundAgain(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	var mu sync.Mutex
	arrived := map[string]bool{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		arrived[q.Header.Get("webhook-id")] = true
	}))
	t.Cleanup(receiver.Close)
	hooks := webhooks.New(webhooks.Config{DB: r.DB, Vault: r.Vault, Clock: r.Clock,
		Reach: webhooks.Reach{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	if _, _, _, err := hooks.CreateEndpoint(t.Context(), r.Actor, idempotency.Key{},
		webhooks.NewEndpoint{URL: receiver.URL}); err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Second) // an event of the endpoint's own moment is not looked for
	lose := func() {
		t.Helper()
		if _, err := r.DB.Pool().Exec(t.Context(), "DELETE FROM river.river_job WHERE state <> 'running'"); err != nil {
			t.Fatal(err)
		}
	}
	var paid, refunded []orders.Order
	recover := func() {
		t.Helper()
		for n := range queue.Shards {
			insert(t, r, queue.Recovery{Sweep: queue.Sweep{Shard: n}})
		}
	}
	// hurry makes what waits due: jobs wait by Postgres's time, and the program's has just jumped. A job whose call was
	// under way at a jump would wait an eighth of it.
	hurry := func() {
		t.Helper()
		const due = "UPDATE river.river_job SET scheduled_at = now(), state = 'available' " +
			"WHERE state IN ('scheduled', 'retryable')"
		if _, err := r.DB.Pool().Exec(t.Context(), due); err != nil {
			t.Fatal(err)
		}
	}
	// eventually waits; what was lost while it waited for its next attempt is found the next time.
	eventually := func(holds func() bool) {
		t.Helper()
		again := time.NewTicker(10 * time.Second)
		defer again.Stop()
		until(t, func() bool {
			select {
			case <-again.C:
				r.Clock.Advance(2 * time.Minute)
				hurry()
				recover()
			default:
			}
			return holds()
		})
	}
	round := func() {
		t.Helper()
		notified := r.Hear(nil) // only its watch tells of this payment
		o := r.Order(1)
		r.PayAtDesk(o)
		lose()
		r.Hear(notified)
		p, back := r.Paid(r.Order(1)), r.Paid(r.Order(1))
		eventually(func() bool {
			_, _, err := r.Orders.Refund(t.Context(), r.Actor, back.ID, "x", idempotency.Key{})
			if err != nil && fault.CodeOf(err) != splits.CodeInProgress {
				t.Fatal(err)
			}
			return err == nil
		})
		lose()
		paid, refunded = append(paid, o, p), append(refunded, back)
	}
	round()
	workRoad(t, r)
	for range 2 {
		round()
		r.Clock.Advance(21 * time.Minute) // the unpaid are overdue, and what is missing is missed
		recover()
	}
	lose()
	recover()
	events := func() bool { return r.Count("events", "type <> 'webhook.test'") == len(arrived) }
	eventually(func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, o := range paid {
			if r.Count("splits", "status = 'completed' AND order_id = $1", o.ID) != 1 {
				return false
			}
		}
		return r.Count("refunds", "status = 'succeeded'") == len(refunded) && events()
	})
	for _, o := range append(paid, refunded...) {
		balanced(t, r, o)
	}
}
