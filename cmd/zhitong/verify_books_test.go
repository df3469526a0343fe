package main

import (
	"encoding/json"
	"strings"
	"testing"

	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants/books"
	"zhitong/tenants/tenantstest"
)

// TestVerifyBooks plants a difference of each kind between our book and the gateway's: the command shows every one,
// ends with code 1 and changes nothing. Without one it ends with code 0.
func TestVerifyBooks(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	if err := r.Vault.Check(t.Context(), r.DB); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{
		"ZHITONG_DATABASE_URL": dbtest.AppURL(t, r.DB), "ZHITONG_MASTER_KEYSET": r.Keyset.Reveal(),
	}
	verify := func(want int, args ...string) (string, string) {
		t.Helper()
		code, out, errs := zhitong(t, environment, append([]string{"verify", "--books"}, args...)...)
		if code != want {
			t.Errorf("%v: %d, %s%s", args, code, out, errs)
		}
		return out, errs
	}
	agreed := r.Sold()
	r.Order(1) // not paid
	if out, _ := verify(0); !strings.Contains(out, "2 payments asked about: 0 differences") {
		t.Errorf("what agrees: %s", out)
	}
	want := map[string]books.Kind{}
	planted := 0
	for _, p := range r.Plants() {
		o := p.Plant()
		for _, k := range p.Found {
			want[o.Payment.ID.String()+string(k)] = k
			planted++
		}
	}
	for _, k := range books.Kinds() {
		found := false
		for _, have := range want {
			found = found || have == k
		}
		if !found {
			t.Errorf("no difference of the kind %s is planted", k)
		}
	}
	out, _ := verify(1, "--json", "--tenant", r.Tenant.String())
	var report booksReport
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, x := range report.Differences {
		if x.Tenant != r.Tenant || x.Detail == "" || want[x.Payment.String()+string(x.Kind)] != x.Kind {
			t.Errorf("not planted: %+v", x)
		}
	}
	if len(report.Differences) != planted {
		t.Errorf("%d differences of %d are found: %s", len(report.Differences), planted, out)
	}
	if out, _ := verify(1); strings.Contains(out, agreed.Payment.ID.String()) ||
		!strings.Contains(out, r.Tenant.String()) {
		t.Errorf("as text: %s", out)
	}
	for _, table := range []string{"cases", "reconciliations", "book_looks"} {
		if n := r.Count(table, "true"); n != 0 {
			t.Errorf("%d rows of %s are written", n, table)
		}
	}
	verify(1, "--sample", "0")
	verify(1, "--since=-1h")
	verify(1, "--tenant", "x")
	verify(1, "--tenant", id.New[id.Tenant]().String())
	r.Fault("system_error_before", "alipay.trade.query", 0)
	if _, errs := verify(1); !strings.Contains(errs, "could be asked") {
		t.Errorf("with the gateway away: %s", errs)
	}
	if code, _, _ := zhitong(t, environment, "verify", "--tenant", r.Tenant.String()); code != 1 {
		t.Errorf("--tenant without --books: %d", code)
	}
}
