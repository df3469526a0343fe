package e2e_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/demo"
	"zhitong/db/dbtest"
	"zhitong/db/migrations"
	"zhitong/queue"
)

// TestBesideANewerVersion is what this version does while a newer one works on the same database: the schema has grown,
// there are jobs of a kind that it does not know, and jobs that it knows have arguments it does not. It works what it
// knows and leaves the rest alone, untouched, for the other.
func TestBesideANewerVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.owner(`DO $$ DECLARE t text; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' LOOP
			EXECUTE format('ALTER TABLE public.%I ADD COLUMN added_later text,
				ADD COLUMN added_with_default bigint NOT NULL DEFAULT 7', t);
		END LOOP; END $$`)
	w.admin("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	queues := []string{queue.QueuePayments, queue.QueueMoney, queue.QueueWebhooks, queue.QueueFailing,
		queue.QueueOnboarding, queue.QueueMaintenance}
	for _, queue := range queues {
		w.admin(`INSERT INTO river.river_job (args, kind, max_attempts, queue, priority)
			VALUES ('{"tenant_id": "0193f5a0-5c7e-7cc4-9d2b-0a1b2c3d4e5f"}', 'kind_of_tomorrow', 1, $1, 1)`, queue)
	}
	w.start()
	s := w.openShop(2)
	o := w.order(s)
	w.putOff("payment_watch")
	const more = `UPDATE river.river_job SET args = args || '{"added_later": "0193f5a0-5c7e-7cc4-9d2b-0a1b2c3d4e5f"}'
		WHERE kind = 'payment_watch'`
	w.admin(more)
	w.workOffKnown() // tried once, put back: its arguments stay as they are
	w.putOff("payment_watch")
	if n := w.count("SELECT count(*) FROM river.river_job WHERE kind = 'payment_watch' AND args ? 'added_later' " +
		"AND metadata ? 'snoozes'"); n != 1 {
		t.Errorf("%d jobs with an argument of tomorrow were tried and put back, want 1", n)
	}
	w.front.loseMessages(true) // so that the job has to find the payment
	w.pay(s, o)
	w.hurry("payment_watch")
	w.waitOrder(s, o, "delivered")
	if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	if n := w.count("SELECT count(*) FROM river.river_job WHERE kind = 'kind_of_tomorrow' AND state = 'available' " +
		"AND attempt = 0 AND errors IS NULL"); n != len(queues) {
		t.Errorf("%d of %d jobs of a kind of tomorrow are left alone", n, len(queues))
	}
	w.holds()
	m, err := migrations.Open(w.ctx, dbtest.OwnerURL(t, w.db), dbtest.AppRole)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if applied, err := m.Up(w.ctx); err != nil || len(applied) != 0 {
		t.Errorf("an older `zhitong migrate up` on a newer schema: applied %v, %v", applied, err)
	}
}

// TestMigrateWhileServing: a migration that cannot have its lock gives up soon, and the orders that wait behind it are
// only late; one that can have it disturbs nobody.
func TestMigrateWhileServing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := w.openShop(200)
	var orders []demo.Order
	stop := make(chan struct{})
	var selling sync.WaitGroup
	selling.Go(func() {
		for len(orders) < 150 {
			o, _, err := s.CreateOrder(w.ctx, s.product.ID, 1, rand.Text())
			if err != nil {
				t.Errorf("an order while the schema is migrated: %v", err)
				return
			}
			orders = append(orders, o)
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	conn, err := pgx.Connect(w.ctx, dbtest.AdminURL(t, w.db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(w.ctx))
	long, err := conn.Begin(w.ctx) // somebody's report, say
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Exec(w.ctx, "SELECT count(*) FROM orders"); err != nil {
		t.Fatal(err)
	}
	const grow = "ALTER TABLE orders ADD COLUMN added_later text"
	if err := w.ownerTries(grow); err == nil || !strings.Contains(err.Error(), "lock timeout") {
		t.Errorf("a migration behind a long transaction: %v", err)
	}
	if err := long.Rollback(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.owner(grow)
	close(stop)
	selling.Wait()
	if len(orders) == 0 {
		t.Fatal("nothing was sold meanwhile: the test proves nothing")
	}
	last := orders[len(orders)-1]
	w.pay(s, last)
	w.waitOrder(s, last, "delivered")
	w.holds()
}

// owner runs SQL as the role that owns the tables, as a migration does.
func (w *world) owner(sql string) {
	w.t.Helper()
	if err := w.ownerTries(sql); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ownerTries(sql string) error {
	conn, err := pgx.Connect(w.ctx, dbtest.OwnerURL(w.t, w.db))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(w.ctx))
	if _, err := conn.Exec(w.ctx, "SET lock_timeout = '2s'"); err != nil { // package migrations sets five
		return err
	}
	_, err = conn.Exec(w.ctx, sql)
	return err
}

// workOffKnown is workOff without the jobs that nobody here works.
func (w *world) workOffKnown() {
	w.t.Helper()
	w.pass()
	w.until("the jobs to be tried", func() bool {
		return w.count("SELECT count(*) FROM river.river_job WHERE kind <> 'kind_of_tomorrow' "+
			"AND (state = 'running' OR (state = 'available' AND scheduled_at <= now()))") == 0
	})
}
