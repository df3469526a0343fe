package tenants_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/tenantstest"
)

type testBundle struct {
	*tenantstest.Sandbox
	svc *tenants.Service
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	s := tenantstest.New(t)
	return &testBundle{s, service(s, s.URL, nil)}
}

func service(s *tenantstest.Sandbox, deskURL string, step func(string)) *tenants.Service {
	return tenants.New(tenants.Config{
		DB:                  s.DB,
		Vault:               s.Vault,
		Gateways:            s.Gateways,
		Desk:                alipay.NewDesk(deskURL, &http.Client{Timeout: 10 * time.Second}),
		Clock:               s.Clock,
		SimulatorGatewayURL: s.URL + "/gateway.do",
		Step:                step,
	})
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	up, err := b.svc.SignUp(t.Context(),
		tenants.NewTenant{Name: "星河卡盟", OwnerEmail: "Owner@example.cn", OwnerName: "王"})
	if err != nil {
		t.Fatal(err)
	}
	if up.Tenant.Mode != tenants.ModeSandbox || up.Owner.Email != "owner@example.cn" ||
		up.Owner.Role != tenants.RoleOwner {
		t.Errorf("signed up as %+v", up)
	}
	a, err := access.New(b.DB, b.Vault, b.Clock).Authenticate(t.Context(), up.Key.Secret.Reveal())
	if err != nil || a.Tenant != up.Tenant.ID || a.Role != tenants.RoleOwner || a.Caller != tenants.ByKey(up.Key.ID) ||
		a.Mode != tenants.ModeSandbox {
		t.Fatalf("the first key is %+v, %v", a, err)
	}
	got, err := b.svc.Get(t.Context(), a)
	if got.CreatedAt = got.CreatedAt.UTC(); err != nil || !got.CreatedAt.Equal(up.Tenant.CreatedAt) ||
		got.Name != up.Tenant.Name ||
		got.Mode != up.Tenant.Mode ||
		got.Status != up.Tenant.Status {
		t.Errorf("the tenant reads %+v, %v; was %+v", got, err, up.Tenant)
	}
	conn, err := b.svc.GetConnection(t.Context(), a)
	if err != nil || conn.AppID == "" || conn.AppID == b.AppID || conn.Certificates || conn.Version != 1 {
		t.Errorf("its connection is %+v, %v", conn, err)
	}
	// the keys that were made fit: the simulator takes a signed call
	client, err := b.Gateways.Recent(t.Context(), b.DB, up.Tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Pay.Query(t.Context(), "none"); !acquiring.IsRefused(err, acquiring.TradeAbsent) {
		t.Errorf("a signed call: %v", err)
	}
	var listed bool
	err = b.DB.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		return tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM tenant_directory WHERE tenant_id = $1)", up.Tenant.ID).
			Scan(&listed)
	})
	if err != nil || !listed {
		t.Errorf("the tenant is not in the directory: %v", err)
	}
}

// The private key must not be readable in the database.
func TestSignUpSealsTheKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.In(func(ctx context.Context, tx db.TenantTx) {
		r, err := dbsqlc.New().AlipayConnectionGet(ctx, tx)
		if err != nil || strings.Contains(string(r.SealedPrivateKey), "PRIVATE KEY") || len(r.SealedPrivateKey) < 500 {
			t.Errorf("the stored key: %d bytes, %v", len(r.SealedPrivateKey), err)
		}
	})
}

func TestSignUpRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.svc.SignUp(t.Context(), tenants.NewTenant{Name: "x", OwnerEmail: "nobody"})
	wantCode(t, err, tenants.CodeInvalidRequest)
	_, err = b.svc.SignUp(t.Context(), tenants.NewTenant{Name: "  ", OwnerEmail: "a@b.cn"})
	wantCode(t, err, tenants.CodeInvalidRequest)

	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	_, err = service(b.Sandbox, away.URL, nil).SignUp(t.Context(), tenants.NewTenant{Name: "x", OwnerEmail: "a@b.cn"})
	wantCode(t, err, tenants.CodeSandboxUnavailable)
	_, err = tenants.New(tenants.Config{DB: b.DB, Vault: b.Vault, Gateways: b.Gateways, Clock: b.Clock}).
		SignUp(t.Context(), tenants.NewTenant{Name: "x", OwnerEmail: "a@b.cn"})
	wantCode(t, err, tenants.CodeSandboxUnavailable)
}

