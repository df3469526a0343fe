package splits_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/simulator/faults"
	"zhitong/tenants/cases"
	"zhitong/tenants/splits"
)

const (
	confirmMethod = "alipay.trade.settle.confirm"
	splitMethod   = "alipay.trade.order.settle"
	bindMethod    = "alipay.trade.royalty.relation.bind"
)

// completed checks the one right end of a payment of 100.00 that is split by the bundle's rule.
func (b *bundle) completed(p dbsqlc.Payment) {
	b.t.Helper()
	s := b.split(p)
	if s.Settlement.Status != "done" || s.Settlement.Amount != p.AmountFen || s.Split == nil ||
		s.Split.Status != "completed" {
		b.t.Fatalf("settlement %+v, split %+v", s.Settlement, s.Split)
	}
	if len(s.Split.Parts) != 2 || s.Split.Parts[0].Amount != 500 || s.Split.Parts[1].Amount != 200 || s.Kept != 9300 {
		b.t.Errorf("parts %+v, kept %d", s.Split.Parts, s.Kept)
	}
	got := b.events(p)
	delete(got, "case.opened")
	if !maps.Equal(got, map[string]int{"split.completed": 1}) {
		b.t.Errorf("events %v", got)
	}
	v := b.Trade(p.ID)
	if v.Transferred != 700 || v.Frozen != 0 || v.Unsettled != 0 || !v.RoyaltyFinished {
		b.t.Errorf("the simulator's trade: %+v", v)
	}
	b.sameBooks(p)
}

func TestExecute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
	if s := b.split(p); s.Split.SettleNo == "" || s.Split.Parts[0].Account == b.PID {
		t.Errorf("split %+v: want Alipay's number, and masked accounts", s.Split)
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Errorf("again: %+v", out)
	}
	b.completed(p)
	var bound bool
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "SELECT receiver_bound_at IS NOT NULL FROM merchants WHERE id = $1",
			b.distributor.ID).Scan(&bound); err != nil {
			t.Fatal(err)
		}
	})
	if !bound {
		t.Error("the receiver is not marked as bound")
	}
}

func TestExecuteWithoutParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// the merchant of record keeps its own part, a part of nothing is left out
	b.rule(
		dbsqlc.SplitRulePart{Receiver: "merchant", MerchantID: b.supplier.ID, RateBps: 1000},
		dbsqlc.SplitRulePart{Receiver: "platform", RateBps: 1},
	)
	p := b.paid(99)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	s := b.split(p)
	if s.Settlement.Status != "done" || s.Split != nil || s.Kept != 99 {
		t.Errorf("%+v", s)
	}
	if v := b.Trade(p.ID); v.Settled != 99 || v.Frozen != 0 {
		t.Errorf("the simulator's trade: %+v", v)
	}
	b.sameBooks(p)
}

// TestExecuteCrash stops Execute after every step, runs it again, and finds the same end.
func TestExecuteCrash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var steps []string
	p := b.paid(100_00)
	b.work(b.service(func(name string) { steps = append(steps, name) }), p)
	b.completed(p)
	if len(steps) < 8 {
		t.Fatalf("steps %v", steps)
	}
	for i := range steps {
		b.unbind()
		p := b.paid(100_00)
		n := 0
		crashing := b.service(func(string) {
			if n++; n == i+1 {
				panic(crash(i))
			}
		})
		func() {
			defer func() {
				if v := recover(); v != crash(i) {
					t.Errorf("step %d %s: recovered %v", i, steps[i], v)
				}
			}()
			_, _ = crashing.Execute(t.Context(), b.Tenant, p.ID)
		}()
		if out := b.work(b.svc, p); out.State != splits.Finished {
			t.Errorf("after a crash at %s: %+v", steps[i], out)
		}
		b.completed(p)
	}
}

type crash int

// unbind forgets on our side that the distributor is bound, so that the next run binds it again.
func (b *bundle) unbind() {
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE merchants SET receiver_bound_at = NULL WHERE id = $1",
			b.distributor.ID); err != nil {
			b.t.Fatal(err)
		}
	})
}

// TestExecuteLostAnswers makes every call of settlement and split lose its answer in every way, before and after the
// effect.
func TestExecuteLostAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, method := range []string{bindMethod, confirmMethod, splitMethod} {
		for _, kind := range []string{faults.NoAnswerBefore, faults.NoAnswerAfter, faults.SystemErrorBefore,
			faults.SystemErrorAfter,
			faults.HTTP502, faults.HalfJSON, faults.WrongSignature, faults.RateLimit} {
			b.unbind()
			p := b.paid(100_00)
			b.Fault(kind, method, 2) // twice: the client may repeat once by itself
			if out := b.work(b.svc, p); out.State != splits.Finished {
				t.Errorf("%s %s: %+v", method, kind, out)
			}
			b.Desk(http.MethodDelete, "/faults", nil, nil)
			b.completed(p)
			if cases := b.cases(p); len(cases) != 0 {
				t.Errorf("%s %s: cases %v", method, kind, cases)
			}
		}
	}
}

