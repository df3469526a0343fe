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
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"zhitong/alipay"
	"zhitong/api"
	"zhitong/api/checkout/hub"
	"zhitong/api/contract"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/simulator"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/catalog"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/merchants"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/refunds"
	"zhitong/tenants/signup"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
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
	// Log is what was logged so far, as JSON lines.
	Log      *Buffer
	http     *http.Client
	callback atomic.Pointer[func(http.ResponseWriter, *http.Request)]
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
	w := &World{t: t, DB: d, Clock: new(clock.Movable), Log: new(Buffer)}
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
	if handler, err = api.New(t.Context(), w.Deps); err != nil {
		t.Fatal(err)
	}
	w.Catalogue = w.Deps.Catalogue
	t.Cleanup(func() {
		w.Deps.Hub.Close()
		server.Close()
		simServer.Close()
		if err := sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	doc, err := contract.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if w.Contract, err = contract.New(doc); err != nil {
		t.Fatal(err)
	}
	w.spec = newResponses(doc, w.Contract, w.Catalogue)
	return w
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
	})
	back := refunds.New(refunds.Config{DB: w.DB, Gateways: gateways, Clock: w.Clock, Log: log})
	return api.Deps{
		Tenants: platforms,
		SignUps: signup.New(w.DB, v, platforms),
		Answers: idempotency.NewAnswers(idempotency.AnswersConfig{
			DB: w.DB, Vault: v, Clock: w.Clock, Step: func(name string) { w.step(name) },
		}),
		Gateways: gateways, Access: access.New(w.DB, v, w.Clock), Audit: audit.New(w.DB), Merchants: merchants.New(w.DB),
		Onboarding: onboarding.New(onboarding.Config{DB: w.DB, Vault: v, Gateways: gateways, Clock: w.Clock, Log: log}),
		Catalog: catalog.New(
			w.DB,
		), Stock: keys, Splits: splits.New(splits.Config{DB: w.DB, Gateways: gateways, Clock: w.Clock, Log: log}),
		Refunds: back,
		Orders: orders.New(orders.Config{
			DB:        w.DB,
			Gateways:  gateways,
			Stock:     keys,
			Refunds:   back,
			Clock:     w.Clock,
			Log:       log,
			PublicURL: w.URL,
			OnChange:  h.Ring,
		}),
		Events: events.New(w.DB, w.Clock), Webhooks: webhooks.New(webhooks.Config{DB: w.DB, Vault: v, Clock: w.Clock}), Cases: cases.New(w.DB, w.Clock),
		Hub: h, Catalogue: catalogue, Logger: log, Clock: w.Clock, Metrics: prometheus.NewRegistry(), PublicURL: w.URL,
		Limits: api.Limits{PerKeySecond: 100_000, SignUpsMinute: 1000, MissesMinute: 1000},
	}
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
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
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

// Tenant is one platform with a key per role and one of everything that has an identifier.
type Tenant struct {
	ID   id.Tenant
	Keys map[tenants.Role]string
	// IDs has, by the name of the path's parameter, a thing of this tenant.
	IDs map[string]string
	// Supplier has an smid and a receiver, as has Distributor.
	Supplier, Distributor string
	AppID                 string
}

// Key is the key of a role.
func (p *Tenant) Key(role tenants.Role) string { return p.Keys[role] }

// NewTenant signs up a platform and gives it one of everything.
func (w *World) NewTenant(t testing.TB, name string) *Tenant {
	t.Helper()
	p := &Tenant{Keys: map[tenants.Role]string{}, IDs: map[string]string{}}
	var made struct {
		Tenant struct{ ID id.Tenant }
		APIKey struct{ Secret string } `json:"api_key"`
	}
	w.Must(
		t,
		"",
		http.MethodPost,
		"/v1/tenants",
		map[string]any{"name": name, "owner_email": "owner@example.cn"},
		&made,
		"Idempotency-Key", Secret(),
	)
	p.ID, p.Keys[tenants.RoleOwner] = made.Tenant.ID, made.APIKey.Secret
	var connection struct {
		AppID string `json:"app_id"`
	}
	w.Must(t, p.Key(tenants.RoleOwner), http.MethodGet, "/v1/alipay_connection", nil, &connection)
	p.AppID = connection.AppID
	p.Supplier, p.Distributor = w.merchant(t, p, "supplier"), w.merchant(t, p, "distributor")
	for _, role := range vocabulary.Roles()[1:] {
		body := map[string]any{"name": string(role), "role": string(role)}
		if role.OfMerchant() {
			body["merchant_id"] = map[tenants.Role]string{tenants.RoleSupplier: p.Supplier, tenants.RoleDistributor: p.Distributor}[role]
		}
		var key struct{ Secret string }
		w.Must(t, p.Key(tenants.RoleOwner), http.MethodPost, "/v1/api_keys", body, &key)
		p.Keys[role] = key.Secret
	}
	w.furnish(t, p)
	return p
}

