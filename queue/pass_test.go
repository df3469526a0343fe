package queue_test

import (
	"testing"
	"time"

	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/queue"
)

// TestPass: jobs that wait are due as if the time had passed, those whose time has not come wait less, and what time
// alone calls for is looked for. A clock that is put back changes nothing.
func TestPass(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	soon, late := id.New[id.Payment](), id.New[id.Payment]()
	for p, wait := range map[id.Payment]time.Duration{soon: time.Hour, late: 48 * time.Hour} {
		if err := queue.Insert(t.Context(), d.Pool(), queue.Job{Wait: wait, Args: queue.PaymentWatch{
			TenantID: queue.RefTo(tenant), PaymentID: queue.RefTo(p)}}); err != nil {
			t.Fatal(err)
		}
	}
	waits := func(p id.Payment) (state string, within bool) {
		t.Helper()
		if err := d.Pool().QueryRow(t.Context(), `SELECT state::text, scheduled_at < now() + interval '25 hours'
			FROM river.river_job WHERE kind = 'payment_watch' AND (args ->> 'payment_id')::uuid = $1`, p).
			Scan(&state, &within); err != nil {
			t.Fatal(err)
		}
		return state, within
	}
	for _, by := range []time.Duration{0, -24 * time.Hour} {
		if err := queue.Pass(t.Context(), d.Pool(), by); err != nil {
			t.Fatal(err)
		}
	}
	if state, _ := waits(soon); state != "scheduled" {
		t.Errorf("the control, put back: %s", state)
	}
	if err := queue.Pass(t.Context(), d.Pool(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if state, _ := waits(soon); state != "available" {
		t.Errorf("what is due after a day is %s", state)
	}
	if state, within := waits(late); state != "scheduled" || !within {
		t.Errorf("what is due after two days is %s, within a day: %t", state, within)
	}
	var sweeps int
	if err := d.Pool().QueryRow(t.Context(),
		"SELECT count(*) FROM river.river_job WHERE kind = 'recovery'").Scan(&sweeps); err != nil ||
		sweeps != queue.Shards {
		t.Errorf("%d shards are looked through, %v", sweeps, err)
	}
}
