package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"zhitong/cmd/zhitong/boot"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/access"
	"zhitong/tenants/vault"
)

// sealedWorld is a database, its environment, and a tenant with a data key.
type sealedWorld struct {
	t           *testing.T
	db          *db.DB
	environment map[string]string
	tenant      id.Tenant
}

func newSealedWorld(t *testing.T) *sealedWorld {
	t.Helper()
	d := dbtest.NewDB(t)
	w := &sealedWorld{t: t, db: d, tenant: dbtest.NewTenant(t, d), environment: map[string]string{
		"ZHITONG_DATABASE_URL":  dbtest.AppURL(t, d),
		"ZHITONG_PUBLIC_URL":    "http://127.0.0.1:1",
		"ZHITONG_LISTEN":        "127.0.0.1:0",
		"ZHITONG_MASTER_KEYSET": strings.TrimSpace(second(zhitong(t, nil, "keyset"))),
	}}
	if err := w.vault().Check(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	w.fingerprint()
	return w
}

func (w *sealedWorld) vault() *vault.Vault {
	w.t.Helper()
	v, err := vaultOf(secret.New(w.environment["ZHITONG_MASTER_KEYSET"]))
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// fingerprint tells the tenant's data key, as a program with the environment's keyset opens it.
func (w *sealedWorld) fingerprint() (f [16]byte) {
	w.t.Helper()
	v := w.vault()
	if err := w.db.InTenant(w.t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		all, err := v.Fingerprints(ctx, tx, []byte("x"))
		if err == nil {
			f = all[0]
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return f
}

// run runs a command of keyset and gives what it printed.
func (w *sealedWorld) run(want int, args ...string) (out, errs string) {
	w.t.Helper()
	code, out, errs := zhitong(w.t, w.environment, args...)
	if code != want {
		w.t.Fatalf("%v: %d, %s", args, code, errs)
	}
	return strings.TrimSpace(out), errs
}

// TestKeysetRotation takes the road of docs/security.md: each step prints a keyset or says what must come before it,
// and what was sealed stays readable all the way.
func TestKeysetRotation(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	want := w.fingerprint()
	step := func(args ...string) {
		t.Helper()
		w.environment["ZHITONG_MASTER_KEYSET"], _ = w.run(0, args...)
		if w.fingerprint() != want {
			t.Fatalf("after %v the tenant has another data key", args)
		}
	}
	first := w.environment["ZHITONG_MASTER_KEYSET"]
	w.run(1, "keyset", "promote") // nothing to promote
	w.run(1, "keyset", "retire")  // nothing to retire
	step("keyset", "add")
	step("keyset", "promote")
	if _, errs := w.run(1, "keyset", "retire"); !strings.Contains(errs, "zhitong keyset rewrap") {
		t.Errorf("retire too early: %s", errs)
	}
	if changed, err := w.vault().RewrapInstallation(t.Context(), w.db); err != nil || !changed {
		t.Errorf("wrap the installation's key anew: %v, %v", changed, err)
	}
	if _, errs := w.run(1, "keyset", "retire"); !strings.Contains(errs, "zhitong keyset rewrap") {
		t.Errorf("retire while a tenant's data key needs it: %s", errs)
	}
	if _, errs := w.run(0, "keyset", "rewrap"); !strings.Contains(errs, "1 tenants, 1 data keys wrapped anew") {
		t.Errorf("rewrap: %s", errs)
	}
	if _, errs := w.run(0, "keyset", "rewrap"); !strings.Contains(errs, " 0 data keys wrapped anew") {
		t.Errorf("rewrap once more: %s", errs)
	}
	step("keyset", "retire")
	if out, _ := w.run(0, "verify"); !strings.Contains(out, "no breach") {
		t.Errorf("verify with the last keyset: %s", out)
	}
	w.environment["ZHITONG_MASTER_KEYSET"] = first
	if out, _ := w.run(1, "verify"); strings.Count(out, "I10  keyset") != 2 { // the installation's key and the tenant's
		t.Errorf("verify with the first keyset, whose key is retired: %s", out)
	}
	if code, _, _ := zhitong(t, nil, "keyset", "add"); code != 1 {
		t.Errorf("add to nothing: %d", code)
	}
}

// TestForeignKeysetIsRefused: a good keyset of another installation does not start, changes nothing, and a running
// program whose database is another one's is not ready.
func TestForeignKeysetIsRefused(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	right := w.environment["ZHITONG_MASTER_KEYSET"]
	c, err := boot.Load(w.environment)
	if err != nil {
		t.Fatal(err)
	}
	app, err := boot.Build(t.Context(), c, boot.Options{API: true})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	ready := func() (int, string) {
		rec := httptest.NewRecorder()
		app.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		return rec.Code, rec.Body.String()
	}
	if code, body := ready(); code != http.StatusOK {
		t.Fatalf("the control: %d %s", code, body)
	}

	w.environment["ZHITONG_MASTER_KEYSET"] = strings.TrimSpace(second(zhitong(t, nil, "keyset")))
	foreignConfig, err := boot.Load(w.environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range []boot.Options{{API: true}, {Workers: true}} { // serve and work
		if _, err := boot.Build(t.Context(), foreignConfig, opts); !errors.Is(err, secret.ErrOtherMaster) {
			t.Errorf("a program was built: %v", err)
		}
	}
	for _, command := range [][]string{{"keyset", "rewrap"}, {"doctor", "--tenant", w.tenant.String()}} {
		if _, errs := w.run(1, command...); !strings.Contains(errs, "not the one that wrapped") {
			t.Errorf("%v: %s", command, errs)
		}
	}
	if out, _ := w.run(1, "verify"); !strings.Contains(out, "I10") || !strings.Contains(out, w.tenant.String()) {
		t.Errorf("verify: %s", out)
	}

	foreign, err := secret.ParseMaster(secret.New(w.environment["ZHITONG_MASTER_KEYSET"]))
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := foreign.NewInstallationKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		_, err := tx.Exec(ctx, "UPDATE installation_key SET wrapped = $1 WHERE singleton", wrapped)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if code, body := ready(); code != http.StatusServiceUnavailable || !strings.Contains(body, "keyset") {
		t.Errorf("ready beside another installation's database: %d %s", code, body)
	}
	w.environment["ZHITONG_MASTER_KEYSET"] = right
}

// query reads one row of the tenant.
func query(t *testing.T, w *sealedWorld, sql string, into ...any) {
	t.Helper()
	if err := w.db.InTenant(t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, sql).Scan(into...)
	}); err != nil {
		t.Fatal(err)
	}
}

// TestKeysetExchange takes the road of docs/security.md for one tenant's data key: verify tells of an exchange that
// nobody carries on and of a value without a key, and the command goes on where it was broken off.
func TestKeysetExchange(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t)
	tenant := w.tenant.String()
	exec := func(sql string, args ...any) {
		t.Helper()
		if err := w.db.InTenant(t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, sql, args...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	var sealed []byte
	if err := w.db.InTenant(t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		sealed, err = w.vault().Seal(ctx, tx, []byte("secret"), vault.ConnectionPrivateKey.At(w.tenant, w.tenant))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	exec("INSERT INTO alipay_connections (tenant_id, gateway_url, app_id, pid, sealed_private_key) VALUES "+
		"(app.tenant_id(), 'https://gateway.example.com', '2021000000000001', '2088000000000001', $1)", sealed)
	w.run(2, "keyset", "exchange") // of whom?
	w.run(1, "keyset", "exchange", "--tenant", "tnt_")
	if _, errs := w.run(1, "keyset", "exchange", "--tenant", id.New[id.Tenant]().String()); !strings.Contains(errs,
		access.ErrNoTenant.Error()) {
		t.Errorf("nobody's data key: %s", errs)
	}

	v := w.vault()
	if err := w.db.InTenant(t.Context(), w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, _, err := v.Begin(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	exec("UPDATE tenant_data_keys SET former_since = former_since - interval '1 hour' " +
		"WHERE tenant_id = app.tenant_id()")
	if out, _ := w.run(1, "verify"); !strings.Contains(out, "exchange_unfinished") || !strings.Contains(out,
		"zhitong keyset exchange") {
		t.Errorf("verify during an exchange that was broken off: %s", out)
	}
	if _, errs := w.run(0, "keyset", "exchange", "--tenant", tenant); !strings.Contains(errs,
		"has sealed 1 values anew") {
		t.Errorf("exchange: %s", errs)
	}
	if out, _ := w.run(0, "verify"); !strings.Contains(out, "no breach") {
		t.Errorf("verify after it: %s", out)
	}
	exec("UPDATE alipay_connections SET sealed_private_key = $1 WHERE tenant_id = app.tenant_id()", sealed)
	if out, _ := w.run(1, "verify"); !strings.Contains(out,
		"1 values name version 1 of the data key, which is not there") {
		t.Errorf("verify with a value of before: %s", out)
	}
}
