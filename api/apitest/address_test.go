package apitest_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/db"
)

// page asks for the card keys on a checkout page and tells whether it shows them.
func page(t testing.TB, w *apitest.World, path string) (a apitest.Answer, keys bool) {
	t.Helper()
	a = w.Do(t, "", http.MethodPost, path, nil)
	return a, strings.Contains(string(a.Body), "<ol>\n") && strings.Contains(string(a.Body), "<code>")
}

// addressOf is the path of the order's checkout page, as support is told it.
func addressOf(t testing.TB, w *apitest.World, p *apitest.Tenant, order string) string {
	t.Helper()
	var o struct {
		CheckoutURL string `json:"checkout_url"`
	}
	w.Must(t, p.Key(support), "GET", "/v1/orders/"+order, nil, &o)
	return strings.TrimPrefix(o.CheckoutURL, w.URL)
}

func views(t testing.TB, w *apitest.World, p *apitest.Tenant) int {
	t.Helper()
	var log struct{ Data []struct{ Action string } }
	w.Must(t, p.Key(owner), "GET", "/v1/audit_log?action=checkout", nil, &log)
	return len(log.Data)
}

// TestAddressEnds: card keys are shown for as many days as the platform says. A renewed address shows them again, and
// ends every older one; a repeat of the renewal tells the same address.
func TestAddressEnds(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	w.Must(t, p.Key(owner), "PATCH", "/v1/tenant", object{"card_keys_shown_days": 2}, nil)
	order := w.Delivered(t, p)
	first := addressOf(t, w, p, order)
	w.Clock.Advance(47 * time.Hour)
	if a, keys := page(t, w, first); a.Status != 200 || !keys {
		t.Errorf("within the time: %d, keys %v", a.Status, keys)
	}
	w.Clock.Advance(2 * time.Hour)
	if a, keys := page(t, w, first); a.Status != 200 || keys || !strings.Contains(string(a.Body), "索要新的链接") {
		t.Errorf("after the time: %d, keys %v", a.Status, keys)
	}
	if a, keys := page(t, w, first+"?lang=en"); keys || !strings.Contains(string(a.Body), "a fresh link") {
		t.Errorf("after the time, in English: %s", a.Body)
	}
	var one, two struct {
		CheckoutURL string `json:"checkout_url"`
	}
	again := key()
	w.Must(t, p.Key(support), "POST", "/v1/orders/"+order+"/checkout_url/renew", nil, &one, again...)
	w.Must(t, p.Key(support), "POST", "/v1/orders/"+order+"/checkout_url/renew", nil, &two, again...)
	fresh := strings.TrimPrefix(one.CheckoutURL, w.URL)
	if fresh == first || one != two || fresh != addressOf(t, w, p, order) {
		t.Errorf("renewed %q, repeated %q", one, two)
	}
	if a, keys := page(t, w, fresh); a.Status != 200 || !keys {
		t.Errorf("the fresh address: %d, keys %v", a.Status, keys)
	}
	for _, path := range []string{first, first + "/status", first + "/events"} {
		if a := w.Do(t, "", http.MethodGet, path, nil); a.Status != 404 {
			t.Errorf("the older address %s: %d", path, a.Status)
		}
	}
	if log := w.Do(t, p.Key(owner), "GET", "/v1/audit_log?action=renewCheckoutURL", nil); strings.Count(
		string(log.Body), `"renewCheckoutURL"`) != 1 {
		t.Errorf("the renewal is not audited once: %s", log.Body)
	}
	w.Clock.Advance(49 * time.Hour)
	if _, keys := page(t, w, fresh); keys {
		t.Error("a renewed address shows card keys for ever")
	}
	w.Must(t, p.Key(owner), "PATCH", "/v1/tenant", object{"card_keys_shown_days": 90}, nil)
	if _, keys := page(t, w, fresh); !keys {
		t.Error("the setting does not hold for orders of before")
	}
}

