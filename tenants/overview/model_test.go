package overview_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/ledger"
	"zhitong/tenants/overview"
)

// key is whose figures of when.
type key struct {
	span     overview.Span
	at       time.Time
	merchant id.Merchant
	product  id.Product
}

// sold is an order as the model knows it.
type sold struct {
	id       id.Order
	merchant id.Merchant
	created  time.Time
	total    money.Fen
	payment  id.Payment
	split    id.Split
	paid     bool
	ended    bool // delivered or closed
	settled  bool
	divided  bool
	refunded money.Fen
}

// history is a tenant to which things happen, and what its figures must be: reckoned here, by nothing of the program.
type history struct {
	t         *testing.T
	db        *db.DB
	tenant    id.Tenant
	clock     *clock.Movable
	random    *rand.Rand
	merchants []id.Merchant
	receiver  id.Merchant
	products  []dbsqlc.Product
	orders    []*sold
	items     map[id.Order][]dbsqlc.OrderItem
	want      map[key]overview.Figures
	stages    map[id.Merchant]map[string]money.Fen
}

func newHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	h := &history{t: t, db: dbtest.NewDB(t), clock: &clock.Movable{}, random: rand.New(rand.NewPCG(seed, 1)),
		items: map[id.Order][]dbsqlc.OrderItem{}, want: map[key]overview.Figures{},
		stages: map[id.Merchant]map[string]money.Fen{}}
	h.tenant = dbtest.NewTenant(t, h.db)
	h.in(func(_ context.Context, tx db.TenantTx) error {
		rule, _ := dbtest.SplitRule(t, tx, dbsqlc.SplitRulePart{Receiver: "platform", RateBps: 500})
		for range 2 {
			m := dbtest.Merchant(t, tx)
			h.merchants = append(h.merchants, m.ID)
			h.products = append(h.products, dbtest.Product(t, tx, m.ID, rule.ID), dbtest.Product(t, tx, m.ID, rule.ID))
		}
		h.receiver = dbtest.Merchant(t, tx).ID
		return nil
	})
	return h
}

