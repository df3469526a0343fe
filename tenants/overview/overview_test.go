package overview_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/contacts"
	"zhitong/tenants/events"
	"zhitong/tenants/overview"
	"zhitong/tenants/tenantstest"
)

func (h *history) service(batch int, step func(string)) *overview.Service {
	return overview.New(overview.Config{DB: h.db, Clock: h.clock, Batch: batch, Step: step, Settled: -1})
}

// roll sums what there is.
func (h *history) roll(batch int) int64 {
	h.t.Helper()
	s := h.service(batch, nil)
	horizon, err := s.Horizon(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	n, err := s.Roll(h.t.Context(), h.tenant, horizon)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// crash sums until a step, and ends there.
func (h *history) crash(step string) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	s := h.service(3, func(at string) {
		if at == step {
			cancel()
		}
	})
	horizon, err := s.Horizon(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	_, _ = s.Roll(ctx, h.tenant, horizon)
}

// exact compares all that can be read with what must be.
func (h *history) exact(when string, a tenants.Actor) {
	h.t.Helper()
	s := h.service(0, nil)
	now := h.clock.Now()
	scopes := []overview.Scope{{}}
	for _, m := range h.merchants {
		scopes = append(scopes, overview.Scope{Merchant: m})
	}
	for _, p := range h.products {
		scopes = append(scopes, overview.Scope{Product: p.ID},
			overview.Scope{Merchant: p.MerchantOfRecordID, Product: p.ID})
	}
	for _, of := range scopes {
		if !a.Merchant.IsZero() && of.Merchant != a.Merchant {
			continue
		}
		for _, span := range []overview.Span{overview.Hourly, overview.Daily} {
			got, err := s.Series(h.t.Context(), a, overview.Question{Of: of, Span: span,
				From: now.Add(-10 * 24 * time.Hour), Until: now.Add(time.Hour)})
			if err != nil {
				h.t.Fatal(err)
			}
			for _, p := range got.Points {
				want := h.want[key{span, p.At, of.Merchant, of.Product}]
				if p.Figures != want {
					h.t.Errorf("%s, %+v, %s %s: %+v, want %+v", when, of, span, p.At, p.Figures, want)
				}
			}
		}
	}
}

// staged compares where the money is.
func (h *history) staged(when string) {
	h.t.Helper()
	o, err := h.service(0, nil).Get(h.t.Context(), h.actor())
	if err != nil {
		h.t.Fatal(err)
	}
	var want overview.Stages
	for _, of := range h.stages {
		want.Unsettled += of["unsettled"]
		want.Frozen += of["frozen"]
		want.Settled += of["settled"]
		want.Commission += of["commission"]
		want.Others += of["others"]
	}
	if o.Stages != want {
		h.t.Errorf("%s: the money is %+v, want %+v", when, o.Stages, want)
	}
}

// TestFiguresAreExact: whatever happens, and wherever summing is broken off, what is read is what happened: behind the
// sums, beside them, and when they were made anew after the events were deleted.
func TestFiguresAreExact(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, rand.Uint64()} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			t.Logf("seed %d", seed)
			h := newHistory(t, seed)
			h.happens(30)
			h.exact("never summed", h.actor())
			h.crash("rebuilt")
			h.exact("the first sums broken off", h.actor())
			h.roll(0)
			h.exact("summed first", h.actor())
			for _, step := range []string{"locked", "summed", "staged", "headed", "rolled"} {
				h.happens(15)
				h.exact("not summed", h.actor())
				h.crash(step)
				h.exact("broken off at "+step, h.actor())
				h.staged("broken off at " + step)
				h.roll(3)
				h.exact("summed in small batches after "+step, h.actor())
				h.staged("summed after " + step)
			}
			h.happens(10)
			if err := h.service(0, nil).Rebuild(t.Context(), h.tenant); err != nil {
				t.Fatal(err)
			}
			h.exact("made anew", h.actor())
			h.roll(0)
			h.admin("DELETE FROM events")
			h.exact("without events", h.actor())
			if err := h.service(0, nil).Rebuild(t.Context(), h.tenant); err != nil {
				t.Fatal(err)
			}
			h.exact("made anew without events", h.actor())
			h.staged("made anew without events")
			for _, m := range h.merchants {
				a := h.actor()
				a.Merchant = m
				h.exact("to a merchant", a)
			}
		})
	}
}

