package apitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// TestEveryAnswer holds what every answer has: a number of our own making, headers that protect, and a log line that
// says nothing secret.
func TestEveryAnswer(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/orders?reference=canary-5521", nil, "Request-Id", "mine")
	if got := a.Header.Get("Request-Id"); got == "mine" || !strings.HasPrefix(got, "req_") {
		t.Errorf("Request-Id %q", got)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Content-Type": "application/json", "Access-Control-Allow-Origin": ""} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var line struct {
		RequestID string `json:"request_id"`
		Method    string
		Operation string
		Status    int
		Tenant    string
		APIKeyID  string `json:"api_key_id"`
		Duration  *int64
	}
	for _, text := range strings.Split(strings.TrimSpace(w.Log.String()), "\n") { // a callback's line may come after it
		if !strings.Contains(text, a.Header.Get("Request-Id")) {
			continue
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
	}
	if line.RequestID != a.Header.Get("Request-Id") || line.Operation != "listOrders" || line.Status != 200 ||
		line.Tenant != p.ID.String() ||
		line.APIKeyID == "" ||
		line.Duration == nil {
		t.Errorf("log line %+v", line)
	}
	if log := w.Log.String(); strings.Contains(log, "canary") || strings.Contains(log, p.Key(owner)) {
		t.Error("the log has a query or a key")
	}
}

// attackA13 sends what is not the client's to say; it is in the scenarios with each field. Here: the tenant and the
// role in headers.
func attackA13(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	a := w.Do(
		t,
		p.Key(support),
		http.MethodPost,
		"/v1/api_keys",
		object{"name": "x", "role": "owner"},
		"X-Role",
		"owner",
		"X-Tenant-Id",
		apitest.Unique(),
		"X-HTTP-Method-Override",
		"GET",
	)
	if a.Status != http.StatusForbidden {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// attackA20 shows that a made-up X-Forwarded-For does not move the rate limiter, and that a trusted proxy's does.
func attackA20(t *testing.T) {
	t.Parallel()
	limits := api.Limits{PerKeySecond: 1000, SignUpsMinute: 3, MissesMinute: 1000}
	signUp := func(w *apitest.World, i int) int {
		return w.Do(
			t,
			"",
			http.MethodPost,
			"/v1/tenants",
			object{"name": ""},
			"X-Forwarded-For",
			fmt.Sprintf("203.0.113.%d", i),
			"X-Real-IP",
			"203.0.113.9",
			"Forwarded",
			"for=203.0.113.7",
		).Status
	}
	run := func(trusted ...string) (out []int) {
		w := apitest.NewWorld(t, func(d *api.Deps) { d.Limits, d.TrustedProxies = limits, trusted })
		for i := range 5 {
			out = append(out, signUp(w, i))
		}
		return out
	}
	if got := fmt.Sprint(run()); got != "[400 400 400 429 429]" {
		t.Errorf("without a proxy: %s", got)
	}
	if got := fmt.Sprint(run("127.0.0.0/8", "::1/128")); got != "[400 400 400 400 400]" {
		t.Errorf("behind a trusted proxy, five clients: %s", got)
	}
}

// TestRateLimits holds the limit of a key, of wrong keys and of wrong checkout addresses (A30), and that a right one is
// not held up by wrong ones.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	furnished := apitest.NewWorld(t)
	p := furnished.NewTenant(t, "甲")
	// A minute begins with its API: signing up must not use it.
	w := apitest.NewWorldOn(t, furnished.DB,
		func(d *api.Deps) { d.Limits = api.Limits{PerKeySecond: 100_000, SignUpsMinute: 100, MissesMinute: 20} })
	limited := 0
	for i := range 60 {
		var a apitest.Answer
		if i%2 == 0 {
			a = w.Do(t, tenants.MakeKey(tenants.ModeSandbox, p.ID).Secret.Reveal(), http.MethodGet, "/v1/tenant", nil)
		} else {
			a = w.Do(t, "", http.MethodGet, "/checkout/"+strings.Repeat("A", 64), nil)
		}
		if a.Status == http.StatusTooManyRequests {
			limited++
			if a.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		} else if a.Status != 401 && a.Status != 404 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if limited != 40 {
		t.Errorf("%d of 60 guesses were held up, want 40", limited)
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/tenant", nil); a.Status != 200 {
		t.Errorf("a right key after wrong ones: %d", a.Status)
	}
	slow := apitest.NewWorldOn(t, w.DB, func(d *api.Deps) { d.Limits.PerKeySecond = 1 })
	answers := make([]int, 20)
	var all sync.WaitGroup
	for i := range answers { // at once: one after the other they may need a second each
		all.Go(func() { answers[i] = slow.Do(t, p.Key(owner), http.MethodGet, "/v1/cases", nil).Status })
	}
	all.Wait()
	statuses := map[int]int{}
	for _, status := range answers {
		statuses[status]++
	}
	if statuses[200] == 0 || statuses[429] == 0 || statuses[200]+statuses[429] != 20 {
		t.Errorf("one request a second: %v", statuses)
	}
}

// attackA22 sends what is too much: an announced gigabyte, a body without an end, nested and repeated JSON.
func attackA22(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for name, body := range map[string]io.Reader{
		"endless":   io.LimitReader(endless{}, 1<<30),
		"over 1 MB": strings.NewReader(strings.Repeat(" ", 1<<20+1)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/v1/merchants", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+p.Key(owner))
			r.Header.Set("Content-Type", "application/json")
			res, err := http.DefaultClient.Do(r)
			if err != nil { // the server may close while we still send
				if !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
					t.Fatal(err)
				}
				return
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%d", res.StatusCode)
			}
		})
	}
	for name, row := range map[string]struct {
		body string
		code string
	}{
		"deep":     {strings.Repeat(`{"name":`, 100_000), "invalid_request"},
		"repeated": {`{"kind":"supplier","name":"a","name":"b"}`, "invalid_request"},
		"NUL":      {`{"kind":"supplier","name":"a\u0000b"}`, "invalid_request"},
		"empty":    {``, "invalid_request"},
	} {
		if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/merchants", row.body); a.Status != 400 ||
			a.Code() != row.code {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/merchants", `{"kind":"supplier","name":"a"}`, "Content-Type",
		"text/plain"); a.Status != 415 ||
		a.Code() != "unsupported_media_type" {
		t.Errorf("JSON called text: %d", a.Status)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// attackA18 stores SQL as text.
func attackA18(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	const sql = `x'); DROP TABLE merchants; --`
	var m struct{ ID, Name string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants", object{"kind": "supplier", "name": sql}, &m)
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/merchants/"+m.ID, nil, &m)
	if m.Name != sql {
		t.Errorf("name %q", m.Name)
	}
	var o struct{ ID, Reference string }
	w.Must(
		t,
		p.Key(owner),
		http.MethodPost,
		"/v1/orders",
		object{
			"items":         []object{{"product_id": p.IDs["product_id"], "quantity": 1}},
			"reference":     sql,
			"buyer_contact": sql,
		},
		&o,
		"Idempotency-Key",
		strings.ReplaceAll(sql, " ", "+"),
	)
	find := func(reference string) (n int) {
		var list struct{ Data []struct{ ID string } }
		w.Must(t, p.Key(owner), http.MethodGet, "/v1/orders?reference="+url.QueryEscape(reference), nil, &list)
		return len(list.Data)
	}
	if o.Reference != sql || find(sql) != 1 || find("x' OR '1'='1") != 0 {
		t.Errorf("reference %q, found by it %d, by a condition %d", o.Reference, find(sql), find("x' OR '1'='1"))
	}
	for _, path := range []string{"/v1/orders?status=", "/v1/orders?cursor=", "/v1/orders?limit=", "/v1/events?type=",
		"/v1/events?cursor=", "/v1/merchants?cursor=", "/v1/cases?status=", "/v1/orders/", "/v1/merchants/"} {
		if a := w.Do(t, p.Key(owner), http.MethodGet, path+url.QueryEscape(sql),
			nil); a.Status != http.StatusBadRequest &&
			a.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/merchants/"+m.ID, nil, &m) // the table is still there
}

// attackA26 takes a key away on one instance: within a second another one refuses it.
func attackA26(t *testing.T) {
	t.Parallel()
	one := apitest.NewWorld(t)
	p := one.NewTenant(t, "甲")
	two := apitest.NewWorldOn(t, one.DB)
	ids := spareKey(t, one, p)
	if a := two.Do(t, ids["secret"], http.MethodGet, "/v1/tenant", nil); a.Status != 200 {
		t.Fatalf("before: %d", a.Status)
	}
	one.Must(t, p.Key(owner), http.MethodDelete, "/v1/api_keys/"+ids["api_key_id"], nil, nil)
	two.Clock.Advance(time.Second)
	if a := two.Do(t, ids["secret"], http.MethodGet, "/v1/tenant", nil); a.Status != 401 {
		t.Errorf("a second later: %d", a.Status)
	}
}

// TestDatabaseAway answers 503 and recovers: the same server, when its database is there again.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	d, err := db.Open(t.Context(), db.Config{URL: "postgres://x:x@" + address + "/x?sslmode=disable"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	w := apitest.NewWorldOn(t, d)
	key := tenants.MakeKey(tenants.ModeSandbox, id.Tenant{1}).Secret.Reveal()
	a := w.Do(t, key, http.MethodGet, "/v1/orders", nil)
	if a.Status != 503 || a.Code() != "database_unavailable" || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if strings.Contains(string(a.Body), address) {
		t.Error("the answer names the database")
	}
	if n := w.Notify(t, id.New[id.Tenant]().String(), "", url.Values{"a": {"b"}}.Encode()); n.Status != 200 ||
		string(n.Body) != "fail" {
		t.Errorf("a notification: %d %s", n.Status, n.Body)
	}
	if c := w.Do(t, "", http.MethodGet, "/checkout/"+strings.Repeat("B", 64), nil); c.Status != 503 && c.Status != 404 {
		t.Errorf("checkout: %d", c.Status)
	}
}

// TestCallbacks holds the rules of Alipay's callbacks that are HTTP's: only a form in the body, bounded, and nothing
// but seven bytes for success.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	form := url.Values{
		"notify_id":    {"1"},
		"app_id":       {p.AppID},
		"out_trade_no": {"x"},
		"sign":         {"x"},
		"sign_type":    {"RSA2"},
	}.Encode()
	for _, row := range []struct {
		name, tenant, path, query, body, contentType string
		status                                       int
		answer                                       string
	}{
		{"forged", p.ID.String(), "", "", form, "", 200, "fail"},
		{"forged message", p.ID.String(), "/messages", "", form, "", 200, "fail"},
		{"query string", p.ID.String(), "", "?trade_status=TRADE_SUCCESS", form, "", 200, "fail"},
		{"empty query string", p.ID.String(), "", "?", form, "", 200, "fail"},
		{"JSON", p.ID.String(), "", "", `{}`, "application/json", 200, "fail"},
		{"multipart", p.ID.String(), "", "", form, "multipart/form-data; boundary=x", 200, "fail"},
		{"too large", p.ID.String(), "", "", form + strings.Repeat("&a=b", 20_000), "", 200, "fail"},
		{"repeated field", p.ID.String(), "", "", form + "&app_id=x", "", 200, "fail"},
		{"unknown tenant", id.New[id.Tenant]().String(), "", "", form, "", 404, ""},
		{"unknown tenant's message", id.New[id.Tenant]().String(), "/messages", "", form, "", 404, ""},
		{"no tenant", "x", "", "", form, "", 404, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			a := w.Notify(t, row.tenant, row.path+row.query, row.body, "Content-Type", row.contentType)
			if a.Status != row.status || row.answer != "" && string(a.Body) != row.answer {
				t.Errorf("%d %q", a.Status, a.Body)
			}
		})
	}
	if a := w.Do(t, "", http.MethodGet, "/notify/alipay/"+p.ID.String(), nil); a.Status != 405 {
		t.Errorf("GET: %d", a.Status)
	}
}

// TestCallbackHeaders: the signature decides what is a notification, not the header it came with. Alipay is on record
// with the first of these, and with GBK.
func TestCallbackHeaders(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for _, header := range []string{"application/x-www-form-urlencoded; text/html; charset=UTF-8", "text/plain",
		"application/x-www-form-urlencoded;charset=GBK", ";;", "application/json", "multipart/form-data; boundary=x"} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			order, no := w.Order(t, p)
			if a := w.Notify(t, p.ID.String(), "", w.Signed(t, no), "Content-Type",
				header); string(a.Body) != "success" {
				t.Errorf("answer %q", a.Body)
			}
			a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/orders/"+order, nil)
			if !bytes.Contains(a.Body, []byte(`"status":"delivered"`)) {
				t.Errorf("the order: %s", a.Body)
			}
		})
	}
	_, no := w.Order(t, p)
	if a := w.Notify(t, p.ID.String(), "/messages", w.Signed(t, no)); string(a.Body) != "fail" {
		t.Errorf("a trade notification among the messages is answered %q", a.Body)
	}
}

