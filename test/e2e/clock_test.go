package e2e_test

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/clock"
	"zhitong/simulator/faults"
)

// TestClockJumps puts the program's clock wrong, in both directions, in the middle of an order, and right again. Within
// Alipay's fifteen minutes all goes on; beyond them Alipay refuses every call for its time, which must not be taken for
// a refusal of what was asked. Afterwards nothing is lost, nothing has happened twice, and nothing is given up.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"5 min ahead": 5 * time.Minute, "5 min behind": -5 * time.Minute,
		"24 h ahead": 24 * time.Hour, "24 h behind": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := new(clock.Movable)
			w.start(func(o *boot.Options) { o.Clock = c })
			s := w.openShop(6)
			settled, halved, lost, unpaid := w.order(s), w.order(s), w.order(s), w.order(s)
			w.pay(s, settled)
			w.waitOrder(s, settled, "delivered")
			if _, err := s.WaitSplit(w.ctx, settled.ID); err != nil {
				t.Fatal(err)
			}
			// The split of this one happens, and its answer is lost: whether it did is asked for while the clock is
			// wrong.
			w.fault(s, faults.NoAnswerAfter, "alipay.trade.order.settle")
			w.fault(s, faults.NoAnswerBefore, "alipay.trade.order.settle.query")
			w.pay(s, halved)
			w.until("the split at Alipay", func() bool {
				return w.count(`SELECT count(*) FROM river.river_job WHERE kind = 'split_execute'
					AND (args ->> 'payment_id')::uuid = $1 AND metadata ? 'snoozes'`, halved.Payment.OutTradeNo) == 1
			})

			c.Advance(jump)
			w.fault(s, "", "")
			if r, err := w.askRefund(s, settled); err != nil || r.Status == "refused" {
				t.Errorf("a refund: %+v, %v", r, err)
			}
			key := rand.Text()
			during, _, err := s.CreateOrder(w.ctx, s.product.ID, 1, key)
			if within := jump.Abs() < 15*time.Minute; (err == nil) != within {
				t.Errorf("an order: %+v, %v", during, err)
			}
			w.front.loseMessages(true) // this one is to be found by asking
			w.pay(s, lost)
			if err := s.Until(w.ctx, "the notification", lostOne(w)); err != nil {
				t.Fatal(err)
			}
			w.front.loseMessages(false)
			w.workOff()

			c.Advance(-jump)
			w.workOff()
			during, _, err = s.CreateOrder(w.ctx, s.product.ID, 1, key)
			// Alipay refuses an order whose time is up; or the watch was quicker, and has closed it.
			over := demo.CodeOf(err) == "alipay_refused" || err == nil && during.Status == "closed"
			if expired := jump < -15*time.Minute; expired != over {
				t.Fatalf("the same order again: %+v, %v", during, err)
			} else if expired { // its time was up before it began: it is closed, and the buyer orders again
				w.until("the expired order to be closed", func() bool {
					w.pass()
					return w.count("SELECT count(*) FROM orders WHERE status = 'closed'") == 1
				})
				during = w.order(s)
			}
			w.pay(s, during)
			w.pay(s, unpaid)
			for _, o := range []demo.Order{halved, lost, during, unpaid} {
				w.until("delivery and split", func() bool {
					w.pass()
					got, err := s.GetOrder(w.ctx, o.ID)
					var sp demo.Split
					known := s.Get(w.ctx, "/v1/orders/"+o.ID+"/split", &sp) == nil
					if known && sp.Status == "refused" {
						t.Fatalf("the split of order %s was given up: %+v", o.ID, sp)
					}
					return err == nil && got.Status == "delivered" && known && sp.Status == "completed"
				})
			}
			w.until("the refund", func() bool {
				w.pass()
				got, err := s.GetOrder(w.ctx, settled.ID)
				return err == nil && got.Status == "refunded"
			})
			if n := w.count("SELECT count(*) FROM river.river_job WHERE state = 'discarded'"); n != 0 {
				t.Errorf("%d jobs were given up", n)
			}
			if n := w.count("SELECT count(*) FROM cases WHERE kind <> 'unknown_too_long'"); n != 0 {
				t.Errorf("%d cases are open that only the clock provoked", n)
			}
			w.holds()
		})
	}
}

// fault puts a fault at the simulator; an empty kind takes all away.
func (w *world) fault(s *shop, kind, method string) {
	w.t.Helper()
	var err error
	if kind == "" {
		err = s.AtDesk(w.ctx, http.MethodDelete, "/faults", nil, nil)
	} else {
		err = s.AtDesk(w.ctx, http.MethodPost, "/faults", map[string]any{"kind": kind, "method": method}, nil)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// askRefund asks for a refund and does not wait for it.
func (w *world) askRefund(s *shop, o demo.Order) (r demo.Refund, err error) {
	_, err = s.Do(w.ctx,
		demo.Request{Method: http.MethodPost, Path: "/v1/orders/" + o.ID + "/refunds", Body: map[string]any{},
			IdempotencyKey: rand.Text()}, &r)
	return r, err
}

// workOff makes every job that waits due, and waits until each has been tried.
func (w *world) workOff() {
	w.t.Helper()
	w.pass()
	w.until("the jobs to be tried", func() bool {
		return w.count("SELECT count(*) FROM river.river_job WHERE state = 'running' "+
			"OR (state = 'available' AND scheduled_at <= now())") == 0
	})
}

func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-w.ctx.Done():
			w.t.Fatalf("%s: %v", what, w.ctx.Err())
		}
	}
}