// merchant makes a merchant through the API and lets the simulator and the database agree that Alipay has approved it.
func (w *World) merchant(t testing.TB, p *Tenant, kind string) string {
	t.Helper()
	var sm struct{ SMID string }
	w.Desk(t, http.MethodPost, "/merchants", map[string]any{"app_id": p.AppID, "name": kind}, &sm)
	var account struct {
		UserID string `json:"user_id"`
	}
	w.Desk(
		t,
		http.MethodPost,
		"/accounts",
		map[string]any{"name": kind, "kind": "person", "certified": true, "returns_royalty": true},
		&account,
	)
	var m struct{ ID id.Merchant }
	w.Must(
		t,
		p.Key(tenants.RoleOwner),
		http.MethodPost,
		"/v1/merchants",
		map[string]any{
			"kind":     kind,
			"name":     kind,
			"receiver": map[string]any{"type": "userId", "account": account.UserID},
		},
		&m,
	)
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE merchants SET status = 'active', smid = $1 WHERE id = $2", sm.SMID, m.ID)
		return err
	})
	return m.ID.String()
}

// In runs fn in a transaction of the tenant, for what the API has no operation for.
func (w *World) In(t testing.TB, p *Tenant, fn func(ctx context.Context, tx db.TenantTx) error) {
	t.Helper()
	if err := w.DB.InTenant(t.Context(), p.ID, fn); err != nil {
		t.Fatal(err)
	}
}

// furnish gives the tenant one of everything whose identifier stands in a path.
func (w *World) furnish(t testing.TB, p *Tenant) {
	t.Helper()
	owner := p.Key(tenants.RoleOwner)
	create := func(path string, body any, header ...string) string {
		var made struct{ ID string }
		w.Must(t, owner, http.MethodPost, path, body, &made, header...)
		return made.ID
	}
	p.IDs["merchant_id"] = p.Supplier
	p.IDs["split_rule_id"] = create("/v1/split_rules",
		map[string]any{"name": "5 %", "parts": []any{map[string]any{"receiver": "platform", "rate_bps": 500}}})
	p.IDs["product_id"] = create("/v1/products", w.ProductBody(p, "星河点券 100 元"))
	p.IDs["card_key_import_id"] = create("/v1/products/"+p.IDs["product_id"]+"/card_keys",
		map[string]any{"card_keys": Keys(p.IDs["product_id"], 40)})
	p.IDs["order_id"] = w.Delivered(t, p)
	var order struct {
		Payment struct{ ID string }
		Version string `json:"split_rule_version_id"`
	}
	w.Must(t, owner, http.MethodGet, "/v1/orders/"+p.IDs["order_id"], nil, &order)
	p.IDs["payment_id"], p.IDs["split_rule_version_id"] = order.Payment.ID, order.Version
	var members struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/members", nil, &members)
	p.IDs["member_id"] = members.Data[0].ID
	p.IDs["refund_id"] = create("/v1/orders/"+w.Delivered(t, p)+"/refunds", map[string]any{"reason": "test"},
		"Idempotency-Key", Unique())
	p.IDs["api_key_id"] = create("/v1/api_keys", map[string]any{"name": "spare", "role": "support"})
	p.IDs["endpoint_id"] = create("/v1/webhook_endpoints", map[string]any{"url": "https://hooks.example.com/zhitong"})
	pending := create("/v1/merchants", map[string]any{"kind": "supplier", "name": "pending"})
	p.IDs["application_id"] = create("/v1/merchants/"+pending+"/applications", map[string]any{"name": "杭州示例网络科技有限公司"})
	var events struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/events?limit=1", nil, &events)
	p.IDs["event_id"] = events.Data[0].ID
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error { // as a delivery that found nobody leaves it
		attempt := id.New[id.WebhookDelivery]()
		p.IDs["attempt_id"] = attempt.String()
		_, err := tx.Exec(ctx, `INSERT INTO webhook_attempts (id, endpoint_id, event_id, attempt, error, duration_ms, url)
			VALUES ($1, $2, $3, 1, 'the host name was not found', 1, 'https://hooks.example.com/zhitong')`,
			attempt, row(t, p.IDs["endpoint_id"]), row(t, p.IDs["event_id"]))
		return err
	})
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseForeignNotice, Detail: "test", At: w.Clock.Now()})
		return err
	})
	var cases struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/cases?limit=1", nil, &cases)
	p.IDs["case_id"] = cases.Data[0].ID
	p.IDs["purpose"] = "cert_image"
}