// TestExecuteUnknownAsksFirst: while the outcome of the settlement cannot be learned, the call is not repeated.
func TestExecuteUnknownAsksFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	b.Fault(faults.NoAnswerAfter, confirmMethod, 2)
	b.Fault(faults.NoAnswerBefore, "alipay.trade.query", 0)
	for range 3 {
		out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID)
		if err != nil || out.State != splits.Waiting {
			t.Fatalf("outcome %+v, %v", out, err)
		}
		b.Clock.Advance(out.Wait)
	}
	var faults struct {
		Faults []faults.Fault `json:"faults"`
	}
	b.Desk(http.MethodGet, "/faults", nil, &faults)
	confirms := faults.Faults[0].Seen
	if confirms > 2 { // once, and the client's own repetition
		t.Errorf("settle.confirm was sent %d times while its outcome was unknown", confirms)
	}
	if s := b.split(p); s.Settlement.Status != "pending" {
		t.Errorf("settlement %+v", s.Settlement)
	}
	b.Clock.Advance(25 * time.Hour)
	if out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil || out.State != splits.Waiting ||
		out.Wait > time.Hour {
		t.Fatalf("after a day: %+v, %v", out, err)
	}
	if got := b.cases(p); fmt.Sprint(got) != fmt.Sprint([]cases.Kind{vocabulary.CaseUnknownTooLong}) {
		t.Errorf("cases %v", got)
	}
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
}

// TestExecuteSoonAfterAnOutage: found by chaos. The wait was as long as the outage, so the money of a payment moved up
// to twice as late as Alipay was back.
func TestExecuteSoonAfterAnOutage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	b.Fault(faults.SystemErrorBefore, "", 0)
	began, last := b.Clock.Now(), time.Duration(0)
	for b.Clock.Now().Sub(began) < 10*time.Minute {
		out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID)
		if err != nil || out.State != splits.Waiting {
			t.Fatalf("outcome %+v, %v", out, err)
		}
		last = out.Wait
		b.Clock.Advance(out.Wait)
	}
	if last > 90*time.Second {
		t.Errorf("after an outage of ten minutes it would wait %s", last)
	}
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
}

// TestExecuteWorkers runs many workers with one job: the money moves once.
func TestExecuteWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil {
				t.Errorf("execute: %v", err)
			}
		})
	}
	wg.Wait()
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
}

func TestExecuteRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name    string
		break_  func(p dbsqlc.Payment)
		settled vocabulary.SettlementStatus
	}{
		{"a receiver that cannot be bound", func(dbsqlc.Payment) {
			b.receiver(map[string]any{"certified": false})
		}, "refused"},
		{"a receiver that cannot receive", func(p dbsqlc.Payment) {
			b.bind()
			b.receiver(map[string]any{"blocked": true})
		}, "done"},
		{"a cap that was lowered", func(dbsqlc.Payment) {
			b.Desk(http.MethodPatch, "/apps/"+b.AppID, map[string]any{"max_ratio": 6}, nil)
		}, "done"},
	} {
		b.unbind()
		p := b.paid(100_00)
		c.break_(p)
		for range 2 { // the second run finds the same and opens nothing new
			if out := b.work(b.svc, p); out.State != splits.Refused || out.Reason == "" {
				t.Errorf("%s: outcome %+v", c.name, out)
			}
			s := b.split(p)
			if s.Settlement.Status != c.settled || s.Split.Status != "refused" || s.Split.Reason == "" {
				t.Errorf("%s: settlement %+v, split %+v", c.name, s.Settlement, s.Split)
			}
			if got := b.events(p); !maps.Equal(got, map[string]int{"split.refused": 1, "case.opened": 1}) {
				t.Errorf("%s: events %v", c.name, got)
			}
			if got := b.cases(p); fmt.Sprint(got) != fmt.Sprint([]cases.Kind{vocabulary.CaseSplitRefused}) {
				t.Errorf("%s: cases %v", c.name, got)
			}
			b.sameBooks(p)
		}
		b.receiver(map[string]any{"certified": true, "blocked": false})
		b.Desk(http.MethodPatch, "/apps/"+b.AppID, map[string]any{"max_ratio": 30}, nil)
	}
}

