// Package tenantstest is a sandbox for tests: a database of its own, a tenant in it, and that tenant's app at an Alipay
// simulator of its own, reached over HTTP with real keys. Tests import it; programs never do.
package tenantstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/money"
	"zhitong/internal/secret"
	"zhitong/simulator"
	"zhitong/simulator/desk"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/vault"
)

// keys are shared by the tests of a process: making them is slow.
type keys struct {
	alipay  *rsa.PrivateKey
	private secret.String
	public  string
	master  *secret.Master
	keyset  secret.String // of master
}

var theKeys = sync.OnceValues(func() (k keys, err error) {
	if k.alipay, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return k, err
	}
	if k.private, k.public, err = alipay.GenerateKey(); err != nil {
		return k, err
	}
	text, err := secret.GenerateMaster()
	if err != nil {
		return k, err
	}
	k.keyset = text
	k.master, err = secret.ParseMaster(text)
	return k, err
})

// Vault makes a vault for tests that need nothing else of a sandbox.
func Vault(t testing.TB) *vault.Vault {
	t.Helper()
	text, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	m, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	return vault.New(m)
}

// Sandbox is a tenant with everything around it.
type Sandbox struct {
	t        testing.TB
	DB       *db.DB
	Tenant   id.Tenant
	Actor    tenants.Actor
	Vault    *vault.Vault
	Keyset   secret.String // of the vault
	Gateways *tenants.Gateways
	Tenants  *tenants.Service
	Clock    *clock.Movable // of the program and of the simulator
	URL      string         // of the simulator
	Mails    *mail.Sender   // to the simulator's desk
	AppID    string
	PID      string

	credentials tenants.NewConnection
	notified    atomic.Pointer[Notified]
}

// Notified answers a trade notification that the simulator sends to the tenant.
type Notified func(ctx context.Context, raw []byte) (ack bool)

// Hear has answer take the notifications from now on, and returns what took them before. With nil they are refused,
// and repeated by and by.
func (s *Sandbox) Hear(answer Notified) (before Notified) {
	was := s.notified.Swap(&answer)
	if was == nil {
		return nil
	}
	return *was
}

// Credentials are those of the tenant's connection.
func (s *Sandbox) Credentials() tenants.NewConnection { return s.credentials }

// New makes a sandbox that is gone at the end of the test.
func New(t testing.TB) *Sandbox {
	t.Helper()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	s := &Sandbox{t: t, DB: dbtest.NewDB(t), Clock: new(clock.Movable), Vault: vault.New(k.master),
		Keyset: k.keyset}
	s.Tenant = dbtest.NewTenant(t, s.DB)
	s.Actor = tenants.Actor{Tenant: s.Tenant, Role: tenants.RoleOwner, Mode: tenants.ModeSandbox}
	s.In(func(_ context.Context, tx db.TenantTx) { s.Actor.Caller = tenants.ByKey(dbtest.APIKey(t, tx).ID) })

	sim, err := simulator.New(simulator.Config{Dir: t.TempDir(), Clock: s.Clock, Key: k.alipay})
	if err != nil {
		t.Fatal(err)
	}
	s.Mails = mailsTo(t, sim)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	s.URL = server.URL

	app, err := alipay.NewDesk(s.URL, server.Client()).
		RegisterApp(t.Context(), alipay.DeskApp{Name: "test", PublicKey: k.public})
	if err != nil {
		t.Fatal(err)
	}
	s.AppID, s.PID = app.AppID, app.PID
	callbacks := httptest.NewServer(http.HandlerFunc(s.callback))
	t.Cleanup(callbacks.Close)
	s.Gateways = tenants.NewGateways(tenants.GatewaysConfig{
		Pool:      zft.NewPool(alipay.Options{Clock: s.Clock}),
		Vault:     s.Vault,
		Clock:     s.Clock,
		PublicURL: callbacks.URL,
	})
	s.Tenants = tenants.New(tenants.Config{
		DB:                  s.DB,
		Vault:               s.Vault,
		Gateways:            s.Gateways,
		Clock:               s.Clock,
		SimulatorGatewayURL: app.GatewayURL,
	})
	s.credentials = tenants.NewConnection{
		Gateway:         tenants.GatewaySimulator,
		AppID:           app.AppID,
		PID:             app.PID,
		PrivateKey:      k.private,
		AlipayPublicKey: app.AlipayPublicKey,
	}
	if _, err = s.Tenants.PutConnection(t.Context(), s.Actor, tenants.Match{}, s.credentials); err != nil {
		t.Fatal(err)
	}
	return s
}

