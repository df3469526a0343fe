package recording_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/catalog"
	"zhitong/tenants/events"
	"zhitong/tenants/merchants"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/overview"
	"zhitong/tenants/recovery"
	"zhitong/tenants/refunds"
	"zhitong/tenants/search"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
	"zhitong/tenants/timeline"
	"zhitong/tenants/vault"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/seed"
)

// growing are the tables that get rows with every order.
func growing() map[string]bool {
	m := map[string]bool{}
	for _, t := range []string{"orders", "order_items", "card_keys", "payments", "notifications", "ledger_postings",
		"events", "idempotency_keys", "audit_log", "cases",
		"applications", "settlements", "splits", "split_parts", "refunds", "refund_parts", "webhook_attempts",
		"river_job"} {
		m[t] = true
	}
	return m
}

// node is a part of a plan as EXPLAIN tells it.
type node struct {
	Type    string  `json:"Node Type"`
	Table   string  `json:"Relation Name"`
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Removed float64 `json:"Rows Removed by Filter"`
	Recheck float64 `json:"Rows Removed by Index Recheck"`
	Plans   []node  `json:"Plans"`
}

func (n node) walk(visit func(node)) {
	visit(n)
	for _, p := range n.Plans {
		p.walk(visit)
	}
}

// sorted tells how many rows a node sorts to give the first of them.
func (n node) sorted() (most float64) {
	if n.Type != "Limit" {
		return 0
	}
	n.walk(func(of node) {
		if of.Type == "Sort" && len(of.Plans) > 0 {
			most = max(most, of.Plans[0].Rows*of.Plans[0].Loops)
		}
	})
	return most
}

// sortMax is how many rows may be sorted for a page: as many as all pages that go into it have.
const sortMax = 300

// wasteMax is how many rows a scan may read in vain for each row it gives, on top of a handful.
const wasteMax, handful = 2, 25

