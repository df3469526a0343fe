package jobs_test

import (
	"net/http"
	"sync"
	"testing"

	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

// TestBuyerBack: a buyer who comes back from the cashier has paid and no notification arrives. Alipay is asked at once,
// and once, however many tabs and reloads there are.
func TestBuyerBack(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Fault("notification_drop", "", 0)
	r.Fault("sign_first", "alipay.trade.query", 0) // harmless: it counts
	asked := func() (n int) {
		var list struct {
			Faults []struct {
				Kind string `json:"kind"`
				Seen int    `json:"seen"`
			} `json:"faults"`
		}
		r.Desk(http.MethodGet, "/faults", nil, &list)
		for _, f := range list.Faults {
			if f.Kind == "sign_first" {
				n = f.Seen
			}
		}
		return n
	}
	back := func(o orders.Order) {
		t.Helper()
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				if err := r.Orders.BuyerBack(t.Context(), r.Tenant, o.Payment.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	waits := func() bool { // for its ordinary time, tens of seconds away
		return r.Count("river.river_job", "kind = 'payment_watch' AND state = 'scheduled' AND "+
			"scheduled_at > now() + interval '10 s'") == 1
	}
	o := r.Order(1)
	workRoad(t, r)
	until(t, waits)
	if n := asked(); n != 0 {
		t.Fatalf("control: asked %d times before anybody came back", n)
	}
	back(o) // not paid yet
	until(t, func() bool { return asked() == 1 && waits() })
	back(o) // again at once: nothing is hastened
	if !waits() || asked() != 1 {
		t.Errorf("asked %d times, want 1", asked())
	}
	exec(t, r, "UPDATE river.river_job SET attempted_at = now() - interval '6 s' WHERE kind = 'payment_watch'", 1)
	r.PayAtDesk(o)
	back(o)
	until(t, func() bool { return r.Get(o.ID).Status == orders.StatusDelivered })
	if n := asked(); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}
