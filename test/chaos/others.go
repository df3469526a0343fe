package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"zhitong/alipay"
	"zhitong/cmd/zhitong/demo"
	"zhitong/cmd/zhitong/postgres"
	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/books"
	"zhitong/tenants/vault"
)

// Others work beside us all the time: somebody gives money back in Alipay's console or for a complaint, another program
// with the app's key settles, splits and closes, and notices that Alipay signed for another app, or for another
// program's trades on ours, arrive at a platform's address.

const (
	otherNumber = "OTHER" // begins the request numbers of others
	otherTrade  = "ELSE"  // begins the out_trade_no of trades that are not ours
	otherWithin = 10 * time.Second
	noticeEvery = 250 * time.Millisecond
	// lookAge is how much later the book is looked at in the end: each payment's first look is after two days.
	lookAge = 72 * time.Hour
)

// touch is what others did to a payment.
type touch struct{ refunded, moved, closed bool }

// others are those who are not us.
type others struct {
	w *world
	l *load

	mu      sync.Mutex
	random  *rand.Rand
	touched map[string]*touch // by out_trade_no
	foreign string            // app id of a platform elsewhere
	sellers map[string]string // by app id: a secondary merchant of another program's
	all     sync.WaitGroup
}

func newOthers(w *world, l *load) *others {
	return &others{w: w, l: l, random: rand.New(rand.NewPCG(w.options.Seed, 8)), touched: map[string]*touch{},
		sellers: map[string]string{}}
}

// prepare registers an app that is not ours, and has Alipay tell every second platform of refunds: the others have to
// find out.
func (o *others) prepare(ctx context.Context) error {
	_, public, err := alipay.GenerateKey()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	var app struct {
		AppID string `json:"app_id"`
	}
	desk := o.w.client()
	if err := desk.AtDesk(ctx, http.MethodPost, "/apps", map[string]any{"name": "别家", "public_key": public,
		"products": []string{"face_to_face"}}, &app); err != nil {
		return fmt.Errorf("register another app: %w", err)
	}
	o.foreign = app.AppID
	for _, p := range o.l.platforms {
		told := map[string]any{"settings": map[string]any{"notify_refund": p.number%2 == 0}}
		if err := desk.AtDesk(ctx, http.MethodPatch, "/apps/"+p.appID, told, nil); err != nil {
			return fmt.Errorf("change an app: %w", err)
		}
		var m struct {
			SMID string `json:"smid"`
		}
		if err := desk.AtDesk(ctx, http.MethodPost, "/merchants", map[string]any{"app_id": p.appID, "name": "别家的"},
			&m); err != nil {
			return fmt.Errorf("make a merchant of another program: %w", err)
		}
		o.sellers[p.appID] = m.SMID
	}
	return nil
}

// run sends notices that are not ours until ctx ends, and waits for what is under way.
func (o *others) run(ctx context.Context) {
	for n := 0; pause(ctx, noticeEvery); n++ {
		p, app, what := o.l.platforms[n%len(o.l.platforms)], o.foreign, "notice for another app"
		if n%3 == 2 {
			app, what = p.appID, "notice about another program's trade"
		}
		err := o.notice(ctx, app, o.w.balancer.url+"/notify/alipay/"+p.tenant.ID)
		if err != nil { // the simulator dies now and then
			o.l.count("others, not sent: " + what)
			continue
		}
		o.l.count(what)
	}
	o.all.Wait()
}

// notice has Alipay send a true notice to an address, of a payment that is none of any platform's.
func (o *others) notice(ctx context.Context, app, to string) error {
	desk, number := o.w.client(), otherTrade+id.New[id.Payment]().Hex()
	err := desk.AtDesk(ctx, http.MethodPost, "/trades", map[string]any{"app_id": app, "out_trade_no": number,
		"total_fen": priceSplit, "subject": "别家的", "smid": o.sellers[app], "notify_url": to}, nil)
	if err != nil {
		return err
	}
	return desk.AtDesk(ctx, http.MethodPost, "/trades/"+number+"/pay?app_id="+app, map[string]any{}, nil)
}

