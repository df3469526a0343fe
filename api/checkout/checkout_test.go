package checkout_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/api/checkout"
	"zhitong/api/checkout/hub"
	"zhitong/api/problem"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/shops"
	"zhitong/tenants/stock"
)

// shelf has one order per token.
type shelf struct {
	mu     sync.Mutex
	orders map[string]orders.CheckoutView
	err    error
	misses int
	backs  int
	finds  int
	looks  int
	asked  []string // the languages of codes
}

func (s *shelf) Standings(_ context.Context, _ id.Tenant, of []id.Order) (map[id.Order]orders.Standing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	out := map[id.Order]orders.Standing{}
	for _, o := range of {
		out[o] = orders.Standing{Status: s.orders["awaiting"].Status}
	}
	return out, s.err
}

func (s *shelf) BuyerBack(context.Context, id.Tenant, id.Payment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backs++
	return nil
}

func (s *shelf) ByCheckoutToken(_ context.Context, token string, look orders.Look) (orders.CheckoutView, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finds++
	if s.err != nil {
		return orders.CheckoutView{}, s.err
	}
	v, ok := s.orders[token]
	if !ok {
		return v, tenants.OrderNotFound()
	}
	v.Visitor = "visitor"
	if v.Status != orders.StatusDelivered {
		v.CardKeys = nil
	} else if !look.Page || !look.Asked && look.Visitor != v.Visitor {
		v.Hidden, v.CardKeys = look.Page && v.CardKeys != nil, nil
	}
	return v, nil
}

func (s *shelf) AskCode(_ context.Context, token, lang string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.orders[token]; !ok {
		return tenants.OrderNotFound()
	}
	s.asked = append(s.asked, lang)
	if s.err != nil {
		return s.err
	}
	return nil
}

func (s *shelf) OpenByCode(_ context.Context, token, code, _ string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.orders[token].ID.IsZero():
		return "", tenants.OrderNotFound()
	case code == "":
		return "", orders.ErrCodeVoid
	case code != "12345678":
		return "", orders.ErrCodeWrong
	}
	return "https://example.cn/checkout/new", nil
}

func (s *shelf) set(token string, change func(*orders.CheckoutView)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.orders[token]
	change(&v)
	s.orders[token] = v
}

type bundle struct {
	*shelf
	hub    *hub.Hub
	clock  *clock.Movable
	server *httptest.Server
}

// simulated is the address of the simulator.
const simulated = "https://sim.example.cn"

func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{shelf: &shelf{orders: map[string]orders.CheckoutView{}}, hub: hub.New(),
		clock: clock.FrozenAt(time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC))}
	catalogue, err := fault.NewCatalogue(problem.Faults(), tenants.Faults(), orders.Faults(),
		shops.Faults())
	if err != nil {
		t.Fatal(err)
	}
	problems, err := problem.NewWriter(catalogue, "https://example.cn/docs/errors")
	if err != nil {
		t.Fatal(err)
	}
	missed := func(http.ResponseWriter, *http.Request) bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.misses++
		return b.misses > 3
	}
	pages, err := checkout.New(
		checkout.Config{Orders: b, Logos: b, Simulator: simulated, Hub: b.hub, Clock: b.clock,
			Problems: problems, Missed: missed,
			Origin: func(r *http.Request) string { return r.Header.Get("X-From") }},
	)
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	pages.Mount(r)
	b.server = httptest.NewServer(r)
	t.Cleanup(func() { b.hub.Close(); b.server.Close() })
	for state := range samples(b.clock.Now()) {
		b.orders[state] = samples(b.clock.Now())[state]
	}
	return b
}

