package signin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/tenants"
	"zhitong/tenants/tenantstest"
)

// device is one that the browser at this world's pages would use.
func device(w *apitest.World) *tenantstest.Device {
	return &tenantstest.Device{Origin: w.Deps.People.PasskeyOrigin()}
}

// asked is what a form's script is told to ask the device.
func (b *browser) asked(address string) (options []byte, ticket string) {
	b.t.Helper()
	p := b.post(address)
	var c struct {
		Options json.RawMessage
		Ticket  string
	}
	if err := json.Unmarshal([]byte(p.body), &c); err != nil || p.status != http.StatusOK {
		b.t.Fatalf("%s: %d %s", address, p.status, p.body)
	}
	return c.Options, c.Ticket
}

// byPasskey signs in, or proves again, with a device.
func (b *browser) byPasskey(d *tenantstest.Device, address string, pairs ...string) page {
	b.t.Helper()
	options, ticket := b.asked(address + "/options")
	return b.post(address, append(pairs, "ticket", ticket, "credential", d.Get(b.t, options))...)
}

// TestPasskeyOnThePages: somebody invited makes a passkey, gets recovery codes, and is in; signs in with it; shows it
// again for what needs a fresh proof, makes a second one and removes it.
func TestPasskeyOnThePages(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	at := invite(t, w, w.NewTenant(t, "甲"), lifang, tenants.RoleAdmin)
	b, d := newBrowser(t, w), device(w)
	if p := b.get(at); !p.said("Create a passkey") || !p.said(`data-passkey="create"`) || !p.said(d.Origin) {
		t.Fatalf("%s", p.body)
	}
	options, ticket := b.asked(at + "/passkey/options")
	p := b.post(at+"/passkey", "ticket", ticket, "credential", d.Create(t, options))
	if len(codeShown.FindAllString(p.body, -1)) != 10 {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p = b.get("/account"); !p.said("甲") || !p.said("not set") || p.said("No second factor") {
		t.Errorf("%s", p.body)
	}
	b.post("/sign-out")
	if p = b.get("/sign-in"); !p.said("data-offer") || !p.said("Use a passkey") {
		t.Errorf("%s", p.body)
	}
	if p = b.byPasskey(d, "/sign-in/passkey"); p.at != "/console/" {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if p = b.get("/account/passkey"); !strings.HasPrefix(p.at, "/account/prove") || p.said(`name="password"`) {
		t.Fatalf("without a fresh proof: %s %s", p.at, p.body)
	}
	before := b.cookie("zt_session")
	if p = b.byPasskey(d, "/account/prove/passkey", "next", "/account/passkey"); p.at != "/account/passkey" {
		t.Fatalf("%s %s", p.at, p.body)
	}
	if b.cookie("zt_session") == before {
		t.Error("the token stayed")
	}
	options, ticket = b.asked("/account/passkey/options")
	p = b.post("/account/passkey", "ticket", ticket, "credential", d.Create(t, options), "name", "second one")
	if p.at != "/account?said=passkey-made" || !p.said("second one") {
		t.Fatalf("%s %s", p.at, p.body)
	}
	ids := strings.Split(p.body, `name="of" value="pky_`)
	if len(ids) != 3 {
		t.Fatalf("%d passkeys", len(ids)-1)
	}
	remove := func(n int) page { return b.post("/account/passkey/remove", "of", "pky_"+ids[n][:26]) }
	if p = remove(2); p.at != "/account?said=passkey-gone" || p.said("second one") {
		t.Errorf("%s", p.at)
	}
	if p = remove(1); p.at != "/account?said=passkey-last" {
		t.Errorf("the last way in: %s", p.at)
	}
}

// TestAttackPasskeyPages: a device at another origin, an answer that was given before, and an answer of somebody else
// are all told the same; options for a fresh proof and for a new passkey need a session.
func TestAttackPasskeyPages(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	join := func(email string) (*browser, *tenantstest.Device) {
		at := invite(t, w, w.NewTenant(t, "甲"), email, tenants.RoleAdmin)
		b, d := newBrowser(t, w), device(w)
		options, ticket := b.asked(at + "/passkey/options")
		b.post(at+"/passkey", "ticket", ticket, "credential", d.Create(t, options))
		return b, d
	}
	mine, d := join(lifang)
	theirs, other := join("mallory@example.cn")
	if p := theirs.byPasskey(d, "/account/prove/passkey"); p.at != "/account/prove?said=passkey" {
		t.Errorf("my passkey for their proof: %s", p.at)
	}
	if p := mine.byPasskey(other, "/account/prove/passkey"); p.at != "/account/prove?said=passkey" {
		t.Errorf("their passkey for my proof: %s", p.at)
	}
	if p := mine.byPasskey(d, "/account/prove/passkey"); p.at != "/account" { // control
		t.Errorf("my passkey for mine: %s", p.at)
	}
	b := newBrowser(t, w)
	options, ticket := b.asked("/sign-in/passkey/options")
	said := d.Get(t, options)
	if p := b.post("/sign-in/passkey", "ticket", ticket, "credential", said); p.at != "/console/" { // control
		t.Errorf("%s", p.at)
	}
	for name, p := range map[string]page{
		"a replay": newBrowser(t, w).post("/sign-in/passkey", "ticket", ticket, "credential", said),
		"another origin": newBrowser(t, w).byPasskey(&tenantstest.Device{Origin: "http://localhost.evil.cn",
			RP: "localhost", Handle: nil, Keys: d.Keys}, "/sign-in/passkey"),
		"nothing": newBrowser(t, w).post("/sign-in/passkey"),
	} {
		if p.at != "/sign-in?said=passkey" {
			t.Errorf("%s: %s %s", name, p.at, p.body)
		}
	}
	for _, at := range []string{"/account/prove/passkey/options", "/account/passkey/options"} {
		if p := newBrowser(t, w).post(at); !strings.HasPrefix(p.at, "/sign-in?") {
			t.Errorf("%s without a session: %s", at, p.at)
		}
	}
	cross := newBrowser(t, w).do(http.MethodPost, "/sign-in/passkey/options", nil, "Origin", "https://evil.example",
		"Sec-Fetch-Site", "cross-site")
	if cross.status != http.StatusForbidden {
		t.Errorf("from another site: %d", cross.status)
	}
}
