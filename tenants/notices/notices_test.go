package notices_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/outside"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/simulator"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/notices"
	"zhitong/tenants/vault"
)

var master = sync.OnceValues(func() (*secret.Master, error) {
	text, err := secret.GenerateMaster()
	if err != nil {
		return nil, err
	}
	return secret.ParseMaster(text)
})

// post is a mail server.
type post struct {
	mu    sync.Mutex
	taken []mail.Message
	fails error
}

func (p *post) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		return p.fails
	}
	p.taken = append(p.taken, m)
	return nil
}

type bundle struct {
	t     *testing.T
	db    *db.DB
	vault *vault.Vault
	clock *clock.Movable
	svc   *notices.Service
	actor tenants.Actor
	mails *post
	desk  string
	done  map[string]bool // jobs that were worked
	step  func(string)
}

// setup has the robots of the simulator, which live on this machine.
func setup(t *testing.T) *bundle {
	t.Helper()
	m, err := master()
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	sim.SetPublicURL(server.URL)
	b := &bundle{t: t, db: dbtest.NewDB(t), vault: vault.New(m), clock: clock.FrozenAt(clock.System{}.Now()),
		mails: &post{}, desk: server.URL, done: map[string]bool{}, step: func(string) {}}
	b.svc = b.service(outside.Reach{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	b.actor = b.tenant()
	return b
}

func (b *bundle) service(r outside.Reach) *notices.Service {
	host := strings.TrimPrefix(b.desk, "http://")
	return notices.New(notices.Config{DB: b.db, Vault: b.vault, Clock: b.clock, Mails: b.mails, Reach: r,
		Hosts: map[vocabulary.NoticeChannel][]string{vocabulary.ChannelWecom: {host},
			vocabulary.ChannelDingtalk: {host}, vocabulary.ChannelFeishu: {host}},
		Step: func(name string) { b.step(name) }})
}

func (b *bundle) tenant() tenants.Actor {
	return tenants.Actor{Tenant: dbtest.NewTenant(b.t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
}

// robot is one at the simulator's desk.
type robot struct{ Kind, URL, Token, Secret string }

func (b *bundle) call(method, path string, body, into any) {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.desk+"/desk/api"+path, bytes.NewReader(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		b.t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) robot(kind, key string, keywords ...string) (r robot) {
	b.t.Helper()
	b.call(http.MethodPost, "/robots", map[string]any{"kind": kind, "secret": key, "keywords": keywords}, &r)
	return r
}

type message struct{ Kind, Type, Title, Text string }

func (b *bundle) messages(r robot) []message {
	b.t.Helper()
	var out struct{ Messages []message }
	b.call(http.MethodGet, "/robots?token="+r.Token, nil, &out)
	return out.Messages
}

func (b *bundle) fault(kind, token string, times int) {
	b.t.Helper()
	var out struct{ ID string }
	b.call(http.MethodPost, "/faults", map[string]any{"kind": kind, "method": token, "times": times}, &out)
}

func (b *bundle) route(r robot, types ...string) notices.Route {
	b.t.Helper()
	return b.routeOf(notices.NewRoute{Channel: vocabulary.NoticeChannel(r.Kind), Address: secret.New(r.URL),
		Secret: secret.New(r.Secret), EventTypes: types})
}

func (b *bundle) routeOf(in notices.NewRoute) notices.Route {
	b.t.Helper()
	in.Name = "风控群"
	if in.Language == "" {
		in.Language = vocabulary.Chinese
	}
	out, _, err := b.svc.CreateRoute(b.t.Context(), b.actor, idempotency.Key{}, in)
	if err != nil {
		b.t.Fatalf("make a route: %v", err)
	}
	return out
}

func (b *bundle) in(fn func(ctx context.Context, tx db.TenantTx) error) {
	b.t.Helper()
	if err := b.db.InTenant(b.t.Context(), b.actor.Tenant, fn); err != nil {
		b.t.Fatal(err)
	}
}

// emit writes n events of a type, each of an order of its own.
func (b *bundle) emit(kind vocabulary.EventType, n int, data map[string]any) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx db.TenantTx) error {
		for range n {
			order := id.New[id.Order]()
			all := map[string]any{"order_id": order, "total_fen": 10050, "reference": "XH1"}
			for k, v := range data {
				all[k] = v
			}
			if err := events.Emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectOrder,
				SubjectID: order, At: b.clock.Now(), Data: all}); err != nil {
				return err
			}
		}
		return nil
	})
}

