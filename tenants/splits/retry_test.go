package splits_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/simulator/faults"
	"zhitong/tenants"
	"zhitong/tenants/splits"
)

// refusals are the ways in which a split is refused, and how a person removes each cause.
func (b *bundle) refusals() []refusal {
	return []refusal{
		{
			"a receiver that cannot be bound",
			func() { b.receiver(map[string]any{"certified": false}) },
			func() { b.receiver(map[string]any{"certified": true}) },
		},
		{
			"a receiver that cannot receive",
			func() { b.bind(); b.receiver(map[string]any{"blocked": true}) },
			func() { b.receiver(map[string]any{"blocked": false}) },
		},
		{"a cap that was lowered", func() { b.cap(6) }, func() { b.cap(30) }},
		{
			"a receiver that is not there",
			func() { b.account(nil) },
			func() { b.account(b.distributor.ReceiverAccount) },
		},
	}
}

type refusal struct {
	name           string
	break_, repair func()
}

func (b *bundle) cap(percent int) {
	b.Desk(http.MethodPatch, "/apps/"+b.AppID, map[string]any{"max_ratio": percent}, nil)
}

// account sets the distributor's receiver account; nil takes it away.
func (b *bundle) account(to *string) {
	b.t.Helper()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, `UPDATE merchants SET receiver_account = $2, receiver_type = CASE
			WHEN $2::text IS NOT NULL THEN 'userId' END, receiver_bound_at = NULL
			WHERE id = $1`, b.distributor.ID, to); err != nil {
			b.t.Fatal(err)
		}
	})
}

// retry runs Retry and returns the code of its error.
func (b *bundle) retry(p dbsqlc.Payment) fault.Code {
	b.t.Helper()
	_, err := b.svc.Retry(b.t.Context(), b.Actor, p.OrderID)
	if err != nil && fault.CodeOf(err) == "" {
		b.t.Fatal(err)
	}
	return fault.CodeOf(err)
}

func (b *bundle) jobs(p dbsqlc.Payment) (n int) {
	b.t.Helper()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM river.river_job WHERE kind = 'split_execute' "+
			"AND args->>'payment_id' = $1", p.ID.UUID().String()).Scan(&n); err != nil {
			b.t.Fatal(err)
		}
	})
	return n
}

func (b *bundle) audited(p dbsqlc.Payment) (n int) {
	b.t.Helper()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM audit_log WHERE action = 'retryOrderSplit' "+
			"AND subject_id = $1", p.OrderID).Scan(&n); err != nil {
			b.t.Fatal(err)
		}
	})
	return n
}

// retried checks the end of a payment that was refused n times before it was split.
func (b *bundle) retried(name string, p dbsqlc.Payment, n int) {
	b.t.Helper()
	s := b.split(p)
	if s.Settlement.Status != "done" || s.Split.Status != "completed" || s.Split.Reason != "" ||
		len(s.Split.Parts) != 2 ||
		s.Kept != 9300 {
		b.t.Errorf("%s: settlement %+v, split %+v", name, s.Settlement, s.Split)
	}
	if got := b.events(p); !maps.Equal(got,
		map[string]int{"split.refused": n, "split.completed": 1, "case.opened": 1}) {
		b.t.Errorf("%s: events %v", name, got)
	}
	if v := b.Trade(p.ID); v.Transferred != 700 || v.Frozen != 0 || !v.RoyaltyFinished {
		b.t.Errorf("%s: the simulator's trade: %+v", name, v)
	}
	b.mended(name, p)
	b.sameBooks(p)
}