// paid is called when a buyer has paid: of three payments one is touched by others, at once or a little later.
func (o *others) paid(ctx context.Context, p *platform, order demo.Order) {
	o.mu.Lock()
	fate, later := o.random.IntN(100), time.Duration(o.random.IntN(3000))*time.Millisecond
	o.mu.Unlock()
	if fate >= 33 {
		return
	}
	o.all.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), later+otherWithin)
		defer cancel()
		if fate%2 == 0 {
			pause(ctx, later)
		}
		switch out := order.Payment.OutTradeNo; {
		case fate < 10:
			o.refund(ctx, p, out, 1+int64(fate)*7, "in Alipay's console")
		case fate < 14:
			o.refund(ctx, p, out, order.TotalFen, "in Alipay's console, all")
		case fate < 18:
			o.complain(ctx, p, out)
		case fate < 24:
			o.settle(ctx, p, out, order.TotalFen, fate%2 == 0)
		case fate < 29:
			o.split(ctx, p, out)
		default: // by two programs at once
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { o.refund(ctx, p, out, 3, "by another program") })
			}
			both.Wait()
		}
	})
}

// left is called for an order that nobody will pay: another program closes some.
func (o *others) left(ctx context.Context, p *platform, order demo.Order) {
	o.mu.Lock()
	fate := o.random.IntN(2)
	o.mu.Unlock()
	if fate == 0 {
		return
	}
	out := order.Payment.OutTradeNo
	ctx = context.WithoutCancel(ctx)
	o.all.Go(func() { // a trade begins when somebody opens it
		at := "/trades/" + out + "/scan?app_id=" + p.appID
		if err := o.w.client().AtDesk(ctx, http.MethodPost, at, nil, nil); err != nil {
			o.l.count("others, refused: opened: " + demo.CodeOf(err))
		}
		o.call(ctx, p, "closed", out, "alipay.trade.close", map[string]any{"out_trade_no": out},
			func(t *touch) { t.closed = true })
	})
}

// did is what others did to a payment.
func (o *others) did(out string) touch {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.touched[out]; t != nil {
		return *t
	}
	return touch{}
}

// call does something with the app's key. What may have happened counts as done: then an answer is only missing.
func (o *others) call(ctx context.Context, p *platform, what, out, method string, biz map[string]any,
	mark func(t *touch)) {
	o.mu.Lock()
	t := o.touched[out]
	if t == nil {
		t = &touch{}
		o.touched[out] = t
	}
	mark(t)
	o.mu.Unlock()
	err := o.w.client().AtDesk(ctx, http.MethodPost, "/apps/"+p.appID+"/calls",
		map[string]any{"method": method, "biz_content": biz}, nil)
	switch code := demo.CodeOf(err); {
	case err == nil:
		o.l.count("others: " + what)
	case code != "":
		o.l.count("others, refused: " + what + ": " + code)
	default:
		o.l.count("others, no answer: " + what)
	}
}

func (o *others) refund(ctx context.Context, p *platform, out string, fen int64, where string) {
	o.call(ctx, p, "given back "+where, out, "alipay.trade.refund", map[string]any{"out_trade_no": out,
		"refund_amount": yuan(fen), "out_request_no": otherNumber + id.New[id.Refund]().Hex()[6:]},
		func(t *touch) { t.refunded = true })
}

func (o *others) complain(ctx context.Context, p *platform, out string) {
	if err := o.w.client().AtDesk(ctx, http.MethodPost, "/complaints",
		map[string]any{"app_id": p.appID, "trade": out}, nil); err != nil {
		o.l.count("others, refused: complained: " + demo.CodeOf(err))
		return
	}
	o.refund(ctx, p, out, 50, "for a complaint")
}

// trade is the number of a trade at Alipay, which some methods want.
func (o *others) trade(ctx context.Context, p *platform, out string) string {
	var t struct {
		TradeNo string `json:"trade_no"`
	}
	_ = o.w.client().AtDesk(ctx, http.MethodGet, "/trades/"+out+"?app_id="+url.QueryEscape(p.appID), nil, &t)
	return t.TradeNo // without it the call is refused, and counted so
}

func (o *others) settle(ctx context.Context, p *platform, out string, fen int64, freeze bool) {
	o.call(ctx, p, fmt.Sprintf("settled, frozen %v", freeze), out, "alipay.trade.settle.confirm", map[string]any{
		"trade_no": o.trade(ctx, p, out), "out_request_no": otherNumber + id.New[id.Refund]().Hex()[6:],
		"extend_params": map[string]any{"royalty_freeze": fmt.Sprint(freeze)},
		"settle_info": map[string]any{"settle_detail_infos": []map[string]any{
			{"trans_in_type": "defaultSettle", "amount": yuan(fen)}}}}, func(t *touch) { t.moved = true })
}