// look lets some time pass, looks for what is to be told, and sends what is due.
func (b *bundle) look(later time.Duration) {
	b.t.Helper()
	b.clock.Advance(later)
	if err := b.svc.Take(b.t.Context(), b.actor.Tenant); err != nil {
		b.t.Fatalf("take: %v", err)
	}
	for _, n := range b.due() {
		if _, err := b.svc.Send(b.t.Context(), b.actor.Tenant, n); err != nil {
			b.t.Fatalf("send: %v", err)
		}
	}
}

// due are the notices of jobs that were not worked yet.
func (b *bundle) due() (out []id.Notice) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx db.TenantTx) error {
		out = nil
		rows, err := tx.Query(ctx, "SELECT id::text, args->>'notice_id' FROM river.river_job "+
			"WHERE kind = 'notice_send' ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var job, notice string
			if err := rows.Scan(&job, &notice); err != nil {
				return err
			}
			if !b.done[job] {
				b.done[job] = true
				out = append(out, id.Notice(uuid.MustParse(notice)))
			}
		}
		return rows.Err()
	})
	return out
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx db.TenantTx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n
}

func (b *bundle) notices() []notices.Notice {
	b.t.Helper()
	page, err := b.svc.List(b.t.Context(), b.actor, tenants.Page[id.Notice]{Limit: 100}, notices.Filter{})
	if err != nil {
		b.t.Fatal(err)
	}
	return page.Items
}

func (b *bundle) reload(r notices.Route) notices.Route {
	b.t.Helper()
	out, err := b.svc.GetRoute(b.t.Context(), b.actor, r.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

const settled = events.Settled + time.Second

// TestEveryChannel: what happened is told by mail and by each robot, with the security that its platform offers.
func TestEveryChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := []robot{b.robot("wecom", "", "订单"), b.robot("dingtalk", "generate", "订单"),
		b.robot("feishu", "generate", "订单")}
	for _, r := range all {
		b.route(r, "order.needs_review")
	}
	b.routeOf(notices.NewRoute{Channel: vocabulary.ChannelMail, Address: secret.New("ops@example.cn"),
		EventTypes: []string{"order.*"}, Language: vocabulary.English})
	b.emit(vocabulary.EventOrderNeedsReview, 1, nil)
	b.look(0)
	if n := len(b.notices()); n != 0 {
		t.Fatalf("%d notices of an event that others may come in before", n)
	}
	b.look(settled)
	for _, r := range all {
		got := b.messages(r)
		if len(got) != 1 || !strings.Contains(got[0].Title+got[0].Text, "订单待人工处理") ||
			!strings.Contains(got[0].Text, "金额 100.50 元") || strings.Contains(got[0].Text, "{{") {
			t.Errorf("%s: %+v", r.Kind, got)
		}
	}
	if len(b.mails.taken) != 1 || b.mails.taken[0].To != "ops@example.cn" ||
		!strings.Contains(b.mails.taken[0].Subject, "Order needs review") || b.mails.taken[0].Key == "" {
		t.Errorf("mails %+v", b.mails.taken)
	}
	for _, n := range b.notices() {
		if n.Status != vocabulary.NoticeSent || n.SentAt == nil || n.Attempts != 1 || n.Events != 1 {
			t.Errorf("notice %+v", n)
		}
	}
	b.look(time.Hour)
	if n := len(b.notices()); n != 4 {
		t.Errorf("told again: %d notices", n)
	}
}

// TestRobotsRefuse: each way in which a robot says no, and what becomes of the notice and of the route.
func TestRobotsRefuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, kind, key string
		spoil           func(b *bundle, r *robot)
		said            string
		reported        bool
	}{
		{"wecom knows no such robot", "wecom", "", func(_ *bundle, r *robot) { r.URL += "0" }, "93000", true},
		{"dingtalk knows no such robot", "dingtalk", "", func(_ *bundle, r *robot) { r.URL += "0" }, "300001", true},
		{"feishu knows no such robot", "feishu", "", func(_ *bundle, r *robot) { r.URL += "0" }, "19001", true},
		{"dingtalk: another secret", "dingtalk", "generate",
			func(_ *bundle, r *robot) { r.Secret += "0" }, "310000", true},
		{"dingtalk: no signature", "dingtalk", "generate",
			func(_ *bundle, r *robot) { r.Secret = "" }, "310000", true},
		{"feishu: another secret", "feishu", "generate",
			func(_ *bundle, r *robot) { r.Secret += "0" }, "19021", true},
		{"feishu: no signature", "feishu", "generate", func(_ *bundle, r *robot) { r.Secret = "" }, "19021", true},
		{"wecom is busy", "wecom", "", func(b *bundle, r *robot) { b.fault("robot_busy", r.Token, 0) }, "-1", false},
		{"feishu is broken", "feishu", "",
			func(b *bundle, r *robot) { b.fault("robot_broken", r.Token, 0) }, "502", false},
		{"a redirect", "dingtalk", "",
			func(b *bundle, r *robot) { b.fault("robot_redirect", r.Token, 0) }, "307", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.robot(c.kind, c.key)
			c.spoil(b, &r)
			route := b.route(r, "order.paid")
			o, err := b.svc.Test(t.Context(), b.actor, route.ID)
			if err != nil || o.Delivered() || !strings.Contains(o.Said, c.said) {
				t.Errorf("the test says %+v, %v", o, err)
			}
			b.emit(vocabulary.EventOrderPaid, 1, nil)
			b.look(settled)
			n := b.notices()[0]
			if n.Status != vocabulary.NoticeWaiting || !strings.Contains(n.Error, c.said) || n.Attempts != 1 ||
				!n.DueAt.Equal(b.clock.Now().Add(time.Minute)) {
				t.Errorf("notice %+v", n)
			}
			if got := b.reload(route); got.FailingSince == nil || !strings.Contains(got.LastError, c.said) {
				t.Errorf("route %+v", got)
			}
			want := 0
			if c.reported {
				want = 1
			}
			if told := b.count("SELECT count(*) FROM events WHERE type = 'notice_route.failing'"); told != want {
				t.Errorf("%d reports", told)
			}
			if len(b.messages(robot{Token: r.Token})) != 0 {
				t.Error("it was taken after all")
			}
		})
	}
}

