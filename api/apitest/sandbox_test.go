package apitest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"zhitong/alipay"
	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants/desk"
)

// watched asks how the application stands, as its job does, and finds texts in it.
func watched(t testing.TB, w *apitest.World, p *apitest.Tenant, texts ...string) {
	t.Helper()
	application, err := id.Parse[id.Application](p.IDs["application_id"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Deps.Onboarding.Watch(t.Context(), p.ID, application); err != nil {
		t.Fatal(err)
	}
	a := w.Do(t, p.Key(owner), http.MethodGet, p.Fill("/v1/applications/{application_id}"), nil)
	for _, text := range texts {
		if !strings.Contains(string(a.Body), text) {
			t.Errorf("the application lacks %q: %s", text, a.Body)
		}
	}
}

// TestSandboxApproves walks an application through every step that Alipay and the merchant take.
func TestSandboxApproves(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	p = p.With(sent(t, w, p))
	for _, step := range []string{"risk", "materials", "signature"} {
		a := w.Do(t, p.Key(developer), http.MethodPost, p.Fill("/v1/sandbox/applications/{application_id}/decide"),
			object{"step": step, "outcome": "passed"})
		if a.Status != http.StatusOK && !(step == "materials" && a.Code() == "simulator_refused") { // it may be skipped
			t.Fatalf("%s: %d %s", step, a.Status, a.Body)
		}
	}
	watched(t, w, p, `"status":"approved"`)
}

// TestSandboxRefunds: the next refund is refused, or late, once.
func TestSandboxRefunds(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for outcome, want := range map[string]string{
		"refused": "refused", "delayed": "succeeded", "succeeds": "succeeded",
	} {
		for _, said := range []string{"refused", outcome} { // what was said before is taken back
			w.Must(t, p.Key(developer), http.MethodPost, "/v1/sandbox/next_refund", object{"outcome": said}, nil)
		}
		if have := refundOf(t, w, p); have != want {
			t.Errorf("%s: the refund is %s", outcome, have)
		}
		if have := refundOf(t, w, p); have != "succeeded" {
			t.Errorf("after %s: the refund is %s", outcome, have)
		}
	}
}

// refundOf refunds an order and does what the job does until it has ended.
func refundOf(t *testing.T, w *apitest.World, p *apitest.Tenant) string {
	t.Helper()
	var r struct{ ID, Status string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders/"+w.Delivered(t, p)+"/refunds", object{}, &r, key()...)
	for range 5 {
		_, err := w.Deps.Orders.ExecuteRefund(t.Context(), p.ID, parsed[id.Refund](t, r.ID))
		if err != nil {
			t.Fatal(err)
		}
		if w.Must(t, p.Key(owner), http.MethodGet, "/v1/refunds/"+r.ID, nil, &r); r.Status != "pending" {
			break
		}
	}
	return r.Status
}

// TestAttackSandbox: a sandbox reaches nothing that another one has at the simulator, whatever its rows say; and where
// there is no simulator, or another gateway, nothing is done.
func TestAttackSandbox(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	a, b := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	decide := object{"step": "risk", "outcome": "rejected", "memo": "x"}
	mine := a.With(sent(t, w, a))
	application, number := sentToDesk(t, w, b)
	theirs := b.With(map[string]string{"application_id": application.String()})
	path := "/v1/sandbox/applications/{application_id}/decide"

	// a row that names another one's application at the simulator
	w.In(t, a, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE applications SET alipay_order_id = $1 WHERE id = $2", number,
			parsed[id.Application](t, mine.IDs["application_id"]))
		return err
	})
	if x := w.Do(t, a.Key(owner), http.MethodPost, mine.Fill(path), decide); x.Code() != "sandbox_only" {
		t.Errorf("another one's application: %d %s", x.Status, x.Body)
	}
	if x := w.Do(t, b.Key(owner), http.MethodPost, theirs.Fill(path), decide); x.Status != http.StatusOK {
		t.Errorf("the control, its own: %d %s", x.Status, x.Body)
	}
	// a refund that fails for one, fails for that one only
	w.Must(t, a.Key(owner), http.MethodPost, "/v1/sandbox/next_refund", object{"outcome": "refused"}, nil)
	w.Must(t, b.Key(owner), http.MethodPost, "/v1/sandbox/next_refund", object{"outcome": "succeeds"}, nil)
	if have := refundOf(t, w, b); have != "succeeded" {
		t.Errorf("the other one's refund is %s", have)
	}
	if have := refundOf(t, w, a); have != "refused" {
		t.Errorf("the control: one's own refund is %s", have)
	}
	// another gateway, and a live platform
	order, _ := w.Order(t, a)
	for _, change := range []string{
		"UPDATE alipay_connections SET gateway_url = 'https://openapi-sandbox.dl.alipaydev.com/gateway.do'",
		"UPDATE tenants SET mode = 'live'",
	} {
		w.In(t, a, func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, change)
			return err
		})
		x := w.Do(t, a.Key(owner), http.MethodPost, "/v1/sandbox/orders/"+order+"/pay", object{})
		if x.Code() != "sandbox_only" && x.Status != http.StatusUnauthorized { // a key says its mode
			t.Errorf("%s: %d %s", change, x.Status, x.Body)
		}
	}
}

// TestSandboxElsewhere: without a simulator there is nothing of it; with one that others have, too, its clock stays.
func TestSandboxElsewhere(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t, func(d *api.Deps) { d.Desk = nil })
	p := w.NewTenant(t, "甲")
	for _, op := range w.Contract.Operations() {
		if op.Tag != "sandbox" {
			continue
		}
		if a := send(t, w, op, p.Key(owner), p); a.Code() != "route_not_found" {
			t.Errorf("%s without a simulator: %d %s", op.ID, a.Status, a.Body)
		}
	}
	shared := apitest.NewWorld(t, func(d *api.Deps) { d.Desk = nil })
	shared = apitest.NewWorldOn(t, shared.DB, func(d *api.Deps) {
		d.Desk = desk.New(desk.Config{DB: shared.DB, Desk: alipay.NewDesk("http://127.0.0.1:1", http.DefaultClient),
			GatewayURL: "http://127.0.0.1:1/gateway.do", Clock: d.Clock})
	})
	q := shared.NewTenant(t, "乙")
	shared.In(t, q, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE alipay_connections SET gateway_url = 'http://127.0.0.1:1/gateway.do'")
		return err
	})
	for path, want := range map[string]string{"/v1/sandbox/clock": "sandbox_clock_shared",
		"/v1/sandbox/orders/{order_id}/pay": "sandbox_unavailable"} {
		body := object{}
		if strings.HasSuffix(path, "clock") {
			body = object{"advance_seconds": 60}
		}
		if a := shared.Do(t, q.Key(owner), http.MethodPost, q.Fill(path), body); a.Code() != want {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}