// mended demands that every case about the payment was closed, with an entry in the audit log for each.
func (b *bundle) mended(name string, p dbsqlc.Payment) {
	b.t.Helper()
	var open, closed, noted int
	b.In(func(ctx context.Context, tx db.TenantTx) {
		err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE status = 'open'),
			count(*) FILTER (WHERE closed_at IS NOT NULL),
			count(*) FILTER (WHERE EXISTS (SELECT FROM audit_log l WHERE l.subject_id = c.id AND l.action = 'closeCase'
				AND l.actor_kind = 'system' AND l.detail <> ''))
			FROM cases c WHERE payment_id = $1`, p.ID).Scan(&open, &closed, &noted)
		if err != nil {
			b.t.Fatal(err)
		}
	})
	if open != 0 || closed == 0 || noted != closed {
		b.t.Errorf("%s: %d cases are open, %d closed, %d with a note", name, open, closed, noted)
	}
}

// TestRetry removes the cause of each refusal: the second attempt succeeds, one that comes too early is refused again,
// and only what is refused is retried.
func TestRetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range b.refusals() {
		b.unbind()
		p := b.paid(100_00)
		c.break_()
		if out := b.work(b.svc, p); out.State != splits.Refused {
			t.Fatalf("%s: outcome %+v", c.name, out)
		}
		refused := 1
		if code := b.retry(p); code == splits.CodeReceiverMissing {
			if b.jobs(p) != 0 || b.audited(p) != 0 {
				t.Errorf("%s: a retry without a receiver left traces", c.name)
			}
		} else if code != "" {
			t.Errorf("%s: too early: %s", c.name, code)
		} else if out := b.work(b.svc, p); out.State != splits.Refused {
			t.Errorf("%s: too early: outcome %+v", c.name, out)
		} else {
			refused++
		}
		c.repair()
		before := b.jobs(p)
		if code := b.retry(p); code != "" {
			t.Fatalf("%s: %s", c.name, code)
		}
		if s := b.split(p); s.Split.Status != "pending" || s.Split.Reason != "" {
			t.Errorf("%s: reopened: %+v", c.name, s.Split)
		}
		if code := b.retry(p); code != splits.CodeNotRefused {
			t.Errorf("%s: while it is pending: %q", c.name, code)
		}
		if jobs, audited := b.jobs(p)-before, b.audited(p); jobs != 1 || audited != refused {
			t.Errorf("%s: %d new jobs, %d audit entries", c.name, jobs, audited)
		}
		if out := b.work(b.svc, p); out.State != splits.Finished {
			t.Fatalf("%s: outcome %+v", c.name, out)
		}
		b.retried(c.name, p, refused)
		if code := b.retry(p); code != splits.CodeNotRefused {
			t.Errorf("%s: after it was split: %q", c.name, code)
		}
	}
}

// TestRetryWithAnotherAccount: the receiver's account was the cause, and the merchant has named another.
func TestRetryWithAnotherAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	b.bind()
	b.receiver(map[string]any{"blocked": true})
	if out := b.work(b.svc, p); out.State != splits.Refused {
		t.Fatalf("outcome %+v", out)
	}
	other := b.Merchant("Other")
	b.account(other.ReceiverAccount)
	if code := b.retry(p); code != "" {
		t.Fatal(code)
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	if got, want := b.split(p).Split.Parts[1].Account, splits.Mask(*other.ReceiverAccount); got != want {
		t.Errorf("account %s, want %s", got, want)
	}
	if v := b.Trade(p.ID); v.Transferred != 700 || v.Frozen != 0 {
		t.Errorf("the simulator's trade: %+v", v)
	}
}

// TestRetrySuspended takes a settlement up again that risk control had held, without waiting for the day to end.
func TestRetrySuspended(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	hold := func(on bool) {
		b.Desk(http.MethodPatch, "/merchants/"+*b.supplier.Smid, map[string]any{"settle_hold": on}, nil)
	}
	hold(true)
	if out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil || out.State != splits.Waiting {
		t.Fatalf("outcome %+v, %v", out, err)
	}
	hold(false)
	if code := b.retry(p); code != "" {
		t.Fatal(code)
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	if v := b.Trade(p.ID); v.Transferred != 700 || v.Frozen != 0 {
		t.Errorf("the simulator's trade: %+v", v)
	}
	b.mended("held", p)
	b.sameBooks(p)
}

// TestRetryOfWhatWasDone: the refused split was carried out at Alipay after all; it is recorded and not repeated.
func TestRetryOfWhatWasDone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.In(func(ctx context.Context, tx db.TenantTx) { // as if the answer had been a refusal
		if _, err := tx.Exec(ctx, "UPDATE splits SET status = 'refused', reason = 'x', done_at = NULL "+
			"WHERE payment_id = $1", p.ID); err != nil {
			t.Fatal(err)
		}
	})
	if code := b.retry(p); code != "" {
		t.Fatal(code)
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	if v := b.Trade(p.ID); v.Transferred != 700 {
		t.Errorf("the simulator's trade: %+v", v)
	}
}

// TestRetryOfAPart: some of the money went its way under our number. Who tried again under another would pay it twice.
func TestRetryOfAPart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.bind()
	p := b.paid(100_00)
	stopped := b.service(func(name string) {
		if name == "split" {
			panic(crash(0))
		}
	})
	func() {
		defer func() { _ = recover() }()
		_, _ = stopped.Execute(t.Context(), b.Tenant, p.ID)
	}()
	_, err := b.client().
		TradeOrderSettle(t.Context(),
			alipay.TradeOrderSettleRequest{OutRequestNo: b.split(p).Split.ID.Hex(), TradeNo: *p.TradeNo,
				RoyaltyMode: alipay.RoyaltySync,
				Royalties: []alipay.RoyaltyParameter{
					{
						RoyaltyType: alipay.RoyaltyTransfer,
						TransInType: alipay.TransInUserID,
						TransIn:     *b.distributor.ReceiverAccount,
						Amount:      200,
					},
				}})
	if err != nil {
		t.Fatal(err)
	}
	if out := b.work(b.svc, p); out.State != splits.Refused {
		t.Fatalf("outcome %+v", out)
	}
	if code := b.retry(p); code != splits.CodeNotRefused {
		t.Errorf("code %q", code)
	}
	if s := b.split(p); s.Split.Status != "refused" || b.jobs(p) != 0 || b.Trade(p.ID).Transferred != 200 {
		t.Errorf("split %+v, %d jobs, trade %+v", s.Split, b.jobs(p), b.Trade(p.ID))
	}
}

func TestRetryErrors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unsettled, refunded, asked := b.paid(100_00), b.paid(100_00), b.paid(100_00)
	b.cap(6)
	for _, p := range []dbsqlc.Payment{refunded, asked} {
		if out := b.work(b.svc, p); out.State != splits.Refused {
			t.Fatalf("outcome %+v", out)
		}
	}
	b.cap(30)
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE payments SET status = 'refunded', refunded_fen = amount_fen WHERE id = $1",
			refunded.ID); err != nil {
			t.Fatal(err)
		}
	})
	if code := b.retry(unsettled); code != splits.CodeSplitNotFound {
		t.Errorf("not settled yet: %q", code)
	}
	if code := b.retry(refunded); code != splits.CodeNotRefused {
		t.Errorf("refunded: %q", code)
	}
	if code := b.retry(dbsqlc.Payment{OrderID: id.New[id.Order]()}); code != "order_not_found" {
		t.Errorf("no such order: %q", code)
	}
	stranger := tenants.Actor{Tenant: dbtest.NewTenant(t, b.DB), Caller: b.Actor.Caller, Role: tenants.RoleOwner}
	if _, err := b.svc.Retry(t.Context(), stranger, asked.OrderID); fault.CodeOf(err) != "order_not_found" {
		t.Errorf("another tenant's order: %v", err)
	}
	b.Fault(faults.NoAnswerBefore, "alipay.trade.order.settle.query", 0)
	if code := b.retry(asked); code != tenants.CodeAlipayUnavailable {
		t.Errorf("what became of it cannot be learned: %q", code)
	}
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if s := b.split(asked); s.Split.Status != "refused" || b.jobs(asked) != 0 {
		t.Errorf("split %+v, %d jobs", s.Split, b.jobs(asked))
	}
}

// TestRetryAtOnce: of many who try again at once, one succeeds, and the money moves once.
func TestRetryAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	b.cap(6)
	b.work(b.svc, p)
	b.cap(30)
	var ok atomic.Int32
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			_, err := b.svc.Retry(t.Context(), b.Actor, p.OrderID)
			switch fault.CodeOf(err) {
			case splits.CodeNotRefused, splits.CodeInProgress:
			case "":
				if err != nil {
					t.Error(err)
				}
				ok.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if ok.Load() != 1 || b.jobs(p) != 1 {
		t.Errorf("%d succeeded, %d jobs", ok.Load(), b.jobs(p))
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.retried("at once", p, 1)
}

// TestRetryCrash stops Retry, and then Execute, after every step, and finds the same end.
func TestRetryCrash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	steps := 0
	for i := 0; i == 0 || i < steps; i++ {
		b.unbind()
		p := b.paid(100_00)
		b.cap(6)
		b.work(b.svc, p)
		b.cap(30)
		n := 0
		svc := b.service(func(string) {
			if n++; i > 0 && n == i {
				panic(crash(i))
			}
		})
		func() {
			defer func() {
				if v := recover(); v != nil && v != crash(i) {
					panic(v)
				}
			}()
			if _, err := svc.Retry(t.Context(), b.Actor, p.OrderID); err != nil {
				t.Error(err)
			}
			b.work(svc, p)
		}()
		if i == 0 {
			steps = n + 1
		}
		if code := b.retry(p); code != "" && code != splits.CodeNotRefused {
			t.Errorf("after a crash at %d: %s", i, code)
		}
		if out := b.work(b.svc, p); out.State != splits.Finished {
			t.Errorf("after a crash at %d: %+v", i, out)
		}
		b.retried(fmt.Sprint("crash at ", i), p, 1)
	}
	if steps < 6 {
		t.Errorf("%d steps", steps)
	}
}
