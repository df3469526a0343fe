package books_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"zhitong/internal/money"
	"zhitong/tenants/books"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

const due = 49 * time.Hour // the first look is two days after a payment was made

func service(r *tenantstest.Road, step func(string)) *books.Service {
	return books.New(books.Config{DB: r.DB, Gateways: r.Gateways, Clock: r.Clock, Step: step})
}

func look(t *testing.T, r *tenantstest.Road, s *books.Service) books.Result {
	t.Helper()
	out := books.Result{Found: map[books.Kind]int{}}
	if err := s.Tenant(t.Context(), r.Tenant, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNobodyReported: each difference that no notice told of is found once, when its time has come, and what agrees is
// not. A refund is booked, and our own gives back what is left; every other is one case.
func TestNobodyReported(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := service(r, nil)
	agreed := r.Sold()
	all, want := r.Plants(), map[books.Kind]int{}
	made := map[string]orders.Order{}
	for name, p := range all {
		made[name] = p.Plant()
		for _, k := range p.Found {
			want[k]++
		}
	}
	if got := look(t, r, s); got.Compared != 0 {
		t.Errorf("%d payments are compared at once", got.Compared)
	}
	r.Clock.Advance(due)
	got := look(t, r, s)
	if got.Compared != len(all)+1 || !maps.Equal(got.Found, want) {
		t.Errorf("of %d found %v, want %v", got.Compared, got.Found, want)
	}
	if got := look(t, r, s); got.Compared != 0 {
		t.Errorf("%d payments are compared again", got.Compared)
	}
	for name, p := range all {
		o := made[name]
		if len(p.Cases) > 0 {
			for _, k := range p.Cases {
				if n := r.Count("cases", "payment_id = $1 AND kind = $2", o.Payment.ID, k); n != 1 {
					t.Errorf("%s: %d cases %s", name, n, k)
				}
			}
			if n := r.Count("cases", "payment_id = $1", o.Payment.ID); n != len(p.Cases) {
				t.Errorf("%s: %d cases", name, n)
			}
			continue
		}
		back := r.Trade(o.Payment.ID).Refunded
		after := r.Reconciled(o)
		if after.Refunded != back {
			t.Errorf("%s: %d of %d fen are booked", name, after.Refunded, back)
		}
		r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
		if back < o.Total {
			rf, _, err := r.Orders.Refund(t.Context(), r.Actor, o.ID, "", idempotency.Key{})
			if err != nil || rf.Amount != o.Total-back {
				t.Fatalf("%s: our refund gives %d back, %v", name, rf.Amount, err)
			}
			r.Refunded(rf.ID)
			if v := r.Trade(o.Payment.ID); v.Refunded != o.Total {
				t.Errorf("%s: %d are given back in all", name, v.Refunded)
			}
		}
	}
	if n := r.Count("cases", "payment_id = $1", agreed.Payment.ID); n != 0 {
		t.Errorf("%d cases of what agrees", n)
	}
}

// TestLooksThreeTimes: what moves after one look is found by the next.
func TestLooksThreeTimes(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := service(r, nil)
	o := r.Sold()
	for n, after := range []time.Duration{due, 29 * 24 * time.Hour, 320 * 24 * time.Hour} {
		r.RefundOutside(o, 1_00)
		r.Clock.Advance(after)
		if got := look(t, r, s); got.Compared != 1 || got.Found[books.Refunded] != 1 {
			t.Errorf("look %d: %+v", n+1, got)
		}
		if got := r.Reconciled(o); got.Refunded != money.Fen(n+1)*1_00 {
			t.Errorf("after look %d: %d fen are booked", n+1, got.Refunded)
		}
	}
}

// TestLookCrash ends the program at each step; the next run goes on, and what differs is noted once.
func TestLookCrash(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	var at string
	type crash struct{}
	s := service(r, func(step string) {
		if step == at {
			panic(crash{})
		}
	})
	for _, at = range []string{"book read", "book asked", "book difference noted", "book place kept"} {
		o := r.Sold()
		r.Change("UPDATE payments SET refunded_fen = 100 WHERE id = $1", o.Payment.ID)
		r.Clock.Advance(due)
		func() {
			defer func() {
				if recover() != (crash{}) {
					t.Errorf("it did not crash at %q", at)
				}
			}()
			look(t, r, s)
		}()
		at = ""
		look(t, r, s)
		if n := r.Count("cases", "payment_id = $1 AND kind = 'refund_mismatch'", o.Payment.ID); n != 1 {
			t.Errorf("%d cases", n)
		}
		if got := look(t, r, s); got.Compared != 0 {
			t.Errorf("%d payments are compared once more", got.Compared)
		}
	}
}

// TestAcquirerAway: a payment that could not be asked about is the next one.
func TestAcquirerAway(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := service(r, nil)
	first, second := r.Sold(), r.Sold()
	r.RefundOutside(second, 1_00)
	r.Clock.Advance(due)
	r.Fault("system_error_before", "alipay.trade.query", 50)
	got := look(t, r, s)
	if got.Compared != 0 || got.Behind <= 0 {
		t.Errorf("while it is away: %+v", got)
	}
	r.Desk("DELETE", "/faults", nil, nil)
	if got := look(t, r, s); got.Compared != 2 || got.Found[books.Refunded] != 1 {
		t.Errorf("when it is back: %+v, order %s", got, first.ID)
	}
}

// TestBookMovedMeanwhile: a refund of ours ends between the answer and the lock. The answer, which is older, is no
// difference.
func TestBookMovedMeanwhile(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	moved := false
	s := service(r, func(at string) {
		if at == "book asked" && !moved {
			moved = true
			r.Change("UPDATE payments SET refunded_fen = 0 WHERE id = $1", o.Payment.ID)
		}
	})
	r.Change("UPDATE payments SET refunded_fen = 100 WHERE id = $1", o.Payment.ID)
	r.Clock.Advance(due)
	if got := look(t, r, s); !moved || got.Compared != 1 || len(got.Found) != 0 {
		t.Errorf("%+v", got)
	}
	if n := r.Count("cases", "true"); n != 0 {
		t.Errorf("%d cases", n)
	}
}

// TestLooksAtOnce: many runs at once note a difference once.
func TestLooksAtOnce(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := service(r, nil)
	o := r.Sold()
	r.Change("UPDATE payments SET refunded_fen = 100 WHERE id = $1", o.Payment.ID)
	r.Clock.Advance(due)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			out := books.Result{Found: map[books.Kind]int{}}
			if err := s.Tenant(t.Context(), r.Tenant, &out); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := r.Count("cases", "payment_id = $1", o.Payment.ID); n != 1 {
		t.Errorf("%d cases", n)
	}
	if n := r.Count("events", "type = 'case.opened'"); n != 1 {
		t.Errorf("%d events", n)
	}
}

// TestDifferences: a sample finds the same and changes nothing.
func TestDifferences(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	s := service(r, nil)
	r.Sold()
	want := map[books.Kind]int{}
	all := r.Plants()
	for _, p := range all {
		p.Plant()
		for _, k := range p.Found {
			want[k]++
		}
	}
	r.Clock.Advance(time.Second)
	sample := books.Sample{Since: r.Clock.Now().Add(-time.Hour), Most: 100}
	found, asked, err := s.Differences(t.Context(), r.Tenant, sample)
	if err != nil || asked != len(all)+1 {
		t.Fatalf("%d were asked about, %v", asked, err)
	}
	got := map[books.Kind]int{}
	for _, f := range found {
		got[f.Kind]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	sample.Most = 2
	if _, asked, err := s.Differences(t.Context(), r.Tenant, sample); err != nil || asked != 2 {
		t.Errorf("%d of two were asked about, %v", asked, err)
	}
	for _, table := range []string{"cases", "reconciliations", "book_looks"} {
		if n := r.Count(table, "true"); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
}