func (h *history) in(fn func(ctx context.Context, tx db.TenantTx) error) {
	h.t.Helper()
	if err := h.db.InTenant(h.t.Context(), h.tenant, fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) actor() tenants.Actor {
	return tenants.Actor{Tenant: h.tenant, Role: tenants.RoleOwner}
}

// count adds to what the figures must be.
func (h *history) count(o *sold, at time.Time, f overview.Figures) {
	for _, span := range []overview.Span{overview.Hourly, overview.Daily} {
		for _, m := range []id.Merchant{{}, o.merchant} {
			k := key{span: span, at: overview.Begins(span, at), merchant: m}
			whole := h.want[k]
			whole.Add(f)
			h.want[k] = whole
			var before money.Fen
			seen := map[id.Product]bool{}
			for _, i := range h.items[o.id] {
				k.product = i.ProductID
				part := h.want[k]
				part.Add(share(f, before, i.AmountFen, o.total, !seen[i.ProductID]))
				h.want[k] = part
				seen[i.ProductID] = true
				before += i.AmountFen
			}
		}
	}
}

// share is what an item has of an order's figures.
func share(f overview.Figures, before, amount, total money.Fen, once bool) overview.Figures {
	of := func(a money.Fen) money.Fen { return a*(before+amount)/total - a*before/total }
	out := overview.Figures{Turnover: of(f.Turnover), Refunded: of(f.Refunded), Settled: of(f.Settled),
		Commission: of(f.Commission), Others: of(f.Others)}
	if once {
		out.Created, out.Paid, out.Delivered, out.Closed = f.Created, f.Paid, f.Delivered, f.Closed
		out.Refunds, out.WonPaid, out.WonDelivered, out.WonSplit = f.Refunds, f.WonPaid, f.WonDelivered, f.WonSplit
	}
	return out
}

// post books an amount, here and in the model.
func (h *history) post(ctx context.Context, tx db.TenantTx, o *sold, p ledger.Posting, f overview.Figures) error {
	p.Order, p.Source = o.id, uuid.New()
	h.count(o, p.At, f)
	for _, side := range []struct {
		a ledger.Account
		n money.Fen
	}{{p.From, -p.Amount}, {p.To, p.Amount}} {
		m, stage := side.a.Merchant, string(side.a.Name)
		switch {
		case side.a.Name == ledger.NameBuyer:
			continue
		case side.a.Name == ledger.NameCommission:
			m = o.merchant
		case m == h.receiver:
			stage = "others"
		}
		if h.stages[m] == nil {
			h.stages[m] = map[string]money.Fen{}
		}
		h.stages[m][stage] += side.n
	}
	return ledger.Post(ctx, tx, p)
}

func tell(ctx context.Context, tx db.TenantTx, kind vocabulary.EventType, of vocabulary.SubjectType, subject [16]byte,
	at time.Time,
) error {
	return events.Emit(ctx, tx, events.Event{Type: kind, SubjectType: of, SubjectID: subject, Data: struct{}{}, At: at})
}

// moment is some time in the last days, to the microsecond.
func (h *history) moment(since time.Time) time.Time {
	now := h.clock.Now()
	return since.Add(time.Duration(h.random.Int64N(int64(now.Sub(since)))))
}

// create makes an order of one or two items.
func (h *history) create(ctx context.Context, tx db.TenantTx) error {
	n := h.random.IntN(len(h.products))
	p, at := h.products[n], h.moment(h.clock.Now().Add(-9*24*time.Hour))
	o := &sold{id: id.New[id.Order](), merchant: p.MerchantOfRecordID, created: at, payment: id.New[id.Payment](),
		split: id.New[id.Split]()}
	amounts := []money.Fen{money.Fen(1 + h.random.IntN(999)), money.Fen(1 + h.random.IntN(99))}
	amounts = amounts[:1+h.random.IntN(2)]
	for _, a := range amounts {
		o.total += a
	}
	if _, err := tx.Exec(ctx, `INSERT INTO orders (id, status, total_fen, merchant_of_record_id, split_rule_version_id,
			expires_at, created_at)
		SELECT $1, 'awaiting_payment', $2, $3, v.id, $4, $4 FROM split_rule_versions v LIMIT 1`,
		o.id, o.total, o.merchant, at); err != nil {
		return err
	}
	for i, a := range amounts {
		product := h.products[n]
		if i > 0 && h.random.IntN(3) > 0 { // sometimes the same product twice
			product = h.products[n^1]
		}
		if _, err := tx.Exec(ctx, `INSERT INTO order_items (order_id, position, product_id, product_name, quantity,
				unit_price_fen, amount_fen, merchant_of_record_id) VALUES ($1, $2, $3, 'x', 1, $4, $4, $5)`,
			o.id, i+1, product.ID, a, o.merchant); err != nil {
			return err
		}
		h.items[o.id] = append(h.items[o.id], dbsqlc.OrderItem{ProductID: product.ID, AmountFen: a})
	}
	if _, err := tx.Exec(ctx, `INSERT INTO payments (id, order_id, channel, status, amount_fen, app_id, pid, smid,
			merchant_of_record_id) VALUES ($1, $2, 'qr', 'pending', $3, 'a', 'p', 's', $4)`,
		o.payment, o.id, o.total, o.merchant); err != nil {
		return err
	}
	h.orders = append(h.orders, o)
	h.count(o, at, overview.Figures{Created: 1})
	return tell(ctx, tx, vocabulary.EventOrderCreated, vocabulary.SubjectOrder, o.id, at)
}

// step lets the next thing happen to an order.
func (h *history) step(ctx context.Context, tx db.TenantTx, o *sold) error {
	at := h.moment(o.created)
	switch {
	case !o.paid && !o.ended && h.random.IntN(4) == 0:
		return h.end(ctx, tx, o, "closed", vocabulary.EventOrderClosed, at)
	case !o.paid: // late when it is closed
		o.paid = true
		h.count(o, o.created, overview.Figures{WonPaid: 1})
		return h.post(ctx, tx, o, ledger.Posting{Kind: ledger.KindPayment, From: ledger.Buyer(),
			To: ledger.Unsettled(o.merchant), Amount: o.total, At: at}, overview.Figures{Paid: 1, Turnover: o.total})
	case !o.ended:
		return h.end(ctx, tx, o, "delivered", vocabulary.EventOrderDelivered, at)
	case !o.settled:
		return h.settle(ctx, tx, o, at)
	case !o.divided:
		return h.divide(ctx, tx, o, at)
	case o.refunded < o.total:
		return h.refund(ctx, tx, o, at)
	}
	return nil
}

func (h *history) end(ctx context.Context, tx db.TenantTx, o *sold, status string, kind vocabulary.EventType,
	at time.Time,
) error {
	o.ended = true
	if status == "delivered" {
		h.count(o, at, overview.Figures{Delivered: 1})
		h.count(o, o.created, overview.Figures{WonDelivered: 1})
	} else {
		h.count(o, at, overview.Figures{Closed: 1})
	}
	if _, err := tx.Exec(ctx, "UPDATE orders SET status = $2, paid_at = $3, "+status+"_at = $3 WHERE id = $1",
		o.id, status, at); err != nil {
		return err
	}
	return tell(ctx, tx, kind, vocabulary.SubjectOrder, o.id, at)
}

// settle settles the money: frozen, when it is to be split.
func (h *history) settle(ctx context.Context, tx db.TenantTx, o *sold, at time.Time) error {
	o.settled = true
	p := ledger.Posting{Kind: ledger.KindSettlement, From: ledger.Unsettled(o.merchant),
		To: ledger.Frozen(o.merchant), Amount: o.total, At: at}
	if o.total < 20 || h.random.IntN(3) == 0 {
		o.divided, p.To = true, ledger.Settled(o.merchant)
		h.count(o, o.created, overview.Figures{WonSplit: 1})
		return h.post(ctx, tx, o, p, overview.Figures{Settled: o.total})
	}
	return h.post(ctx, tx, o, p, overview.Figures{})
}

func (h *history) divide(ctx context.Context, tx db.TenantTx, o *sold, at time.Time) error {
	o.divided = true
	h.count(o, o.created, overview.Figures{WonSplit: 1})
	if _, err := tx.Exec(ctx, `INSERT INTO splits (id, payment_id, order_id, status, done_at, merchant_of_record_id)
		VALUES ($1, $2, $3, 'completed', $4, $5)`, o.split, o.payment, o.id, at, o.merchant); err != nil {
		return err
	}
	fee, part := o.total/20, o.total/50
	frozen := ledger.Frozen(o.merchant)
	if err := h.post(ctx, tx, o, ledger.Posting{Kind: ledger.KindSplit, From: frozen, To: ledger.Commission(),
		Amount: fee, At: at}, overview.Figures{Commission: fee}); err != nil {
		return err
	}
	if part > 0 {
		if err := h.post(ctx, tx, o, ledger.Posting{Kind: ledger.KindSplit, From: frozen,
			To: ledger.Settled(h.receiver), Amount: part, At: at}, overview.Figures{Others: part}); err != nil {
			return err
		}
	}
	rest := o.total - fee - part
	if err := h.post(ctx, tx, o, ledger.Posting{Kind: ledger.KindRelease, From: frozen,
		To: ledger.Settled(o.merchant), Amount: rest, At: at}, overview.Figures{Settled: rest}); err != nil {
		return err
	}
	return tell(ctx, tx, vocabulary.EventSplitCompleted, vocabulary.SubjectSplit, o.split, at)
}

// refund gives a part back, with some of the commission.
func (h *history) refund(ctx context.Context, tx db.TenantTx, o *sold, at time.Time) error {
	back := min(o.total-o.refunded, money.Fen(1+h.random.IntN(int(o.total))))
	o.refunded += back
	r := id.New[id.Refund]()
	if _, err := tx.Exec(ctx, `INSERT INTO refunds (id, order_id, payment_id, amount_fen, status, done_at,
			merchant_of_record_id) VALUES ($1, $2, $3, $4, 'succeeded', $5, $6)`,
		r, o.id, o.payment, back, at, o.merchant); err != nil {
		return err
	}
	settled := ledger.Settled(o.merchant)
	if err := h.post(ctx, tx, o, ledger.Posting{Kind: ledger.KindSplitReturn, From: ledger.Commission(), To: settled,
		Amount: 1, At: at}, overview.Figures{Commission: -1}); err != nil {
		return err
	}
	h.count(o, at, overview.Figures{Refunds: 1})
	if err := h.post(ctx, tx, o, ledger.Posting{Kind: ledger.KindRefund, From: settled, To: ledger.Buyer(),
		Amount: back, At: at}, overview.Figures{Refunded: back}); err != nil {
		return err
	}
	return tell(ctx, tx, vocabulary.EventRefundSucceeded, vocabulary.SubjectRefund, r, at)
}

// happens lets n things happen, each in its own transaction.
func (h *history) happens(n int) {
	h.t.Helper()
	for range n {
		h.in(func(ctx context.Context, tx db.TenantTx) error {
			if len(h.orders) == 0 || h.random.IntN(3) == 0 {
				return h.create(ctx, tx)
			}
			return h.step(ctx, tx, h.orders[h.random.IntN(len(h.orders))])
		})
	}
}

func (h *history) admin(sql string) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), dbtest.AdminURL(h.t, h.db))
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(h.t.Context())
	if _, err := conn.Exec(h.t.Context(), sql); err != nil {
		h.t.Fatal(err)
	}
}