// TestRollTwiceAtOnce: two programs that sum the same facts sum them once.
func TestRollTwiceAtOnce(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 7)
	h.happens(5)
	h.roll(0)
	h.happens(40)
	s := h.service(4, nil)
	horizon, err := s.Horizon(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 2 {
		go func() {
			_, err := s.Roll(t.Context(), h.tenant, horizon)
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	h.exact("summed by two", h.actor())
	h.staged("summed by two")
}

// TestLateCommit: what was made earlier and is seen later is not passed over. While its transaction is open, nothing
// that came after it is summed; whoever reads has all that is committed at every moment.
func TestLateCommit(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 9)
	h.happens(10)
	h.roll(0)
	made, commit, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- h.db.InTenant(t.Context(), h.tenant, func(ctx context.Context, tx db.TenantTx) error {
			at := h.clock.Now()
			if err := events.Write(ctx, tx, id.New[id.Event](), events.Event{Type: vocabulary.EventOrderClosed,
				SubjectType: vocabulary.SubjectOrder, SubjectID: h.orders[0].id, Data: struct{}{}, At: at,
			}); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "UPDATE orders SET closed_at = $2 WHERE id = $1", h.orders[0].id, at)
			if err != nil {
				return err
			}
			close(made)
			<-commit
			return nil
		})
	}()
	<-made
	h.roll(0) // what was made in the same millisecond as the last that was summed
	before := len(h.orders)
	for len(h.orders) < before+3 {
		h.in(h.create)
	}
	if n := h.roll(0); n != 0 {
		t.Errorf("%d facts were summed although an older transaction is open", n)
	}
	h.exact("an older transaction is open", h.actor())
	close(commit)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	var closed time.Time
	h.in(func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT closed_at FROM orders WHERE id = $1", h.orders[0].id).Scan(&closed)
	})
	h.count(h.orders[0], closed, overview.Figures{Closed: 1})
	if n := h.roll(0); n < 4 {
		t.Errorf("%d facts were summed afterwards", n)
	}
	h.exact("it has ended", h.actor())
}

// TestRoad: a real order to its split, one that is refunded, and money that goes back outside.
func TestRoad(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := overview.New(overview.Config{DB: r.DB, Clock: r.Clock, Settled: -1})
	read := func() overview.Overview {
		o, err := s.Get(t.Context(), r.Actor)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	sold := r.Sold()
	want := overview.Figures{Created: 1, Paid: 1, Delivered: 1, WonPaid: 1, WonDelivered: 1, WonSplit: 1,
		Turnover: 100_00, Commission: 5_00, Others: 2_00, Settled: 93_00}
	if o := read(); o.Sum != want || (o.Stages != overview.Stages{Settled: 93_00, Commission: 5_00, Others: 2_00}) {
		t.Errorf("sold: %+v, %+v", o.Sum, o.Stages)
	}
	horizon, err := s.Horizon(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Roll(t.Context(), r.Tenant, horizon); err != nil {
		t.Fatal(err)
	}
	r.Refunded(r.Refund(sold).ID)
	want.Refunds, want.Refunded, want.Commission, want.Others = 1, 100_00, 0, 0
	if o := read(); o.Sum != want || o.Stages != (overview.Stages{}) {
		t.Errorf("refunded: %+v, %+v", o.Sum, o.Stages)
	}
	top, _, err := s.Top(t.Context(), r.Actor, overview.TopQuestion{From: r.Clock.Now().Add(-time.Hour),
		Until: r.Clock.Now().Add(time.Hour), Limit: 5})
	if err != nil || len(top) != 1 || top[0].ID != uuid.UUID(r.Product.ID) || top[0].Turnover != 100_00 ||
		top[0].Refunded != 100_00 {
		t.Errorf("top: %+v, %v", top, err)
	}
	m, err := s.Merchant(t.Context(), r.Actor, r.Supplier.ID)
	if err != nil || m.Sum != want || !m.CanCollect() {
		t.Errorf("the merchant: %+v, %v", m, err)
	}
	if _, err := s.Merchant(t.Context(), r.Actor, id.New[id.Merchant]()); fault.CodeOf(err) !=
		tenants.CodeMerchantNotFound {
		t.Errorf("a merchant that is not there: %v", err)
	}
}

// TestSeriesBounds: a time that is none, or too long, is refused; one merchant does not read another's.
func TestSeriesBounds(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 3)
	s, now := h.service(0, nil), h.clock.Now()
	for name, in := range map[string]overview.Question{
		"backwards": {Span: overview.Daily, From: now, Until: now.Add(-48 * time.Hour)},
		"hours":     {Span: overview.Hourly, From: now.Add(-32 * 24 * time.Hour), Until: now},
		"days":      {Span: overview.Daily, From: now.Add(-367 * 24 * time.Hour), Until: now},
	} {
		if _, err := s.Series(t.Context(), h.actor(), in); fault.CodeOf(err) != tenants.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := h.actor()
	a.Merchant = h.merchants[0]
	if _, err := s.Series(t.Context(), a, overview.Question{Of: overview.Scope{Merchant: h.merchants[1]},
		Span: overview.Daily, From: now.Add(-time.Hour), Until: now}); fault.CodeOf(err) !=
		tenants.CodeMerchantNotFound {
		t.Errorf("another's figures: %v", err)
	}
}

// TestComparison: the hours that are over are compared with the same hours a week before, and not the one that is not.
func TestComparison(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 4)
	noon := overview.Begins(overview.Daily, h.clock.Now()).Add(12*time.Hour + 30*time.Minute)
	h.clock.Advance(noon.Sub(h.clock.Now()))
	put := func(at time.Time, n money.Fen) {
		h.in(func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, `INSERT INTO ledger_postings
				(id, kind, order_id, source_id, from_account, to_account, to_merchant_id, amount_fen, created_at)
				VALUES ($1, 'payment', $1, $1, 'buyer', 'unsettled', $2, $3, $4)`,
				id.New[id.Posting](), h.merchants[0], n, at)
			return err
		})
	}
	put(noon.Add(-time.Minute), 1)                 // this hour
	put(noon.Add(-time.Hour), 20)                  // the one before
	put(noon.Add(-7*24*time.Hour), 300)            // this hour, a week ago
	put(noon.Add(-7*24*time.Hour-time.Hour), 4000) // the one before
	put(noon.Add(-6*24*time.Hour), 50000)
	o, err := h.service(0, nil).Get(t.Context(), h.actor())
	if err != nil {
		t.Fatal(err)
	}
	if o.Sum.Turnover != 21 || o.Whole.Turnover != 20 || o.LastWeekToHere.Turnover != 4000 || len(o.Today) != 24 ||
		o.Today[12].Turnover != 1 || o.LastWeek[12].Turnover != 300 {
		t.Errorf("%+v", o)
	}
}

