package contract

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/internal/clock"
	"zhitong/internal/money"
	"zhitong/internal/secret"
	"zhitong/simulator"
)

var update = flag.Bool("update", false, "write docs/alipay.md")

type obj = map[string]any

// Accounts that every simulator has.
const (
	buyer       = "2088000000000001"
	otherBuyer  = "2088000000000004"
	blocked     = "2088000000000003"
	receiver    = "2088000000000101" // certified, lets royalties be taken back
	stingy      = "2088000000000102" // certified, does not
	uncertified = "2088000000000103"
	balanceless = "2088000000000104"
	abnormal    = "2088000000000105"
	nobody      = "2088111111111111"
)

// The keys of this process: making one is slow.
var (
	appKey = sync.OnceValue(newKey)
	aliKey = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func spki(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func keyPEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// shared is the one simulator of this process; its clock is the machine's. Tests that move time start their own.
type shared struct {
	dir string
	sim *simulator.Simulator
	srv *httptest.Server
}

var sharedSimulator = sync.OnceValue(func() *shared {
	dir, err := os.MkdirTemp("", "contract")
	if err != nil {
		panic(err)
	}
	sim, err := simulator.New(simulator.Config{Dir: dir, Key: aliKey()})
	if err != nil {
		panic(err)
	}
	started.Store(true)
	return &shared{dir, sim, httptest.NewServer(sim.Handler())}
})

var started atomic.Bool

func TestMain(m *testing.M) {
	code := m.Run()
	if started.Load() {
		s := sharedSimulator()
		s.srv.CloseClientConnections()
		s.srv.Close()
		err := errors.Join(s.sim.Close(), os.RemoveAll(s.dir))
		if err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// world is one application at a simulator, with a secondary merchant and a client.
type world struct {
	testing.TB
	url     string // the simulator's
	clk     *clock.Movable
	app     string
	caller  string // the third party that calls for app; empty: app itself
	pid     string
	smid    string
	body    obj // the desk's answer to the registration
	c       *alipay.Client
	picture string   // uploaded once
	mail    *mailbox // where notifications and messages go, in tests of them
}

// numbers makes numbers that no other test of this process has.
var numbers atomic.Int64

func no(prefix string) string { return fmt.Sprintf("%s%07d", prefix, numbers.Add(1)) }

// open registers an application at the shared simulator. register holds fields of the desk's registration.
func open(t testing.TB, register obj) *world {
	t.Helper()
	w := &world{TB: t, url: sharedSimulator().srv.URL}
	w.register(register)
	return w
}

// openOwn starts a simulator with a clock that can be moved.
func openOwn(t testing.TB, register obj) *world {
	t.Helper()
	w := &world{TB: t, clk: new(clock.Movable)}
	w.start()
	w.register(register)
	return w
}

// start starts a simulator that lives by w.clk.
func (w *world) start() {
	w.Helper()
	sim, err := simulator.New(simulator.Config{Dir: w.TempDir(), Key: aliKey(), Clock: w.clk, Wall: w.clk})
	if err != nil {
		w.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	w.Cleanup(func() { srv.Close(); _ = sim.Close() })
	w.url = srv.URL
}

func (w *world) register(register obj) {
	w.Helper()
	body := obj{"name": w.Name(), "public_key": spki(&appKey().PublicKey)}
	for k, v := range register {
		body[k] = v
	}
	w.body = w.desk("POST", "/apps", body)
	w.app, w.pid = text(w.body, "app_id"), text(w.body, "pid")
	w.c = w.client(nil)
	if products, limited := register["products"].([]string); !limited || strings.Contains(fmt.Sprint(products), "zft") {
		w.smid = w.merchant(nil)
	}
}

// client makes a client of the application as the desk described it. change may alter its credentials.
func (w *world) client(change func(*alipay.Credentials)) *alipay.Client {
	w.Helper()
	cred := alipay.Credentials{Gateway: text(w.body, "gateway_url"), AppID: w.app, PID: w.pid,
		PrivateKey: secret.New(keyPEM(appKey())), AlipayPublicKey: text(w.body, "alipay_public_key")}
	if on, _ := w.body["certificate_mode"].(bool); on {
		cred.AlipayPublicKey = ""
		cred.Certificates = &alipay.Certificates{App: text(w.body, "app_certificate"),
			Alipay: text(w.body, "alipay_certificate"), Root: text(w.body, "root_certificate")}
	}
	if change != nil {
		change(&cred)
	}
	var clk clock.Clock = clock.System{}
	if w.clk != nil {
		clk = w.clk
	}
	c, err := alipay.NewClient(cred, alipay.Options{Clock: clk, Transport: transport()})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// transport is shared by all clients of the process, as the product does.
var transport = sync.OnceValue(func() http.RoundTripper { return alipay.NewTransport() })

func text(o obj, name string) string { s, _ := o[name].(string); return s }

func fen(o obj, name string) int64 { f, _ := o[name].(float64); return int64(f) }

// desk calls the desk API and wants a 2xx.
func (w *world) desk(method, path string, body any) obj {
	w.Helper()
	status, out := w.ask(method, path, body)
	if status/100 != 2 {
		w.Fatalf("desk: %s %s: %d %v", method, path, status, out)
	}
	return out
}

func (w *world) ask(method, path string, body any) (int, obj) {
	w.Helper()
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, w.url+"/desk/api"+path, in)
	if err != nil {
		w.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	out := obj{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			w.Fatalf("%s %s: %v: %s", method, path, err, data)
		}
	}
	return resp.StatusCode, out
}

func (w *world) merchant(change obj) string {
	w.Helper()
	body := obj{"app_id": w.app, "name": "供货商甲", "external_id": no("m")}
	for k, v := range change {
		body[k] = v
	}
	return text(w.desk("POST", "/merchants", body), "smid")
}

func (w *world) settings(s obj) { w.Helper(); w.desk("PATCH", "/apps/"+w.app, obj{"settings": s}) }

// account makes an account of its own, so that tests which change it do not meet.
func (w *world) account(change obj) string {
	w.Helper()
	body := obj{"name": "张三", "certified": true, "kind": "person", "returns_royalty": true}
	for k, v := range change {
		body[k] = v
	}
	return text(w.desk("POST", "/accounts", body), "user_id")
}

// fault arms a fault for this application and returns how to take it away.
func (w *world) fault(body obj) (remove func()) {
	w.Helper()
	body["app_id"] = w.struck()
	id := text(w.desk("POST", "/faults", body), "id")
	return func() { w.Helper(); w.desk("DELETE", "/faults/"+id, nil) }
}

// struck is the application whose calls faults strike: the one that calls.
func (w *world) struck() string {
	if w.caller != "" {
		return w.caller
	}
	return w.app
}

// fired tells how often the faults of this application have struck.
func (w *world) fired() int64 {
	w.Helper()
	var n int64
	list, _ := w.desk("GET", "/faults", nil)["faults"].([]any)
	for _, f := range list {
		if f := f.(obj); text(f, "app_id") == w.struck() {
			n += fen(f, "fired")
		}
	}
	return n
}

// until waits for what other goroutines bring about.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-ctx.Done():
			t.Fatalf("timed out: %s", what)
		case <-tick.C:
		}
	}
}

// Orders.

const price money.Fen = 1000

func (w *world) sub() *alipay.SubMerchant { return &alipay.SubMerchant{MerchantID: w.smid} }

func (w *world) precreate() alipay.TradePrecreateRequest {
	return alipay.TradePrecreateRequest{OutTradeNo: no("T"), TotalAmount: price, Subject: "点卡", SubMerchant: w.sub(),
		SettleInfo: alipay.DefaultSettle(price, "7d")}
}

func (w *world) create() alipay.TradeCreateRequest {
	return alipay.TradeCreateRequest{OutTradeNo: no("T"), TotalAmount: price, Subject: "点卡", BuyerID: buyer,
		SubMerchant: w.sub(), SettleInfo: alipay.DefaultSettle(price, "7d")}
}

// scanned is an order a buyer has opened; paid one that is paid. Both are trade numbers.
func (w *world) scanned() (out, tradeNo string) {
	w.Helper()
	out = w.ordered()
	return out, text(w.desk("POST", "/trades/"+out+"/scan", nil), "trade_no")
}

func (w *world) paid() string {
	w.Helper()
	return text(w.desk("POST", "/trades/"+w.ordered()+"/pay", obj{}), "trade_no")
}

// ordered asks for a trade at the desk, which is cheaper than by the gateway.
func (w *world) ordered() string {
	w.Helper()
	out := no("T")
	w.desk("POST", "/trades",
		obj{"app_id": w.app, "out_trade_no": out, "total_fen": price, "subject": "点卡", "smid": w.smid,
			"settle_period_time": "7d"})
	return out
}

// settled is a paid trade whose money is settled and frozen for splits.
func (w *world) settled() string {
	w.Helper()
	trade := w.paid()
	w.done(w.c.TradeSettleConfirm(w.Context(), w.confirm(trade)))
	return trade
}

func (w *world) confirm(trade string) alipay.TradeSettleConfirmRequest {
	return alipay.TradeSettleConfirmRequest{OutRequestNo: no("SC"), TradeNo: trade,
		SettleInfo: alipay.DefaultSettle(price, ""), ExtendParams: &alipay.ExtendParams{RoyaltyFreeze: true}}
}

func (w *world) split(trade, to string, amount money.Fen) alipay.TradeOrderSettleRequest {
	return alipay.TradeOrderSettleRequest{OutRequestNo: no("RY"), TradeNo: trade, Royalties: []alipay.RoyaltyParameter{
		{RoyaltyType: alipay.RoyaltyTransfer, TransInType: alipay.TransInUserID, TransIn: to, Amount: amount}}}
}

func (w *world) bind(users ...string) {
	w.Helper()
	req := alipay.TradeRoyaltyRelationBindRequest{OutRequestNo: no("RB")}
	for _, u := range users {
		req.Receivers = append(req.Receivers, alipay.RoyaltyReceiver{Type: alipay.TransInUserID, Account: u})
	}
	w.done(w.c.TradeRoyaltyRelationBind(w.Context(), req))
}

// trade is the desk's view; nil when there is none.
func (w *world) trade(id string) obj {
	w.Helper()
	status, out := w.ask("GET", "/trades/"+id, nil)
	if status == http.StatusNotFound {
		return nil
	}
	return out
}

// done fails the test unless a call was done.
func (w *world) done(_ any, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// failure is a call's *alipay.Error, nil when it was done.
func failure(t testing.TB, err error) *alipay.Error {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*alipay.Error](err)
	if !ok {
		t.Fatalf("not an *alipay.Error: %v", err)
	}
	return e
}
