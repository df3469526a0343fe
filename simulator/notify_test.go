package simulator_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/internal/clock"
	"zhitong/simulator"
)

func refuseUnknown(c *simulator.Config) { c.RefuseUnknownFields = true }

// paidTo orders with a notify_url and pays.
func (w *world) paidTo(notifyURL, total string) string {
	w.t.Helper()
	o := w.order(total)
	w.must("alipay.trade.precreate", o, "notify_url", notifyURL)
	return w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/pay", obj{}, 200)["trade_no"].(string)
}

// note is the trade's newest notification at the desk.
func (w *world) note(trade string) map[string]any {
	w.t.Helper()
	list := w.desk("GET", "/notifications?trade="+trade, nil, 200)["notifications"].([]any)
	if len(list) == 0 {
		return nil
	}
	return list[0].(map[string]any)
}

func attempts(n map[string]any) int {
	list, _ := n["attempts"].([]any)
	return len(list)
}

func TestNotificationContent(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := newReceiver(t, nil)
	no := w.paidTo(r.URL+"/n/abc", "88.80")
	until(t, "delivered", func() bool { return w.note(no)["status"] == "delivered" })
	f := r.got()[0]
	if !genuine(w.pub, f) {
		t.Fatalf("not genuine: %v", f)
	}
	for k, want := range map[string]string{"notify_type": "trade_status_sync", "app_id": w.app, "auth_app_id": w.app,
		"trade_no": no, "trade_status": "TRADE_SUCCESS", "total_amount": "88.80",
		"seller_id": w.pid, "subject": "示例订单 A+B", "charset": "utf-8", "version": "1.0", "buyer_id": "2088000000000001",
		"notify_time": "2026-01-02 11:04:05", "gmt_payment": "2026-01-02 11:04:05"} {
		if f.Get(k) != want {
			t.Errorf("%s = %q, want %q", k, f.Get(k), want)
		}
	}
	var bills []map[string]string
	if err := json.Unmarshal([]byte(f.Get("fund_bill_list")), &bills); err != nil ||
		bills[0]["fundChannel"] != "ALIPAYACCOUNT" || bills[0]["amount"] != "88.80" {
		t.Errorf("fund_bill_list: %s", f.Get("fund_bill_list"))
	}
	w.must("alipay.trade.refund", obj{"trade_no": no, "refund_amount": "8.80", "out_request_no": "R1"})
	w.desk("PATCH", "/apps/"+w.app,
		obj{"settings": obj{"notify_refund": true, "notify_closed": true, "seller_smid": true}}, 200)
	w.must("alipay.trade.refund", obj{"trade_no": no, "refund_amount": "80.00", "out_request_no": "R2"})
	until(t, "the refund's notification", func() bool { return len(r.got()) == 2 })
	f = r.got()[1]
	if !genuine(w.pub, f) || f.Get("trade_status") != "TRADE_CLOSED" || f.Get("refund_fee") != "88.80" ||
		f.Get("out_biz_no") != "R2" || f.Get("seller_id") != w.smid || len(f.Get("gmt_refund")) != 23 {
		t.Errorf("refund notification: %v", f)
	}
	o := w.order("1.00")
	w.must("alipay.trade.precreate", o, "notify_url", r.URL)
	w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/scan", nil, 200)
	w.must("alipay.trade.close", obj{"out_trade_no": o["out_trade_no"]})
	until(t, "the closing notification", func() bool { return len(r.got()) == 3 })
	if f := r.got()[2]; f.Get("trade_status") != "TRADE_CLOSED" || f.Get("gmt_close") == "" ||
		f.Get("gmt_payment") != "" {
		t.Errorf("closing notification: %v", f)
	}
}

// TestSchedule moves the clock through Alipay's intervals: 4m, 10m, 10m, 1h, 2h, 6h, 15h; then no more.
func TestSchedule(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := newReceiver(t, func(int, url.Values) (int, string) { return 200, "success\n" }) // one byte too many
	no := w.paidTo(r.URL, "1.00")
	until(t, "first attempt", func() bool { return attempts(w.note(no)) == 1 })
	for i, step := range []time.Duration{4 * time.Minute, 10 * time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour,
		6 * time.Hour, 15 * time.Hour} {
		w.advance(step - time.Second)
		if n := len(r.got()); n != i+1 {
			t.Fatalf("attempt %d came a second early (%d)", i+2, n)
		}
		w.advance(time.Second)
		until(t, "the next attempt", func() bool { return attempts(w.note(no)) == i+2 })
	}
	n := w.note(no)
	if n["status"] != "failed" {
		t.Errorf("after eight attempts: %v", n["status"])
	}
	ids, times := map[string]bool{}, map[string]bool{}
	for _, f := range r.got() {
		if !genuine(w.pub, f) {
			t.Errorf("a repeat is not genuine: %v", f)
		}
		ids[f.Get("notify_id")], times[f.Get("notify_time")] = true, true
	}
	if len(ids) != 1 || len(times) != 8 || !ids[n["notify_id"].(string)] {
		t.Errorf("notify_id must stay, notify_time move: %v %v", ids, times)
	}
	w.advance(48 * time.Hour)
	if len(r.got()) != 8 {
		t.Errorf("a ninth attempt")
	}
}