// TestOutsideAndErased: money that went back outside is in the figures once it is booked, and what was erased of a
// person changes none of them: before they are summed, after it, and when they are made anew.
func TestOutsideAndErased(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := overview.New(overview.Config{DB: r.DB, Clock: r.Clock, Settled: -1})
	want := overview.Figures{Created: 1, Paid: 1, Delivered: 1, WonPaid: 1, WonDelivered: 1, Turnover: 100_00}
	reads := func(when string) {
		t.Helper()
		o, err := s.Get(t.Context(), r.Actor)
		if err != nil || o.Sum != want {
			t.Errorf("%s: %+v, %v, want %+v", when, o.Sum, err, want)
		}
	}
	rolls := func() {
		t.Helper()
		horizon, err := s.Horizon(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Roll(t.Context(), r.Tenant, horizon); err != nil {
			t.Fatal(err)
		}
	}
	const contact = "erased.person@example.cn"
	in := r.Input(1)
	in.BuyerContact, in.BuyerIP = contact, "203.0.113.9"
	o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil {
		t.Fatal(err)
	}
	o = r.Paid(o)
	rolls()
	reads("sold")
	r.RefundsAreNotified()
	r.RefundOutside(o, o.Total)
	r.Reported(o)
	reads("refunded outside and not booked")
	r.Reconciled(o)
	r.Split(o) // nothing is left to split
	want.Refunds, want.Refunded = 1, 100_00
	reads("booked")
	rolls()
	reads("summed")
	r.Change("DELETE FROM cases") // somebody has looked at it
	erasing := contacts.New(contacts.Config{DB: r.DB, Vault: r.Vault, Clock: r.Clock})
	e, err := erasing.Erase(t.Context(), r.Actor, contacts.Person{BuyerContact: contact})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := erasing.Run(t.Context(), r.Tenant, e.ID); err != nil {
		t.Fatal(err)
	}
	if n := r.Count("orders", "sealed_buyer_contact IS NOT NULL"); n != 0 {
		t.Errorf("%d orders have a contact", n)
	}
	reads("erased")
	rolls()
	reads("erased and summed")
	if err := s.Rebuild(t.Context(), r.Tenant); err != nil {
		t.Fatal(err)
	}
	reads("erased and made anew")
}
