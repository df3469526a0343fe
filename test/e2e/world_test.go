// Package e2e_test runs the whole program in one process against the simulator: real HTTP, real signatures, real
// Postgres, real jobs. It holds what no package can hold alone: that the road ends, that the books agree, and that
// nothing is lost when something is cut off on the way.
package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/demo"
	"zhitong/cmd/zhitong/invariants"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/simulator"
)

// patience bounds every wait: far beyond what is needed, so that only what never comes fails.
const patience = 5 * time.Minute

var alipayKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// world is one database, one simulator, and the address of an API that may come and go.
type world struct {
	t         *testing.T
	ctx       context.Context
	db        *db.DB
	sim       *httptest.Server
	simulator *simulator.Simulator
	// api is the listener's address; its config is that of the program.
	config boot.Config
	log    *logBuffer
	front  *front
}

// newWorld starts a simulator and prepares everything but the program itself.
func newWorld(t *testing.T) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	key, err := alipayKey()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: ctx, db: dbtest.NewDB(t), log: &logBuffer{}}
	sim, err := simulator.New(simulator.Config{Dir: t.TempDir(), Key: key, TimestampWindow: 15 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	w.simulator = sim
	w.sim = httptest.NewServer(sim.Handler())
	sim.SetPublicURL(w.sim.URL)
	t.Cleanup(func() {
		w.sim.Close()
		if err := sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	w.front = newFront(t)
	keyset, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	if w.config, err = boot.Load(map[string]string{}); err != nil {
		t.Fatal(err)
	}
	w.config.DatabaseURL = secret.New(dbtest.AppURL(t, w.db))
	w.config.DatabaseMaxConns, w.config.ShutdownTimeout = 12, time.Minute
	w.config.MasterKeyset, w.config.OperatorToken = keyset, secret.New(rand.Text())
	w.config.PublicURL, w.config.SandboxURL = w.front.URL, w.sim.URL
	w.config.WebhookAllowHTTP = true
	w.config.WebhookAllowNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the program's log:\n%s", w.log.tail())
		}
	})
	return w
}

// app is a running program.
type app struct {
	*boot.App
	stop func() // ends it in order; may be called more than once
}

// start runs the program in this process behind the front.
func (w *world) start(with ...func(*boot.Options)) *app {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	opts := boot.Options{API: true, Workers: true, Listener: listener, Log: w.log.logger()}
	for _, f := range with {
		f(&opts)
	}
	program, err := boot.Build(w.ctx, w.config, opts)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- program.Run(ctx, func(net.Addr) { close(up) }) }()
	select {
	case <-up:
	case err := <-ended:
		cancel()
		w.t.Fatalf("the program ended by itself: %v", err)
	}
	w.front.to(listener.Addr().String())
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("stop the program: %v", err)
		}
	})
	w.t.Cleanup(stop)
	return &app{program, stop}
}

// shop is a platform with a supplier, a distributor, a rule of 5 % + 2 %, and a product of 100 yuan with keys in stock.
type shop struct {
	*demo.Client
	tenant      demo.Tenant
	supplier    demo.Merchant
	distributor demo.Merchant
	product     demo.Product
}

func (w *world) client() *demo.Client {
	return &demo.Client{API: w.front.URL, Desk: w.sim.URL, Poll: 20 * time.Millisecond}
}

