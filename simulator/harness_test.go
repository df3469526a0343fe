package simulator_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/internal/clock"
	"zhitong/simulator"
)

// One key pair for everything in this process: generation is slow.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func spki(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// start0 is when every test's frozen clock begins.
var start0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// world is a simulator behind HTTP with one application and one secondary merchant.
type world struct {
	t     testing.TB
	sim   *simulator.Simulator
	srv   *httptest.Server
	clk   *clock.Movable
	dir   string
	app   string
	pid   string
	smid  string
	pub   *rsa.PublicKey // Alipay's
	key   *rsa.PrivateKey
	n     int
	mu    sync.Mutex
	extra map[string]string // common parameters of every call
	// inside calls the handler without a connection and without checking desk.yaml: for tests of thousands of calls.
	inside bool
}

type inside struct{ h http.Handler }

func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	i.h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

type frozen struct{ c *clock.Movable }

func (f frozen) Now() time.Time { return f.c.Now() }

func newClock() *clock.Movable { return clock.FrozenAt(start0) }

func start(t testing.TB, change ...func(*simulator.Config)) *world {
	t.Helper()
	w := &world{t: t, clk: newClock(), dir: t.TempDir(), key: testKey(), extra: map[string]string{}}
	w.open(change...)
	app := w.desk("POST", "/apps", map[string]any{"name": "测试平台", "public_key": spki(&w.key.PublicKey)}, 201)
	w.app, w.pid = app["app_id"].(string), app["pid"].(string)
	w.pub = parsePub(t, app["alipay_public_key"].(string))
	w.smid = w.desk("POST", "/merchants", map[string]any{"app_id": w.app, "name": "供货商甲", "external_id": "m1"},
		201)["smid"].(string)
	return w
}

func parsePub(t testing.TB, text string) *rsa.PublicKey {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	k, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return k.(*rsa.PublicKey)
}

// open starts (or restarts) the simulator on w.dir.
func (w *world) open(change ...func(*simulator.Config)) {
	w.t.Helper()
	cfg := simulator.Config{Dir: w.dir, Clock: w.clk, Wall: frozen{w.clk}, Key: testKey()}
	for _, f := range change {
		f(&cfg)
	}
	sim, err := simulator.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.sim, w.srv = sim, httptest.NewServer(sim.Handler())
	w.t.Cleanup(func() { w.srv.Close(); _ = sim.Close() })
}

// reopen closes and opens again on the same storage.
func (w *world) reopen() {
	w.t.Helper()
	w.srv.Close()
	if err := w.sim.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

// desk calls the desk API and checks the status.
func (w *world) desk(method, path string, body any, status int) map[string]any {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		data, _ := json.Marshal(body)
		in = bytes.NewReader(data)
	}
	req, _ := http.NewRequestWithContext(context.Background(), method, w.srv.URL+"/desk/api"+path, in)
	resp, err := w.client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != status {
		w.t.Fatalf("%s %s: %d, want %d: %s", method, path, resp.StatusCode, status, data)
	}
	if !w.inside {
		if err := conforms(req, resp, data); err != nil {
			w.t.Fatalf("%s %s: the answer breaks desk.yaml: %v: %s", method, path, err, data)
		}
	}
	out := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			w.t.Fatalf("%s %s: %v: %s", method, path, err, data)
		}
	}
	return out
}

// client reaches the simulator, in this process or another.
func (w *world) client() *http.Client {
	if w.inside {
		return &http.Client{Transport: inside{w.sim.Handler()}}
	}
	if c := w.srv.Client(); c != nil {
		return c
	}
	return http.DefaultClient
}

// advance moves the clock through the desk.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	w.desk("POST", "/clock", map[string]any{"advance_seconds": d.Seconds()}, 200)
}

// signed builds a request's parameters with our own signature.
func (w *world) signed(method string, biz any, more ...string) map[string]string {
	p := map[string]string{
		"app_id": w.app, "method": method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0",
		"timestamp": w.clk.Now().In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05"),
	}
	maps.Copy(p, w.extra)
	switch b := biz.(type) {
	case nil:
	case string:
		p["biz_content"] = b
	default:
		data, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		p["biz_content"] = string(data)
	}
	for i := 0; i+1 < len(more); i += 2 {
		p[more[i]] = more[i+1]
	}
	p["sign"] = sign(w.key, p)
	return p
}

func sign(key *rsa.PrivateKey, p map[string]string) string { return signText(key, text(p, "sign")) }

