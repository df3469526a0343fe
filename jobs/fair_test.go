package jobs_test

import (
	"context"
	"log/slog"
	"testing"

	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/jobs"
	"zhitong/queue"
)

// TestAttack plays the attack on the queues.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A38 one platform with ten times the load", attackA38)
}

// attackA38: ten thousand jobs of one tenant are waiting when another's first arrives. It is counted how many River
// works before it, in the order in which River takes them; how long that takes is the machine's. The control: without
// the look it is all of them.
func attackA38(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	flood := func(queue, kind, tenant string, n int) {
		t.Helper()
		_, err := d.Pool().
			Exec(t.Context(), `INSERT INTO river.river_job (args, kind, max_attempts, queue, priority, scheduled_at)
SELECT jsonb_build_object('tenant_id', $3::text), $2, 50, $1, 1, now() - interval '1 minute'
	FROM generate_series(1, $4)`, queue, kind, tenant, n)
		if err != nil {
			t.Fatal(err)
		}
	}
	before := func(queue, tenant string) (n int) {
		t.Helper()
		err := d.Pool().QueryRow(t.Context(), `SELECT min(place) - 1 FROM (
SELECT args ->> 'tenant_id' AS tenant, row_number() OVER (ORDER BY priority, scheduled_at, id) AS place
	FROM river.river_job WHERE queue = $1 AND state = 'available') q WHERE tenant = $2`,
			queue, tenant).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	once := func() int64 {
		t.Helper()
		n, err := jobs.NewFair(d.Pool(), slog.New(slog.DiscardHandler)).Once(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const many = 10_000
	loud, quiet := id.New[id.Tenant]().String(), id.New[id.Tenant]().String()
	flood(queue.QueueMoney, "split_execute", loud, many)
	flood(queue.QueueMoney, "split_execute", quiet, many/2)
	if n := once(); n != 0 {
		t.Errorf("%d jobs were set back although the other has much waiting, too", n)
	}
	if _, err := d.Pool().Exec(t.Context(), "DELETE FROM river.river_job"); err != nil {
		t.Fatal(err)
	}
	queues := map[string]string{
		queue.QueueMoney:      "split_execute",
		queue.QueuePayments:   "payment_watch",
		queue.QueueOnboarding: "onboarding_watch",
	}
	for queue, kind := range queues {
		flood(queue, kind, loud, many)
	}
	flood(queue.QueueWebhooks, "webhook_deliver", loud, 100)
	if n := once(); n != 0 {
		t.Errorf("%d jobs were set back although nobody waits behind them", n)
	}
	for queue, kind := range queues {
		flood(queue, kind, quiet, 2)
		if n := before(queue, quiet); n != many {
			t.Errorf("%s: %d jobs before the other tenant's, without the look: the test proves nothing", queue, n)
		}
	}
	if n := once(); n != int64(len(queues)*(many-32)) {
		t.Errorf("%d jobs were set back", n)
	}
	for queue := range queues {
		if n := before(queue, quiet); n > 32 {
			t.Errorf("%s: still %d jobs before the other tenant's", queue, n)
		}
	}
	if n := once(); n != 0 {
		t.Errorf("%d more were set back by a second look", n)
	}
	var all int
	if err := d.Pool().QueryRow(t.Context(),
		"SELECT count(*) FROM river.river_job WHERE state = 'available'").Scan(&all); err != nil ||
		all != len(queues)*(many+2)+100 {
		t.Errorf("%d jobs are left, %v", all, err)
	}
}