func (b *bundle) receiver(patch map[string]any) {
	b.Desk(http.MethodPatch, "/accounts/"+*b.distributor.ReceiverAccount, patch, nil)
}

// client calls Alipay behind the domain's back.
func (b *bundle) client() *alipay.Client {
	b.t.Helper()
	in := b.Credentials()
	c, err := alipay.NewClient(alipay.Credentials{
		Gateway:         b.URL + "/gateway.do",
		AppID:           in.AppID,
		PID:             in.PID,
		PrivateKey:      in.PrivateKey,
		AlipayPublicKey: in.AlipayPublicKey,
	}, alipay.Options{Clock: b.Clock})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// bind makes the distributor known to Alipay and marks it so.
func (b *bundle) bind() {
	b.t.Helper()
	_, err := b.client().
		TradeRoyaltyRelationBind(b.t.Context(), alipay.TradeRoyaltyRelationBindRequest{OutRequestNo: "bind1",
			Receivers: []alipay.RoyaltyReceiver{{Type: alipay.TransInUserID, Account: *b.distributor.ReceiverAccount}}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE merchants SET receiver_bound_at = now() WHERE id = $1",
			b.distributor.ID); err != nil {
			b.t.Fatal(err)
		}
	})
}

// TestExecuteUnboundAtAlipay: the relation is gone at Alipay while we believe it is there.
func TestExecuteUnboundAtAlipay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE merchants SET receiver_bound_at = now() WHERE id = $1",
			b.distributor.ID); err != nil {
			t.Fatal(err)
		}
	})
	p := b.paid(100_00)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
}

func TestExecuteSuspended(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	b.Desk(http.MethodPatch, "/merchants/"+*b.supplier.Smid, map[string]any{"settle_hold": true}, nil)
	out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID)
	if err != nil || out.State != splits.Waiting || out.Wait < 12*time.Hour {
		t.Fatalf("outcome %+v, %v", out, err)
	}
	if s := b.split(p); s.Settlement.Status != "refused" || s.Split.Status != "pending" {
		t.Errorf("settlement %+v, split %+v", s.Settlement, s.Split)
	}
	if got := b.cases(p); fmt.Sprint(got) != fmt.Sprint([]cases.Kind{vocabulary.CaseSettleSuspended}) {
		t.Errorf("cases %v", got)
	}
	b.Desk(http.MethodPatch, "/merchants/"+*b.supplier.Smid, map[string]any{"settle_hold": false}, nil)
	b.Clock.Advance(out.Wait)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	if s := b.split(p); s.Split.Status != "completed" {
		t.Errorf("split %+v", s.Split)
	}
	b.sameBooks(p)
}

// TestExecuteSettledByAlipay: the money was settled under a number that is not ours.
func TestExecuteSettledByAlipay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	_, err := b.client().
		TradeSettleConfirm(t.Context(), alipay.TradeSettleConfirmRequest{OutRequestNo: "elsewhere", TradeNo: *p.TradeNo,
			SettleInfo: alipay.DefaultSettle(100_00, ""), ExtendParams: &alipay.ExtendParams{RoyaltyFreeze: true}})
	if err != nil {
		t.Fatal(err)
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
}

func TestExecuteWhenThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	change := func(p dbsqlc.Payment, sql string) {
		b.In(func(ctx context.Context, tx db.TenantTx) {
			if _, err := tx.Exec(ctx, sql, p.ID); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, c := range []struct {
		name, sql string
		want      splits.State
	}{
		{"refunded", "UPDATE payments SET status = 'refunded', refunded_fen = amount_fen WHERE id = $1",
			splits.Finished},
		{"unpaid", "UPDATE payments SET status = 'pending' WHERE id = $1", splits.Finished},
		{"order in review", "UPDATE orders SET status = 'needs_review' " +
			"WHERE id = (SELECT order_id FROM payments WHERE id = $1)", splits.Waiting},
		{"refund under way", "INSERT INTO refunds (id, order_id, payment_id, amount_fen, status) " +
			"SELECT gen_random_uuid(), order_id, id, amount_fen, 'pending' FROM payments WHERE id = $1",
			splits.Waiting},
	} {
		p := b.paid(money.Fen(1000))
		change(p, c.sql)
		out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID)
		if err != nil || out.State != c.want {
			t.Errorf("%s: %+v, %v", c.name, out, err)
		}
		if v := b.Trade(p.ID); v.Settled != 0 {
			t.Errorf("%s: the simulator settled %d fen", c.name, v.Settled)
		}
	}
}