func signText(key *rsa.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

// text is the signed text by the documented rule, written independently of the simulator.
func text(p map[string]string, skip ...string) string {
	var parts []string
	for k, v := range p {
		if v != "" && !slices.Contains(skip, k) {
			parts = append(parts, k+"="+v)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func form(p map[string]string) url.Values {
	v := url.Values{}
	for k, x := range p {
		v.Set(k, x)
	}
	return v
}

// formType is what a client says of its form: without the charset Alipay takes the body for GBK.
const formType = "application/x-www-form-urlencoded;charset=utf-8"

// answer is a parsed response with what its signature is worth.
type answer struct {
	node   map[string]any
	name   string
	raw    string
	signed bool
}

func (a answer) str(name string) string { s, _ := a.node[name].(string); return s }

// outcome is "10000", "10003" or the sub_code.
func (a answer) outcome() string {
	if s := a.str("sub_code"); s != "" {
		return s
	}
	return a.str("code")
}

// post sends parameters as a form and parses the answer; a signature that does not verify fails the test.
func (w *world) post(p map[string]string) answer {
	w.t.Helper()
	resp, err := w.client().Post(w.srv.URL+"/gateway.do", formType, strings.NewReader(form(p).Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.Header.Get("trace_id") == "" {
		w.t.Fatal("an answer without trace_id")
	}
	if resp.StatusCode != 200 {
		w.t.Fatalf("status %d: %s", resp.StatusCode, body)
	}
	if ct := resp.Header.Get("Content-Type"); ct != "text/html;charset=utf-8" {
		w.t.Fatalf("content type %q", ct)
	}
	return w.parse(body)
}

func (w *world) parse(body []byte) answer {
	w.t.Helper()
	var env map[string]json.RawMessage
	if err := json.Unmarshal(body, &env); err != nil {
		w.t.Fatalf("answer: %v: %s", err, body)
	}
	a := answer{raw: string(body)}
	for k, v := range env {
		if strings.HasSuffix(k, "_response") {
			a.name = k
			if v[0] == '{' {
				if err := json.Unmarshal(v, &a.node); err != nil {
					w.t.Fatal(err)
				}
			}
			if s, ok := env["sign"]; ok {
				var sg string
				_ = json.Unmarshal(s, &sg)
				if !verify(w.pub, string(v), sg) {
					w.t.Fatalf("the answer's signature is wrong: %s", body)
				}
				a.signed = true
			}
		}
	}
	if !a.signed && a.str("code") == "10000" {
		w.t.Fatalf("success without a signature: %s", body)
	}
	return a
}

func verify(pub *rsa.PublicKey, content, sg string) bool {
	sig, err := base64.StdEncoding.DecodeString(sg)
	sum := sha256.Sum256([]byte(content))
	return err == nil && rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], sig) == nil
}

// call is post of a signed request.
func (w *world) call(method string, biz any, more ...string) answer {
	w.t.Helper()
	return w.post(w.signed(method, biz, more...))
}

// must is call that has to end with 10000.
func (w *world) must(method string, biz any, more ...string) answer {
	w.t.Helper()
	a := w.call(method, biz, more...)
	if a.str("code") != "10000" {
		w.t.Fatalf("%s %v: %s", method, biz, a.raw)
	}
	return a
}

type obj = map[string]any

// no makes fresh numbers.
func (w *world) no(prefix string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	return fmt.Sprintf("%s%06d", prefix, w.n)
}

// order is a correct ZFT order.
func (w *world) order(total string, change ...func(obj)) obj {
	o := obj{
		"out_trade_no": w.no("T"), "total_amount": total, "subject": "示例订单 A+B",
		"sub_merchant": obj{"merchant_id": w.smid},
		"settle_info": obj{"settle_period_time": "7d",
			"settle_detail_infos": []any{obj{"trans_in_type": "defaultSettle", "amount": total}}},
	}
	for _, f := range change {
		f(o)
	}
	return o
}

func set(k string, v any) func(obj) { return func(o obj) { o[k] = v } }

func without(k string) func(obj) { return func(o obj) { delete(o, k) } }

// paid orders, scans and pays, and returns the trade_no.
func (w *world) paid(total string, change ...func(obj)) string {
	w.t.Helper()
	o := w.order(total, change...)
	w.must("alipay.trade.precreate", o)
	return w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/pay", obj{}, 200)["trade_no"].(string)
}

// confirm settles the whole trade.
func (w *world) confirm(tradeNo, amount string, freeze bool) answer {
	w.t.Helper()
	return w.must("alipay.trade.settle.confirm", confirmBiz(w.no("SC"), tradeNo, amount, freeze))
}

func confirmBiz(no, tradeNo, amount string, freeze bool) obj {
	return obj{"out_request_no": no, "trade_no": tradeNo, "extend_params": obj{"royalty_freeze": fmt.Sprint(freeze)},
		"settle_info": obj{"settle_detail_infos": []any{obj{"trans_in_type": "defaultSettle", "amount": amount}}}}
}

func royaltyBiz(no, tradeNo string, finish bool, lines ...obj) obj {
	o := obj{"out_request_no": no, "trade_no": tradeNo, "extend_params": obj{"royalty_finish": fmt.Sprint(finish)}}
	if len(lines) > 0 {
		o["royalty_parameters"] = lines
	}
	return o
}

func line(to, amount string) obj {
	return obj{"royalty_type": "transfer", "trans_in_type": "userId", "trans_in": to, "amount": amount}
}

// trade is the desk's view.
func (w *world) trade(id string) map[string]any {
	w.t.Helper()
	return w.desk("GET", "/trades/"+id, nil, 200)
}

// until waits for a condition that other goroutines bring about.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-ctx.Done():
			t.Fatalf("timed out: %s", what)
		case <-tick.C:
		}
	}
}

// receiver is a merchant's notify_url.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	forms []url.Values
	raw   []string
	reply func(n int, f url.Values) (int, string)
}

func newReceiver(t testing.TB, reply func(n int, f url.Values) (int, string)) *receiver {
	r := &receiver{reply: reply}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		f, _ := url.ParseQuery(string(body))
		r.mu.Lock()
		r.forms, r.raw = append(r.forms, f), append(r.raw, string(body))
		n := len(r.forms)
		r.mu.Unlock()
		status, text := 200, "success"
		if r.reply != nil {
			status, text = r.reply(n, f)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []url.Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.forms)
}

// genuine verifies a notification by rule V1 with our own code.
func genuine(pub *rsa.PublicKey, f url.Values) bool {
	p := map[string]string{}
	for k, v := range f {
		if len(v) != 1 {
			return false
		}
		p[k] = v[0]
	}
	return p["sign_type"] == "RSA2" && verify(pub, text(p, "sign", "sign_type"), p["sign"])
}
