package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
)

// asProgram makes this test binary be zhitong, so that tests can start it, kill it and look at its children.
const asProgram = "ZHITONG_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if boot.Environment()[asProgram] != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// zhitong runs a command in this process and gives its exit code and output.
func zhitong(t *testing.T, environment map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, program{&out, &errs, environment})
	return code, out.String(), errs.String()
}

func TestUsage(t *testing.T) {
	t.Parallel()
	if code, out, _ := zhitong(t, nil, "--help"); code != 0 || !strings.Contains(out, "migrate") {
		t.Errorf("--help: %d, %s", code, out)
	}
	if code, _, errs := zhitong(t, nil, "fly"); code != 2 || !strings.Contains(errs, "fly") {
		t.Errorf("an unknown command: %d, %s", code, errs)
	}
	if code, out, _ := zhitong(t, nil, "version"); code != 0 || !strings.HasPrefix(out, "zhitong ") {
		t.Errorf("version: %d, %s", code, out)
	}
}

// TestServeRefuses: without a usable configuration nothing starts, and every fault is named.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "work"} {
		code, _, errs := zhitong(t, map[string]string{"ZHITONG_MASTER_KEYSET": "c2hvcnQ="}, command)
		if code != 1 || !strings.Contains(errs, "ZHITONG_DATABASE_URL") ||
			!strings.Contains(errs, "ZHITONG_MASTER_KEYSET") || strings.Contains(errs, "c2hvcnQ") {
			t.Errorf("%s: %d, %s", command, code, errs)
		}
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	environment := map[string]string{"ZHITONG_DATABASE_URL": dbtest.AppURL(t, d),
		"ZHITONG_DATABASE_OWNER_URL": dbtest.OwnerURL(t, d)}
	if code, out, errs := zhitong(t, environment, "migrate", "status"); code != 0 ||
		strings.Contains(out, "not applied") || !strings.Contains(out, "00001") {
		t.Errorf("status: %d, %s%s", code, out, errs)
	}
	if code, out, _ := zhitong(t, environment, "migrate", "up"); code != 0 || !strings.Contains(out, "nothing to do") {
		t.Errorf("up: %d, %s", code, out)
	}
	if code, _, errs := zhitong(t, environment, "migrate", "down", "--to", "0"); code != 1 ||
		!strings.Contains(errs, "--yes") {
		t.Errorf("down without --yes: %d, %s", code, errs)
	}
	if code, out, errs := zhitong(t, environment, "migrate", "down", "--to", "0", "--yes"); code != 0 ||
		!strings.Contains(out, "took back 1") {
		t.Errorf("down: %d, %s%s", code, out, errs)
	}
	// An old schema is refused, with the command that helps.
	keyset := strings.TrimSpace(second(zhitong(t, nil, "keyset")))
	environment["ZHITONG_MASTER_KEYSET"], environment["ZHITONG_PUBLIC_URL"] = keyset, "http://127.0.0.1:1"
	if code, _, errs := zhitong(t, environment, "serve"); code != 1 || !strings.Contains(errs, "zhitong migrate up") {
		t.Errorf("serve on an empty database: %d, %s", code, errs)
	}
	if code, out, errs := zhitong(t, environment, "migrate", "up"); code != 0 || !strings.Contains(out, "applied 1") {
		t.Errorf("up: %d, %s%s", code, out, errs)
	}
}

func second(_ int, out, _ string) string { return out }

// TestVerify: no breach is exit code 0; a breach is 1 and its row.
func TestVerify(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	dbtest.NewTenant(t, d)
	environment := map[string]string{"ZHITONG_DATABASE_URL": dbtest.AppURL(t, d)}
	if code, out, errs := zhitong(t, environment, "verify"); code != 0 || !strings.Contains(out, "no breach") {
		t.Fatalf("verify: %d, %s%s", code, out, errs)
	}
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY"); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := zhitong(t, environment, "verify"); code != 1 || !strings.Contains(out, "I5") ||
		!strings.Contains(out, "orders") {
		t.Errorf("verify with a wall down: %d, %s%s", code, out, errs)
	}
	if code, out, _ := zhitong(t, environment, "verify", "--json"); code != 1 ||
		!strings.Contains(out, `"unprotected_table"`) {
		t.Errorf("verify --json: %d, %s", code, out)
	}
	// A policy that is there and lets everything through: what Citus made of a restrictive one.
	if _, err := conn.Exec(t.Context(), "ALTER POLICY tenant ON tenants USING (true)"); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := zhitong(t, environment, "verify"); code != 1 ||
		!strings.Contains(out, "TENANT ISOLATION IS BROKEN") {
		t.Errorf("verify as a stranger: %d, %s", code, out)
	}
}

// TestRestored: after a restore nothing is on sale, and the operator is told whose stock is to be checked.
func TestRestored(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	err := d.InTenant(t.Context(), tenant, func(_ context.Context, tx db.TenantTx) error {
		rule, _ := dbtest.SplitRule(t, tx)
		dbtest.Product(t, tx, dbtest.Merchant(t, tx).ID, rule.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"ZHITONG_DATABASE_URL": dbtest.AppURL(t, d)}
	for i, products := range []string{"1", "0"} { // it may be repeated
		code, out, errs := zhitong(t, environment, "restored")
		line := strings.Fields(strings.Split(out, "\n")[1])
		if code != 0 || len(line) != 4 || line[0] != tenant.String() || line[1] != products {
			t.Errorf("time %d: %d, %s%s", i+1, code, out, errs)
		}
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	payment := id.New[id.Payment]()
	_, out, _ := zhitong(t, nil, "id", payment.String())
	made := time.UnixMilli(int64(binary.BigEndian.Uint64(payment[:]) >> 16)).UTC().Format("2006-01-02T15:04:05.000Z")
	for _, want := range []string{"payment", payment.String(), payment.UUID().String(), payment.Hex(), made} {
		if !strings.Contains(out, " "+want+"\n") {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for _, form := range []string{payment.UUID().String(), payment.Hex()} {
		if _, back, _ := zhitong(t, nil, "id", "--kind", "payment", form); back != out {
			t.Errorf("%s: %s, want %s", form, back, out)
		}
	}
	for _, wrong := range [][]string{{"id", payment.UUID().String()}, {"id", "--kind", "planet", payment.Hex()},
		{"id", "--kind", "order", "x"}, {"id", payment.String() + "0"}} {
		if code, out, stderr := zhitong(t, nil, wrong...); code == 0 || out != "" || stderr == "" {
			t.Errorf("%v: %d %q %q", wrong, code, out, stderr)
		}
	}
}