// TestSuccessRule: only 200 and the seven bytes end the repeats.
func TestSuccessRule(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, c := range []struct {
		status int
		body   string
		want   string
	}{{200, "success", "delivered"}, {200, "SUCCESS", "pending"}, {200, `"success"`, "pending"},
		{200, " success", "pending"}, {201, "success", "pending"}, {500, "success", "pending"},
		{302, "success", "pending"}, {200, "", "pending"}} {
		r := newReceiver(t, func(int, url.Values) (int, string) { return c.status, c.body })
		no := w.paidTo(r.URL, "1.00")
		until(t, "attempt", func() bool { return attempts(w.note(no)) == 1 })
		n := w.note(no)
		if a := n["attempts"].([]any)[0].(map[string]any); n["status"] != c.want ||
			a["http_status"] != float64(c.status) {
			t.Errorf("%d %q: %v", c.status, c.body, n)
		}
	}
	dead := newReceiver(t, nil)
	dead.Close()
	no := w.paidTo(dead.URL, "1.00")
	until(t, "attempt", func() bool { return attempts(w.note(no)) == 1 })
	if a := w.note(no)["attempts"].([]any)[0].(map[string]any); a["error"] == nil {
		t.Errorf("a dead receiver: %v", a)
	}
}

func TestTimeScaleAndImmediateRepeats(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.srv.Close()
	_ = w.sim.Close()
	w.open(func(c *simulator.Config) { c.TimeScale = 60 })
	w.desk("PATCH", "/apps/"+w.app, obj{"settings": obj{"immediate_repeats": 3}}, 200)
	r := newReceiver(t, func(n int, _ url.Values) (int, string) { return 500, "" })
	no := w.paidTo(r.URL, "1.00")
	until(t, "four at once", func() bool { return attempts(w.note(no)) == 4 })
	w.advance(4 * time.Second)
	until(t, "4 minutes are 4 seconds", func() bool { return attempts(w.note(no)) == 5 })
}

func TestDeskNotifications(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := newReceiver(t, nil)
	no := w.paidTo(r.URL, "1.00")
	until(t, "delivered", func() bool { return w.note(no)["status"] == "delivered" })
	id := w.note(no)["notify_id"].(string)
	w.desk("POST", "/notifications/"+id+"/repeat", obj{"times": 64}, 200)
	until(t, "64 more", func() bool { return attempts(w.note(no)) == 65 })
	for _, f := range r.got() {
		if f.Get("notify_id") != id || !genuine(w.pub, f) {
			t.Fatalf("a copy differs: %v", f)
		}
	}
	w.desk("POST", "/notifications/"+id+"/drop", nil, 409)
	failing := newReceiver(t, func(int, url.Values) (int, string) { return 500, "" })
	no = w.paidTo(failing.URL, "1.00")
	until(t, "failed once", func() bool { return attempts(w.note(no)) == 1 })
	w.desk("POST", "/notifications/"+w.note(no)["notify_id"].(string)+"/drop", nil, 200)
	w.advance(time.Hour)
	if n := w.note(no); n["status"] != "dropped" || attempts(n) != 1 {
		t.Errorf("dropped: %v", n)
	}
	w.desk("POST", "/notifications/0/repeat", nil, 404)
}

// TestForgeries: each way arrives, and a receiver that verifies accepts none but those that are truly signed and lie.
func TestForgeries(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := newReceiver(t, func(_ int, f url.Values) (int, string) { return 200, "fail" })
	o := w.order("50.00")
	w.must("alipay.trade.precreate", o, "notify_url", r.URL)
	w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/scan", nil, 200)
	e := w.desk("POST", "/notifications/forge", obj{"trade": o["out_trade_no"]}, 400)
	list := e["message"].(string)
	ways := strings.Fields(strings.Trim(list[strings.Index(list, "["):], "[]"))
	if len(ways) < 20 {
		t.Fatalf("ways: %v", ways)
	}
	for i, way := range ways {
		w.desk("POST", "/notifications/forge", obj{"trade": o["out_trade_no"], "way": way}, 201)
		until(t, way, func() bool { return len(r.got()) == i+1 })
		f := r.got()[i]
		if good := genuine(w.pub, f); good != strings.HasPrefix(way, "signed_") {
			t.Errorf("%s: verifies = %v: %v", way, good, f)
		}
	}
	until(t, "ended", func() bool { return w.note(o["out_trade_no"].(string))["status"] == "failed" })
	if s := w.must("alipay.trade.query",
		obj{"out_trade_no": o["out_trade_no"]}).str("trade_status"); s != "WAIT_BUYER_PAY" {
		t.Errorf("a forgery changed the trade: %s", s)
	}
}