// samples are an order in each state, by the state's name.
func samples(now time.Time) map[string]orders.CheckoutView {
	paid, delivered := now.Add(-2*time.Minute), now.Add(-time.Minute)
	product := id.Product{1}
	base := func(status orders.Status) orders.CheckoutView {
		v := orders.CheckoutView{Platform: "星河卡盟", Sandbox: true}
		v.Order = orders.Order{
			Tenant:       id.Tenant{9},
			ID:           id.Order{1, 147, 245, 160, 92, 126, 124, 196, 157, 43},
			Status:       status,
			Total:        20000,
			BuyerContact: "138****0000",
			ReturnURL:    "https://shop.example.cn/done?x=1",
			ExpiresAt:    now.Add(14*time.Minute + 32*time.Second),
			CreatedAt:    now.Add(-28 * time.Second),
		}
		v.Payee = "杭州示例网络科技有限公司"
		v.Items = []orders.Item{
			{Product: product, Name: "星河点券 100 元", Quantity: 2, UnitPrice: 10000, Amount: 20000},
		}
		v.Payment = payments.Payment{
			Channel: "qr",
			Status:  "pending",
			PayURL:  "https://qr.alipay.com/bax03431ljhokirwl38f00a7",
		}
		return v
	}
	key := func(text string, status vocabulary.CardKeyStatus) stock.Revealed {
		return stock.Revealed{Product: product, Status: status, Key: secret.New(text)}
	}
	out := map[string]orders.CheckoutView{}
	out["awaiting"] = base(orders.StatusAwaitingPayment)
	page := base(orders.StatusAwaitingPayment)
	page.Payment.Channel = "page"
	page.Payment.PayURL = "https://openapi.alipay.com/gateway.do?method=alipay.trade.page.pay&sign=x"
	out["page"] = page
	preparing := base(orders.StatusAwaitingPayment)
	preparing.Payment.PayURL = ""
	out["preparing"] = preparing
	expired := base(orders.StatusAwaitingPayment)
	expired.ExpiresAt = now.Add(-time.Second)
	out["expired"] = expired
	done := base(orders.StatusDelivered)
	done.PaidAt, done.DeliveredAt, done.ShownUntil = &paid, &delivered, delivered.AddDate(0, 0, 7)
	done.CardKeys = []stock.Revealed{key("XH7Q-92KD-PPL4-0MZA", "delivered"), key("XH7Q-118F-QW9E-77TB", "delivered")}
	out["delivered"] = done
	over := done
	over.CardKeys, over.ShownUntil = nil, now
	out["over"] = over
	pay := base(orders.StatusPaid)
	pay.PaidAt = &paid
	out["paid"] = pay
	closed := base(orders.StatusClosed)
	closed.ClosedAt = &paid
	out["closed"] = closed
	refunded := base(orders.StatusRefunded)
	refunded.PaidAt, refunded.Refunded = &paid, 20000
	out["refunded"] = refunded
	out["review"] = base(orders.StatusNeedsReview)
	nasty := done
	const script = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	nasty.Items = []orders.Item{
		{Product: product, Name: script, Quantity: 1000, UnitPrice: 1, Amount: money.Max},
	}
	nasty.Brand = shops.Shop{Name: script, Notice: script, ServiceHours: script, ServiceContact: script}
	nasty.BuyerContact, nasty.Platform, nasty.Payee, nasty.Total = script, script, script, money.Max
	nasty.CardKeys = []stock.Revealed{key(script, "delivered"), key("void-one", "void")}
	out["nasty"] = nasty
	link := base(orders.StatusAwaitingPayment)
	link.Payment.Channel, link.Payment.PayURL = "page", "javascript:alert(3)"
	out["link"] = link
	live := base(orders.StatusAwaitingPayment)
	live.Sandbox = false
	out["live"] = live
	return out
}

