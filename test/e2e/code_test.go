package e2e_test

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/simulator/faults"
)

// takeMails gives the program the simulator's mail server, before it starts.
func (w *world) takeMails() {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.simulator.ServeMail(l) }()
	w.t.Cleanup(func() {
		if err := errors.Join(w.simulator.Close(), <-done); err != nil {
			w.t.Errorf("close the mail server: %v", err)
		}
	})
	w.config.SMTPURL, w.config.MailFrom = secret.New("smtp://"+l.Addr().String()), "直通 <zhitong@example.cn>"
}

var eightDigits = regexp.MustCompile(`\b\d{8}\b`)

// mailed are the codes that came to an address, newest first.
func (w *world) mailed(s *shop, to string) (codes []string) {
	w.t.Helper()
	var out struct {
		Mails []struct {
			Text string `json:"text"`
		} `json:"mails"`
	}
	if err := s.AtDesk(w.ctx, http.MethodGet, "/mails?to="+url.QueryEscape(to), nil, &out); err != nil {
		w.t.Fatal(err)
	}
	for _, m := range out.Mails {
		codes = append(codes, eightDigits.FindString(m.Text))
	}
	return codes
}

// page posts a form of a buyer's page, or reads it, and gives where the browser is led to and what it reads.
func (w *world) page(method, address string, form url.Values) (status int, location, body string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(text)
}

// wrongCode is a code that is none of the given ones.
func wrongCode(codes ...string) string {
	for _, c := range []string{"00000000", "11111111", "22222222"} {
		if !strings.Contains(strings.Join(codes, " "), c) {
			return c
		}
	}
	return "33333333"
}

// codeWorld is a shop whose buyers' pages have ended: the program's clock is eight days ahead.
func codeWorld(t *testing.T, contacts ...string) (*world, *shop, []demo.Order) {
	t.Helper()
	w := newWorld(t)
	w.takeMails()
	c := new(clock.Movable)
	w.start(func(o *boot.Options) { o.Clock = c })
	s := w.openShop(len(contacts))
	bought := make([]demo.Order, len(contacts))
	for i, contact := range contacts {
		_, err := s.Do(w.ctx, demo.Request{Method: http.MethodPost, Path: "/v1/orders", IdempotencyKey: rand.Text(),
			Body: map[string]any{"buyer_contact": contact,
				"items": []map[string]any{{"product_id": s.product.ID, "quantity": 1}}}}, &bought[i])
		if err != nil {
			t.Fatal(err)
		}
		w.pay(s, bought[i])
		w.waitOrder(s, bought[i], "delivered")
		if _, err := s.WaitSplit(w.ctx, bought[i].ID); err != nil {
			t.Fatal(err)
		}
	}
	c.Advance(8 * 24 * time.Hour)
	return w, s, bought
}

// askCode asks for a code as the page's button does.
func (w *world) askCode(o demo.Order) {
	w.t.Helper()
	if status, to, _ := w.page(http.MethodPost, o.CheckoutURL+"/code", nil); status != http.StatusSeeOther ||
		!strings.Contains(to, "code=sent") {
		w.t.Fatalf("a code is asked for: %d, led to %s", status, to)
	}
}

// open types a code, and gives where the browser is led to.
func (w *world) open(o demo.Order, code string) string {
	w.t.Helper()
	status, to, _ := w.page(http.MethodPost, o.CheckoutURL+"/open", url.Values{"code": {code}})
	if status != http.StatusSeeOther {
		w.t.Fatalf("a code is typed: %d", status)
	}
	return to
}