func TestNotificationFaults(t *testing.T) {
	t.Parallel()
	t.Run("drop", func(t *testing.T) {
		t.Parallel()
		w, r := start(t), newReceiver(t, nil)
		w.desk("POST", "/faults", obj{"kind": "notification_drop", "times": 1}, 201)
		if n := w.note(w.paidTo(r.URL, "1.00")); n["status"] != "dropped" {
			t.Errorf("first: %v", n)
		}
		second := w.paidTo(r.URL, "1.00")
		until(t, "the second", func() bool { return w.note(second)["status"] == "delivered" })
	})
	t.Run("late", func(t *testing.T) {
		t.Parallel()
		w, r := start(t), newReceiver(t, nil)
		w.desk("POST", "/faults", obj{"kind": "notification_late"}, 201)
		no := w.paidTo(r.URL, "1.00")
		w.advance(25*time.Hour - time.Second)
		if len(r.got()) != 0 {
			t.Fatal("not late")
		}
		w.advance(time.Second)
		until(t, "25 hours later", func() bool { return w.note(no)["status"] == "delivered" })
	})
	t.Run("repeat", func(t *testing.T) {
		t.Parallel()
		w, r := start(t), newReceiver(t, nil)
		w.desk("POST", "/faults", obj{"kind": "notification_repeat", "times": 5}, 201)
		no := w.paidTo(r.URL, "1.00")
		until(t, "five", func() bool { return attempts(w.note(no)) == 5 })
	})
	t.Run("reorder", func(t *testing.T) {
		t.Parallel()
		w, r := start(t), newReceiver(t, nil)
		w.desk("POST", "/faults", obj{"kind": "notification_reorder", "nth": 1}, 201)
		first := w.paidTo(r.URL, "1.00")
		second := w.paidTo(r.URL, "1.00")
		until(t, "both", func() bool { return len(r.got()) == 2 })
		if r.got()[0].Get("trade_no") != second || r.got()[1].Get("trade_no") != first {
			t.Errorf("order: %v", r.got())
		}
	})
	t.Run("forge", func(t *testing.T) {
		t.Parallel()
		w, r := start(t), newReceiver(t, nil)
		w.desk("POST", "/faults", obj{"kind": "notification_forge"}, 201)
		w.paidTo(r.URL, "1.00")
		until(t, "true and false", func() bool { return len(r.got()) == 2 })
	})
}

// TestOddNotifications: GBK, and a header that is not well formed, truly signed; both are on record.
func TestOddNotifications(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, header, charset, subject string }{
		{"notification_gbk", "application/x-www-form-urlencoded; charset=gbk", "GBK", "\xca\xbe\xc0\xfd"},
		{"notification_content_type", "application/x-www-form-urlencoded; text/html; charset=UTF-8", "utf-8", "示例"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			headers := make(chan string, 1)
			r := newReceiver(t, nil)
			front := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
				headers <- in.Header.Get("Content-Type")
				r.Config.Handler.ServeHTTP(out, in)
			}))
			t.Cleanup(front.Close)
			w.desk("POST", "/faults", obj{"kind": c.fault}, 201)
			no := w.paidTo(front.URL, "1.00")
			until(t, "delivered", func() bool { return w.note(no)["status"] == "delivered" })
			f := r.got()[0]
			if header := <-headers; header != c.header || !genuine(w.pub, f) || f.Get("charset") != c.charset ||
				!strings.HasPrefix(f.Get("subject"), c.subject) {
				t.Errorf("%s: %q", header, f)
			}
		})
	}
}

// TestNotificationSpeed: one worker pool delivers hundreds a second with kept connections.
func TestNotificationSpeed(t *testing.T) {
	t.Parallel()
	w := start(t)
	var connections atomic.Int64
	r := newReceiver(t, nil)
	counting := httptest.NewUnstartedServer(r.Config.Handler)
	counting.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	counting.Start()
	t.Cleanup(counting.Close)
	const n = 200
	var orders []string
	for range n {
		o := w.order("1.00")
		w.must("alipay.trade.precreate", o, "notify_url", counting.URL)
		orders = append(orders, o["out_trade_no"].(string))
	}
	began := clock.System{}.Now()
	for _, no := range orders {
		w.desk("POST", "/trades/"+no+"/pay", obj{}, 200)
	}
	until(t, "all delivered", func() bool { return len(r.got()) == n })
	t.Logf("%d payments with notifications in %v", n, clock.System{}.Now().Sub(began))
	if c := connections.Load(); c > 40 {
		t.Errorf("%d connections for %d notifications: they are not kept", c, n)
	}
}
