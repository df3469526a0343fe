package e2e_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/cmd/zhitong/demo"
)

// crashPatience bounds the whole of a crash test: dozens of programs are killed and started.
const crashPatience = 15 * time.Minute

// TestCrashes kills the program with SIGKILL at every step that the road passes — before and after each commit and
// gateway call, one after the other — starts another, and finds the same end: delivered once, split once, refunded
// once, every event told, the books equal. The short form (-short) tries every third step.
func TestCrashes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), crashPatience)
	defer cancel()
	w.ctx = ctx
	c := &crasher{world: w, child: w.startChild()}
	c.shop = w.openShop(200)
	c.receive()
	roads := []road{{"order", c.walkOrder}, {"application", c.walkApplication}, {"sign-up", c.walkSignUp},
		{"closing", c.walkClose}}
	known := map[string]bool{}
	for _, road := range roads {
		for i, step := range c.steps(road) {
			if known[step] || (strings.HasSuffix(step, "_image") && !strings.HasSuffix(step, " cert_image")) {
				continue // on another road, or another image by the same steps
			}
			known[step] = true
			if testing.Short() && i%3 != 0 {
				continue
			}
			c.killed = 0
			c.child.arm(w, step)
			road.walk(road.name + " killed at " + step)
			if c.killed == 0 {
				c.late()
			}
			if c.killed == 0 {
				c.child.arm(w, "")
				if !afterTrouble(step) && slices.Contains(c.steps(road), step) {
					t.Errorf("%s: the program was not killed at %q", road.name, step)
				}
			} else {
				c.total++
			}
			if t.Failed() {
				return
			}
		}
	}
	least := 20
	if testing.Short() {
		least /= 3
	}
	if c.total < least {
		t.Errorf("only %d steps were tried: has the hook gone?", c.total)
	}
	t.Logf("killed at %d steps", c.total)
	w.holds()
}

// road is a way of business, to be walked under a name of its own.
type road struct {
	name string
	walk func(name string)
}

// steps walks the road unharmed and returns the steps that the program passed, without those of jobs that earlier walks
// left: a job that waits for minutes may still come due in between, so a step that cannot be met again is looked for
// once more.
func (c *crasher) steps(r road) []string {
	c.t.Helper()
	c.quiet()
	_ = c.child.seen(c.world)
	r.walk(r.name + " unharmed")
	c.quiet()
	return c.child.seen(c.world)
}

// quiet waits until no job is due or under way.
func (c *crasher) quiet() {
	c.t.Helper()
	c.await("no job under way", func() (bool, error) {
		return c.count(`SELECT count(*) FROM river.river_job WHERE finalized_at IS NULL
			AND (state = 'running' OR scheduled_at < now() + interval '1 second')`) == 0, nil
	})
}

// late waits for a step that the program passes after what the walk looks for can be seen.
func (c *crasher) late() {
	select {
	case <-c.child.ended:
		c.revive()
	case <-time.After(30 * time.Second):
	}
}

// afterTrouble tells the steps that are passed only when an answer came too late or not at all, as a slow machine has
// it now and then.
func afterTrouble(step string) bool {
	switch step {
	case "ask settled", "ask split", "refund asked", "before query", "after query", "query applied":
		return true
	}
	return false
}

// crasher walks roads while the program dies under it.
type crasher struct {
	*world
	child  *child
	shop   *shop
	killed int // in this walk
	total  int

	mu     sync.Mutex
	events map[string]bool // type and order, as the webhook receiver got them
}

// revive starts the program again when it is dead.
func (c *crasher) revive() {
	if !c.child.dead() {
		return
	}
	c.killed++
	if c.killed > 3 {
		c.t.Fatal("the program dies again and again")
	}
	c.rescue()
	c.child = c.startChild()
}

// persist repeats what may be repeated until it is done, over the death of the program.
func (c *crasher) persist(what string, do func() error) {
	c.t.Helper()
	for {
		err := do()
		if err == nil {
			return
		}
		code := demo.CodeOf(err)
		if code != "" && code != "alipay_unavailable" && code != "database_unavailable" &&
			code != "sandbox_unavailable" {
			c.t.Fatalf("%s: %v", what, err)
		}
		if c.ctx.Err() != nil {
			c.t.Fatalf("%s: %v", what, err)
		}
		c.settle()
	}
}

// settle waits until it is known whether the program is dead: a broken connection is seen before the process is
// collected.
func (c *crasher) settle() {
	select {
	case <-c.child.ended:
	case <-time.After(50 * time.Millisecond):
	}
	c.revive()
}