func (o *others) split(ctx context.Context, p *platform, out string) {
	o.call(ctx, p, "split", out, "alipay.trade.order.settle", map[string]any{
		"trade_no": o.trade(ctx, p, out), "out_request_no": otherNumber + id.New[id.Refund]().Hex()[6:],
		"royalty_parameters": []map[string]any{{"royalty_type": "transfer", "trans_in_type": "userId",
			"trans_in": demo.ReceiverAccount, "amount": "0.11"}}}, func(t *touch) { t.moved = true })
}

// yuan is an amount as Alipay writes it.
func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// look compares the book with Alipay's as the worker does some days later: what nobody told of is found then.
func (o *others) look(ctx context.Context) error {
	keyset := ""
	for _, e := range o.w.environ {
		if v, ok := strings.CutPrefix(e, "ZHITONG_MASTER_KEYSET="); ok {
			keyset = v
		}
	}
	master, err := secret.ParseMaster(secret.New(keyset))
	if err != nil {
		return fmt.Errorf("read the keyset: %w", err)
	}
	d, err := db.Open(ctx, db.Config{URL: o.w.database.DSN(postgres.RoleApp, database), MaxConns: 2})
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer d.Close()
	later := clock.FrozenAt(clock.System{}.Now().Add(lookAge))
	gateways := tenants.NewGateways(tenants.GatewaysConfig{Pool: zft.NewPool(alipay.Options{Clock: clock.System{}}),
		Vault: vault.New(master), Clock: clock.System{}})
	service := books.New(books.Config{DB: d, Gateways: gateways, Clock: later})
	found := map[books.Kind]int{}
	compared := 0
	for _, p := range o.l.platforms {
		tenant, err := id.Parse[id.Tenant](p.tenant.ID)
		if err != nil {
			return fmt.Errorf("read a tenant: %w", err)
		}
		for r := (books.Result{Behind: 1}); r.Behind > 0; { // a run reads so many at most
			r = books.Result{Found: map[books.Kind]int{}}
			if err := service.Tenant(ctx, tenant, &r); err != nil {
				return fmt.Errorf("look at the book of platform %d: %w", p.number, err)
			}
			compared += r.Compared
			for kind, n := range r.Found {
				found[kind] += n
			}
		}
	}
	o.w.say("the book some days later: %d payments compared, differences nobody told of: %v", compared, found)
	return nil
}

// judge looks at what is left of what others did.
func (o *others) judge(ctx context.Context, l *load, v *verdict) error {
	rows, err := o.w.book.Query(ctx, `
SELECT c.tenant_id::text, c.kind, coalesce(c.payment_id::text, ''), count(*)
  FROM cases c WHERE c.status = 'open' AND c.kind IN ('outside_refund', 'foreign_notice', 'split_refused',
    'refund_refused', 'settlement_mismatch', 'split_mismatch', 'refund_mismatch', 'close_mismatch')
 GROUP BY 1, 2, 3 HAVING count(*) > 1`)
	if err != nil {
		return fmt.Errorf("look at the cases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var tenant, kind, payment string
		var n int
		if err := rows.Scan(&tenant, &kind, &payment, &n); err != nil {
			return fmt.Errorf("read the cases: %w", err)
		}
		v.breach("%d open cases %s of tenant %s, payment %q: one is to count them", n, kind, tenant, payment)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the cases: %w", err)
	}
	var refunds, foreign, again, moved int
	if err := o.w.book.QueryRow(ctx, `SELECT
  (SELECT count(*) FROM refunds WHERE origin = 'outside'),
  (SELECT count(*) FROM cases WHERE status = 'open' AND kind = 'foreign_notice'),
  (SELECT coalesce(sum(occurrences), 0) FROM cases WHERE status = 'open' AND kind = 'foreign_notice'),
  (SELECT count(*) FROM notifications WHERE verdict = 'applied' AND subject LIKE $1)`,
		otherTrade+"%").Scan(&refunds, &foreign, &again, &moved); err != nil {
		return fmt.Errorf("count what others did: %w", err)
	}
	sent := l.counts["notice for another app"] + l.counts["notice about another program's trade"]
	o.w.say("others: %d refunds of theirs are booked; %d notices of theirs, seen %d times in %d cases", refunds, sent,
		again, foreign)
	switch {
	case moved > 0:
		v.breach("%d notices about others' trades were applied", moved)
	case sent > len(l.platforms) && (foreign == 0 || foreign > len(l.platforms) || again <= foreign):
		v.breach("%d notices of others are in %d cases, seen %d times: one for each platform is to count them", sent,
			foreign, again)
	}
	return nil
}
