package simulator_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/internal/clock"
	"zhitong/simulator"
)

// childArg, with a directory behind it, makes this test binary a simulator process of its own.
const childArg = "simulator-child"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == childArg {
		child(os.Args[2])
	}
	os.Exit(m.Run())
}

func child(dir string) {
	c := newClock()
	sim, err := simulator.New(simulator.Config{Dir: dir, Clock: c, Wall: frozen{c}})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(httptest.NewServer(sim.Handler()).URL)
	select {}
}

// process starts a simulator process on dir and returns its address and how to kill -9 it.
func process(t *testing.T, dir string) (addr string, kill func()) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0], childArg, dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http") {
		t.Fatalf("child: %q %v", line, err)
	}
	return strings.TrimSpace(line), kill
}

// TestKillNine kills the process again and again while payments and refunds run; whatever was answered is still there,
// the money adds up, and pending notifications are delivered in the end.
func TestKillNine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newReceiver(t, nil)
	w := &world{t: t, key: testKey(), clk: newClock(), extra: map[string]string{}}
	var done []string
	for round := range 3 {
		addr, kill := process(t, dir)
		w.srv = &httptest.Server{URL: addr}
		if round == 0 {
			app := w.desk("POST", "/apps", obj{"name": "平台", "public_key": spki(&w.key.PublicKey)}, 201)
			w.app, w.pid, w.pub = app["app_id"].(string), app["pid"].(string), parsePub(t,
				app["alipay_public_key"].(string))
			w.smid = w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "商户"}, 201)["smid"].(string)
		}
		for _, no := range done {
			if v := w.trade(no); v["trade_status"] != "TRADE_SUCCESS" || v["refunded_fen"] != 100.0 {
				t.Fatalf("round %d: an answered payment or refund is lost: %v", round, v)
			}
		}
		if sum := w.desk("GET", "/purses", nil, 200)["sum_fen"]; sum != 0.0 {
			t.Fatalf("round %d: the money does not add up: %v", round, sum)
		}
		for n := 1; ; n++ {
			no, ok := w.payAndRefund(r.URL)
			if !ok {
				break
			}
			if done = append(done, no); n == 5 {
				time.AfterFunc(time.Duration(3+7*round)*time.Millisecond, kill) // somewhere in the next calls
			}
		}
		kill()
	}
	addr, _ := process(t, dir)
	w.srv = &httptest.Server{URL: addr}
	until(t, "every payment is notified", func() bool {
		seen := map[string]bool{}
		for _, f := range r.got() {
			seen[f.Get("trade_no")] = genuine(w.pub, f)
		}
		for _, no := range done {
			if !seen[no] {
				return false
			}
		}
		return true
	})
}

// payAndRefund makes one payment and one refund by raw HTTP; ok only when every answer arrived.
func (w *world) payAndRefund(notifyURL string) (tradeNo string, ok bool) {
	o := w.order("10.00")
	steps := func(p map[string]string) bool {
		status, body, err := w.try(p)
		return err == nil && status == 200 && strings.Contains(body, `"10000"`)
	}
	if !steps(w.signed("alipay.trade.precreate", o, "notify_url", notifyURL)) {
		return "", false
	}
	resp, err := http.Post(w.srv.URL+"/desk/api/trades/"+o["out_trade_no"].(string)+"/pay", "application/json",
		strings.NewReader("{}"))
	if err != nil {
		return "", false
	}
	_ = resp.Body.Close()
	_, body, err := w.try(w.signed("alipay.trade.query", obj{"out_trade_no": o["out_trade_no"]}))
	tradeNo = cut(body, `"trade_no":"`, `"`)
	if err != nil || len(tradeNo) != 28 {
		return "", false
	}
	return tradeNo,
		steps(w.signed("alipay.trade.refund",
			obj{"trade_no": tradeNo, "refund_amount": "1.00", "out_request_no": "R1"}))
}

// TestRestart: trades, applications, pending notifications, the moved clock and timers outlive the process.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := start(t)
	var up atomic.Bool
	r := newReceiver(t, func(int, url.Values) (int, string) {
		if up.Load() {
			return 200, "success"
		}
		return 503, ""
	})
	no := w.paidTo(r.URL, "9.00")
	until(t, "the first attempt", func() bool { return attempts(w.note(no)) == 1 })
	key := w.desk("GET", "/apps/"+w.app, nil, 200)["alipay_public_key"]
	w.advance(3 * time.Minute)
	w.clk = newClock() // a new process's clock
	w.clk.Unfreeze()
	w.clk.Advance(-w.clk.Now().Sub(clock.System{}.Now()))
	w.reopen()
	if got := w.desk("GET", "/clock", nil, 200); got["now"] != start0.Add(3*time.Minute).Format(time.RFC3339Nano) ||
		got["frozen"] != true {
		t.Errorf("clock: %v", got)
	}
	if w.desk("GET", "/apps/"+w.app, nil, 200)["alipay_public_key"] != key {
		t.Error("Alipay's key changed")
	}
	if s := w.must("alipay.trade.query", obj{"trade_no": no}).str("trade_status"); s != "TRADE_SUCCESS" {
		t.Errorf("trade: %s", s)
	}
	up.Store(true)
	w.advance(time.Minute)
	until(t, "the second attempt", func() bool { return w.note(no)["status"] == "delivered" })
	w.advance(7 * 24 * time.Hour)
	if v := w.trade(no); v["settle_fen"] != 900.0 {
		t.Errorf("the automatic settlement was forgotten: %v", v)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.desk("POST", "/clock", obj{"unfreeze": true}, 200)
	a := w.desk("GET", "/clock", nil, 200)
	if a["frozen"] != false || !strings.HasPrefix(a["now"].(string), "2026-01-02T03:") {
		t.Errorf("an unfrozen clock runs on from where it stood: %v", a)
	}
	w.desk("POST", "/clock", obj{"advance_seconds": 3600, "freeze": true}, 200)
	b := w.desk("GET", "/clock", nil, 200)
	if b["frozen"] != true || !strings.HasPrefix(b["now"].(string), "2026-01-02T04:") {
		t.Errorf("advanced and frozen: %v", b)
	}
	w.desk("POST", "/clock", obj{"freeze": true, "unfreeze": true}, 400)
}