// TestViewsAreAuditedWithinBounds: of many views at once the first is in the audit log, after an hour another one, and
// a program that only asks whether the page is there sees nothing.
func TestViewsAreAuditedWithinBounds(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	path := addressOf(t, w, p, w.Delivered(t, p))
	for range 5 {
		for _, method := range []string{http.MethodHead, http.MethodGet} {
			if a := w.Do(t, "", method, path, nil); a.Status != 200 || strings.Contains(string(a.Body), "<code>") ||
				a.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %v %s", method, a.Status, a.Header, a.Body)
			}
		}
		w.Do(t, "", http.MethodGet, path+"/status", nil)
	}
	if n := views(t, w, p); n != 0 {
		t.Errorf("%d views are audited before there was one", n)
	}
	look := func() {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 25 {
					if _, keys := page(t, w, path); !keys {
						t.Error("the page shows no card keys")
					}
				}
			})
		}
		all.Wait()
	}
	look()
	if n := views(t, w, p); n != 1 {
		t.Errorf("100 views leave %d lines in the audit log, want 1", n)
	}
	w.Clock.Advance(time.Hour + time.Second)
	look()
	if n := views(t, w, p); n != 2 {
		t.Errorf("an hour later there are %d lines, want 2", n)
	}
}

// TestWhoPaidSeesTheKeys: the browser that saw the page before the order was paid sees the card keys at once, by a
// cookie of this order and this address alone.
func TestWhoPaidSeesTheKeys(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	order, no := w.Order(t, p)
	other := addressOf(t, w, p, w.Delivered(t, p))
	path := addressOf(t, w, p, order)
	cookie := strings.Split(w.Do(t, "", http.MethodGet, path, nil).Header.Get("Set-Cookie"), ";")[0]
	w.Desk(t, http.MethodPost, "/trades/"+no+"/pay", object{}, nil)
	w.Await(t, p, order, "delivered")
	shows := func(path string, header ...string) bool {
		return strings.Contains(string(w.Do(t, "", http.MethodGet, path, nil, header...).Body), "<code>")
	}
	if !shows(path, "Cookie", cookie) {
		t.Errorf("with %q the card keys are not there", cookie)
	}
	if shows(path) || shows(other, "Cookie", cookie) {
		t.Error("the card keys are shown without the cookie of their order")
	}
	w.Must(t, p.Key(support), "POST", "/v1/orders/"+order+"/checkout_url/renew", nil, nil, key()...)
	if shows(addressOf(t, w, p, order), "Cookie", cookie) {
		t.Error("the cookie of an older address shows the card keys")
	}
}

// TestNothingOpensWhenNotActive: neither page nor status nor stream nor card keys of a platform that is suspended or
// closed, and a stream that is open ends. All open again with the platform.
func TestNothingOpensWhenNotActive(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	order := w.Delivered(t, p)
	path := addressOf(t, w, p, order)
	set := func(status string) {
		w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, "UPDATE tenants SET status = $1", status)
			return err
		})
	}
	open := w.Events(t.Context(), t, path+"/events")
	if open() != "delivered" {
		t.Fatal("the stream does not open: the test proves nothing")
	}
	for _, status := range []string{"suspended", "closed"} {
		set(status)
		for _, end := range []string{"", "?lang=en", "/status", "/events"} {
			a := w.Do(t, "", http.MethodGet, path+end, nil)
			if a.Status != 409 || strings.Contains(string(a.Body), "<code>") ||
				strings.HasPrefix(end, "/") && a.Code() != "tenant_not_active" {
				t.Errorf("%s: %s answers %d %s", status, end, a.Status, a.Body)
			}
		}
		if a := w.Do(t, "", http.MethodGet, path, nil); !strings.Contains(string(a.Body), "未在营业") {
			t.Errorf("%s: the page does not say why: %s", status, a.Body)
		}
		if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/orders/"+order+"/card_keys", nil); a.Code() !=
			"tenant_not_active" && a.Status != 401 { // as soon as the key is looked up again
			t.Errorf("%s: card keys by the API: %d", status, a.Status)
		}
		half := []byte(path) // a wrong address does not even tell that there is a platform
		half[len(half)-3] ^= 1
		if a := w.Do(t, "", http.MethodGet, string(half), nil); a.Status != 404 {
			t.Errorf("%s: a wrong address: %d", status, a.Status)
		}
	}
	if next := open(); next != "" {
		t.Errorf("the open stream goes on: %q", next)
	}
	set("active")
	if a, keys := page(t, w, path); a.Status != 200 || !keys {
		t.Errorf("active again: %d", a.Status)
	}
}
