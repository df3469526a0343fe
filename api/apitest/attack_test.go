package apitest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
)

// TestAttack plays the attacks over HTTP, by their numbers.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A07 64 identical notifications at once", attackA07)
	t.Run("A13 fields that are not the client's to say", attackA13)
	t.Run("A15 downgraded signature and repeated keys", attackA15)
	t.Run("A18 SQL in every field", attackA18)
	t.Run("A20 made-up X-Forwarded-For", attackA20)
	t.Run("A22 endless and nested bodies", attackA22)
	t.Run("A26 revoked key on another instance", attackA26)
	t.Run("A28 another platform's application", attackA28)
	t.Run("A30 guessed order look-ups", attackA30)
	t.Run("A33 script in names and notes", attackA33)
	t.Run("A36 low role asks for secrets", attackA36)
	t.Run("A41 overflow and negative amounts", attackA41)
	t.Run("A44 secrets in logs, rows and jobs", attackA44)
}

// attackA15: a rightly signed notification is not taken with anything beside it: a query string, a field a second time.
// The same one alone is.
func attackA15(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	_, no := w.Order(t, p)
	raw := w.Signed(t, no)
	for _, c := range []struct{ path, body string }{
		{"?", raw}, {"?trade_status=TRADE_SUCCESS", raw}, {"?out_trade_no=" + no, raw},
		{"", raw + "&total_amount=0.01"}, {"", raw + "&out_trade_no=" + no},
		{"", strings.Replace(raw, "sign_type=RSA2", "sign_type=RSA", 1)},
	} {
		if a := w.Notify(t, p.ID.String(), c.path, c.body); string(a.Body) != "fail" {
			t.Errorf("%q, %d bytes: %s", c.path, len(c.body), a.Body)
		}
	}
	if a := w.Notify(t, p.ID.String(), "", raw); string(a.Body) != "success" {
		t.Errorf("alone: %s; the test proves nothing", a.Body)
	}
}

// attackA28: what belongs to one platform's onboarding does not exist for another, whatever it is asked for.
func attackA28(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	a, b := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{http.MethodGet, "/v1/applications/{application_id}", nil},
		{http.MethodPost, "/v1/applications/{application_id}/submit", nil},
		{http.MethodPut, "/v1/applications/{application_id}", object{"alias_name": "x"}},
		{http.MethodGet, "/v1/merchants/{merchant_id}/applications", nil},
	} {
		theirs := w.Do(t, b.Key(owner), c.method, a.Fill(c.path), c.body)
		none := w.Do(
			t,
			b.Key(owner),
			c.method,
			strings.NewReplacer("{application_id}", id.New[id.Application]().String(), "{merchant_id}",
				id.New[id.Merchant]().String()).
				Replace(c.path),
			c.body,
		)
		if theirs.Status != http.StatusNotFound || none.Status != http.StatusNotFound || theirs.Code() != none.Code() {
			t.Errorf(
				"%s %s: %d %s, for one that does not exist %d %s",
				c.method,
				c.path,
				theirs.Status,
				theirs.Code(),
				none.Status,
				none.Code(),
			)
		}
		if own := w.Do(t, a.Key(owner), c.method, a.Fill(c.path), c.body); own.Status == http.StatusNotFound {
			t.Errorf("%s %s: the owner's own is not found either: the test proves nothing", c.method, c.path)
		}
	}
}

// attackA30: 10,000 guesses at checkout addresses find nothing, and nearly all of them are not even looked up.
func attackA30(t *testing.T) {
	t.Parallel()
	const guesses, allowed = 10_000, 60
	w := apitest.NewWorld(t, func(d *api.Deps) {
		d.Limits = api.Limits{PerKeySecond: 100_000, SignUpsMinute: 100, MissesMinute: allowed}
	})
	p := w.NewTenant(t, "甲")
	var o struct {
		CheckoutURL string `json:"checkout_url"`
	}
	w.Must(t, p.Key(owner), http.MethodGet, p.Fill("/v1/orders/{order_id}"), nil, &o)
	path := strings.TrimPrefix(o.CheckoutURL, w.URL)
	half := path[:len(path)-8] // a guesser who knows half of a true address
	var limited atomic.Int32
	began := clock.System{}.Now()
	var all sync.WaitGroup
	for part := range 8 {
		all.Go(func() {
			for i := part; i < guesses; i += 8 {
				res, err := http.Get(fmt.Sprintf("%s%s%08d", w.URL, half, i))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				switch res.StatusCode {
				case http.StatusTooManyRequests:
					limited.Add(1)
				case http.StatusNotFound:
				default:
					t.Errorf("guess %d is answered with %d", i, res.StatusCode)
				}
			}
		})
	}
	all.Wait()
	// the minute may turn meanwhile, on a slow machine more than once
	minutes := 2 + int32(clock.System{}.Now().Sub(began)/time.Minute)
	if limited := limited.Load(); limited < guesses-minutes*allowed {
		t.Errorf("%d of %d guesses were limited", limited, guesses)
	}
	if a := w.Do(t, "", http.MethodGet, path, nil); a.Status != http.StatusOK {
		t.Errorf("the true address is answered with %d", a.Status)
	}
}

