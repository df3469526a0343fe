package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zhitong/cmd/zhitong/demo"
	"zhitong/simulator/desk"
)

// sandbox is a running dev whose desk moves the clock.
type sandbox struct {
	*demo.Client
	t    *testing.T
	ctx  context.Context
	info devInfo
}

// moved moves the clock at the desk, and gives what it says then.
func (s *sandbox) moved(by time.Duration) time.Time {
	s.t.Helper()
	var at struct {
		Now time.Time `json:"now"`
	}
	if err := s.AtDesk(s.ctx, http.MethodPost, "/clock", map[string]any{"advance_seconds": by.Seconds()},
		&at); err != nil {
		s.t.Fatal(err)
	}
	return at.Now
}

func (s *sandbox) order(key string) demo.Order {
	s.t.Helper()
	o, _, err := s.CreateOrder(s.ctx, s.info.ProductID, 1, strings.ReplaceAll(key, " ", "-"))
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// sold is an order that goes its whole way: paid, delivered, settled and split.
func (s *sandbox) sold(key string) demo.Order {
	s.t.Helper()
	o := s.order(key)
	s.pay(o)
	if _, err := s.WaitSplit(s.ctx, o.ID); err != nil {
		s.t.Fatal(err)
	}
	if v := s.trade(o); v.Unsettled != 0 || v.Frozen != 0 || v.Settled != v.Total || v.Transferred == 0 {
		s.t.Errorf("order %s at the simulator: %+v", o.ID, v)
	}
	return o
}

func (s *sandbox) pay(o demo.Order) {
	s.t.Helper()
	if err := s.Pay(s.ctx, o); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.WaitOrder(s.ctx, o.ID, "delivered"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sandbox) trade(o demo.Order) (v desk.TradeView) {
	s.t.Helper()
	if err := s.AtDesk(s.ctx, http.MethodGet, "/trades/"+o.Payment.OutTradeNo, nil, &v); err != nil {
		s.t.Fatal(err)
	}
	return v
}

// opened is an order that its buyer looks at, and does not pay.
func (s *sandbox) opened(key string) demo.Order {
	s.t.Helper()
	o := s.order(key)
	if code := open(s.t, o.Payment.PayURL); code != http.StatusOK {
		s.t.Fatalf("the cashier: %d", code)
	}
	return o
}

// billed tells whether the bill of a day has an order's trade.
func (s *sandbox) billed(o demo.Order, day time.Time) bool {
	s.t.Helper()
	v := s.trade(o)
	var link struct {
		URL string `json:"bill_download_url"`
	}
	err := s.AtDesk(s.ctx, http.MethodPost, "/apps/"+v.AppID+"/calls", map[string]any{
		"method": "alipay.data.dataservice.bill.downloadurl.query", "biz_content": map[string]any{"bill_type": "trade",
			"bill_date": day.In(time.FixedZone("UTC+8", 8*60*60)).Format(time.DateOnly)}}, &link)
	if err != nil || link.URL == "" {
		s.t.Fatalf("the bill of %s: %+v, %v", day, link, err)
	}
	res, err := http.Get(link.URL) //nolint:noctx // bounded by the test
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		s.t.Fatalf("the bill of %s: %v", day, err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			s.t.Fatal(err)
		}
		if bytes.Contains(text, []byte(o.Payment.OutTradeNo)) {
			return true
		}
	}
	return false
}

// signedIn is a browser that the link of this start has signed in.
func signedIn(t *testing.T, i devInfo) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	at, err := url.Parse(i.SignInURL)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.SignInURL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", at.Scheme+"://"+at.Host)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if !knows(t, browser, i) {
		t.Fatalf("the link does not sign in: %d", res.StatusCode)
	}
	return browser
}

// knows tells whether a browser is signed in.
func knows(t *testing.T, browser *http.Client, i devInfo) bool {
	t.Helper()
	at, err := url.Parse(i.SignInURL)
	if err != nil {
		t.Fatal(err)
	}
	res, err := browser.Get(at.Scheme + "://" + at.Host + "/account") //nolint:noctx // bounded by the test
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK && strings.HasSuffix(res.Request.URL.Path, "/account")
}