func (w *world) openShop(keys int) *shop {
	w.t.Helper()
	s := &shop{Client: w.client()}
	var err error
	if s.tenant, err = s.SignUp(w.ctx, "端到端卡盟", "owner@example.cn"); err != nil {
		w.t.Fatal(err)
	}
	w.onboard(s)
	rule, err := s.CreateSplitRule(w.ctx, "5 % + 2 %", demo.Part{Receiver: "platform", RateBps: 500},
		demo.Part{Receiver: "merchant", MerchantID: s.distributor.ID, RateBps: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	if s.product, err = s.CreateProduct(w.ctx, "点券 100 元", 100_00, s.supplier.ID, rule.ID); err != nil {
		w.t.Fatal(err)
	}
	w.stock(s, keys)
	return s
}

func (w *world) onboard(s *shop) {
	w.t.Helper()
	var errs [2]error
	var both sync.WaitGroup
	suffix := s.tenant.ID[len(s.tenant.ID)-8:]
	both.Go(func() { s.supplier, errs[0] = s.Onboard(w.ctx, "supplier", demo.Enterprise("供货"+suffix), nil) })
	both.Go(func() {
		s.distributor, errs[1] = s.Onboard(w.ctx, "distributor", demo.Enterprise("分销"+suffix),
			&demo.Receiver{Type: "userId", Account: demo.ReceiverAccount})
	})
	both.Wait()
	for _, err := range errs {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) stock(s *shop, n int) {
	w.t.Helper()
	keys := make([]string, n)
	for i := range keys {
		keys[i] = rand.Text()
	}
	if accepted, err := s.ImportCardKeys(w.ctx, s.product.ID, keys); err != nil || accepted != n {
		w.t.Fatalf("imported %d of %d keys: %v", accepted, n, err)
	}
}

func (w *world) order(s *shop) demo.Order {
	w.t.Helper()
	o, _, err := s.CreateOrder(w.ctx, s.product.ID, 1, rand.Text())
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) pay(s *shop, o demo.Order) {
	w.t.Helper()
	if err := s.Pay(w.ctx, o); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) waitOrder(s *shop, o demo.Order, status string) {
	w.t.Helper()
	if _, err := s.WaitOrder(w.ctx, o.ID, status); err != nil {
		w.t.Fatal(err)
	}
}

// admin runs SQL as the superuser: to make time pass for jobs, and to look past row-level security.
func (w *world) admin(sql string, args ...any) int64 {
	w.t.Helper()
	conn, err := pgx.Connect(w.ctx, dbtest.AdminURL(w.t, w.db))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(w.ctx)
	tag, err := conn.Exec(w.ctx, sql, args...)
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return tag.RowsAffected()
}

// count asks for a number as the superuser.
func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	conn, err := pgx.Connect(w.ctx, dbtest.AdminURL(w.t, w.db))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(w.ctx)
	if err := conn.QueryRow(w.ctx, sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// named is the identifier that the API wrote.
func named[T id.ID](t *testing.T, text string) T {
	t.Helper()
	v, err := id.Parse[T](text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// hurry lets time pass for the jobs of a kind: what waits for later is due now.
func (w *world) hurry(kind string) {
	w.t.Helper()
	w.admin(`UPDATE river.river_job SET state = 'available', scheduled_at = now() WHERE kind = $1
		AND state IN ('scheduled', 'retryable')`, kind)
}

// putOff keeps the jobs of a kind that wait from becoming due by themselves, however slow the machine is; hurry ends
// it.
func (w *world) putOff(kind string) {
	w.t.Helper()
	w.admin(`UPDATE river.river_job SET scheduled_at = now() + interval '1 day'
		WHERE kind = $1 AND state = 'scheduled'`, kind)
}

// pass lets time pass for every job that waits, and for the right to send an application, which a dead program keeps
// for a minute.
func (w *world) pass() {
	w.t.Helper()
	w.admin(`UPDATE applications SET create_started_at = create_started_at - interval '10 minutes'
		WHERE status = 'submitted' AND create_started_at IS NOT NULL`)
	w.admin(`UPDATE river.river_job SET state = 'available', scheduled_at = now()
		WHERE state IN ('scheduled', 'retryable')`)
}

// rescue is the passing of the rescue time after a kill: jobs that nobody works any more are free again.
func (w *world) rescue() {
	w.t.Helper()
	w.admin(`UPDATE river.river_job SET state = 'available', scheduled_at = now()
		WHERE state IN ('running', 'scheduled', 'retryable')`)
}

// holds fails the test on any breach of an invariant, and on any difference between our book and the simulator's. It
// waits until no money is on its way: between the gateway's answer and our commit the books differ rightly.
func (w *world) holds() {
	w.t.Helper()
	err := w.client().Until(w.ctx, "the money to rest", func(context.Context) (bool, error) {
		return w.count(`SELECT count(*) FROM river.river_job
			WHERE kind IN ('split_execute', 'refund_execute', 'payment_reconcile')
			AND finalized_at IS NULL`) == 0, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	report, err := invariants.Verify(w.ctx, w.db, clock.System{}.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	books, err := invariants.SameBooks(w.ctx, w.db, w.sim.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, b := range append(report.Breaches, books...) {
		w.t.Errorf("breach: %s %s: %s %s", b.Invariant, b.Check, b.Subject, b.Detail)
	}
}

// front is an address that stays the same while programs behind it come and go; it sees what Alipay sends, and can lose
// it.
type front struct {
	*httptest.Server
	mu     sync.Mutex
	target string
	lose   bool
	heard  []heard
}

// heard is one message of Alipay's, as it came and as it was answered.
type heard struct {
	path, body, answer string
	lost               bool
}

func newFront(t *testing.T) *front {
	f := &front{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *front) to(target string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.target = target
}

// loseMessages drops what Alipay sends, as a network does: the sender sees a broken connection.
func (f *front) loseMessages(lose bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lose = lose
}

func (f *front) notifications() (out []heard) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.heard {
		if !strings.HasSuffix(h.path, "/messages") {
			out = append(out, h)
		}
	}
	return out
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	target, lose := f.target, f.lose
	f.mu.Unlock()
	notice := strings.HasPrefix(r.URL.Path, "/notify/")
	if notice && lose {
		f.note(heard{r.URL.Path, string(body), "", true})
	}
	if err != nil || target == "" || (notice && lose) {
		panic(http.ErrAbortHandler)
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+target+r.URL.RequestURI(),
		bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out.Header = r.Header.Clone()
	res, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if notice {
		f.note(heard{r.URL.Path, string(body), string(answer), false})
	}
	for name, values := range res.Header {
		rw.Header()[name] = values
	}
	rw.WriteHeader(res.StatusCode)
	_, _ = rw.Write(answer)
}

func (f *front) note(h heard) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard = append(f.heard, h)
}

// logBuffer keeps the end of a log.
type logBuffer struct {
	mu sync.Mutex
	b  []byte
}

// Write implements io.Writer.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const keep = 32 << 10
	l.b = append(l.b, p...)
	if len(l.b) > keep {
		l.b = l.b[len(l.b)-keep:]
	}
	return len(p), nil
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (l *logBuffer) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b)
}