// attackA33: script in what a platform and a buyer write is text on the page, and the page allows no inline script
// anyway.
func attackA33(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, `甲<script>alert(1)</script>`)
	const script = `<img src=x onerror=alert(2)>`
	w.Must(t, p.Key(owner), http.MethodPatch, p.Fill("/v1/products/{product_id}"), object{"name": script}, nil)
	var o struct {
		CheckoutURL string `json:"checkout_url"`
	}
	w.Must(
		t,
		p.Key(owner),
		http.MethodPost,
		"/v1/orders",
		object{
			"items":         []object{{"product_id": p.IDs["product_id"], "quantity": 1}},
			"buyer_contact": `"><svg onload=alert(3)>`,
		},
		&o,
		"Idempotency-Key",
		apitest.Unique(),
	)
	a := w.Do(t, "", http.MethodGet, strings.TrimPrefix(o.CheckoutURL, w.URL), nil)
	page := string(a.Body)
	for _, raw := range []string{script, "<script>alert", "<svg onload"} {
		if strings.Contains(page, raw) {
			t.Errorf("the page has %s", raw)
		}
	}
	if !strings.Contains(page, "&lt;img src=x onerror=alert(2)&gt;") {
		t.Error("the product's name is not on the page: the test proves nothing")
	}
	policy := a.Header.Get("Content-Security-Policy")
	if policy == "" || strings.Contains(policy, "unsafe-inline") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy of the page is %q", policy)
	}
}

// attackA36: who may not see card keys does not see them anywhere, and nobody gets a private key back.
func attackA36(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for role, key := range p.Keys {
		a := w.Do(t, key, http.MethodGet, p.Fill("/v1/orders/{order_id}/card_keys"), nil)
		allowed := role == "owner" || role == "admin" || role == "support" || role == "supplier"
		if !allowed && a.Status != http.StatusForbidden {
			t.Errorf("%s asks for card keys: %d %s", role, a.Status, a.Body)
		}
		if c := w.Do(t, key, http.MethodGet, "/v1/alipay_connection", nil); strings.Contains(
			string(c.Body),
			"private",
		) {
			t.Errorf("%s sees %s", role, c.Body)
		}
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, p.Fill("/v1/orders/{order_id}/card_keys"),
		nil); a.Status == http.StatusForbidden {
		t.Error("the owner may not either: the test proves nothing")
	}
}

// attackA41: amounts and quantities beyond what is possible are refused, not wrapped around.
func attackA41(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for _, price := range []string{"0", "-1", "-9223372036854775808", "9000000000000000000", "9223372036854775807",
		"9223372036854775808", "1e3", "1.5", `"100"`, "null", "[100]"} {
		body := p.Fill(`{"name":"x","supplier_id":"{supplier_id}","merchant_of_record_id":"{supplier_id}",
			"split_rule_id":"{split_rule_id}","price_fen":` + price + `}`)
		if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/products", body); a.Status != http.StatusBadRequest {
			t.Errorf("price %s: %d %s", price, a.Status, a.Body)
		}
	}
	for _, quantity := range []string{"0", "-1", "2147483648", "9223372036854775807", "1001", "1e2", "0.5"} {
		body := p.Fill(`{"items":[{"product_id":"{product_id}","quantity":` + quantity + `}]}`)
		if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", body, "Idempotency-Key",
			apitest.Unique()); a.Status != http.StatusBadRequest {
			t.Errorf("quantity %s: %d %s", quantity, a.Status, a.Body)
		}
	}
	// The dearest product there can be, a thousand times: more than one order may cost.
	var dear struct{ ID string }
	w.Must(
		t,
		p.Key(owner),
		http.MethodPost,
		"/v1/products",
		p.Fill(`{"name":"dear","supplier_id":"{supplier_id}","merchant_of_record_id":"{supplier_id}",
			"split_rule_id":"{split_rule_id}","price_fen":10000000000}`),
		&dear,
	)
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders",
		object{"items": []object{{"product_id": dear.ID, "quantity": 1000}}}, "Idempotency-Key",
		apitest.Unique()); a.Status != http.StatusBadRequest &&
		a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a thousand of the dearest: %d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders",
		p.Fill(`{"items":[{"product_id":"{product_id}","quantity":1}]}`), "Idempotency-Key",
		apitest.Unique()); a.Status != http.StatusCreated {
		t.Errorf("one of an ordinary one: %d %s", a.Status, a.Body)
	}
}