// TestOneClock: when the desk moves the clock, by a day and by forty, the whole sandbox is there. An order that nobody
// paid ends at both sides; new ones are made, paid, settled and split; what waited is done; what was frozen is freed in
// both books; bills have the orders of the days that passed; people stay signed in; and the next start is at the same
// time. A gateway that lives in another time is refused. The control is a start with a clock of its own.
func TestOneClock(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	for _, dir := range []string{base, filepath.Dir(base)} { // the account of Postgres passes through
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(base, "state")
	api, sim := freePorts(t)
	first := startDev(t, dir, nil, "--port", api, "--simulator-port", sim)
	first.waitReady()
	ctx, cancel := context.WithTimeout(t.Context(), 2*devPatience)
	defer cancel()
	info := readInfo(t, dir)
	s := &sandbox{t: t, ctx: ctx, info: info,
		Client: &demo.Client{API: info.APIURL, Desk: info.SimulatorURL, Key: info.APIKey}}
	browser := signedIn(t, info)

	now := s.moved(0)
	paidOn := map[time.Time]demo.Order{}
	jumps := []time.Duration{24 * time.Hour, 40 * 24 * time.Hour}
	if testing.Short() {
		jumps = jumps[1:]
	}
	for n, by := range jumps {
		round := by.String()
		unpaid := s.opened("unpaid " + round)
		paid := s.sold("paid " + round)
		frozen := s.refused("frozen " + round)
		paidOn[now] = paid
		now = s.moved(by)
		if _, err := s.WaitOrder(ctx, unpaid.ID, "closed"); err != nil {
			t.Errorf("after %s: %v", by, err)
		}
		if v := s.trade(unpaid); v.Status != "TRADE_CLOSED" {
			t.Errorf("after %s the trade that nobody paid is %s", by, v.Status)
		}
		next := s.sold("next " + round)
		if left := next.ExpiresAt.Sub(now); left <= 0 || left > time.Hour {
			t.Errorf("after %s a new order ends in %s", by, left)
		}
		if n == len(jumps)-1 { // by now every bill of before is made
			s.freed(frozen)
			for day, o := range paidOn {
				if !s.billed(o, day) || s.billed(o, day.Add(24*time.Hour)) {
					t.Errorf("the bill of %s has not the order of that day, or the next one has it", day)
				}
			}
		}
		if !knows(t, browser, info) {
			t.Errorf("after %s nobody is signed in any more", by)
		}
	}
	s.onlySimulator()

	first.signal(syscall.SIGKILL)
	again := startDev(t, dir, nil)
	again.waitReady()
	s.info = readInfo(t, dir)
	if !strings.Contains(again.said(), "ahead of this machine's") {
		t.Error("the next start does not say that the clock is ahead")
	}
	if o := s.sold("after the start"); o.ExpiresAt.Before(now) {
		t.Errorf("after the next start an order ends at %s, before %s", o.ExpiresAt, now)
	}
	again.signal(os.Interrupt)

	apart := startDev(t, dir, nil, "--machine-clock") // the control
	apart.waitReady()
	s.info = readInfo(t, dir)
	if o := s.sold("apart"); !o.ExpiresAt.Before(now) {
		t.Errorf("with a clock of its own an order ends at %s, as the desk's clock says", o.ExpiresAt)
	}
	apart.signal(os.Interrupt)
}

// refused is an order whose money is frozen, and whose split Alipay has refused.
func (s *sandbox) refused(key string) demo.Order {
	s.t.Helper()
	o := s.order(key)
	err := s.AtDesk(s.ctx, http.MethodPost, "/faults", map[string]any{"method": "alipay.trade.order.settle",
		"kind": "business_error", "sub_code": "MERCHANT_RISK_LIMIT", "times": 1}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.pay(o)
	err = s.Until(s.ctx, "the split to be refused", func(ctx context.Context) (bool, error) {
		var sp demo.Split
		return s.Get(ctx, "/v1/orders/"+o.ID+"/split", &sp) == nil && sp.Status == "refused", nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// freed waits until both books say that what was frozen is the merchant of record's.
func (s *sandbox) freed(o demo.Order) {
	s.t.Helper()
	if v := s.trade(o); v.Frozen != 0 {
		s.t.Errorf("%d fen are frozen at the simulator", v.Frozen)
	}
	err := s.Until(s.ctx, "the release in the book", func(ctx context.Context) (bool, error) {
		postings, err := s.Postings(ctx, o.ID)
		for _, p := range postings {
			if p.Kind == "release" && p.FromAccount == "frozen" && p.ToAccount == "settled" {
				return true, nil
			}
		}
		return false, err
	})
	if err != nil {
		s.t.Error(err)
	}
}

// onlySimulator: a platform of this program cannot be connected to a gateway that lives in another time.
func (s *sandbox) onlySimulator() {
	s.t.Helper()
	_, err := s.Do(s.ctx, demo.Request{Method: http.MethodPut, Path: "/v1/alipay_connection", Body: map[string]any{
		"gateway": "alipay_sandbox", "app_id": "2021000000000000", "pid": "2088000000000000", "private_key": "x",
		"alipay_public_key": "x"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "clock") {
		s.t.Errorf("another gateway: %v", err)
	}
}
