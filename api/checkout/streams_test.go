package checkout_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"zhitong/api/checkout/hub"
	"zhitong/tenants/orders"
)

// TestStreamsAreFew: the pages that follow an order look at it together and not each by itself; one too many is told
// when to come again, and the status is still answered.
func TestStreamsAreFew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open := func() (*http.Response, *bufio.Scanner) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/checkout/awaiting/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res, bufio.NewScanner(res.Body)
	}
	until := func(lines *bufio.Scanner, status string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == "data: "+status {
				return
			}
		}
		t.Fatalf("the stream ends before %s: %v", status, lines.Err())
	}
	var streams []*bufio.Scanner
	for range hub.OrderMax {
		res, lines := open()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("stream %d: %d", len(streams), res.StatusCode)
		}
		until(lines, "awaiting_payment")
		streams = append(streams, lines)
	}
	res, lines := open()
	lines.Scan()
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" ||
		!strings.Contains(lines.Text(), "rate_limited") {
		t.Errorf("one too many: %d %s", res.StatusCode, lines.Text())
	}
	if res, _ := b.get(t, "/checkout/awaiting/status"); res.StatusCode != http.StatusOK {
		t.Errorf("the status: %d", res.StatusCode)
	}
	b.mu.Lock()
	finds, looks := b.finds, b.looks
	b.mu.Unlock()
	b.set("awaiting", func(v *orders.CheckoutView) { v.Status = "delivered" })
	o := samples(b.clock.Now())["awaiting"]
	b.hub.Ring(o.Tenant, o.ID)
	for _, lines := range streams {
		until(lines, "delivered")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.finds != finds || b.looks-looks > hub.OrderMax/4 {
		t.Errorf("%d pages read their order %d times by themselves and %d times together", len(streams), b.finds-finds,
			b.looks-looks)
	}
}
