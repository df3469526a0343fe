// Package apitest runs the API in a test: the real handler over HTTP, on a database and an Alipay simulator of its own,
// with two tenants and a key for every role. Every answer is held to openapi.yaml: its status, its shape without a
// field too many, and that its error code is listed.
//
// A [Scenario] is one request and what must come back. Tests import this package; programs never do.
package apitest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/alipay"
	"zhitong/api"
	"zhitong/api/checkout/hub"
	"zhitong/api/contract"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/mail"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/simulator"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/approvals"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/catalog"
	"zhitong/tenants/contacts"
	"zhitong/tenants/desk"
	"zhitong/tenants/events"
	"zhitong/tenants/exports"
	"zhitong/tenants/files"
	"zhitong/tenants/golive"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/imports"
	"zhitong/tenants/merchants"
	"zhitong/tenants/notices"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/overview"
	"zhitong/tenants/people"
	"zhitong/tenants/refunds"
	"zhitong/tenants/requests"
	"zhitong/tenants/search"
	"zhitong/tenants/sessions"
	"zhitong/tenants/shops"
	"zhitong/tenants/signup"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
	"zhitong/tenants/tasks"
	"zhitong/tenants/timeline"
	"zhitong/tenants/vault"
	"zhitong/tenants/webhooks"
)

// answerMax is how long anything may take: far beyond what is needed on the slowest machine, so that only what never
// comes fails.
const answerMax = 2 * time.Minute

// World is a running API.
type World struct {
	t testing.TB
	// URL is the address of the API, Simulator that of the gateway.
	URL, Simulator string
	DB             *db.DB
	Clock          *clock.Movable
	Contract       *contract.Contract
	Catalogue      fault.Catalogue
	Deps           api.Deps
	Vault          *vault.Vault
	// Mails are what was sent to people.
	Mails *Mailbox
	// Log is what was logged so far, as JSON lines.
	Log      *Buffer
	http     *http.Client
	callback atomic.Pointer[func(raw []byte) (caught bool)]
	catching sync.Mutex // whoever has set callback
	spec     *responses
	// Step, unless it is nil, hears of the steps of recorded answers; it may panic to end a request there.
	Step atomic.Pointer[func(name string)]
}

func (w *World) step(name string) {
	if s := w.Step.Load(); s != nil {
		(*s)(name)
	}
}

// Buffer is a log that can be read while it is written.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is the log so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// simulatorKey is shared by the tests of a process: making it is slow.
var simulatorKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

var master = sync.OnceValues(func() (*secret.Master, error) {
	text, err := secret.GenerateMaster()
	if err != nil {
		return nil, err
	}
	return secret.ParseMaster(text)
})

// NewWorld starts the API; it is gone at the end of the test. Each change is made to the dependencies before the API is
// built.
func NewWorld(t testing.TB, change ...func(*api.Deps)) *World {
	return NewWorldOn(t, dbtest.NewDB(t), change...)
}

