package timeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/timeline"
)

// trips counts what is sent to Postgres and waited for.
type trips struct{ batches, statements atomic.Int64 }

func (c *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.batches.Add(1)
	return ctx
}
func (c *trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (c *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	c.batches.Add(1)
	c.statements.Add(int64(d.Batch.Len()))
	return ctx
}
func (c *trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (c *trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// traced is the road's database seen through a tracer.
func traced(t *testing.T, r *tenantstest.Road) (*db.DB, *trips) {
	t.Helper()
	c := new(trips)
	d, err := db.Open(t.Context(), db.Config{URL: dbtest.AppURL(t, r.DB), MaxConns: 1, Tracer: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, c
}

func everything() timeline.See {
	return timeline.See{Payments: true, Splits: true, Refunds: true, Webhooks: true, Cases: true, Reviews: true,
		Codes: true, Acts: true, Keys: true, Members: true}
}

// given is an order that was sold and given back, in part by someone else at Alipay.
func given(t *testing.T, r *tenantstest.Road) orders.Order {
	t.Helper()
	o := r.Sold()
	r.RefundsAreNotified()
	r.RefundOutside(o, 100)
	r.Reported(o)
	o = r.Reconciled(o)
	rf, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "wrong product", idempotency.Key{})
	if err != nil {
		t.Fatal(err)
	}
	r.Refunded(rf.ID)
	return r.Get(o.ID)
}

func get(t *testing.T, s *timeline.Service, a tenants.Actor, o id.Order) timeline.Timeline {
	t.Helper()
	line, err := s.Get(t.Context(), a, o, everything())
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func kindsOf(line timeline.Timeline) (all []vocabulary.TimelineKind) {
	for _, e := range line.Entries {
		all = append(all, e.Kind)
	}
	return all
}

// TestTimeline: a sold order that was given back has all of it, in order, in three round trips however much there is.
func TestTimeline(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := given(t, r)
	d, c := traced(t, r)
	s := timeline.New(d)
	line := get(t, s, r.Actor, o.ID)
	want := []vocabulary.TimelineKind{vocabulary.TimelineOrderCreated, vocabulary.TimelinePaymentCreated,
		vocabulary.TimelineOrderDelivered, vocabulary.TimelinePaymentPaid, vocabulary.TimelineNotification,
		vocabulary.TimelineSettlement, vocabulary.TimelineSplit, vocabulary.TimelineSplitPart,
		vocabulary.TimelineRefund, vocabulary.TimelineRefundPart, vocabulary.TimelineCaseOpened, vocabulary.TimelineAct}
	have := kindsOf(line)
	for _, k := range want {
		if !slices.Contains(have, k) {
			t.Errorf("%s is not there: %v", k, have)
		}
	}
	if have[0] != vocabulary.TimelineOrderCreated || line.Truncated {
		t.Errorf("begins with %s, truncated %v", have[0], line.Truncated)
	}
	outside, succeeded := 0, 0
	for i, e := range line.Entries {
		if i > 0 && e.At.Before(line.Entries[i-1].At) {
			t.Errorf("%s stands behind what is younger", e.Kind)
		}
		if e.Kind == vocabulary.TimelineRefund && e.Status == "outside" {
			outside++
		}
		if e.Kind == vocabulary.TimelineRefund && e.Status == "succeeded" {
			succeeded++
		}
		for _, l := range []timeline.Lang{timeline.Chinese, timeline.English} {
			if e.Title(l) == "" || slices.Contains([]rune(e.Title(l)+e.Detail(l)), 0) {
				t.Errorf("%s reads %q %q", e.Kind, e.Title(l), e.Detail(l))
			}
		}
	}
	if outside != 1 || succeeded != 1 {
		t.Errorf("%d refunds from outside, %d of ours", outside, succeeded)
	}
	made := line.Entries[0]
	if made.Actor == nil || made.Actor.ID != r.Actor.Caller.String() || made.Actor.Name == "" {
		t.Errorf("created by %+v", made.Actor)
	}
	before, sent := c.batches.Load(), c.statements.Load()
	get(t, s, r.Actor, o.ID)
	many, few := c.statements.Load()-sent, int64(0)
	if n := c.batches.Load() - before; n > 4 { // three, and the commit
		t.Errorf("%d round trips", n)
	}
	fresh := r.Order(1)
	get(t, s, r.Actor, fresh.ID) // its statements are prepared
	sent = c.statements.Load()
	get(t, s, r.Actor, fresh.ID)
	if few = c.statements.Load() - sent; many > few+1 {
		t.Errorf("%d statements for an order with a history, %d for one without", many, few)
	}
}

// TestTimelineOfOthers: neither another tenant nor another merchant finds the order, and a merchant sees nothing of the
// platform's dealings.
func TestTimelineOfOthers(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	s := timeline.New(r.DB)
	stranger := r.Actor
	stranger.Tenant = dbtest.NewTenant(t, r.DB)
	distributor := r.Actor
	distributor.Merchant, distributor.Role = r.Distributor.ID, tenants.RoleDistributor
	for name, a := range map[string]tenants.Actor{"another tenant": stranger, "another merchant": distributor} {
		if _, err := s.Get(t.Context(), a, o.ID, everything()); fault.CodeOf(err) != tenants.CodeOrderNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	supplier := r.Actor
	supplier.Merchant, supplier.Role = r.Supplier.ID, tenants.RoleSupplier
	for _, e := range get(t, s, supplier, o.ID).Entries { // all switches on: the wall alone holds
		if slices.Contains([]vocabulary.TimelineKind{vocabulary.TimelineNotification, vocabulary.TimelineCaseOpened,
			vocabulary.TimelineWebhookAttempt, vocabulary.TimelineRefundPart, vocabulary.TimelineCodeAsked,
			vocabulary.TimelineAct}, e.Kind) {
			t.Errorf("a merchant sees %s", e.Kind)
		}
		if e.Kind == vocabulary.TimelineSplitPart && e.Detail(timeline.English) != "" &&
			slices.Contains([]string{r.Distributor.Name}, e.Detail(timeline.English)) {
			t.Errorf("a merchant reads another's name: %s", e.Detail(timeline.English))
		}
	}
}

// TestTimelineIsBounded: of very many entries the first and the newest are there, and it says so.
func TestTimelineIsBounded(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	s := timeline.New(r.DB)
	fill := func(n int, statement string) {
		r.In(func(ctx context.Context, tx db.TenantTx) {
			for i := range n {
				if _, err := tx.Exec(ctx, statement, id.New[id.AuditEntry](), o.ID,
					r.Clock.Now().Add(time.Duration(i)*time.Millisecond)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	fill(101, `INSERT INTO audit_log (id, actor_kind, actor_id, action, subject_type, subject_id, created_at)
		VALUES ($1, 'system', 'x', 'x', 'order', $2, $3)`)
	line := get(t, s, r.Actor, o.ID)
	acts := 0
	for _, e := range line.Entries {
		if e.Kind == vocabulary.TimelineAct {
			acts++
		}
	}
	if acts != 100 || !line.Truncated || line.Entries[0].Kind != vocabulary.TimelineOrderCreated {
		t.Errorf("%d acts, truncated %v", acts, line.Truncated)
	}
	fill(101, `INSERT INTO cases (id, kind, order_id, detail, created_at, closed_at, status)
		VALUES ($1, 'undeliverable', $2, 'x', $3, $3, 'closed')`)
	fill(101, `INSERT INTO order_reviews (id, order_id, decision, status, amount_fen, note, asked_by, asked_by_id,
			asked_at, ended_at)
		VALUES ($1, $2, 'refund', 'confirmed', 1, 'x', 'key_x', gen_random_uuid(), $3, $3)`)
	fill(101, fmt.Sprintf(`INSERT INTO refunds (id, order_id, payment_id, amount_fen, status, created_at, done_at,
			merchant_of_record_id)
		VALUES ($1, $2, '%s', 1, 'refused', $3, $3, '%s')`, o.Payment.ID.UUID(), r.Supplier.ID.UUID()))
	line = get(t, s, r.Actor, o.ID)
	if len(line.Entries) != timeline.EntriesMax || !line.Truncated ||
		line.Entries[0].Kind != vocabulary.TimelineOrderCreated ||
		line.Entries[1].Kind == vocabulary.TimelinePaymentCreated {
		t.Errorf("%d entries, truncated %v, begins %v", len(line.Entries), line.Truncated, kindsOf(line)[:2])
	}
	if _, err := s.Get(t.Context(), r.Actor, id.New[id.Order](), everything()); errors.Is(err, nil) {
		t.Error("an order that is not there has a time line")
	}
}
