package e2e_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/demo"
	"zhitong/db/dbtest"
)

// TestDatabaseRefusesWrites: a database that takes no writes — read-only after a failover, or its disk full — is told
// to callers as 503, keeps Alipay from believing that it has been heard, and costs nothing but time: when it ends,
// everything goes on by itself.
func TestDatabaseRefusesWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		begin, end func(w *world)
	}{
		{"read-only", func(w *world) { w.readOnly("on") }, func(w *world) { w.readOnly("off") }},
		{"disk full", func(w *world) { w.diskFull(true) }, func(w *world) { w.diskFull(false) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			s := w.openShop(3)
			o := w.order(s)
			w.putOff("payment_watch")
			w.front.loseMessages(true)
			w.pay(s, o)
			if err := s.Until(w.ctx, "the notification", lostOne(w)); err != nil {
				t.Fatal(err)
			}
			w.front.loseMessages(false)
			message := w.front.notifications()[0]

			c.begin(w)
			key := rand.Text()
			_, _, err := s.CreateOrder(w.ctx, s.product.ID, 1, key)
			var problem *demo.Problem
			if !errors.As(err, &problem) || problem.Status != http.StatusServiceUnavailable ||
				problem.Code != "database_unavailable" {
				t.Errorf("an order: %v", err)
			}
			if a := w.post(message.path, message.body); a != "fail" {
				t.Errorf("the notification is answered with %q", a)
			}
			if a := w.post(message.path, strings.Replace(message.body, "sign=", "sign=x", 1)); a != "fail" {
				t.Errorf("a forged notification is answered with %q", a)
			}
			if a := w.post(message.path+"/messages", message.body); a != "fail" {
				t.Errorf("a message is answered with %q", a)
			}
			if status, body, _ := w.ask(strings.TrimPrefix(w.front.URL, "http://"), "/livez"); status != http.StatusOK {
				t.Errorf("/livez: %d %s", status, body)
			}
			c.end(w)

			// A connection that broke may still be in the pool: Alipay sends again, too.
			w.until("the notification to be heard", func() bool {
				return w.post(message.path, message.body) == "success"
			})
			w.waitOrder(s, o, "delivered")
			if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
				t.Fatal(err)
			}
			w.until("the same order", func() bool {
				_, _, err := s.CreateOrder(w.ctx, s.product.ID, 1, key)
				if code := demo.CodeOf(err); err != nil && code != "database_unavailable" {
					t.Fatalf("the same order afterwards: %v", err)
				}
				return err == nil
			})
			if n := w.count("SELECT count(*) FROM card_keys WHERE status = 'reserved'"); n != 1 {
				t.Errorf("%d keys are reserved for one order", n)
			}
			w.holds()
		})
	}
}

// TestDatabaseRefusesWritesToJobs: a database that takes no writes for a while loses no job: what is under way is done
// when it ends.
func TestDatabaseRefusesWritesToJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := w.openShop(4)
	var orders []demo.Order
	for range 4 {
		o := w.order(s)
		w.pay(s, o) // its split and webhooks are under way when the writes stop
		orders = append(orders, o)
	}
	w.readOnly("on")
	if n := w.count("SELECT count(*) FROM river.river_job"); n == 0 {
		t.Error("there is no job: the test proves nothing")
	}
	w.readOnly("off")
	w.hurry("payment_watch")
	for _, o := range orders {
		w.waitOrder(s, o, "delivered")
		w.rescue()
		if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.holds()
}

// readOnly is what a failover to a standby does to the program's connections: they break, and new ones are read-only.
func (w *world) readOnly(state string) {
	w.t.Helper()
	conn, err := pgx.Connect(w.ctx, dbtest.AdminURL(w.t, w.db))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(w.ctx))
	for _, sql := range []string{
		"SET default_transaction_read_only = off",
		"ALTER DATABASE " + pgx.Identifier{conn.Config().Database}.Sanitize() +
			" SET default_transaction_read_only = " + state,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() " +
			"AND pid <> pg_backend_pid()",
	} {
		if _, err := conn.Exec(w.ctx, sql); err != nil {
			w.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// diskFull answers every new row as Postgres does when a table cannot grow. A real full disk is a fault of test/chaos:
// it needs a file system of its own.
func (w *world) diskFull(full bool) {
	w.t.Helper()
	for _, table := range []string{"orders", "events", "notifications", "ledger_postings", "cases"} {
		if !full {
			w.admin("DROP TRIGGER disk_full ON " + table)
			continue
		}
		w.admin(`CREATE OR REPLACE FUNCTION public.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`)
		w.admin("CREATE TRIGGER disk_full BEFORE INSERT ON " + table + " FOR EACH ROW EXECUTE FUNCTION " +
			"public.disk_full()")
	}
}
