package splits_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/vocabulary"
	"zhitong/simulator/faults"
	"zhitong/tenants/books"
	"zhitong/tenants/recovery"
	"zhitong/tenants/splits"
)

const days = 24 * time.Hour

// moved lets time pass at Alipay and here.
func (b *bundle) moved(d time.Duration) {
	b.t.Helper()
	b.Clock.Advance(d)
	b.Desk(http.MethodPost, "/clock", map[string]any{"advance_seconds": 0}, nil) // what is due happens
}

// refusedFrozen is a payment whose money is settled and frozen, and whose split Alipay has refused.
func (b *bundle) refusedFrozen() dbsqlc.Payment {
	b.t.Helper()
	p := b.paid(100_00)
	b.Desk(http.MethodPost, "/faults", map[string]any{"app_id": b.AppID, "method": splitMethod,
		"kind": faults.BusinessError, "sub_code": "MERCHANT_RISK_LIMIT", "times": 1}, nil)
	if out := b.work(b.svc, p); out.State != splits.Refused {
		b.t.Fatalf("the split: %+v", out)
	}
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if v := b.Trade(p.ID); v.Frozen != 100_00 {
		b.t.Fatalf("%d fen are frozen", v.Frozen)
	}
	return p
}

func (b *bundle) agree(what string) {
	b.t.Helper()
	b.In(func(ctx context.Context, tx db.TenantTx) { // only what was paid with the connection's account is asked about
		if _, err := tx.Exec(ctx, "UPDATE payments SET pid = $1", b.PID); err != nil {
			b.t.Fatal(err)
		}
	})
	svc := books.New(books.Config{DB: b.DB, Gateways: b.Gateways, Clock: b.Clock})
	b.Clock.Advance(time.Second)
	found, asked, err := svc.Differences(b.t.Context(), b.Tenant,
		books.Sample{Since: b.Clock.Now().Add(-400 * days), Most: 100})
	if err != nil || asked == 0 || len(found) != 0 {
		b.t.Errorf("%s: of %d payments these differ: %+v, %v", what, asked, found, err)
	}
}

// found lets recovery look, and runs what it finds to be done.
func (b *bundle) found(p dbsqlc.Payment, want int) {
	b.t.Helper()
	if _, err := b.DB.Pool().Exec(b.t.Context(), "DELETE FROM river.river_job"); err != nil {
		b.t.Fatal(err)
	}
	found := recovery.Found{}
	if err := recovery.New(b.DB, b.Clock).Tenant(b.t.Context(), b.Tenant, found); err != nil {
		b.t.Fatal(err)
	}
	if found["split_execute"] != want || b.jobs(p) != want {
		b.t.Errorf("%d jobs are made, want %d", found["split_execute"], want)
	}
}

// TestFreezeEnds: Alipay frees by itself what was frozen for a split that nobody made for 30 days. It is found by the
// time, without a message, booked once, and a person is told; a day before it is not.
func TestFreezeEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.refusedFrozen()
	b.moved(29 * days)
	b.found(p, 0)
	b.work(b.svc, p)
	if got := b.cases(p); !slices.Equal(got, []vocabulary.CaseKind{vocabulary.CaseSplitRefused}) {
		t.Errorf("the control, a day before: cases %v", got)
	}
	b.sameBooks(p)
	b.moved(days + time.Hour)
	if v := b.Trade(p.ID); v.Frozen != 0 || v.Settled != 100_00 {
		t.Fatalf("the simulator's trade: %+v", v)
	}
	b.found(p, 1)
	for range 3 {
		if out := b.work(b.svc, p); out.State != splits.Refused {
			t.Errorf("%+v", out)
		}
		b.freed(p, 1)
	}
	b.found(p, 0)
	b.agree("after the freeze")
	// what is tried again is refused by Alipay, and books nothing a second time
	if code := b.retry(p); code != "" {
		t.Fatalf("tried again: %s", code)
	}
	if out := b.work(b.svc, p); out.State != splits.Refused {
		t.Errorf("tried again: %+v", out)
	}
	b.freed(p, 2)
	b.agree("tried again")
}

// freed checks a payment of 100.00 that Alipay has freed and that was refused n times.
func (b *bundle) freed(p dbsqlc.Payment, n int) {
	b.t.Helper()
	got := b.cases(p)
	slices.Sort(got)
	if want := []vocabulary.CaseKind{vocabulary.CaseSettlementMismatch, vocabulary.CaseSplitRefused}; !slices.Equal(got,
		want) {
		b.t.Errorf("cases %v", got)
	}
	if got := b.events(p); !maps.Equal(got, map[string]int{"split.refused": n, "case.opened": 2}) {
		b.t.Errorf("events %v", got)
	}
	b.sameBooks(p)
}

// TestFreezeEndsWhileSplitting: the freeze ends while the split waits for an answer. Alipay says that nothing is frozen
// any more, which ends the split, whatever our clock says.
func TestFreezeEndsWhileSplitting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	b.Fault(faults.NoAnswerBefore, splitMethod, 0)
	if out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil || out.State != splits.Waiting {
		t.Fatalf("%+v, %v", out, err)
	}
	b.moved(30*days + time.Hour)
	b.Clock.Advance(-2 * days) // as seen by a program whose clock is behind
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if out := b.work(b.svc, p); out.State != splits.Refused {
		t.Fatalf("%+v", out)
	}
	b.freed(p, 1)
	b.agree("after it")
}

// TestReleasedBeforeTheSettlement: risk control holds the settlement until Alipay, at the end of the longest time that
// a trade may wait, has released the money by itself. It is settled once and booked once, the split is made out of what
// was released, a case says so, and the books agree.
func TestReleasedBeforeTheSettlement(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	hold := func(yes bool) {
		b.Desk(http.MethodPatch, "/merchants/"+*b.supplier.Smid, map[string]any{"settle_hold": yes}, nil)
	}
	hold(true)
	if out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil || out.State != splits.Waiting {
		t.Fatalf("%+v, %v", out, err)
	}
	hold(false)
	if v := b.Trade(p.ID); v.Unsettled != 100_00 {
		t.Fatalf("the control, before its time: %+v", v)
	}
	b.moved(366 * days)
	if v := b.Trade(p.ID); v.Unsettled != 0 || v.Settled != 100_00 || v.Frozen != 0 {
		t.Fatalf("the simulator's trade: %+v", v)
	}
	b.Fault(faults.RateLimit, splitMethod, 0)
	if out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil || out.State != splits.Waiting {
		t.Fatalf("%+v, %v", out, err)
	}
	b.sameBooks(p) // released, and nothing is frozen, here as there
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("%+v", out)
	}
	got := b.cases(p)
	slices.Sort(got)
	if fmt.Sprint(got) != fmt.Sprint([]vocabulary.CaseKind{vocabulary.CaseSettleSuspended,
		vocabulary.CaseSettlementMismatch}) {
		t.Errorf("cases %v", got)
	}
	if v := b.Trade(p.ID); v.Settled != 100_00 || v.Transferred != 700 {
		t.Errorf("settled and split once: %+v", v)
	}
	b.sameBooks(p)
	b.agree("released by Alipay")
}
