package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/alipay"
	"zhitong/cmd/zhitong/boot"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// TestDoctor examines a tenant of the simulator: healthy, then with a key that Alipay does not know; and a tenant that
// is not there.
func TestDoctor(t *testing.T) {
	t.Parallel()
	simulator := "http://" + startSimulatorCommand(t)
	d := dbtest.NewDB(t)
	environment := map[string]string{"ZHITONG_DATABASE_URL": dbtest.AppURL(t, d),
		"ZHITONG_MASTER_KEYSET": strings.TrimSpace(second(zhitong(t, nil, "keyset"))),
		"ZHITONG_PUBLIC_URL":    "https://pay.example.cn", "ZHITONG_SANDBOX_URL": simulator}
	tenant, app := signUp(t, environment)
	doctor := func() (int, string, string) { return zhitong(t, environment, "doctor", "--tenant", tenant.String()) }

	code, out, errs := doctor()
	if code != 0 || !strings.HasSuffix(out, "\nhealthy\n") {
		t.Fatalf("a healthy connection: %d\n%s%s", code, out, errs)
	}
	for _, finding := range []string{"private_key", "alipay_public_key", "clock", "probe", "product_zft",
		"product_royalty", "product_face_to_face"} {
		if !regexp.MustCompile(`(?m)^ok +` + finding + ": .").MatchString(out) {
			t.Errorf("%s is not ok:\n%s", finding, out)
		}
	}
	// what is worth a warning says what to do, and is not an error
	if !regexp.MustCompile(`(?m)^warning +gateway_plain: .+\n +→ .+https`).MatchString(out) {
		t.Errorf("no warning about the plain gateway:\n%s", out)
	}

	// what the role may do beyond its need is told with the statement that takes it away
	if !regexp.MustCompile(`(?m)^warning +role_reach: The role may make large objects.+REVOKE`).MatchString(out) {
		t.Errorf("nothing about the role's rights:\n%s", out)
	}

	toldOfSettings(t, d, environment, doctor)

	_, other, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	patch(t, simulator+"/desk/api/apps/"+app, map[string]any{"public_key": other})
	code, out, errs = doctor()
	wrong := regexp.MustCompile(`(?m)^error +private_key_wrong: .+\n +→ Upload the public key`)
	if code != 1 || !wrong.MatchString(out) || !strings.Contains(out, "not healthy: 1 of ") {
		t.Errorf("a wrong key: %d\n%s%s", code, out, errs)
	}
	if strings.Contains(out, "product_") {
		t.Errorf("it goes on without a working key:\n%s", out)
	}

	if code, out, errs := zhitong(t, environment, "doctor", "--tenant", id.New[id.Tenant]().String()); code != 1 ||
		out != "" || !strings.Contains(errs, "connect") {
		t.Errorf("a tenant that is not there: %d, %s, %s", code, out, errs)
	}
	if code, _, errs := zhitong(t, environment, "doctor", "--tenant", "1"); code != 1 ||
		!strings.Contains(errs, "--tenant") {
		t.Errorf("no id: %d, %s", code, errs)
	}
	if code, _, errs := zhitong(t, environment, "doctor"); code != 2 || !strings.Contains(errs, "--tenant") {
		t.Errorf("no tenant: %d, %s", code, errs)
	}
}

// toldOfSettings: doctor says whether set_config is revoked, and migrate revoke does it for a superuser; who is none is
// told the statements, and changes nothing.
func toldOfSettings(t *testing.T, d *db.DB, environment map[string]string, doctor func() (int, string, string)) {
	t.Helper()
	revoked := regexp.MustCompile(`(?m)^ok +role_reach: set_config is revoked`)
	open := regexp.MustCompile(`(?m)^warning +role_reach: The role may change by a SELECT .+REVOKE EXECUTE`)
	says := func(want bool) {
		t.Helper()
		code, out, errs := doctor()
		if code != 0 || revoked.MatchString(out) != want || open.MatchString(out) == want {
			t.Errorf("set_config revoked: %t, and doctor says %d\n%s%s", want, code, out, errs)
		}
	}
	says(true)
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC")
	if err := errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	says(false)
	as := func(url string) (int, string, string) {
		env := maps.Clone(environment)
		env["ZHITONG_DATABASE_OWNER_URL"] = url
		return zhitong(t, env, "migrate", "revoke")
	}
	code, out, errs := as(dbtest.OwnerURL(t, d))
	if code != 1 || !strings.Contains(out, "REVOKE EXECUTE ON FUNCTION") || !strings.Contains(errs, "no superuser") {
		t.Errorf("as the owner: %d\n%s%s", code, out, errs)
	}
	says(false)
	if code, out, errs := as(dbtest.AdminURL(t, d)); code != 0 {
		t.Errorf("as a superuser: %d\n%s%s", code, out, errs)
	}
	says(true)
}

// signUp makes a tenant with an app at the simulator.
func signUp(t *testing.T, environment map[string]string) (tenant id.Tenant, app string) {
	t.Helper()
	config, err := boot.Load(environment)
	if err != nil {
		t.Fatal(err)
	}
	a, err := boot.Build(t.Context(), config, boot.Options{Log: slog.New(slog.DiscardHandler), Workers: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	up, err := a.Tenants.SignUp(t.Context(), tenants.NewTenant{Name: "示例", OwnerEmail: "a@example.cn"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Tenants.GetConnection(t.Context(), tenants.Actor{Tenant: up.Tenant.ID, Role: tenants.RoleOwner})
	if err != nil {
		t.Fatal(err)
	}
	return up.Tenant.ID, c.AppID
}

func patch(t *testing.T, url string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, url, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, res.Status)
	}
}
