package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/clock"
	"zhitong/internal/id"
)

// platform is a tenant with what it sells.
type platform struct {
	number  int
	client  *demo.Client
	tenant  demo.Tenant
	appID   string
	split   demo.Product // with parts for the platform and a distributor
	plain   demo.Product // with none
	stocked map[string]bool
	kinds   []string // of its receivers
}

// acknowledged is an order whose 201 arrived.
type acknowledged struct {
	platform *platform
	order    demo.Order
	paid     bool // the cashier said so
	closing  bool // the shop asked to close it; a buyer who holds the code can be faster, and then gets the money back
}

// load is what happens while faults strike.
type load struct {
	w         *world
	platforms []*platform
	others    *others // nil: we are alone

	mu      sync.Mutex
	orders  map[string]*acknowledged // by id
	counts  map[string]int
	trouble map[string]int // what the API answered instead, by code
	wrong   []string       // promises broken before our eyes
}

const (
	priceSplit, pricePlain = 1999, 500
	keysEach               = 1000
	tryEvery               = 200 * time.Millisecond
	giveUp                 = 60 * time.Second // of one call that is repeated
	prepareWithin          = 3 * time.Minute
	newcomerEvery          = 12 * time.Second
)

func (l *load) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[what]++
}

func (l *load) broken(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

// prepare signs the platforms up, before any fault.
func (w *world) prepare(ctx context.Context) (*load, error) {
	ctx, cancel := context.WithTimeout(ctx, prepareWithin)
	defer cancel()
	l := &load{w: w, orders: map[string]*acknowledged{}, counts: map[string]int{}, trouble: map[string]int{}}
	for n := range w.options.Platforms {
		p, err := l.signUp(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("platform %d: %w", n, err)
		}
		l.platforms = append(l.platforms, p)
	}
	return l, nil
}

// signUp makes a platform with a supplier, a distributor, two products and its receivers.
func (l *load) signUp(ctx context.Context, n int) (*platform, error) {
	c := l.w.client()
	p := &platform{number: n, client: c, stocked: map[string]bool{},
		kinds: []string{healthy, []string{hanging, failing, endless, astray}[n%4]}}
	var err error
	if p.tenant, err = c.SignUp(ctx, fmt.Sprintf("平台 %d", n), fmt.Sprintf("owner%d@example.cn", n)); err != nil {
		return nil, err
	}
	if err := l.settle(ctx, p); err != nil {
		return nil, err
	}
	for _, kind := range p.kinds {
		var e struct {
			Secret string `json:"secret"`
		}
		if err := c.Post(ctx, "/v1/webhook_endpoints",
			map[string]any{"url": fmt.Sprintf("%s/%s/%s", l.w.receivers.url, p.tenant.ID, kind)}, &e); err != nil {
			return nil, err
		}
		if kind == healthy {
			l.w.receivers.know(p.tenant.ID, e.Secret)
		}
	}
	return p, nil
}

func (l *load) settle(ctx context.Context, p *platform) error {
	c := p.client
	var connection struct {
		AppID string `json:"app_id"`
	}
	if err := c.Get(ctx, "/v1/alipay_connection", &connection); err != nil {
		return err
	}
	p.appID = connection.AppID
	suffix := p.tenant.ID[len(p.tenant.ID)-6:]
	supplier, err := c.Onboard(ctx, "supplier", demo.Enterprise("供货商"+suffix), nil)
	if err != nil {
		return err
	}
	distributor, err := c.CreateMerchant(ctx, "distributor", "分销商"+suffix,
		&demo.Receiver{Type: "userId", Account: demo.ReceiverAccount})
	if err != nil {
		return err
	}
	parts, err := c.CreateSplitRule(ctx, "分", demo.Part{Receiver: "platform", RateBps: 500},
		demo.Part{Receiver: "merchant", MerchantID: distributor.ID, RateBps: 200})
	if err != nil {
		return err
	}
	none, err := c.CreateSplitRule(ctx, "不分")
	if err != nil {
		return err
	}
	if p.split, err = c.CreateProduct(ctx, "点券", priceSplit, supplier.ID, parts.ID); err != nil {
		return err
	}
	if p.plain, err = c.CreateProduct(ctx, "会员", pricePlain, supplier.ID, none.ID); err != nil {
		return err
	}
	for _, product := range []demo.Product{p.split, p.plain} {
		if err := l.stock(ctx, p, product.ID); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) stock(ctx context.Context, p *platform, product string) error {
	keys := make([]string, keysEach)
	for i := range keys {
		keys[i] = "CHAOS-" + id.New[id.CardKey]().Hex()
	}
	l.mu.Lock()
	for _, k := range keys {
		p.stocked[k] = true
	}
	l.mu.Unlock()
	_, err := p.client.ImportCardKeys(ctx, product, keys)
	return err
}

// run makes orders at the rate until ctx ends, and waits for those that are under way.
func (l *load) run(ctx context.Context) {
	random := rand.New(rand.NewPCG(l.w.options.Seed, 2))
	tick := time.NewTicker(time.Second / time.Duration(max(1, l.w.options.Rate)))
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, 64)
	newcomer := time.NewTicker(newcomerEvery)
	defer newcomer.Stop()
	for n := len(l.platforms); ; {
		select {
		case <-ctx.Done():
			return
		case <-newcomer.C:
			n++
			all.Go(func() { l.join(context.WithoutCancel(ctx), n) })
		case <-tick.C:
			p := l.platforms[random.IntN(len(l.platforms))]
			plan := plan{random.IntN(100), random.IntN(100), random.IntN(100), 1 + random.IntN(2)}
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				l.one(context.WithoutCancel(ctx), p, plan)
			})
		}
	}
}