// TestCheckoutCode: the page of an order has ended. A code that is asked for comes by mail, although the mail server
// was busy at first, and opens the page at a new address. Wrong codes are counted, and another order's code is one of
// them.
func TestCheckoutCode(t *testing.T) {
	t.Parallel()
	const mine, other = "buyer@example.cn", "another@example.cn"
	w, s, bought := codeWorld(t, mine, other)
	own, its := bought[0], bought[1]
	if status, _, body := w.page(http.MethodGet, own.CheckoutURL, nil); status != http.StatusOK ||
		!strings.Contains(body, "/code") || strings.Contains(body, "buyer@") {
		t.Fatalf("the ended page: %d", status)
	}

	w.fault(s, faults.MailBusy, mine)
	w.askCode(own)
	w.until("the mail to fail", func() bool {
		return w.count(`SELECT count(*) FROM river.river_job WHERE kind = 'checkout_code' AND attempt >= 1
			AND state IN ('retryable', 'available', 'scheduled') AND cardinality(errors) >= 1`) == 1
	})
	if codes := w.mailed(s, mine); len(codes) != 0 {
		t.Errorf("codes %v came from a server that took none", codes)
	}
	if n := w.count(`SELECT count(*) FROM river.river_job WHERE kind = 'checkout_code'
		AND errors[1]::text LIKE '%answers 451%'`); n != 1 {
		t.Error("the failure does not say why")
	}
	w.fault(s, "", "")
	w.hurry("checkout_code")
	w.askCode(its)
	w.until("the mails", func() bool { return len(w.mailed(s, mine)) == 1 && len(w.mailed(s, other)) == 1 })
	code, foreign := w.mailed(s, mine)[0], w.mailed(s, other)[0]

	// another order's code is a wrong one, and five wrong ones void the right one
	for range 3 {
		if to := w.open(its, wrongCode(code, foreign)); !strings.Contains(to, "code=wrong") {
			t.Errorf("a wrong code leads to %s", to)
		}
	}
	for range 2 {
		if to := w.open(its, code); !strings.Contains(to, "code=wrong") {
			t.Errorf("another order's code leads to %s", to)
		}
	}
	if to := w.open(its, foreign); !strings.Contains(to, "code=void") {
		t.Errorf("the right code after five wrong ones leads to %s", to)
	}
	if to := w.open(own, wrongCode(code, foreign)); !strings.Contains(to, "code=wrong") {
		t.Errorf("a wrong code leads to %s", to)
	}
	to := w.open(own, code)
	address, _, _ := strings.Cut(to, "?")
	if !strings.HasPrefix(address, w.front.URL+"/checkout/") || address == own.CheckoutURL {
		t.Fatalf("the right code leads to %s", to)
	}
	if status, _, body := w.page(http.MethodPost, address, nil); status != http.StatusOK ||
		!strings.Contains(body, w.keyOf(s, own)) {
		t.Errorf("the opened page: %d, without the card key", status)
	}
	if status, _, _ := w.page(http.MethodGet, own.CheckoutURL, nil); status != http.StatusNotFound {
		t.Errorf("the address before: %d", status)
	}
	w.tellsNoCode(code, foreign)
}

// TestCheckoutCodeRefused: a mail server that refuses the address for good ends the job, and the log says so, without
// the address. The control: another buyer's code comes.
func TestCheckoutCodeRefused(t *testing.T) {
	t.Parallel()
	const gone, there = "gone@example.cn", "there@example.cn"
	w, s, bought := codeWorld(t, gone, there)
	w.fault(s, faults.MailRefused, gone)
	w.askCode(bought[0])
	w.askCode(bought[1])
	w.until("the jobs to end", func() bool {
		return w.count("SELECT count(*) FROM river.river_job WHERE kind = 'checkout_code' "+
			"AND state = 'cancelled'") == 1 && w.count("SELECT count(*) FROM river.river_job "+
			"WHERE kind = 'checkout_code' AND state = 'completed'") == 1
	})
	if n := len(w.mailed(s, gone)); n != 0 {
		t.Errorf("%d mails", n)
	}
	codes := w.mailed(s, there)
	if len(codes) != 1 {
		t.Fatalf("the control: codes %v", codes)
	}
	log := w.log.tail()
	if !strings.Contains(log, "a code for a checkout page was refused by the mail server") ||
		!strings.Contains(log, bought[0].ID) || strings.Contains(log, gone) {
		t.Error("the log does not say that the mail server refused, or says too much")
	}
	w.tellsNoCode(codes...)
}

func (w *world) keyOf(s *shop, o demo.Order) string {
	w.t.Helper()
	keys, err := s.CardKeys(w.ctx, o.ID)
	if err != nil || len(keys) != 1 {
		w.t.Fatalf("keys %v, %v", keys, err)
	}
	return keys[0]
}

// tellsNoCode: neither a job nor the log has a code or an address. The control: the job's arguments name the order.
func (w *world) tellsNoCode(codes ...string) {
	w.t.Helper()
	for _, c := range append(codes, "@example.cn") {
		if n := w.count("SELECT count(*) FROM river.river_job j WHERE kind = 'checkout_code' "+
			"AND to_jsonb(j)::text LIKE '%' || $1 || '%'", c); n != 0 {
			w.t.Errorf("%d jobs have %q", n, c)
		}
	}
	for _, c := range codes {
		if strings.Contains(w.log.tail(), c) {
			w.t.Errorf("the log has the code %s", c)
		}
	}
	if n := w.count("SELECT count(DISTINCT args ->> 'order_id') FROM river.river_job " +
		"WHERE kind = 'checkout_code'"); n != 2 {
		w.t.Errorf("the jobs are of %d orders", n)
	}
}
