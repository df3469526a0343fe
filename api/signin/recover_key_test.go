package signin_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/approvals"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tenantstest"
)

// keyed is somebody who has joined by a passkey: a browser that is signed in, and the device.
func keyed(t *testing.T, w *apitest.World, email string) (*browser, *tenantstest.Device) {
	t.Helper()
	at := invite(t, w, w.NewTenant(t, "甲"), email, tenants.RoleAdmin)
	b, d := newBrowser(t, w), device(w)
	options, ticket := b.asked(at + "/passkey/options")
	b.post(at+"/passkey", "ticket", ticket, "credential", d.Create(t, options))
	return b, d
}

// TestRecoveryByPasskey: the link that was mailed and a passkey set a new password, once; every session ends with it.
func TestRecoveryByPasskey(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	old, d := keyed(t, w, lifang)
	me := newBrowser(t, w)
	me.post("/sign-in/recover", "email", lifang)
	at := link(t, w)
	if p := me.get(at); !p.said(`data-passkey="get"`) || !p.said("Save with a passkey") || !p.said(d.Origin) {
		t.Fatalf("%d %s", p.status, p.body)
	}
	if p := me.byPasskey(d, at+"/passkey", "new-password", "1234567890"); p.at != at+"?said=weak" {
		t.Errorf("weak: %s", p.at)
	}
	if p := old.get("/account"); p.at != "/account" {
		t.Errorf("an attempt has ended a session: %s", p.at)
	}
	if p := me.byPasskey(d, at+"/passkey", "new-password", "zmqpxlwokd"); p.at != "/sign-in?said=new-password" {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p := old.get("/account"); !strings.HasPrefix(p.at, "/sign-in") {
		t.Errorf("the old session lives: %s", p.at)
	}
	if p := me.post(at+"/passkey", "new-password", "zmqpxlwokd"); p.status != http.StatusNotFound {
		t.Errorf("again: %d", p.status)
	}
	me.post("/sign-in", "email", lifang, "password", "zmqpxlwokd")
	if p := me.byPasskey(d, "/sign-in/passkey"); strings.HasPrefix(p.at, "/sign-in") {
		t.Errorf("with the passkey: %s", p.at)
	}
}

// TestAttackRecoveryByPasskey: beside a link only an answer to this link's question counts, of the person's own
// passkey, once; the link alone, and a passkey alone, set nothing. The control does.
func TestAttackRecoveryByPasskey(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	_, d := keyed(t, w, lifang)
	_, foreign := keyed(t, w, "mallory@example.cn")
	b := newBrowser(t, w)
	b.post("/sign-in/recover", "email", lifang)
	first := link(t, w)
	b.post("/sign-in/recover", "email", lifang)
	second := link(t, w)
	const fresh = "zmqpxlwokd"
	with := func(at string, options []byte, ticket string, d *tenantstest.Device) page {
		return newBrowser(t, w).post(at+"/passkey", "new-password", fresh, "ticket", ticket, "credential",
			d.Get(t, options))
	}
	ofFirst, ticketOfFirst := b.asked(first + "/passkey/options")
	toSignIn, ticketToSignIn := b.asked("/sign-in/passkey/options")
	own, ticketOwn := b.asked(second + "/passkey/options")
	for name, p := range map[string]page{
		"the question of another link": with(second, ofFirst, ticketOfFirst, d),
		"the question of sign-in":      with(second, toSignIn, ticketToSignIn, d),
		"another's passkey":            with(second, own, ticketOwn, foreign),
		"the link alone":               newBrowser(t, w).post(second+"/passkey", "new-password", fresh),
	} {
		if p.at != second+"?said=passkey" {
			t.Errorf("%s: %s %s", name, p.at, p.body)
		}
	}
	for name, at := range map[string]string{"no link": "/sign-in/recover/" + strings.Repeat("a", 78) + "/passkey",
		"another site's form": second + "/passkey"} {
		p := newBrowser(t, w).do(http.MethodPost, at, formOf("new-password", fresh), "Origin", "https://evil.example",
			"Sec-Fetch-Site", "cross-site")
		if p.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, p.status)
		}
	}
	if p := newBrowser(t, w).post("/sign-in/recover/aaaa/passkey/options"); p.status < http.StatusBadRequest {
		t.Errorf("options without a link: %d", p.status)
	}
	if p := with(second, own, ticketOwn, d); p.at != "/sign-in?said=new-password" {
		t.Errorf("control: %s %s", p.at, p.body)
	}
}