// NewWorldOn is NewWorld on a given database.
func NewWorldOn(t testing.TB, d *db.DB, change ...func(*api.Deps)) *World {
	t.Helper()
	w := &World{t: t, DB: d, Clock: new(clock.Movable), Log: new(Buffer), Mails: new(Mailbox)}
	key, err := simulatorKey()
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simulator.New(simulator.Config{Dir: t.TempDir(), Clock: w.Clock, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	simServer := httptest.NewServer(sim.Handler())
	var handler http.Handler
	server := httptest.NewServer(w.front(&handler))
	w.URL, w.Simulator, w.http = server.URL, simServer.URL, server.Client()
	w.http.Timeout = answerMax
	w.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.Deps = w.deps()
	for _, c := range change {
		c(&w.Deps)
	}
	if handler, err = api.New(w.Deps); err != nil {
		t.Fatal(err)
	}
	w.Catalogue = w.Deps.Catalogue
	t.Cleanup(func() {
		w.Deps.Hub.Close()
		w.Deps.Streams.Close()
		server.Close()
		simServer.Close()
		if err := sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	if w.Contract, err = contract.Load(); err != nil {
		t.Fatal(err)
	}
	if w.spec, err = spec(); err != nil {
		t.Fatal(err)
	}
	return w
}

// Mailbox keeps mails.
type Mailbox struct {
	mu  sync.Mutex
	got []mail.Message
}

// Send keeps one.
func (b *Mailbox) Send(_ context.Context, m mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
	return nil
}

// All are the mails so far.
func (b *Mailbox) All() []mail.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func (w *World) deps() api.Deps {
	w.t.Helper()
	m, err := master()
	if err != nil {
		w.t.Fatal(err)
	}
	catalogue, err := api.Catalogue()
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.Log, nil))
	v := vault.New(m)
	w.Vault = v
	h := hub.New()
	gateways := tenants.NewGateways(tenants.GatewaysConfig{
		Pool:      zft.NewPool(alipay.Options{Clock: w.Clock}),
		Vault:     v,
		Clock:     w.Clock,
		PublicURL: w.URL,
	})
	keys := stock.New(w.DB, v)
	platforms := tenants.New(tenants.Config{
		DB:                  w.DB,
		Vault:               v,
		Gateways:            gateways,
		Desk:                alipay.NewDesk(w.Simulator, &http.Client{Timeout: answerMax}),
		Clock:               w.Clock,
		SimulatorGatewayURL: w.Simulator + "/gateway.do",
		Replaced:            events.ConnectionUpdated,
		Step:                func(name string) { w.step(name) },
	})
	back := refunds.New(refunds.Config{DB: w.DB, Vault: v, Gateways: gateways, Clock: w.Clock, Log: log})
	deps := api.Deps{
		Requests: requests.New(requests.Config{DB: w.DB, Clock: w.Clock, Log: log}),
		Desk: desk.New(desk.Config{DB: w.DB, Desk: alipay.NewDesk(w.Simulator, &http.Client{Timeout: answerMax}),
			GatewayURL: w.Simulator + "/gateway.do", Clock: w.Clock, MovesClock: true}),
		Tenants: platforms,
		SignUps: signup.New(w.DB, v, platforms),
		Answers: idempotency.NewAnswers(idempotency.AnswersConfig{
			DB: w.DB, Vault: v, Clock: w.Clock, Step: func(name string) { w.step(name) },
		}),
		Gateways: gateways, Access: access.New(w.DB, v, w.Clock), Audit: audit.New(w.DB),
		Merchants:  merchants.New(w.DB, v),
		Onboarding: onboarding.New(onboarding.Config{DB: w.DB, Vault: v, Gateways: gateways, Clock: w.Clock, Log: log}),
		Catalog:    catalog.New(w.DB), Stock: keys,
		Splits:  splits.New(splits.Config{DB: w.DB, Vault: v, Gateways: gateways, Clock: w.Clock, Log: log}),
		Refunds: back, Contacts: contacts.New(contacts.Config{DB: w.DB, Vault: v, Clock: w.Clock}),
		Orders: orders.New(orders.Config{
			DB:        w.DB,
			Vault:     v,
			Gateways:  gateways,
			Stock:     keys,
			Refunds:   back,
			Clock:     w.Clock,
			Log:       log,
			PublicURL: w.URL,
			OnChange:  h.Ring,
		}),
		Events: events.New(w.DB, w.Clock), Webhooks: webhooks.New(webhooks.Config{DB: w.DB, Vault: v, Clock: w.Clock}),
		Notices: notices.New(notices.Config{DB: w.DB, Vault: v, Clock: w.Clock,
			Reach: webhooks.Reach{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			Hosts: map[vocabulary.NoticeChannel][]string{
				vocabulary.ChannelWecom: {strings.TrimPrefix(w.Simulator, "http://")}}}),
		Cases: cases.New(w.DB, w.Clock), Shops: shops.New(w.DB, w.Clock), Simulator: w.Simulator,
		Timelines: timeline.New(w.DB), Search: search.New(w.DB, v),
		Overview: overview.New(overview.Config{DB: w.DB, Clock: w.Clock}),
		GoLive:   golive.New(w.DB, platforms),
		People: people.New(w.DB, v, w.Clock,
			people.Post{Mails: w.Mails, PublicURL: w.URL, Step: func(name string) { w.step(name) }}),
		Sessions: sessions.New(w.DB, w.Clock),
		Tasks:    tasks.New(tasks.Config{DB: w.DB, Clock: w.Clock}),
		Files:    files.New(files.Config{DB: w.DB, Vault: v, Clock: w.Clock}),
		Hub:      h, Streams: hub.NewStreams(),
		Catalogue: catalogue, Logger: log, Clock: w.Clock, Metrics: prometheus.NewRegistry(),
		PublicURL: w.URL,
		Limits:    api.Limits{PerKeySecond: 100_000, SignUpsMinute: 1000, MissesMinute: 1000},
	}
	deps.Approvals = approvals.New(approvals.Config{DB: w.DB, Vault: v, Clock: w.Clock, Orders: deps.Orders,
		Merchants: deps.Merchants, People: deps.People, Sessions: deps.Sessions,
		Step: func(name string) { w.step(name) }})
	lists, err := api.NewLists(deps)
	if err != nil {
		w.t.Fatal(err)
	}
	deps.Imports = imports.New(imports.Config{DB: w.DB, Clock: w.Clock, Tasks: deps.Tasks, Files: deps.Files,
		Stock: deps.Stock})
	deps.Exports = exports.New(exports.Config{DB: w.DB, Clock: w.Clock, Tasks: deps.Tasks, Files: deps.Files,
		Source: lists})
	return deps
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Into reads a JSON answer.
func (a Answer) Into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("read the answer: %v in %s", err, a.Body)
	}
}

// Code is the code of a problem, or "".
func (a Answer) Code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(a.Body, &p)
	return p.Code
}

// Do sends a request and holds the answer to the contract. body is nil, a string or reader to be sent as it is, or
// anything else to be sent as JSON.
func (w *World) Do(t testing.TB, key, method, path string, body any, header ...string) Answer {
	t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewReader([]byte(b))
	case []byte:
		reader = bytes.NewReader(b)
	case io.Reader:
		reader = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := w.http.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	var raw []byte
	if res.Header.Get("Content-Type") != eventStream {
		if raw, err = io.ReadAll(res.Body); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	a := Answer{res.StatusCode, res.Header, raw}
	if err := w.spec.check(t.Context(), r, a); err != nil {
		t.Errorf("%s %s: the answer is not as the contract says: %v\n%d %s", method, path, err, a.Status, a.Body)
	}
	return a
}

// Must is Do for a request that has to succeed; its answer is read into out, if that is not nil.
func (w *World) Must(t testing.TB, key, method, path string, body, out any, header ...string) {
	t.Helper()
	a := w.Do(t, key, method, path, body, header...)
	if a.Status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	if out != nil {
		a.Into(t, out)
	}
}

// Desk calls the simulator's desk API.
func (w *World) Desk(t testing.TB, method, path string, in, out any) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, w.Simulator+"/desk/api"+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		t.Fatalf("desk %s %s: %d %s %v", method, path, res.StatusCode, answer, err)
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatalf("desk %s %s: %v in %s", method, path, err, answer)
		}
	}
}