// TestPlans looks at how Postgres carries out the hottest statements in a database with some orders of several tenants:
// it never reads a growing table from end to end, and it reads about as many rows as it gives.
func TestPlans(t *testing.T) {
	t.Parallel()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.NewDBWith(t, db.Config{Tracer: recording.Tracer{}})
	const tenantsMany, filled = 5, 5_000
	super, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	if _, err := super.Exec(t.Context(), "SET session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	for _, fill := range []func() error{
		func() error { return seed.Tenants(t.Context(), super, 1, tenantsMany, k.Connection, "") },
		func() error { return seed.Orders(t.Context(), super, 1, filled, tenantsMany, true) },
		func() error { return seed.Orders(t.Context(), super, filled+1, filled+1000, tenantsMany, false) },
		func() error { return seed.Keys(t.Context(), super, 1, filled, tenantsMany) },
		func() error { return settle(t.Context(), super) },
		func() error {
			_, err := super.Exec(t.Context(), "ANALYZE audit_log, applications, settlements, splits, refunds, "+
				"tenants, merchants, products, orders, order_items, payments, card_keys, ledger_postings, "+
				"events, notifications")
			return err
		},
	} {
		if err := fill(); err != nil {
			t.Fatal(err)
		}
	}
	c := new(clock.Movable)
	p := recording.NewProduct(d, k, c)
	a := recording.Actor(seed.TenantOf(7, tenantsMany))
	product, order := id.Product(seed.UID(seed.Product,
		seed.TenantOf(7, tenantsMany))), id.Order(seed.UID(seed.Order, 7))
	later := clock.FrozenAt(c.Now().Add(time.Hour)) // what was just filled in can be read forwards
	happened, goods, people := events.New(d, later), catalog.New(d), merchants.New(d, nil)
	looked, goodsInStock := audit.New(d), stock.New(d, nil)
	applied := onboarding.New(onboarding.Config{DB: d, Clock: c})
	first := id.First[id.Application](time.Unix(1, 0)) // no page has rows: what is filled in has no form to be opened
	settled := splits.New(splits.Config{DB: d, Clock: c})
	figures := overview.New(overview.Config{DB: d, Clock: c, Settled: -1})
	roll := func(ctx context.Context) error {
		horizon, err := figures.Horizon(ctx)
		if err == nil {
			_, err = figures.Roll(ctx, a.Tenant, horizon)
		}
		return err
	}
	for _, first := range []func(context.Context) error{roll, func(ctx context.Context) error {
		_, err := super.Exec(ctx, "ANALYZE overview_figures, overview_heads, overview_stages")
		return err
	}} { // the first sums read all that there is
		if err := first(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"create an order", func(ctx context.Context) error {
			_, err := p.Create(ctx, seed.TenantOf(7, tenantsMany))
			return err
		}},
		{"pay an order", func(ctx context.Context) error { return p.Pay(ctx, filled+7, tenantsMany) }},
		{"recovery", func(ctx context.Context) error {
			return recovery.New(d, c).Tenant(ctx, a.Tenant, recovery.Found{})
		}},
		{"getOverview with what is not summed yet", func(ctx context.Context) error {
			_, err := figures.Get(ctx, a)
			return err
		}},
		{"getTimeSeries of a product", func(ctx context.Context) error {
			_, err := figures.Series(ctx, a, overview.Question{Of: overview.Scope{Product: product},
				Span: overview.Daily, From: c.Now().Add(-300 * 24 * time.Hour), Until: c.Now()})
			return err
		}},
		{"listTop", func(ctx context.Context) error {
			_, _, err := figures.Top(ctx, a, overview.TopQuestion{From: c.Now().Add(-30 * 24 * time.Hour),
				Until: c.Now(), Limit: 10})
			return err
		}},
		{"sum what is new", roll},
		{"getOverview when all is summed", func(ctx context.Context) error {
			_, err := figures.Get(ctx, a)
			return err
		}},
		{"getOrder", func(ctx context.Context) error { _, err := p.Orders.Get(ctx, a, order); return err }},
		{"getOrderTimeline", func(ctx context.Context) error {
			_, err := timeline.New(d).Get(ctx, a, order, timeline.See{Payments: true, Splits: true, Refunds: true,
				Webhooks: true, Cases: true, Reviews: true, Codes: true, Acts: true, Keys: true, Members: true})
			return err
		}},
		{"search by each shape", func(ctx context.Context) error {
			found := search.New(d, vault.New(k.Connection.Master))
			for _, text := range []string{order.String(), id.Payment(order).Hex(), seed.TradeNo(7), "2088000000000001",
				"no reference", "13800000000", "nobody@example.cn", "https://", id.New[id.CardKey]().String(),
				id.New[id.Event]().String(), id.New[id.Case]().String(), id.New[id.Settlement]().String()} {
				if _, err := found.Find(ctx, a, text, search.Sight{Contacts: true,
					May: func(string) bool { return true }}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"listOrders", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20}, orders.Filter{})
			return err
		}},
		{"listOrders by reference", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20},
				orders.Filter{Reference: "there is none"})
			return err
		}},
		{"listOrders by contact", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20},
				orders.Filter{BuyerContact: "there is none"})
			return err
		}},
		{"listOrders by trade number", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20}, orders.Filter{TradeNo: "there is none"})
			return err
		}},
		{"listOrders by out_trade_no", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20},
				orders.Filter{Payment: id.New[id.Payment]()})
			return err
		}},
		{"listOrders of a merchant", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20},
				orders.Filter{MerchantOfRecord: id.New[id.Merchant]()})
			return err
		}},
		{"listOrders of a product", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20}, orders.Filter{Product: product})
			return err
		}},
		{"listOrders of a product that is never ordered", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20},
				orders.Filter{Product: id.New[id.Product]()})
			return err
		}},
		{"listOrders of a rare status", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20, Count: true},
				orders.Filter{Statuses: []orders.Status{orders.StatusNeedsReview}})
			return err
		}},
		{"listOrders of a rare status, oldest first", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20, OldestFirst: true},
				orders.Filter{Statuses: []orders.Status{orders.StatusRefunded}})
			return err
		}},
		{"listOrders oldest first", func(ctx context.Context) error {
			_, err := p.Orders.List(ctx, a, tenants.Page[id.Order]{Limit: 20, OldestFirst: true}, orders.Filter{})
			return err
		}},
		{"listOrderPostings", func(ctx context.Context) error {
			_, err := p.Orders.Postings(ctx, a, order, tenants.Page[id.Posting]{})
			return err
		}},
		{"listEvents", func(ctx context.Context) error {
			_, err := happened.List(ctx, a, tenants.Page[id.Event]{Limit: 20}, events.Filter{})
			return err
		}},
		{"listEvents forwards", func(ctx context.Context) error {
			_, err := happened.List(ctx, a, tenants.Page[id.Event]{Limit: 20, OldestFirst: true}, events.Filter{})
			return err
		}},
		{"listEvents of an order", func(ctx context.Context) error {
			_, err := happened.List(ctx, a, tenants.Page[id.Event]{Limit: 20},
				events.Filter{SubjectID: uuid.UUID(order)})
			return err
		}},
		{"listRefunds", func(ctx context.Context) error {
			_, err := p.Refunds.List(ctx, a, tenants.Page[id.Refund]{Limit: 20, Count: true}, refunds.Filter{})
			return err
		}},
		{"listAuditLog", func(ctx context.Context) error {
			_, err := looked.List(ctx, a, tenants.Page[id.AuditEntry]{Limit: 20}, audit.Filter{})
			return err
		}},
		{"listAuditLog of an order", func(ctx context.Context) error {
			_, err := looked.List(ctx, a, tenants.Page[id.AuditEntry]{Limit: 20},
				audit.Filter{Subject: uuid.UUID(order)})
			return err
		}},
		{"listAuditLog of an actor", func(ctx context.Context) error {
			_, err := looked.List(ctx, a, tenants.Page[id.AuditEntry]{Limit: 20}, audit.Filter{ActorID: order.String()})
			return err
		}},
		{"listSplits", func(ctx context.Context) error {
			_, err := settled.ListSettled(ctx, a, tenants.Page[id.Settlement]{Limit: 20}, splits.SettledFilter{})
			return err
		}},
		{"listApplications", func(ctx context.Context) error {
			_, err := applied.List(ctx, a, tenants.Page[id.Application]{Limit: 20, Before: first}, onboarding.Filter{})
			return err
		}},
		{"listApplications of a merchant", func(ctx context.Context) error {
			merchant := id.Merchant(seed.UID(seed.Merchant, seed.TenantOf(7, tenantsMany)))
			_, err := applied.List(ctx, a, tenants.Page[id.Application]{Limit: 20, Before: first},
				onboarding.Filter{Merchant: merchant})
			return err
		}},
		{"listProducts", func(ctx context.Context) error {
			_, err := goods.List(ctx, a, tenants.Page[id.Product]{Limit: 20}, "", "")
			return err
		}},
		{"listCardKeys", func(ctx context.Context) error {
			_, err := goodsInStock.ListKeys(ctx, a, product, tenants.Page[id.CardKey]{Limit: 20}, stock.KeyFilter{})
			return err
		}},
		{"listCardKeys of an import", func(ctx context.Context) error {
			_, err := goodsInStock.ListKeys(ctx, a, product, tenants.Page[id.CardKey]{Limit: 20},
				stock.KeyFilter{Import: id.New[id.CardKeyImport]()})
			return err
		}},
		{"getStock", func(ctx context.Context) error { _, err := goodsInStock.Stock(ctx, a, product); return err }},
		{"getProduct", func(ctx context.Context) error { _, err := goods.Get(ctx, a, product); return err }},
		{"listMerchants", func(ctx context.Context) error {
			_, err := people.List(ctx, a, tenants.Page[id.Merchant]{Limit: 20}, merchants.Filter{})
			return err
		}},
	} {
		t.Run(h.name, func(t *testing.T) {
			raw, err := recording.Tracer{}.Record(t.Context(), h.run)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range raw.Statements() {
				if strings.HasPrefix(s.SQL, "select set_config") || len(strings.Fields(s.SQL)) == 1 {
					continue
				}
				examine(t, d, a.Tenant, s)
			}
		})
	}
}