// TestKeyword: a message without the robot's keyword is refused, and the report says so.
func TestKeyword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for kind, code := range map[string]string{"dingtalk": "310000", "feishu": "19024"} {
		o, err := b.svc.Test(t.Context(), b.actor, b.route(b.robot(kind, "", "没有的词"), "order.paid").ID)
		if err != nil || o.Delivered() || o.Code != code {
			t.Errorf("%s: %+v, %v", kind, o, err)
		}
	}
}

// TestFlood: ten thousand cases are two messages, and nothing is left out of the count.
func TestFlood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	b.route(r, "case.*")
	const flood = 3000
	b.emit(vocabulary.EventCaseOpened, 1, nil)
	b.look(settled)
	b.emit(vocabulary.EventCaseOpened, flood, nil)
	b.look(settled)
	if n := len(b.messages(r)); n != 1 {
		t.Errorf("%d messages within a minute", n)
	}
	b.look(time.Minute)
	got := b.messages(r)
	if len(got) != 2 || !strings.Contains(got[0].Text, fmt.Sprintf("同类事件共 %d 条", flood)) {
		t.Errorf("%d messages, the last %+v", len(got), got[0])
	}
}

// TestRate: a route sends no more in a minute than a robot takes, and the rest a minute later.
func TestRate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	b.route(r, "order.*", "refund.*", "split.*", "onboarding.*")
	all := 0
	for _, kind := range vocabulary.EventTypes() {
		group, _, _ := strings.Cut(string(kind), ".")
		if strings.Contains("order refund split onboarding", group) {
			b.emit(kind, 1, nil)
			all++
		}
	}
	b.look(settled)
	if n := len(b.messages(r)); n != 10 || all <= 10 {
		t.Errorf("%d messages of %d in a minute", n, all)
	}
	b.look(10 * time.Second)
	if n := len(b.messages(r)); n != 10 {
		t.Errorf("%d messages in a minute", n)
	}
	b.look(2 * time.Minute)
	b.look(2 * time.Minute)
	if n := len(b.messages(r)); n != all {
		t.Errorf("%d messages of %d", n, all)
	}
}

// TestLimited: a robot that says that it is too much is left alone for a while, and the route is well.
func TestLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	route := b.route(r, "order.paid")
	for range 20 { // by somebody else who has the address
		b.clock.Advance(time.Minute)
		if _, err := b.svc.Test(t.Context(), b.actor, route.ID); err != nil {
			t.Fatal(err)
		}
	}
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.look(settled + time.Minute)
	n := b.notices()[0]
	if n.Status != vocabulary.NoticeWaiting || !strings.Contains(n.Error, "45009") || n.Attempts != 0 {
		t.Errorf("notice %+v", n)
	}
	if b.reload(route).FailingSince != nil {
		t.Error("the route is called failing")
	}
}