// plan is what becomes of one order, decided before by the seed.
type plan struct{ product, fate, repeat, quantity int }

// again repeats a call until it is answered with something that is not "try again": no answer, 5xx, 429. It tells the
// last error.
func (l *load) again(ctx context.Context, do func(ctx context.Context) error) error {
	return l.repeat(ctx, giveUp, do)
}

// repeat is again with a patience of its own.
func (l *load) repeat(ctx context.Context, patience time.Duration, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := do(ctx)
		var problem *demo.Problem
		if err == nil || (errors.As(err, &problem) && problem.Status < http.StatusInternalServerError &&
			problem.Status != http.StatusTooManyRequests) {
			return err
		}
		code := "no answer"
		if problem != nil {
			code = fmt.Sprintf("%d %s", problem.Status, problem.Code)
		}
		l.mu.Lock()
		l.trouble[code]++
		l.mu.Unlock()
		if !pause(ctx, tryEvery) {
			return err
		}
	}
}

// one takes an order through its lifecycle.
func (l *load) one(ctx context.Context, p *platform, plan plan) {
	product, channel := p.split, "qr"
	if plan.product >= 70 {
		product = p.plain
	}
	if plan.product%5 == 0 {
		channel = "page"
	}
	key := id.New[id.Order]().Hex()
	create := func() (o demo.Order, err error) {
		err = l.again(ctx, func(ctx context.Context) error {
			_, err := p.client.Do(ctx, demo.Request{Method: http.MethodPost, Path: "/v1/orders", IdempotencyKey: key,
				Body: map[string]any{"items": []map[string]any{{"product_id": product.ID, "quantity": plan.quantity}},
					"channel": channel, "reference": key}}, &o)
			return err
		})
		return o, err
	}
	o, err := create()
	if demo.CodeOf(err) == "card_keys_sold_out" {
		if err := l.again(ctx, func(ctx context.Context) error { return l.stock(ctx, p, product.ID) }); err != nil {
			l.count("stock not refilled")
		}
		o, err = create()
	}
	if err != nil {
		l.count("order not created: " + demo.CodeOf(err))
		return
	}
	a := &acknowledged{platform: p, order: o}
	l.mu.Lock()
	l.orders[o.ID] = a
	l.counts["order created, "+channel]++
	l.mu.Unlock()
	if plan.repeat < 10 {
		l.count("order repeated")
		if twin, err := create(); err == nil && (twin.ID != o.ID || twin.Payment.OutTradeNo != o.Payment.OutTradeNo) {
			l.broken("I11 the repetition of key %s made order %s beside %s", key, twin.ID, o.ID)
		}
	}
	switch {
	case plan.fate < 8: // nobody pays
		l.count("order left unpaid")
		if l.others != nil {
			l.others.left(ctx, p, o)
		}
	case plan.fate < 16:
		l.closeOrder(ctx, a)
	case plan.fate < 20: // the buyer pays while the shop closes
		var both sync.WaitGroup
		both.Go(func() { l.closeOrder(ctx, a) })
		both.Go(func() { l.pay(ctx, a) })
		both.Wait()
	case plan.fate < 32:
		if l.pay(ctx, a) {
			l.refund(ctx, p, o, plan.repeat)
		}
	default:
		l.pay(ctx, a)
	}
}