// TestPaidOrdersStayOnTheirPage: no index of orders has a column that payment changes, so that paying one writes the
// row and no index (a heap-only tuple).
func TestPaidOrdersStayOnTheirPage(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	super, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	indexed := func() (out []string) {
		rows, err := super.Query(t.Context(), "SELECT DISTINCT a.attname FROM pg_depend d JOIN pg_index i ON "+
			"i.indexrelid = d.objid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "+
			"WHERE d.classid = 'pg_class'::regclass AND d.refobjid = 'orders'::regclass AND "+
			"a.attname IN ('status', 'paid_at', 'delivered_at') ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		if out, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := indexed(); len(got) > 0 {
		t.Errorf("an index of orders has %v", got)
	}
	if _, err := super.Exec(t.Context(),
		"CREATE INDEX control ON orders (tenant_id, id) WHERE status = 'paid'"); err != nil {
		t.Fatal(err)
	}
	if got := indexed(); len(got) != 1 || got[0] != "status" {
		t.Errorf("control: %v", got)
	}
}

// TestPlansOfEmptyTables pays the first order of a platform, when Postgres knows that its tables are empty: the plans
// that a connection keeps from then on do not read them from end to end either, for they will grow.
func TestPlansOfEmptyTables(t *testing.T) {
	t.Parallel()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.NewDBWith(t, db.Config{Tracer: recording.Tracer{}})
	super, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	if err := seed.Tenants(t.Context(), super, 1, 1, k.Connection, ""); err != nil {
		t.Fatal(err)
	}
	if err := seed.Orders(t.Context(), super, 1, 1, 1, false); err != nil {
		t.Fatal(err)
	}
	if _, err := super.Exec(t.Context(), "VACUUM ANALYZE"); err != nil {
		t.Fatal(err)
	}
	p := recording.NewProduct(d, k, new(clock.Movable))
	raw, err := recording.Tracer{}.Record(t.Context(), func(ctx context.Context) error { return p.Pay(ctx, 1, 1) })
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, s := range raw.Statements() {
		if strings.HasPrefix(s.SQL, "select set_config") || len(strings.Fields(s.SQL)) == 1 {
			continue
		}
		examine(t, d, recording.Actor(1).Tenant, s)
		seen++
	}
	if seen < 10 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

// settle gives each paid order a settlement, a split, a refund, and a buyer who looked.
func settle(ctx context.Context, conn *pgx.Conn) error {
	for _, sql := range []string{
		`INSERT INTO settlements (tenant_id, id, payment_id, order_id, amount_fen, royalty_freeze, status, created_at)
		 SELECT tenant_id, id, id, order_id, amount_fen, true, 'done', created_at FROM payments WHERE status = 'paid'`,
		`INSERT INTO splits (tenant_id, id, payment_id, order_id, status, created_at)
		 SELECT tenant_id, id, id, order_id, 'completed', created_at FROM payments WHERE status = 'paid'`,
		`INSERT INTO refunds (tenant_id, id, payment_id, order_id, amount_fen, status, created_at)
		 SELECT tenant_id, id, id, order_id, amount_fen, 'succeeded', created_at FROM payments WHERE status = 'paid'`,
		`INSERT INTO applications (tenant_id, id, merchant_id, status, sealed_form, created_at)
		 SELECT tenant_id, id, merchant_of_record_id, 'rejected', '\x00', created_at
		 FROM orders WHERE paid_at IS NOT NULL`,
		`INSERT INTO audit_log (tenant_id, id, actor_kind, actor_id, action, subject_type, subject_id, detail,
			created_at)
		 SELECT tenant_id, id, 'buyer', order_id::text, 'checkout', 'order', order_id, '', created_at FROM payments
		   WHERE status = 'paid'`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("settle the orders: %w", err)
		}
	}
	return nil
}

// examine explains a statement in a transaction that is rolled back.
func examine(t *testing.T, d *db.DB, tenant id.Tenant, s recording.RawStatement) {
	t.Helper()
	back := fmt.Errorf("roll back")
	err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		var out []struct{ Plan node }
		var text []byte
		analyze := "ANALYZE, "
		if strings.Contains(s.SQL, "app.require") { // it has run already, and would fail
			analyze = ""
		}
		if err := tx.QueryRow(ctx, "EXPLAIN ("+analyze+"FORMAT JSON) "+s.SQL, s.Args...).Scan(&text); err != nil {
			if db.Violates(err, "") || strings.Contains(err.Error(), "duplicate key") {
				return back
			}
			return fmt.Errorf("explain %s: %w", s.SQL, err)
		}
		if err := json.Unmarshal(text, &out); err != nil {
			return err
		}
		tables := growing()
		out[0].Plan.walk(func(n node) {
			if rows := n.sorted(); rows > sortMax {
				t.Errorf("%.0f rows are sorted for a page of %.0f, by\n%s", rows, n.Rows, s.SQL)
			}
			if !tables[n.Table] {
				return
			}
			if n.Type == "Seq Scan" {
				t.Errorf("%s is read from end to end by\n%s", n.Table, s.SQL)
			}
			if removed := (n.Removed + n.Recheck) * n.Loops; removed > wasteMax*n.Rows*n.Loops+handful {
				t.Errorf("%.0f rows of %s are read in vain, %.0f are given, by\n%s", removed, n.Table,
					n.Rows*n.Loops, s.SQL)
			}
		})
		return back
	})
	if err != nil && err.Error() != back.Error() {
		t.Error(err)
	}
}