// TestRenamePasskey: a passkey is given another name, one's own only, and nothing else happens.
func TestRenamePasskey(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	me, _ := keyed(t, w, lifang)
	theirs, _ := keyed(t, w, "mallory@example.cn")
	_, rest, ok := strings.Cut(me.get("/account").body, "/account/passkey/name?of=")
	if !ok {
		t.Fatal("the account has no way to rename a passkey")
	}
	of := rest[:30]
	if p := me.get("/account/passkey/name?of=" + of); !p.said(of) || !p.said("Rename the passkey") {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p := theirs.get("/account/passkey/name?of=" + of); p.at != "/account" {
		t.Errorf("another's page: %s", p.at)
	}
	theirs.post("/account/passkey/name", "of", of, "name", "mine now")
	if p := me.get("/account"); p.said("mine now") {
		t.Error("somebody else has renamed it")
	}
	if p := me.post("/account/passkey/name", "of", of, "name", "<b>work</b> phone"); p.at !=
		"/account?said=passkey-named" || !p.said("&lt;b&gt;work&lt;/b&gt; phone") {
		t.Errorf("%s %s", p.at, p.body)
	}
	if p := me.post("/account/passkey/name", "of", "x", "name", "y"); p.at != "/account?said=passkey-named" {
		t.Errorf("one that cannot be: %s", p.at)
	}
	p := newBrowser(t, w).post("/account/passkey/name", "of", of, "name", "y")
	if !strings.HasPrefix(p.at, "/sign-in") {
		t.Errorf("without a session: %s", p.at)
	}
}

// TestStopReset: somebody whom two administrators would have let in again sees so on their account, and stops it;
// nobody else does.
func TestStopReset(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	in := func(email string, role tenants.Role) (*browser, tenants.Actor) {
		at := invite(t, w, p, email, role)
		b, d := newBrowser(t, w), device(w)
		options, ticket := b.asked(at + "/passkey/options")
		b.post(at+"/passkey", "ticket", ticket, "credential", d.Create(t, options))
		a, _, err := w.Deps.Sessions.Actor(t.Context(), b.cookie("zt_session"), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return b, a
	}
	me, own := in(lifang, tenants.RoleSupport)
	_, asker := in("asker@example.cn", tenants.RoleAdmin)
	_, approver := in("approver@example.cn", tenants.RoleOwner)
	other, _ := in("mallory@example.cn", tenants.RoleSupport)
	ask := func() id.Approval {
		a, _, err := w.Deps.Approvals.Ask(t.Context(), asker, idempotency.Key{}, vocabulary.ApprovalFactorReset,
			approvals.Params{Reset: &approvals.FactorReset{Member: own.Caller.Member()}})
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}
	status := func(a id.Approval) (s string) {
		w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
			return tx.QueryRow(ctx, "SELECT status FROM approvals WHERE id = $1", a).Scan(&s)
		})
		return s
	}
	if got := me.get("/account"); got.said("/account/stop") {
		t.Error("there is something to stop already")
	}
	for n, approve := range []bool{false, true} {
		a := ask()
		if approve {
			if _, err := w.Deps.Approvals.Approve(t.Context(), approver, a); err != nil {
				t.Fatal(err)
			}
		}
		if got := me.get("/account"); !got.said("/account/stop") || !got.said(a.String()) ||
			got.said("Beijing time") != approve {
			t.Errorf("%d: the account does not tell: %s", n, got.body)
		}
		if other.get("/account").said("/account/stop") {
			t.Error("somebody else sees it")
		}
		form := []string{"of", a.String(), "at", p.ID.String()}
		other.post("/account/stop", form...)
		newBrowser(t, w).post("/account/stop", form...)
		me.do(http.MethodPost, "/account/stop", formOf(form...), "Origin", "https://evil.example",
			"Sec-Fetch-Site", "cross-site")
		if s := status(a); s == "refused" {
			t.Errorf("%d: somebody else has stopped it", n)
		}
		for range 2 {
			if got := me.post("/account/stop", form...); got.at != "/account?said=stopped" {
				t.Errorf("%d: %s %s", n, got.at, got.body)
			}
		}
		if s := status(a); s != "refused" {
			t.Errorf("%d: it is %s", n, s)
		}
	}
}