// TestSignUpsAreBounded: so many platforms sign up within an hour, in all; an hour later others may.
func TestSignUpsAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	svc := tenants.New(tenants.Config{DB: b.DB, Vault: b.Vault, Gateways: b.Gateways, Clock: b.Clock, SignUpsHour: 3,
		Desk: alipay.NewDesk(b.URL, &http.Client{Timeout: 10 * time.Second})})
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, b.DB))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	age := func() {
		if _, err := conn.Exec(t.Context(), "UPDATE tenant_directory SET created_at = created_at - "+
			"interval '1 hour'"); err != nil {
			t.Fatal(err)
		}
	}
	age() // those that the test began with
	in := tenants.NewTenant{Name: "x", OwnerEmail: "a@b.cn"}
	for n := range 3 {
		if _, err := svc.SignUp(t.Context(), in); err != nil {
			t.Fatalf("sign-up %d: %v", n, err)
		}
	}
	_, err = svc.SignUp(t.Context(), in)
	wantCode(t, err, tenants.CodeTooManySignUps)
	age()
	if _, err := svc.SignUp(t.Context(), in); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// A crash between the simulator and the database leaves no half tenant.
func TestSignUpCrash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	svc := service(b.Sandbox, b.URL, func(name string) {
		if name == "registered" {
			panic("crash")
		}
	})
	func() {
		defer func() { _ = recover() }()
		_, _ = svc.SignUp(t.Context(), tenants.NewTenant{Name: "x", OwnerEmail: "a@b.cn"})
		t.Error("no crash")
	}()
	var n int
	err := b.DB.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM tenant_directory").Scan(&n)
	})
	if err != nil || n != 1 {
		t.Errorf("%d tenants, %v; want the sandbox's only", n, err)
	}
	if _, err := b.svc.SignUp(t.Context(), tenants.NewTenant{Name: "x", OwnerEmail: "a@b.cn"}); err != nil {
		t.Errorf("signing up again: %v", err)
	}
}

func TestConnectionMissing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := tenants.Actor{Tenant: dbtest.NewTenant(t, b.DB), Role: tenants.RoleOwner, Mode: tenants.ModeSandbox}
	_, err := b.svc.GetConnection(t.Context(), other)
	wantCode(t, err, tenants.CodeAlipayConnectionMissing)
	_, err = b.Gateways.Recent(t.Context(), b.DB, other.Tenant)
	wantCode(t, err, tenants.CodeAlipayConnectionMissing)
}

func TestPutConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before, err := b.svc.GetConnection(t.Context(), b.Actor)
	if err != nil {
		t.Fatal(err)
	}
	old, err := b.Gateways.Recent(t.Context(), b.DB, b.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	private, public, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	app, err := alipay.NewDesk(b.URL, &http.Client{Timeout: 10 * time.Second}).
		RegisterApp(t.Context(), alipay.DeskApp{Name: "second", PublicKey: public})
	if err != nil {
		t.Fatal(err)
	}
	in := tenants.NewConnection{
		Gateway:         tenants.GatewaySimulator,
		AppID:           app.AppID,
		PID:             app.PID,
		PrivateKey:      private,
		AlipayPublicKey: app.AlipayPublicKey,
		AppAuthToken:    secret.New("token"),
	}
	after, err := b.svc.PutConnection(t.Context(), b.Actor, tenants.Match{}, in)
	if err != nil || after.AppID != app.AppID || after.Version != before.Version+1 {
		t.Fatalf("put: %+v, %v", after, err)
	}
	now, err := b.Gateways.Recent(t.Context(), b.DB, b.Tenant)
	if err != nil || now.Pay == old.Pay || now.Version != after.Version {
		t.Errorf("the client is still of version %d, %v", now.Version, err)
	}
	again, err := b.Gateways.Recent(t.Context(), b.DB, b.Tenant)
	if err != nil || again.Pay != now.Pay {
		t.Errorf("the client is made again: %v", err)
	}
}

func TestPutConnectionRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	private, public, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	good := tenants.NewConnection{
		Gateway:         tenants.GatewaySimulator,
		AppID:           "2021000000000009",
		PID:             "2088000000000009",
		PrivateKey:      private,
		AlipayPublicKey: other,
	}
	live := b.Actor
	live.Mode = tenants.ModeLive
	for _, c := range []struct {
		name    string
		as      tenants.Actor
		change  func(*tenants.NewConnection)
		code    fault.Code
		pointer string
	}{
		{"no key", b.Actor, func(n *tenants.NewConnection) {
			n.PrivateKey = secret.New("")
		}, tenants.CodeAlipayKeyInvalid, "/private_key"},
		{"not a key", b.Actor, func(n *tenants.NewConnection) {
			n.PrivateKey = secret.New("AAAA")
		}, tenants.CodeAlipayKeyInvalid, "/private_key"},
		{"no public key", b.Actor, func(n *tenants.NewConnection) {
			n.AlipayPublicKey = ""
		}, tenants.CodeAlipayKeyInvalid, "/alipay_public_key"},
		{"own public key", b.Actor, func(n *tenants.NewConnection) {
			n.AlipayPublicKey = public
		}, tenants.CodeAlipayKeyInvalid, "/alipay_public_key"},
		{"one certificate", b.Actor, func(n *tenants.NewConnection) {
			n.AppCertificate = "x"
		}, tenants.CodeAlipayKeyInvalid, "/app_certificate"},
		{"bad certificates", b.Actor, func(n *tenants.NewConnection) {
			n.AppCertificate, n.AlipayCertificate, n.RootCertificate = "x", "y", "z"
		}, tenants.CodeAlipayKeyInvalid, ""},
		{"a sandbox at production", b.Actor, func(n *tenants.NewConnection) {
			n.Gateway = tenants.GatewayProduction
		}, tenants.CodeInvalidRequest, "/gateway"},
		{"live at the simulator", live, func(*tenants.NewConnection) {}, tenants.CodeInvalidRequest, "/gateway"},
		{"an address as gateway", b.Actor, func(n *tenants.NewConnection) {
			n.Gateway = "http://169.254.169.254/"
		}, tenants.CodeInvalidRequest, "/gateway"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := good
			c.change(&in)
			_, err := b.svc.PutConnection(t.Context(), c.as, tenants.Match{}, in)
			wantCode(t, err, c.code)
			f, ok := err.(*fault.Error)
			if !ok || (c.pointer != "" && (len(f.Fields) != 1 || f.Fields[0].Pointer != c.pointer)) {
				t.Errorf("fields of %v, want %s", err, c.pointer)
			}
		})
	}
}

func TestGatewayFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	client, err := b.Gateways.Recent(t.Context(), b.DB, b.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Pay.Query(t.Context(), "none")
	refused := tenants.GatewayFault(err)
	wantCode(t, refused, tenants.CodeAlipayRefused)
	if !strings.Contains(refused.Error(), "TRADE_NOT_EXIST") {
		t.Errorf("Alipay's words are lost: %v", refused)
	}
	b.Fault("no_answer_before_effect", "alipay.trade.close", 0)
	err = client.Pay.Close(t.Context(), "none")
	wantCode(t, tenants.GatewayFault(err), tenants.CodeAlipayUnavailable)
	if err := tenants.GatewayFault(context.Canceled); err != context.Canceled {
		t.Errorf("another error became %v", err)
	}
}

// One tenant's connection is nobody else's, whatever id is asked for.
func TestConnectionIsolation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	up, err := b.svc.SignUp(t.Context(), tenants.NewTenant{Name: "other", OwnerEmail: "a@b.cn"})
	if err != nil {
		t.Fatal(err)
	}
	mine, err := b.svc.GetConnection(t.Context(), b.Actor)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.svc.GetConnection(t.Context(), tenants.Actor{Tenant: up.Tenant.ID})
	if err != nil || theirs.AppID == mine.AppID || theirs.PID == mine.PID {
		t.Errorf("the same connection: %+v, %+v, %v", mine, theirs, err)
	}
	if b.Gateways.NotifyURL(b.Tenant) == b.Gateways.NotifyURL(up.Tenant.ID) ||
		!strings.HasSuffix(b.Gateways.AppGatewayURL(b.Tenant), "/notify/alipay/"+b.Tenant.String()+"/messages") {
		t.Error("addresses do not name the tenant")
	}
	if _, err := b.svc.GetConnection(t.Context(), tenants.Actor{Tenant: id.New[id.Tenant]()}); fault.CodeOf(
		err,
	) != tenants.CodeAlipayConnectionMissing {
		t.Errorf("a tenant that does not exist: %v", err)
	}
}

func TestCheckConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	severities := func(a tenants.Actor) map[string]acquiring.Severity {
		t.Helper()
		findings, err := b.svc.CheckConnection(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]acquiring.Severity{}
		for _, f := range findings {
			out[f.Code] = f.Severity
		}
		return out
	}
	if got := severities(b.Actor); got["probe"] != acquiring.SeverityOK || got["product_zft"] != acquiring.SeverityOK {
		t.Errorf("a healthy connection: %v", got)
	}

	_, wrong, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	private, _, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	in := tenants.NewConnection{
		Gateway:         tenants.GatewaySimulator,
		AppID:           b.AppID,
		PID:             b.PID,
		PrivateKey:      private,
		AlipayPublicKey: wrong,
	}
	if _, err := b.svc.PutConnection(t.Context(), b.Actor, tenants.Match{}, in); err != nil {
		t.Fatal(err)
	}
	got := severities(b.Actor)
	if got["private_key_wrong"] != acquiring.SeverityError &&
		got["alipay_public_key_wrong"] != acquiring.SeverityError {
		t.Errorf("a connection with a wrong key: %v", got)
	}
	_, err = b.svc.CheckConnection(t.Context(), tenants.Actor{Tenant: dbtest.NewTenant(t, b.DB)})
	wantCode(t, err, tenants.CodeAlipayConnectionMissing)
}
