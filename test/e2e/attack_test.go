package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/demo"
	"zhitong/db/dbtest"
)

// TestAttack plays the attacks that need the whole program.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A07 64 identical notifications at once", attackA07)
	t.Run("A43 a restored backup", attackA43)
	t.Run("A44 secrets in logs, rows and jobs", attackA44)
}

// attackA44 takes an order through its lifecycle with secrets that are easy to find again, and looks for them
// everywhere they must not be: in every row of every table as a database dump would have it (job arguments among them),
// and in the whole log at its most talkative.
func attackA44(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := &wholeLog{}
	w.start(func(o *boot.Options) {
		o.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s := w.openShop(1)
	const cardKey = "CANARY-CARD-KEY-7f3b91d2"
	const idNumber = "11010519491231002X"
	const account = "6222020200112233445"
	if _, err := s.ImportCardKeys(w.ctx, s.product.ID, []string{cardKey}); err != nil {
		t.Fatal(err)
	}
	form := demo.Enterprise("金丝雀有限公司").ToCard()
	form.LegalCertNo, form.SettleCard.AccountNo = idNumber, account
	if _, err := s.Onboard(w.ctx, "supplier", form, nil); err != nil {
		t.Fatal(err)
	}
	var endpoint struct {
		Secret string `json:"secret"`
	}
	if err := s.Post(w.ctx, "/v1/webhook_endpoints", map[string]any{"url": w.front.URL + "/livez"},
		&endpoint); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CreateOrder(w.ctx, s.product.ID, 0, "wrong"); err == nil { // a refusal is logged too
		t.Error("an order of nothing is taken")
	}
	o, _, err := s.CreateOrder(w.ctx, s.product.ID, 2, "canary-idempotency")
	if err != nil {
		t.Fatal(err)
	}
	w.pay(s, o)
	w.waitOrder(s, o, "delivered")
	revealed, err := s.CardKeys(w.ctx, o.ID)
	if err != nil || !strings.Contains(strings.Join(revealed, " "), cardKey) {
		t.Fatalf("the canary was not sold: %v", err)
	}
	if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Refund(w.ctx, o.ID, "refund"); err != nil || r.Status != "succeeded" {
		t.Fatalf("refund %+v, %v", r, err)
	}
	canaries := map[string]string{
		"the card key": cardKey, "the other card key": revealed[0], "the number of the identity card": idNumber,
		"the bank account":               account,
		"the secret half of the API key": s.tenant.APIKey[len(s.tenant.APIKey)-32:],
		"the webhook secret":             strings.TrimPrefix(endpoint.Secret, "whsec_"),
		"the master keyset":              w.config.MasterKeyset.Reveal()[40:120], "a private key": "PRIVATE KEY",
		"the operator's token": w.config.OperatorToken.Reveal(),
	}
	dump, rows := w.dump()
	text := []byte(log.String())
	if rows < 100 || len(text) < 1000 {
		t.Fatalf("%d rows and %d bytes of log were searched: the test proves nothing", rows, len(text))
	}
	if !bytes.Contains(dump, []byte(o.ID)) || !bytes.Contains(dump, []byte("金丝雀有限公司")) ||
		!bytes.Contains(text, []byte(s.tenant.ID)) {
		t.Error("what is no secret is not found either: the test proves nothing")
	}
	for what, canary := range canaries {
		for form, needle := range map[string]string{"": canary, ", in hex": hex.EncodeToString([]byte(canary)),
			", in base64": base64.StdEncoding.EncodeToString([]byte(canary))[:len(canary)]} {
			for where, haystack := range map[string][]byte{"the database": dump, "the log": text} {
				if bytes.Contains(haystack, []byte(needle)) {
					t.Errorf("%s%s is in %s", what, form, where)
				}
			}
		}
	}
}

// dump is every row of every table as text.
func (w *world) dump() (out []byte, rows int) {
	w.t.Helper()
	conn, err := pgx.Connect(w.ctx, dbtest.AdminURL(w.t, w.db))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(w.ctx)
	found, err := conn.Query(w.ctx, "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) "+
		"FROM information_schema.tables WHERE table_schema IN ('public', 'river') AND table_type = 'BASE TABLE'")
	if err != nil {
		w.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		w.t.Fatal(err)
	}
	for _, table := range tables {
		r, err := conn.Query(w.ctx, fmt.Sprintf("SELECT t::text FROM %s t", table))
		if err != nil {
			w.t.Fatal(err)
		}
		lines, err := pgx.CollectRows(r, pgx.RowTo[string])
		if err != nil {
			w.t.Fatal(err)
		}
		for _, line := range lines {
			out = append(append(out, line...), '\n')
			rows++
		}
	}
	return out, rows
}

// wholeLog keeps all of a log.
type wholeLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *wholeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is the log so far.
func (l *wholeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
