package splits_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/ledger"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
)

var q = dbsqlc.New()

// bundle is a sandbox with a supplier, a distributor, and a product that is split between platform (5 %), distributor
// (2 %) and supplier.
type bundle struct {
	*tenantstest.Sandbox
	t           *testing.T
	svc         *splits.Service
	supplier    dbsqlc.Merchant // merchant of record
	distributor dbsqlc.Merchant
	product     dbsqlc.Product
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{Sandbox: tenantstest.New(t), t: t}
	b.supplier, b.distributor = b.Merchant("Supplier"), b.Merchant("Distributor")
	b.svc = b.service(nil)
	b.rule(
		dbsqlc.SplitRulePart{Receiver: "platform", RateBps: 500},
		dbsqlc.SplitRulePart{Receiver: "merchant", MerchantID: b.distributor.ID, RateBps: 200},
	)
	return b
}

func (b *bundle) service(step func(string)) *splits.Service {
	return splits.New(splits.Config{DB: b.DB, Vault: b.Vault, Gateways: b.Gateways, Clock: b.Clock, Step: step})
}

// rule makes the next orders be split by these parts.
func (b *bundle) rule(parts ...dbsqlc.SplitRulePart) {
	b.t.Helper()
	b.In(func(_ context.Context, tx db.TenantTx) {
		rule, _ := dbtest.SplitRule(b.t, tx, parts...)
		b.product = dbtest.Product(b.t, tx, b.supplier.ID, rule.ID)
	})
}

// paid is a delivered order of the product whose payment is in our book and at the simulator.
func (b *bundle) paid(amount money.Fen) dbsqlc.Payment {
	b.t.Helper()
	var p dbsqlc.Payment
	pid := id.New[id.Payment]()
	trade := b.Pay(pid, *b.supplier.Smid, amount)
	b.In(func(ctx context.Context, tx db.TenantTx) {
		at := clock.System{}.Now()
		o := dbtest.Order(b.t, tx, b.product, func(o *dbsqlc.Order) {
			o.TotalFen, o.Status, o.PaidAt, o.DeliveredAt = amount, "delivered", &at, &at
		})
		p = dbtest.Payment(b.t, tx, o,
			func(p *dbsqlc.Payment) { p.ID, p.Status, p.PaidAt, p.TradeNo = pid, "paid", &at, &trade })
		err := ledger.Post(
			ctx,
			tx,
			ledger.Posting{Kind: ledger.KindPayment, Order: o.ID, Source: uuid.UUID(p.ID), From: ledger.Buyer(),
				To: ledger.Unsettled(b.supplier.ID), Amount: amount, At: at},
		)
		if err != nil {
			b.t.Fatal(err)
		}
	})
	return p
}

// work runs Execute until it ends, moving the clock as it asks; how often is bounded.
func (b *bundle) work(svc *splits.Service, p dbsqlc.Payment) splits.Outcome {
	b.t.Helper()
	for range 10 {
		out, err := svc.Execute(b.t.Context(), b.Tenant, p.ID)
		if err != nil {
			b.t.Fatalf("execute: %v", err)
		}
		if out.State != splits.Waiting {
			return out
		}
		b.Clock.Advance(out.Wait)
	}
	b.t.Fatal("Execute never ends")
	return splits.Outcome{}
}

func (b *bundle) split(p dbsqlc.Payment) splits.OrderSplit {
	b.t.Helper()
	s, err := b.svc.OfOrder(b.t.Context(), b.Actor, p.OrderID)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bundle) events(p dbsqlc.Payment) map[string]int {
	b.t.Helper()
	n := map[string]int{}
	b.In(func(ctx context.Context, tx db.TenantTx) {
		rows, err := tx.Query(
			ctx,
			"SELECT type, count(*)::int FROM events WHERE data->>'payment_id' = $1 GROUP BY type",
			p.ID.String(),
		)
		if err != nil {
			b.t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var count int
			if err := rows.Scan(&name, &count); err != nil {
				b.t.Fatal(err)
			}
			n[name] = count
		}
	})
	return n
}

func (b *bundle) cases(p dbsqlc.Payment) []vocabulary.CaseKind {
	b.t.Helper()
	var kinds []vocabulary.CaseKind
	b.In(func(ctx context.Context, tx db.TenantTx) {
		cs, err := q.CaseList(ctx, tx, dbsqlc.CaseListParams{Before: id.Max[id.Case](), Kinds: []string{},
			OpenedUntil: tenants.Page[id.Case]{}.MadeUntil(), PageSize: 100})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, c := range cs {
			if c.Case.PaymentID == p.ID {
				kinds = append(kinds, c.Case.Kind)
			}
		}
	})
	return kinds
}

// sameBooks holds our book of the payment's order to the simulator's.
func (b *bundle) sameBooks(p dbsqlc.Payment) {
	b.t.Helper()
	b.SameBooks(p.OrderID, p.ID, b.supplier.ID, b.distributor)
}
