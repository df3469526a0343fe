package apitest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/db/dbtest"
)

// dumped is everything that stands in the world's database, as pg_dump writes it: its own program where there is one,
// and the same COPY statements of every table otherwise.
func dumped(t *testing.T, w *apitest.World) []byte {
	t.Helper()
	url := dbtest.AdminURL(t, w.DB)
	program, err := exec.LookPath("pg_dump")
	if installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); err != nil && len(installed) > 0 {
		program, err = installed[len(installed)-1], nil
	}
	if err == nil {
		if out, err := exec.CommandContext(t.Context(), program, "--data-only", url).Output(); err == nil {
			return out
		}
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, table := range tables {
		if _, err := conn.PgConn().CopyTo(t.Context(), &out, "COPY "+table+" TO STDOUT"); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

var (
	// hexes are the bytea values of a dump, \\x and digits; and digits alone, as identifiers without dashes are.
	hexes = regexp.MustCompile(`[0-9a-f]{32,}`)
	texts = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)
	uuids = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

// secretsIn are the values of 16 bytes that a dump has anywhere: in every bytea at every place, in every identifier,
// and in every text that is base64.
func secretsIn(dump []byte) map[[16]byte]bool {
	found := map[[16]byte]bool{}
	all := func(b []byte) {
		for i := 0; i+16 <= len(b) && i <= 256; i++ { // what is longer is a picture, or sealed
			found[[16]byte(b[i:])] = true
		}
	}
	for _, m := range hexes.FindAll(dump, -1) {
		if b, err := hex.DecodeString(string(m[:len(m)&^1])); err == nil {
			all(b)
		}
	}
	for _, m := range uuids.FindAll(dump, -1) {
		if b, err := hex.DecodeString(strings.ReplaceAll(string(m), "-", "")); err == nil {
			all(b)
		}
	}
	for _, m := range texts.FindAll(dump, -1) {
		for _, code := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
			if b, err := code.DecodeString(string(m[:len(m)&^3])); err == nil {
				all(b)
			}
		}
		if b, err := base64.RawURLEncoding.DecodeString(string(m)); err == nil {
			all(b)
		}
	}
	return found
}

// TestDumpOpensNoPage takes the database and tries to read card keys with it: neither are they in it, nor does any
// value in it make a checkout address of the running program. The true addresses open, and a secret that stood in the
// dump would have been found.
func TestDumpOpensNoPage(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t, func(d *api.Deps) { d.Limits.MissesMinute = 1_000_000 })
	p := w.NewTenant(t, "甲")
	var addresses []string
	for _, channel := range []string{"qr", "page"} { // the address of the cashier's page leads back to ours
		var o struct {
			ID          string
			CheckoutURL string `json:"checkout_url"`
			Payment     struct {
				OutTradeNo string `json:"out_trade_no"`
				PayURL     string `json:"pay_url"`
			}
		}
		body := w.OrderBody(p, 1)
		body["channel"] = channel
		w.Must(t, p.Key(owner), "POST", "/v1/orders", body, &o, key()...)
		if o.Payment.PayURL == "" {
			t.Errorf("%s: createOrder tells no address to pay at", channel)
		}
		addresses = append(addresses, strings.TrimPrefix(o.CheckoutURL, w.URL))
		if channel == "page" {
			continue // waits for its payment
		}
		w.Desk(t, "POST", "/trades/"+o.Payment.OutTradeNo+"/pay", object{}, nil)
		w.Await(t, p, o.ID, "delivered")
	}
	w.Must(t, p.Key(support), "POST", p.Fill("/v1/orders/{order_id}/checkout_url/renew"), nil, nil, key()...)
	opens := func(path string) bool {
		a := w.Do(t, "", http.MethodGet, path, nil)
		if a.Status == http.StatusOK {
			return true
		}
		if a.Status != http.StatusNotFound {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		return false
	}
	for _, path := range addresses {
		if !opens(path) {
			t.Fatalf("the true address %s does not open: the test proves nothing", path)
		}
	}
	dump := dumped(t, w)
	if !bytes.Contains(dump, []byte(p.ID.UUID().String())) {
		t.Fatal("the dump has no tenant: the test proves nothing")
	}
	if bytes.Contains(dump, []byte(p.IDs["product_id"]+"-0")) {
		t.Error("a card key stands in the dump in plain text")
	}
	found := secretsIn(dump)
	for _, path := range addresses {
		token := path[strings.LastIndexByte(path, '/')+1:]
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		half := [16]byte(raw[32:])
		if found[half] {
			t.Errorf("the secret half of %s stands in the dump", path)
		}
		if bytes.Contains(dump, []byte(token[43:])) {
			t.Errorf("a part of the address %s stands in the dump", path)
		}
		for name, leak := range map[string]string{
			"bytea":            `\\x` + hex.EncodeToString(half[:]),
			"sealed with more": `\\x00ff` + hex.EncodeToString(half[:]) + "00",
			"address":          "https://example.cn/checkout/" + token,
		} {
			if !secretsIn([]byte("1\t" + leak + "\t2"))[half] {
				t.Errorf("a leak as %s would not be found: the test proves nothing", name)
			}
		}
		tried := 0 // as many as take a few seconds; the comparison above has seen all of them
		for candidate := range found {
			copy(raw[32:], candidate[:])
			if opens("/checkout/" + base64.RawURLEncoding.EncodeToString(raw) + "/status") {
				t.Errorf("a value of the dump opens %s", path)
			}
			if tried++; tried == 2000 {
				break
			}
		}
		if tried < 200 {
			t.Errorf("only %d values were tried", tried)
		}
	}
}