// attackA07 repeats a signed notification 64 times at once: 64 times the seven bytes, one delivery.
func attackA07(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	order, no := w.Order(t, p)
	raw := w.Signed(t, no)
	var wg sync.WaitGroup
	answers := make([]string, 64)
	for i := range answers {
		wg.Go(func() { answers[i] = string(w.Notify(t, p.ID.String(), "", raw).Body) })
	}
	wg.Wait()
	for i, a := range answers {
		if a != "success" {
			t.Errorf("answer %d: %q", i, a)
		}
	}
	a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/orders/"+order+"/card_keys", nil)
	if n := bytes.Count(a.Body, []byte(`"card_key"`)); n != 1 {
		t.Errorf("%d card keys: %s", n, a.Body)
	}
	// another tenant's address does not take it (A02)
	other := w.NewTenant(t, "乙")
	if a := w.Notify(t, other.ID.String(), "", raw); string(a.Body) != "fail" {
		t.Errorf("at another tenant's address: %s", a.Body)
	}
}

// TestCheckoutFollowsThePayment opens the page's event stream, pays, and reads the key from the page.
func TestCheckoutFollowsThePayment(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var o struct {
		ID          string
		CheckoutURL string `json:"checkout_url"`
		Payment     struct {
			OutTradeNo string `json:"out_trade_no"`
		}
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", w.OrderBody(p, 1), &o, key()...)
	path := strings.TrimPrefix(o.CheckoutURL, w.URL)
	page := w.Do(t, "", http.MethodGet, path, nil)
	if page.Status != 200 || !bytes.Contains(page.Body, []byte("100.00")) ||
		bytes.Contains(page.Body, []byte(p.IDs["product_id"]+"-0")) {
		t.Fatalf("before: %d %s", page.Status, page.Body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	next := w.Events(ctx, t, path+"/events")
	if s := next(); s != "awaiting_payment" {
		t.Fatalf("first event %q", s)
	}
	w.Desk(t, http.MethodPost, "/trades/"+o.Payment.OutTradeNo+"/pay", object{}, nil)
	if s := next(); s != "delivered" {
		t.Fatalf("after payment %q", s)
	}
	visitor := page.Header.Get("Set-Cookie")
	page = w.Do(t, "", http.MethodGet, path, nil, "Cookie", visitor)
	if !bytes.Contains(page.Body, []byte(p.IDs["product_id"]+"-0")) {
		t.Errorf("the key is not on the page: %s", page.Body)
	}
	log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log", nil)
	if !bytes.Contains(log.Body, []byte(`"actor_kind":"buyer"`)) {
		t.Errorf("the reveal is not audited: %s", log.Body)
	}
	if strings.Contains(w.Log.String(), path) {
		t.Error("the checkout address stands in the log")
	}
	// A28: the same secret under another tenant's id is nobody's order
	other := w.NewTenant(t, "乙")
	if a := w.Do(t, "", http.MethodGet, "/checkout/"+apitest.Retarget(t, path, other.ID), nil); a.Status != 404 {
		t.Errorf("the token at another tenant: %d", a.Status)
	}
}

// TestPages reads what an integrator reads.
func TestPages(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	for path, want := range map[string]string{"/openapi.yaml": "openapi: 3.1.0",
		"/docs/": `href="/openapi.yaml?lang=zh"`, "/docs/errors": `id="card_keys_sold_out"`,
		"/docs/assets/reference.css": ".plain"} {
		a := w.Do(t, "", http.MethodGet, path, nil)
		if a.Status != 200 || !bytes.Contains(a.Body, []byte(want)) {
			t.Errorf("%s: %d", path, a.Status)
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
			strings.Contains(csp, "unsafe-eval") ||
			strings.Contains(csp, "script-src 'self' ") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	if a := w.Do(t, "", http.MethodGet, "/docs/assets/../page.html", nil); a.Status != 404 {
		t.Errorf("a path trick: %d", a.Status)
	}
}
