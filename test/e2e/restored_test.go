package e2e_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/demo"
	"zhitong/cmd/zhitong/restored"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

// attackA43: a backup is taken, business goes on, the backup comes back. Money that moved since does not move again,
// the order that was paid since gets the keys that it got, and no key is sold to a second buyer. The control is the
// same backup without the command: the key is sold again.
func attackA43(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.start()
	s := w.openShop(6)
	pending, back, done := w.order(s), w.order(s), w.order(s)
	for _, o := range []demo.Order{back, done} {
		w.pay(s, o)
		w.waitOrder(s, o, "delivered")
		if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
			t.Fatal(err)
		}
	}
	first.stop()
	w.holds()
	original := w.db
	backup, control := w.copyDatabase("backup"), w.copyDatabase("control")

	second := w.start()
	w.pay(s, pending)
	w.waitOrder(s, pending, "delivered")
	if _, err := s.WaitSplit(w.ctx, pending.ID); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Refund(w.ctx, back.ID, "refund"); err != nil || r.Status != "succeeded" {
		t.Fatalf("refund %+v, %v", r, err)
	}
	sold := w.order(s) // after the backup, which does not know it
	w.pay(s, sold)
	w.waitOrder(s, sold, "delivered")
	if _, err := s.WaitSplit(w.ctx, sold.ID); err != nil {
		t.Fatal(err)
	}
	keysOf := func(o demo.Order) []string {
		t.Helper()
		keys, err := s.CardKeys(w.ctx, o.ID)
		if err != nil || len(keys) != 1 {
			t.Fatalf("keys %v, %v", keys, err)
		}
		return keys
	}
	pendingHas, soldHas := keysOf(pending), keysOf(sold)
	w.holds()
	moved := map[string]moneyMoved{}
	for _, o := range []demo.Order{pending, back, done, sold} {
		moved[o.ID] = w.moved(s, o)
	}
	second.stop()

	t.Log("the control: without the command")
	w.use(control)
	third := w.start()
	again := w.order(s)
	w.pay(s, again)
	w.waitOrder(s, again, "delivered")
	if !slices.Equal(keysOf(again), soldHas) {
		t.Error("the key that was sold after the backup is not sold again: the test proves nothing")
	}
	third.stop()

	t.Log("with it")
	w.use(backup)
	held, err := restored.Hold(w.ctx, w.db)
	if err != nil || len(held) != 1 || held[0].Products != 1 || held[0].Orders != 1 || held[0].CardKeys != 3 {
		t.Errorf("held %+v, %v", held, err)
	}
	w.start()
	if _, _, err := s.CreateOrder(w.ctx, s.product.ID, 1,
		"after-the-restore"); demo.CodeOf(err) != "product_not_found" {
		t.Errorf("a held product is ordered: %v", err)
	}
	w.waitOrder(s, pending, "delivered") // asked for at once, without a notification
	// Its settlement and its split were made under numbers that the backup does not know: a person is told that another
	// request released the money and, since Alipay refuses another split, of that.
	w.until("the split to be refused", func() bool {
		var sp demo.Split
		return s.Get(w.ctx, "/v1/orders/"+pending.ID+"/split", &sp) == nil && sp.Status == "refused" &&
			w.count("SELECT count(DISTINCT kind) FROM cases WHERE order_id = $1 AND status = 'open' "+
				"AND kind IN ('settlement_mismatch', 'split_refused')", named[id.Order](t, pending.ID)) == 2
	})
	if keys := keysOf(pending); !slices.Equal(keys, pendingHas) {
		t.Errorf("the order that was paid after the backup has %v, and had %v", keys, pendingHas)
	}
	// The backup knows nothing of a refund that was made: asking again gives nothing back twice.
	r, err := s.Refund(w.ctx, back.ID, "refund-again")
	if err != nil || r.Status == "pending" {
		t.Errorf("the refund asked for again: %+v, %v", r, err)
	}
	t.Logf("the refund asked for again is %s", r.Status)
	for _, o := range []demo.Order{pending, back, done, sold} {
		if now := w.moved(s, o); now != moved[o.ID] {
			t.Errorf("order %s: money moved again: %+v, before the restore %+v", o.ID, now, moved[o.ID])
		}
	}
	if n := w.count("SELECT count(*) FROM (SELECT fingerprint FROM card_keys WHERE status = 'delivered' GROUP BY 1 " +
		"HAVING count(*) > 1) x"); n != 0 {
		t.Errorf("%d keys were delivered twice", n)
	}
	w.use(original)
}

// moneyMoved is what the gateway has moved for one order, in fen.
type moneyMoved struct {
	Settled  int64 `json:"settled_fen"`
	Split    int64 `json:"transfer_fen"`
	Refunded int64 `json:"refunded_fen"`
}

func (w *world) moved(s *shop, o demo.Order) (m moneyMoved) {
	w.t.Helper()
	if err := s.AtDesk(w.ctx, http.MethodGet, "/trades/"+o.Payment.OutTradeNo, nil, &m); err != nil {
		w.t.Fatal(err)
	}
	return m
}

// copyDatabase is a backup: the database as it is now, under another name.
func (w *world) copyDatabase(name string) *db.DB {
	w.t.Helper()
	from := w.db.Pool().Config().ConnConfig.Database
	to := from[:min(len(from), 40)] + "_" + name
	w.db.Pool().Reset()
	admin, err := pgx.ParseConfig(dbtest.AdminURL(w.t, w.db))
	if err != nil {
		w.t.Fatal(err)
	}
	admin.Database = "postgres"
	run := func(ctx context.Context, sql ...string) {
		w.t.Helper()
		conn, err := pgx.ConnectConfig(ctx, admin)
		if err != nil {
			w.t.Fatal(err)
		}
		defer conn.Close(ctx)
		for _, q := range sql {
			if _, err := conn.Exec(ctx, q); err != nil {
				w.t.Fatalf("%s: %v", q, err)
			}
		}
	}
	quoted := pgx.Identifier{to}.Sanitize()
	run(w.ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+from+"'",
		"CREATE DATABASE "+quoted+" TEMPLATE "+pgx.Identifier{from}.Sanitize())
	w.t.Cleanup(func() { run(context.WithoutCancel(w.t.Context()), "DROP DATABASE IF EXISTS "+quoted+" WITH (FORCE)") })
	app, err := pgx.ParseConfig(dbtest.AppURL(w.t, w.db))
	if err != nil {
		w.t.Fatal(err)
	}
	address := url.URL{Scheme: "postgres", User: url.UserPassword(app.User, app.Password),
		Host: net.JoinHostPort(app.Host, strconv.Itoa(int(app.Port))), Path: "/" + to, RawQuery: "sslmode=disable"}
	d, err := db.Open(context.WithoutCancel(w.ctx), db.Config{URL: address.String(), MaxConns: 4})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(d.Close)
	return d
}

// use makes the programs that start from now on work on another database.
func (w *world) use(d *db.DB) {
	w.db = d
	w.config.DatabaseURL = secret.New(d.Pool().Config().ConnString())
}
