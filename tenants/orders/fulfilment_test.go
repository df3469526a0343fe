package orders_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

const parcel vocabulary.FulfilmentKind = "parcel"

// parcels is a kind whose goods are delivered later.
type parcels struct {
	mu   sync.Mutex
	seen []string
}

func (p *parcels) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, what)
}

func (p *parcels) Reserve(_ context.Context, _ db.TenantTx, _ id.Order, items []fulfilment.Item) error {
	for _, it := range items {
		if it.Kind != parcel {
			return errors.New("an item of another kind")
		}
	}
	p.note("reserve")
	return nil
}

func (p *parcels) Deliver(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	_ time.Time,
) (vocabulary.DeliveryState, error) {
	p.note("deliver")
	return vocabulary.DeliveryQueued, fulfilment.Mark(ctx, tx, order, parcel, vocabulary.DeliveryQueued)
}

func (p *parcels) Release(ctx context.Context, tx db.TenantTx, order id.Order) error {
	p.note("release")
	return fulfilment.Mark(ctx, tx, order, parcel, vocabulary.DeliveryReleased)
}

func (p *parcels) Void(ctx context.Context, tx db.TenantTx, order id.Order) error {
	p.note("void")
	return fulfilment.Mark(ctx, tx, order, parcel, vocabulary.DeliveryVoid)
}

// mixed is a selling tenant that also sells parcels.
type mixed struct {
	*tenantstest.Road
	parcels *parcels
	parcel  dbsqlc.Product
}

func newMixed(t *testing.T, step ...func(string)) *mixed {
	t.Helper()
	m := &mixed{Road: tenantstest.NewRoad(t, step...), parcels: &parcels{}}
	m.Orders = orders.New(orders.Config{
		DB:        m.DB,
		Vault:     m.Vault,
		Gateways:  m.Gateways,
		Stock:     m.Stock,
		Refunds:   m.Refunds,
		Kinds:     fulfilment.Kinds{parcel: m.parcels},
		Clock:     m.Clock,
		Log:       slog.New(slog.DiscardHandler),
		PublicURL: "https://zhitong.example",
		Step: func(name string) {
			for _, hook := range step {
				hook(name)
			}
		},
	})
	m.In(func(_ context.Context, tx db.TenantTx) {
		m.parcel = dbtest.Product(t, tx, m.Supplier.ID, m.Product.SplitRuleID, func(p *dbsqlc.Product) {
			p.FulfilmentKind = parcel
		})
	})
	return m
}

// order is for one card key and two parcels.
func (m *mixed) order(t *testing.T) orders.Order {
	t.Helper()
	in := m.Input(1)
	in.Lines = append(in.Lines, orders.Line{Product: m.parcel.ID, Quantity: 2})
	o, _, err := m.Orders.Checkout(t.Context(), m.Actor, in)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (m *mixed) want(t *testing.T, o orders.Order, keys, parcels vocabulary.DeliveryState, seen ...string) {
	t.Helper()
	have := map[vocabulary.FulfilmentKind]vocabulary.DeliveryState{}
	for _, it := range m.Get(o.ID).Items {
		have[it.Kind] = it.Delivery
	}
	if have[vocabulary.FulfilCardKey] != keys || have[parcel] != parcels {
		t.Errorf("card keys are %s and parcels %s, want %s and %s", have[vocabulary.FulfilCardKey], have[parcel],
			keys, parcels)
	}
	m.parcels.mu.Lock()
	defer m.parcels.mu.Unlock()
	if !slices.Equal(m.parcels.seen, seen) {
		t.Errorf("the kind was asked to %v, want %v", m.parcels.seen, seen)
	}
}

func (m *mixed) fulfil(t *testing.T, o orders.Order) (delivered bool, err error) {
	t.Helper()
	err = m.DB.InTenant(t.Context(), m.Tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		delivered, err = m.Orders.Fulfilled(ctx, tx, o.ID, parcel)
		return err
	})
	return delivered, err
}

// TestQueuedDelivery: what is delivered at once is the buyer's with the payment, the order is delivered with its last
// item, and only then its money is split.
func TestQueuedDelivery(t *testing.T) {
	t.Parallel()
	m := newMixed(t)
	o := m.Paid(m.order(t))
	if o.Status != orders.StatusPaid || o.DeliveredAt != nil {
		t.Errorf("after the payment it is %s", o.Status)
	}
	m.want(t, o, vocabulary.DeliveryDelivered, vocabulary.DeliveryQueued, "reserve", "deliver")
	splits := func() int { return m.jobs(t, "split_execute") }
	if n := splits(); n != 0 {
		t.Errorf("%d splits are queued before the delivery", n)
	}
	if delivered, err := m.fulfil(t, o); !delivered || err != nil {
		t.Fatalf("%t, %v", delivered, err)
	}
	if o = m.Get(o.ID); o.Status != orders.StatusDelivered || o.DeliveredAt == nil || splits() != 1 {
		t.Errorf("after the last item it is %s, with %d splits", o.Status, splits())
	}
	if n := m.Count("events", "subject_id = $1 AND type = 'order.delivered'", o.ID); n != 1 {
		t.Errorf("told %d times", n)
	}
	if _, err := m.fulfil(t, o); !db.Violates(err, fulfilment.ConstraintState) {
		t.Errorf("delivered twice: %v", err)
	}
}

func (m *mixed) jobs(t *testing.T, kind string) (n int) {
	t.Helper()
	if err := m.DB.Pool().QueryRow(t.Context(), "SELECT count(*) FROM river.river_job WHERE kind = $1",
		kind).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestMixedOrderIsClosed: whatever was set aside is free again.
func TestMixedOrderIsClosed(t *testing.T) {
	t.Parallel()
	m := newMixed(t)
	o := m.order(t)
	m.Clock.Advance(time.Hour)
	if _, err := m.Orders.Watch(t.Context(), m.Tenant, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	m.want(t, o, vocabulary.DeliveryReleased, vocabulary.DeliveryReleased, "reserve", "release")
}

// TestMixedOrderIsRefunded: whatever was delivered is void.
func TestMixedOrderIsRefunded(t *testing.T) {
	t.Parallel()
	m := newMixed(t)
	o := m.Paid(m.order(t))
	if _, err := m.fulfil(t, o); err != nil {
		t.Fatal(err)
	}
	r, _, err := m.Orders.Refund(t.Context(), m.Actor, o.ID, "x", idempotency.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Orders.ExecuteRefund(t.Context(), m.Tenant, r.ID); err != nil {
		t.Fatal(err)
	}
	m.want(t, o, vocabulary.DeliveryVoid, vocabulary.DeliveryVoid, "reserve", "deliver", "void")
}

// TestUnknownKind: goods that nobody delivers are not sold.
func TestUnknownKind(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.In(func(_ context.Context, tx db.TenantTx) {
		r.Product = dbtest.Product(t, tx, r.Supplier.ID, r.Product.SplitRuleID, func(p *dbsqlc.Product) {
			p.FulfilmentKind = parcel
		})
	})
	if _, _, err := r.Orders.Checkout(t.Context(), r.Actor, r.Input(1)); err == nil {
		t.Error("sold")
	}
	if n := r.Count("orders", "true"); n != 0 {
		t.Errorf("%d orders", n)
	}
}