func (b *bundle) get(t testing.TB, path string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestStates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, row := range []struct {
		token, query string
		has, lacks   []string
	}{
		{"awaiting", "", []string{`lang="zh-CN"`, "应付金额", "200.00", `data-live="/checkout/awaiting"`,
			`data-expires="1795398272000"`, "<svg viewBox=\"0 0 ",
			`href="https://qr.alipay.com/bax03431ljhokirwl38f00a7"`, "杭州示例网络科技有限公司", `http-equiv="refresh"`,
			"2026-11-23 09:29"}, []string{"XH7Q"}},
		{"awaiting", "?lang=en", []string{`lang="en"`, "Amount to pay", "Pay with Alipay", "23 Nov 2026, 09:29"},
			[]string{"应付金额"}},
		{"page", "", []string{`class="button pay-button always"`, "method=alipay.trade.page.pay"}, []string{"figure"}},
		{"preparing", "", []string{"正在生成付款码"}, []string{"figure", "pay-button"}},
		{"expired", "", []string{"付款时间已过", "data-live"}, []string{"figure", "data-expires"}},
		{"paid", "", []string{"正在发货", "data-live"}, []string{"figure"}},
		{"delivered", "", []string{"XH7Q-92KD-PPL4-0MZA", "XH7Q-118F-QW9E-77TB", "共 2 个卡密", "data-copy-all"},
			[]string{"data-live", `http-equiv="refresh"`, "figure"}},
		{"delivered", "?until", []string{"展示至 2026-11-30"}, nil},
		{"over", "", []string{"卡密已发放", "联系卖家索要新的链接", "200.00"}, []string{"XH7Q", "展示至", "data-live"}},
		{"over", "?lang=en", []string{"ask the seller for a fresh link"}, []string{"XH7Q", "keep a copy"}},
		{"closed", "", []string{"订单已关闭"}, []string{"figure", "XH7Q"}},
		{"refunded", "", []string{"订单已退款", "已退款</dt><dd>¥200.00"}, []string{"XH7Q"}},
		{"review", "", []string{"人工核对"}, []string{"XH7Q", "figure"}},
		{"link", "", nil, []string{"javascript:"}},
		{"awaiting", "?lang=en&back", []string{"Sandbox · no real money"},
			[]string{"shop.example.cn", "Back to the shop"}},
		{"delivered", "?lang=en", []string{
			`href="https://shop.example.cn/done?x=1&amp;order_id=ord_`, `rel="noreferrer">Back to the shop</a>`,
		}, nil},
		{"closed", "?back", []string{"返回商家", "沙箱环境"}, nil},
		{"live", "", []string{"应付金额"}, []string{"沙箱", "Sandbox"}},
	} {
		t.Run(row.token+row.query, func(t *testing.T) {
			t.Parallel()
			res, body := b.get(t, "/checkout/"+row.token+row.query, "Cookie", "zt_visitor=visitor")
			if res.StatusCode != 200 {
				t.Fatalf("status %d: %s", res.StatusCode, body)
			}
			for _, s := range row.has {
				if !strings.Contains(body, s) {
					t.Errorf("lacks %q", s)
				}
			}
			for _, s := range row.lacks {
				if strings.Contains(body, s) {
					t.Errorf("has %q", s)
				}
			}
		})
	}
}

// TestNoScriptOfOthers holds A33: what people typed is text, and the policy lets nothing inline run.
func TestNoScriptOfOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, body := b.get(t, "/checkout/nasty", "Cookie", "zt_visitor=visitor")
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "<img") {
		t.Error("text became markup")
	}
	policy := res.Header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") ||
		!strings.Contains(policy, "script-src 'self'") {
		t.Errorf("policy %q", policy)
	}
	for state := range samples(b.clock.Now()) {
		_, body := b.get(t, "/checkout/"+state, "Cookie", "zt_visitor=visitor")
		if regexp.MustCompile(`(?i)\son[a-z]+=|style=|<style|<script(?: defer)?>`).
			MatchString(regexp.MustCompile(`&[#a-z0-9]+;.*?(<|$)`).ReplaceAllString(body, "$1")) {
			t.Errorf("%s has inline script or style", state)
		}
	}
	if !strings.Contains(body, "100,000,000.00") {
		t.Error("the largest amount is not shown in full")
	}
}