// mailsTo starts the simulator's mail server. It ends with the simulator.
func mailsTo(t testing.TB, sim *simulator.Simulator) *mail.Sender {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- sim.ServeMail(l) }()
	t.Cleanup(func() {
		if err := errors.Join(sim.Close(), <-done); err != nil {
			t.Errorf("close the mail server: %v", err)
		}
	})
	sender, err := mail.Parse(secret.New("smtp://"+l.Addr().String()), "直通 <zhitong@example.cn>")
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// Mailed are the texts of the mails that were sent to an address, newest first.
func (s *Sandbox) Mailed(to string) (texts []string) {
	s.t.Helper()
	var out struct {
		Mails []struct {
			Subject string `json:"subject"`
			Text    string `json:"text"`
		} `json:"mails"`
	}
	s.Desk(http.MethodGet, "/mails?to="+url.QueryEscape(to), nil, &out)
	for _, m := range out.Mails {
		texts = append(texts, m.Subject+"\n\n"+m.Text)
	}
	return texts
}

// callback is the tenant's notify_url.
func (s *Sandbox) callback(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	answer := "fail"
	if notified := s.notified.Load(); err == nil && notified != nil && *notified != nil &&
		(*notified)(r.Context(), raw) {
		answer = "success"
	}
	_, _ = io.WriteString(w, answer)
}

// In runs fn in a transaction of the tenant and commits.
func (s *Sandbox) In(fn func(ctx context.Context, tx db.TenantTx)) {
	s.t.Helper()
	err := s.DB.InTenant(s.t.Context(), s.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		fn(ctx, tx)
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// Desk calls the simulator's desk API and reads its answer into out, if that is not nil.
func (s *Sandbox) Desk(method, path string, in, out any) {
	s.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+"/desk/api"+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		s.t.Fatalf("desk %s %s: %d %s", method, path, res.StatusCode, raw)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		s.t.Fatalf("desk %s %s: %v in %s", method, path, err, raw)
	}
}

// Fault makes the simulator do mischief, at most times calls of the method (all of them: 0). See the kinds in package
// simulator.
func (s *Sandbox) Fault(kind, method string, times int) {
	s.t.Helper()
	s.Desk(
		http.MethodPost,
		"/faults",
		map[string]any{"app_id": s.AppID, "method": method, "kind": kind, "times": times},
		nil,
	)
}

// Merchant is an active merchant that both sides know, with an Alipay account as receiver, which is not bound yet.
func (s *Sandbox) Merchant(name string) dbsqlc.Merchant {
	s.t.Helper()
	var sm struct {
		SMID string `json:"smid"`
	}
	s.Desk(http.MethodPost, "/merchants", map[string]any{"app_id": s.AppID, "name": name}, &sm)
	var account struct {
		UserID string `json:"user_id"`
	}
	s.Desk(
		http.MethodPost,
		"/accounts",
		map[string]any{"name": name, "kind": "person", "certified": true, "returns_royalty": true},
		&account,
	)
	var m dbsqlc.Merchant
	s.In(func(_ context.Context, tx db.TenantTx) {
		m = dbtest.Merchant(s.t, tx, func(m *dbsqlc.Merchant) {
			m.Name, m.Smid, m.ReceiverAccount, m.ReceiverBoundAt = name, &sm.SMID, &account.UserID, nil
		})
	})
	return m
}

// Pay makes the simulator's side of a payment: a trade that a buyer has paid. It gives the trade's number.
func (s *Sandbox) Pay(payment id.Payment, smid string, amount money.Fen) string {
	s.t.Helper()
	no := payment.Hex()
	s.Desk(
		http.MethodPost,
		"/trades",
		map[string]any{"app_id": s.AppID, "out_trade_no": no, "total_fen": amount, "subject": "test", "smid": smid},
		nil,
	)
	var trade desk.TradeView
	s.Desk(http.MethodPost, "/trades/"+no+"/pay", map[string]any{}, &trade)
	return trade.TradeNo
}

// Trade is the simulator's view of a payment.
func (s *Sandbox) Trade(payment id.Payment) desk.TradeView {
	s.t.Helper()
	var v desk.TradeView
	s.Desk(http.MethodGet, "/trades/"+payment.Hex(), nil, &v)
	return v
}