// pay is the buyer at the cashier; the buyer is not part of what fails, but the page's address leads through it.
func (l *load) pay(ctx context.Context, a *acknowledged) bool {
	err := l.again(ctx, func(ctx context.Context) error { return a.platform.client.Pay(ctx, a.order) })
	if err != nil {
		l.count("payment refused")
		return false
	}
	l.mu.Lock()
	a.paid = true
	l.counts["order paid"]++
	l.mu.Unlock()
	if l.others != nil {
		l.others.paid(ctx, a.platform, a.order)
	}
	return true
}

func (l *load) closeOrder(ctx context.Context, a *acknowledged) {
	l.mu.Lock()
	a.closing = true
	l.mu.Unlock()
	err := l.again(ctx, func(ctx context.Context) error {
		return a.platform.client.Post(ctx, "/v1/orders/"+a.order.ID+"/close", nil, nil)
	})
	if err != nil {
		l.count("order not closed: " + demo.CodeOf(err))
		return
	}
	l.count("order closed")
}

// refund asks for the money back, sometimes twice at once, as soon as the order allows it.
func (l *load) refund(ctx context.Context, p *platform, o demo.Order, repeat int) {
	ctx, cancel := context.WithTimeout(ctx, giveUp)
	defer cancel()
	key := "refund-" + o.ID
	ask := func() error {
		return l.again(ctx, func(ctx context.Context) error {
			_, err := p.client.Do(ctx,
				demo.Request{Method: http.MethodPost, Path: "/v1/orders/" + o.ID + "/refunds", IdempotencyKey: key,
					Body: map[string]any{"reason": "chaos"}}, nil)
			return err
		})
	}
	for {
		err := ask()
		switch code := demo.CodeOf(err); {
		case err == nil:
			l.count("refund asked for")
			if repeat%2 == 0 {
				l.count("refund repeated")
				_ = ask() // the same key: the book decides whether it made another
			}
			return
		case code == "order_not_refundable" || code == "split_in_progress":
			if !pause(ctx, tryEvery) {
				l.count("refund given up: " + code)
				return
			}
		default:
			l.count("refund not accepted: " + code)
			return
		}
	}
}

// apply drafts, completes and submits, from wherever an earlier try was cut off.
func apply(ctx context.Context, c *demo.Client, merchant string, form demo.Form) (a demo.Application, err error) {
	a, err = c.Apply(ctx, merchant, form)
	if demo.CodeOf(err) != "application_open" {
		return a, err
	}
	var list struct {
		Data []demo.Application `json:"data"`
	}
	if err := c.Get(ctx, "/v1/merchants/"+merchant+"/applications", &list); err != nil {
		return a, err
	}
	if len(list.Data) != 1 {
		return a, fmt.Errorf("%d applications of one merchant are open", len(list.Data))
	}
	if a = list.Data[0]; a.Status != "draft" {
		return a, nil
	}
	return c.Complete(ctx, a.ID, form)
}

// join is a platform that signs up while everything burns.
func (l *load) join(ctx context.Context, n int) {
	ctx, cancel := context.WithTimeout(ctx, 2*giveUp)
	defer cancel()
	began := clock.System{}.Now()
	c := l.w.client()
	c.Poll = tryEvery
	var tenant demo.Tenant
	err := l.again(ctx, func(ctx context.Context) (err error) {
		tenant, err = c.SignUp(ctx, fmt.Sprintf("后来者 %d", n), fmt.Sprintf("late%d@example.cn", n))
		return err
	})
	if err != nil {
		l.count("newcomer not signed up")
		return
	}
	var m demo.Merchant
	var a demo.Application
	form := demo.Enterprise("后来者" + tenant.ID[len(tenant.ID)-6:])
	for _, step := range []func(ctx context.Context) error{
		func(ctx context.Context) (err error) {
			m, err = c.CreateMerchant(ctx, "supplier", form.Name, nil)
			return err
		},
		func(ctx context.Context) (err error) { a, err = apply(ctx, c, m.ID, form); return err },
	} {
		if err := l.again(ctx, step); err != nil {
			l.count("newcomer stuck: " + demo.CodeOf(err))
			return
		}
	}
	decided := 0
	// The simulator dies now and then. While faults strike an application may be late; half of the drain's time after
	// them it is there.
	patience := max(giveUp, l.w.options.Duration+l.w.options.Drain/2-l.w.since())
	err = l.repeat(ctx, patience, func(ctx context.Context) error {
		decided++
		err := c.Decide(ctx, a.ID, true, "")
		if demo.CodeOf(err) != "" && decided > 1 {
			return nil // approved, but the answer was lost: the platform hears of it
		}
		return err
	})
	if err != nil {
		l.broken("onboarding application %s did not reach the desk within %s: %v", a.ID,
			clock.System{}.Now().Sub(began), err)
		return
	}
	l.count("newcomer onboarded")
}