// TestWeight holds the page to 40 kB and shows that it loads nothing from elsewhere.
func TestWeight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, body := b.get(t, "/checkout/awaiting")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, body)
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		switch {
		case strings.HasPrefix(m[1], "/checkout/assets/"):
			res, asset := b.get(t, m[1])
			if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %q", m[1], res.StatusCode, res.Header.Get("Cache-Control"))
			}
			_, _ = io.WriteString(z, asset)
		case strings.HasPrefix(m[1], "?lang="), strings.HasPrefix(m[1], "https://qr.alipay.com/"):
		default:
			t.Errorf("refers to %s", m[1])
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > 40_000 {
		t.Errorf("%d bytes", packed.Len())
	}
}

func TestWrongAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, want := range []int{404, 404, 404, 429} { // the limiter of this test lets three pass
		res, body := b.get(t, fmt.Sprintf("/checkout/guess%d", i))
		if res.StatusCode != want || strings.Contains(body, "200.00") {
			t.Errorf("guess %d: %d", i, res.StatusCode)
		}
	}
	for _, path := range []string{"/checkout/guess/status", "/checkout/guess/events"} {
		if res, _ := b.get(t, path); res.StatusCode != 429 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := b.get(t, "/checkout/awaiting"); res.StatusCode != 200 {
		t.Errorf("the right address after wrong ones: %d", res.StatusCode)
	}
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.err = context.DeadlineExceeded
	res, body := b.get(t, "/checkout/awaiting", "Accept-Language", "en-GB,en;q=0.9")
	if res.StatusCode != 503 || !strings.Contains(body, "cannot show this right now") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

// TestPlatformNotActive says so on the page, in both languages, and to its script.
func TestPlatformNotActive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.err = fault.New(tenants.CodeNotActive, "The platform is closed.")
	for path, want := range map[string]string{
		"/checkout/delivered": "该平台目前未在营业", "/checkout/delivered?lang=en": "not open at present",
		"/checkout/delivered/status": "tenant_not_active", "/checkout/delivered/events": "tenant_not_active",
	} {
		if res, body := b.get(t, path); res.StatusCode != 409 || !strings.Contains(body, want) ||
			strings.Contains(body, "XH7Q") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, body := b.get(t, "/checkout/delivered/status")
	var v map[string]string
	if err := json.Unmarshal([]byte(body), &v); err != nil || len(v) != 1 || v["status"] != "delivered" ||
		res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", body, err)
	}
}

// TestEvents shows that a ring reaches the page that waits, and that closing the hub ends it.
func TestEvents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/checkout/awaiting/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if s, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return s
			}
		}
		return ""
	}
	if s := next(); s != "awaiting_payment" {
		t.Fatalf("first %q", s)
	}
	b.set("awaiting", func(v *orders.CheckoutView) { v.Status = "delivered" })
	o := samples(b.clock.Now())["awaiting"]
	b.hub.Ring(o.Tenant, o.ID)
	if s := next(); s != "delivered" {
		t.Fatalf("after the ring %q", s)
	}
	b.hub.Close()
	if s := next(); s != "" {
		t.Fatalf("after the end %q", s)
	}
}

// TestBuyerBack: Alipay sends the browser back with its parameters; then, and for an unpaid order alone, it is asked.
func TestBuyerBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		status orders.Status
		query  string
		backs  int
	}{
		{orders.StatusAwaitingPayment, "?out_trade_no=x&trade_no=y&sign=z", 1},
		{orders.StatusAwaitingPayment, "", 0},
		{orders.StatusDelivered, "?out_trade_no=x", 0},
	} {
		token := "live"
		b.set(token, func(v *orders.CheckoutView) { v.Status = c.status })
		before := b.backs
		res, err := http.Get(b.server.URL + "/checkout/" + token + c.query)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := b.backs - before; res.StatusCode != http.StatusOK || got != c.backs {
			t.Errorf("%s %q: %d, asked for %d times, want %d", c.status, c.query, res.StatusCode, got, c.backs)
		}
	}
}