// await looks again and again until done says so, over the death of the program.
func (c *crasher) await(what string, done func() (bool, error)) {
	c.t.Helper()
	for look := 1; ; look++ {
		ok := false
		c.persist(what, func() (err error) { ok, err = done(); return err })
		if ok {
			return
		}
		if c.ctx.Err() != nil {
			c.t.Fatalf("%s: %v", what, context.Cause(c.ctx))
		}
		if c.killed > 0 && look%10 == 0 {
			c.pass() // what a program that lives does at once is done later now
		}
		select {
		case <-c.child.ended:
			c.revive()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// walkOrder is an order from its creation to its refund.
func (c *crasher) walkOrder(name string) {
	c.t.Helper()
	s, key := c.shop, rand.Text()
	c.admin("UPDATE merchants SET receiver_bound_at = NULL") // every walk binds the receivers again
	var o demo.Order
	c.persist(name+": order", func() (err error) { o, _, err = s.CreateOrder(c.ctx, s.product.ID, 1, key); return err })
	c.pay(s, o)
	c.await(name+": delivery", func() (bool, error) {
		got, err := s.GetOrder(c.ctx, o.ID)
		return got.Status == "delivered", err
	})
	c.await(name+": split", func() (bool, error) {
		var sp demo.Split
		err := s.Get(c.ctx, "/v1/orders/"+o.ID+"/split", &sp)
		if demo.CodeOf(err) == "split_not_found" {
			return false, nil
		}
		return sp.Settlement.Status == "done" && sp.Status == "completed", err
	})
	var r demo.Refund
	c.persist(name+": refund", func() error {
		_, err := s.Do(c.ctx,
			demo.Request{Method: http.MethodPost, Path: "/v1/orders/" + o.ID + "/refunds", Body: map[string]any{},
				IdempotencyKey: key + "r"}, &r)
		return err
	})
	c.await(name+": refund", func() (bool, error) {
		return r.Status == "succeeded", s.Get(c.ctx, "/v1/refunds/"+r.ID, &r)
	})
	c.await(name+": events", func() (bool, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, kind := range []string{"order.created", "order.paid", "order.delivered", "split.completed",
			"refund.succeeded", "order.refunded"} {
			if !c.events[kind+" "+o.ID] {
				return false, nil
			}
		}
		return true, nil
	})
}

// walkApplication is a merchant's application from its submission to its approval.
func (c *crasher) walkApplication(name string) {
	c.t.Helper()
	s := c.shop
	var m demo.Merchant
	var a demo.Application
	c.persist(name+": merchant", func() (err error) {
		m, err = s.CreateMerchant(c.ctx, "distributor", name, nil)
		return err
	})
	c.persist(name+": application", func() (err error) {
		a, err = s.Apply(c.ctx, m.ID, demo.Enterprise(name))
		if demo.CodeOf(err) == "application_open" ||
			demo.CodeOf(err) == "application_not_editable" { // what the dead program had answered
			var list struct {
				Data []demo.Application `json:"data"`
			}
			if err = s.Get(c.ctx, "/v1/merchants/"+m.ID+"/applications", &list); err == nil && len(list.Data) > 0 {
				a = list.Data[0]
			}
		}
		return err
	})
	c.await(name+": at the desk", func() (bool, error) {
		got, err := c.application(a.ID)
		return got.Status == "in_review", err
	})
	if err := s.Decide(c.ctx, a.ID, true, ""); err != nil {
		c.t.Fatal(err)
	}
	c.await(name+": approval", func() (bool, error) {
		got, err := c.application(a.ID)
		return got.Status == "approved", err
	})
}

func (c *crasher) application(id string) (a demo.Application, err error) {
	return a, c.shop.Get(c.ctx, "/v1/applications/"+id, &a)
}

// walkSignUp is a new platform. A sign-up that was cut off is repeated with its key: there is one platform, with one
// API key.
func (c *crasher) walkSignUp(name string) {
	c.t.Helper()
	client, key := c.client(), rand.Text()+rand.Text()
	var made, again demo.Tenant
	c.persist(name, func() (err error) {
		made, err = client.SignUpOnce(c.ctx, key, "断点卡盟", "owner@example.cn")
		return err
	})
	c.persist(name, func() error { return client.Get(c.ctx, "/v1/tenant", nil) })
	c.persist(name+": again", func() (err error) {
		again, err = client.SignUpOnce(c.ctx, key, "断点卡盟", "owner@example.cn")
		return err
	})
	if again != made {
		c.t.Errorf("%s: the repeat made another platform, or another key", name)
	}
}

// walkClose closes an order with an Idempotency-Key: whoever dies between the claim and the answer, a repeat ends it.
func (c *crasher) walkClose(name string) {
	c.t.Helper()
	s, key := c.shop, rand.Text()
	var o demo.Order
	c.persist(name+": order", func() (err error) { o, _, err = s.CreateOrder(c.ctx, s.product.ID, 1, key); return err })
	c.await(name, func() (bool, error) {
		_, err := s.Do(c.ctx,
			demo.Request{Method: http.MethodPost, Path: "/v1/orders/" + o.ID + "/close", IdempotencyKey: key + "c"}, &o)
		if demo.CodeOf(err) == "idempotency_key_in_use" { // of the dead program, until its time is up
			return false, nil
		}
		return o.Status == "closed", err
	})
}

// receive adds a webhook endpoint in this process.
func (c *crasher) receive() {
	c.t.Helper()
	c.events = map[string]bool{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e struct {
			Type string `json:"type"`
			Data struct {
				OrderID string `json:"order_id"`
			} `json:"data"`
		}
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.events[fmt.Sprintf("%s %s", e.Type, e.Data.OrderID)] = true
	}))
	c.t.Cleanup(receiver.Close)
	if err := c.shop.Post(c.ctx, "/v1/webhook_endpoints", map[string]any{"url": receiver.URL}, nil); err != nil {
		c.t.Fatal(err)
	}
}