// ProductBody is a product of the tenant's supplier.
func (w *World) ProductBody(p *Tenant, name string) map[string]any {
	return map[string]any{
		"name":                  name,
		"price_fen":             10000,
		"supplier_id":           p.Supplier,
		"merchant_of_record_id": p.Supplier,
		"split_rule_id":         p.IDs["split_rule_id"],
	}
}

// OrderBody asks for n of the tenant's product.
func (w *World) OrderBody(p *Tenant, n int) map[string]any {
	return map[string]any{"items": []any{map[string]any{"product_id": p.IDs["product_id"], "quantity": n}}}
}

// Keys are n card keys that no other prefix has.
func Keys(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%04d", prefix, i)
	}
	return out
}

// Order makes an order that waits for its payment, and tells its id and its payment's number.
func (w *World) Order(t testing.TB, p *Tenant) (order, outTradeNo string) {
	t.Helper()
	var o struct {
		ID      string
		Payment struct {
			OutTradeNo string `json:"out_trade_no"`
		}
	}
	w.Must(
		t,
		p.Key(tenants.RoleOwner),
		http.MethodPost,
		"/v1/orders",
		w.OrderBody(p, 1),
		&o,
		"Idempotency-Key",
		Unique(),
	)
	return o.ID, o.Payment.OutTradeNo
}

// Delivered makes an order, pays it at the simulator and waits until the notification has delivered it.
func (w *World) Delivered(t testing.TB, p *Tenant) string {
	t.Helper()
	order, no := w.Order(t, p)
	w.Desk(t, http.MethodPost, "/trades/"+no+"/pay", map[string]any{}, nil)
	w.Await(t, p, order, "delivered")
	return order
}

// Await waits until an order has the status: the notification of a payment arrives by itself.
func (w *World) Await(t testing.TB, p *Tenant, order, status string) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), answerMax)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var o struct{ Status string }
		w.Must(t, p.Key(tenants.RoleOwner), http.MethodGet, "/v1/orders/"+order, nil, &o)
		if o.Status == status {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.Done():
			t.Fatalf("order %s stays %s, want %s", order, o.Status, status)
		}
	}
}

// Secret is a text that nobody can guess, as a sign-up demands for its Idempotency-Key.
func Secret() string { return rand.Text() + rand.Text() }

// Unique is a text that nobody else has.
func Unique() string { return id.New[id.Order]().String() }

// row is the UUID of an identifier that the API wrote, as Postgres has it.
func row(t testing.TB, text string) uuid.UUID {
	t.Helper()
	_, u, err := id.Name(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// With is the tenant with some identifiers replaced.
func (p *Tenant) With(ids map[string]string) *Tenant {
	c := *p
	c.IDs = maps.Clone(p.IDs)
	maps.Copy(c.IDs, ids)
	return &c
}

// Settle does what the split job of a delivered order does.
func (w *World) Settle(t testing.TB, p *Tenant, order string) {
	t.Helper()
	var o struct{ Payment struct{ ID id.Payment } }
	w.Must(t, p.Key(tenants.RoleOwner), http.MethodGet, "/v1/orders/"+order, nil, &o)
	outcome, err := w.Deps.Splits.Execute(t.Context(), p.ID, o.Payment.ID)
	if err != nil || outcome.State != splits.Finished {
		t.Fatalf("settle order %s: %v %v", order, outcome, err)
	}
}
