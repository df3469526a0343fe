package approvals_test

import (
	"sync"
	"testing"
	"time"

	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/approvals"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/merchants"
)

// TestRefund: above the limit a refund is not started by one person. A second one starts it, once, however often they
// say so.
func TestRefund(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.delivered()
	_, _, err := w.Orders.Refund(t.Context(), w.Actor, o.ID, "x", idempotency.Key{Value: "k"})
	wants(t, "a refund above the limit", err, "approval_required")
	key := idempotency.Key{Value: "ask", Request: [32]byte{1}}
	a, _, err := w.svc.Ask(t.Context(), w.Actor, key, vocabulary.ApprovalRefund, refundOf(o))
	if err != nil || a.Status != waiting || a.Amount == nil || *a.Amount != o.Total || a.Approvers != 0 || !a.Few() {
		t.Fatalf("%+v, %v", a, err)
	}
	again, replayed, err := w.svc.Ask(t.Context(), w.Actor, key, vocabulary.ApprovalRefund, refundOf(o))
	if err != nil || !replayed || again.ID != a.ID {
		t.Errorf("asked again: %+v, %v, %v", again, replayed, err)
	}
	_, _, err = w.svc.Ask(t.Context(), w.second, idempotency.Key{}, vocabulary.ApprovalRefund, refundOf(o))
	wants(t, "asked twice", err, "approval_waiting")
	w.is(a.ID, waiting, "", 0)
	for range 2 {
		got, err := w.svc.Approve(t.Context(), w.second, a.ID)
		if err != nil || got.Status != approved || got.Refund.IsZero() {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	_, err = w.svc.Approve(t.Context(), w.key(tenants.RoleOwner), a.ID)
	wants(t, "a third person", err, "approval_ended")
	got := w.is(a.ID, approved, "", 1)
	if n := w.Count("refunds", "id = $1 AND amount_fen = $2 AND reason = $3", got.Refund, o.Total, "买家误购"); n != 1 {
		t.Error("it is not the refund that was asked for")
	}
}

// TestBelowTheLimit: nothing changes below the limit, or without one; an approval of such a refund is not taken.
func TestBelowTheLimit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.delivered()
	w.limit(o.Total)
	_, _, err := w.svc.Ask(t.Context(), w.Actor, idempotency.Key{}, vocabulary.ApprovalRefund, refundOf(o))
	wants(t, "asked for nothing", err, "approval_not_needed")
	if _, _, err := w.Orders.Refund(t.Context(), w.Actor, o.ID, "x", idempotency.Key{Value: "k"}); err != nil {
		t.Error(err)
	}
}

// TestReceiver: a merchant's money goes to another account with a second person only.
func TestReceiver(t *testing.T) {
	t.Parallel()
	w := setup(t)
	to := &merchants.Receiver{Type: vocabulary.ReceiverUserID, Account: "2088000000000999"}
	_, err := w.merchants.Update(t.Context(), w.Actor, w.Distributor.ID, merchants.Change{Receiver: to})
	wants(t, "changed by one person", err, "approval_required")
	a := w.asked(w.Actor, vocabulary.ApprovalReceiverChange, w.receiver(to.Account))
	if a.Params.Receiver.From == nil || *a.Params.Receiver.From == *to {
		t.Errorf("the approver does not see what is replaced: %+v", a.Params.Receiver.From)
	}
	if w.Count("approvals", "position('2088'::bytea IN sealed_params) > 0") != 0 {
		t.Error("the account lies open")
	}
	if _, err := w.svc.Approve(t.Context(), w.key(tenants.RoleFinance), a.ID); fault.CodeOf(err) !=
		approvals.CodeNotYours {
		t.Errorf("approved by finance: %v", err)
	}
	if _, err := w.svc.Approve(t.Context(), w.second, a.ID); err != nil {
		t.Fatal(err)
	}
	m, err := w.merchants.Get(t.Context(), w.Actor, w.Distributor.ID)
	if err != nil || m.Receiver == nil || *m.Receiver != *to || m.ReceiverBoundAt != nil {
		t.Errorf("%+v, %v", m, err)
	}
	bad := w.receiver("1")
	_, _, err = w.svc.Ask(t.Context(), w.Actor, idempotency.Key{}, vocabulary.ApprovalReceiverChange, bad)
	wants(t, "an account that cannot be one", err, "invalid_request")
}

// TestLimit: one person lowers the limit, and does not lift it.
func TestLimit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	lower, higher := money.Fen(100), money.Fen(9000)
	for _, in := range []tenants.Settings{{RefundLimit: &higher}, {NoRefundLimit: true}} {
		_, err := w.Tenants.Update(t.Context(), w.Actor, in)
		wants(t, "lifted by one person", err, "approval_required")
	}
	if got, err := w.Tenants.Update(t.Context(), w.Actor, tenants.Settings{RefundLimit: &lower}); err != nil ||
		*got.RefundLimit != lower {
		t.Errorf("%+v, %v", got, err)
	}
	for n, to := range []*money.Fen{&higher, nil} {
		a := w.asked(w.Actor, vocabulary.ApprovalRefundLimit, approvals.Params{Limit: &approvals.Limit{To: to}})
		if _, err := w.svc.Approve(t.Context(), w.second, a.ID); err != nil {
			t.Fatal(n, err)
		}
	}
	if got, err := w.Tenants.Get(t.Context(), w.Actor); err != nil || got.RefundLimit != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestOutdated: what has changed since it was asked for is not done by halves. The program refuses it and says why.
func TestOutdated(t *testing.T) {
	t.Parallel()
	lower := money.Fen(1)
	for name, c := range map[string]struct {
		kind    vocabulary.ApprovalKind
		between func(w *world, o id.Order)
		why     string
	}{
		"the order was refunded": {vocabulary.ApprovalRefund, func(w *world, o id.Order) {
			w.Change("UPDATE payments SET status = 'refunded', refunded_fen = amount_fen")
			w.Change("UPDATE orders SET status = 'refunded', refunded_fen = total_fen WHERE id = $1", o)
		}, "order_not_refundable"},
		"another amount is left": {vocabulary.ApprovalRefund, func(w *world, _ id.Order) {
			w.Change("UPDATE payments SET refunded_fen = 1")
		}, "refund_amount_changed"},
		"who asked lost the key": {vocabulary.ApprovalRefund, func(w *world, _ id.Order) {
			w.Change("UPDATE api_keys SET revoked_at = now() WHERE id = $1", w.Actor.Caller.ID())
		}, "asker_may_not"},
		"who asked lost the role": {vocabulary.ApprovalRefund, func(w *world, _ id.Order) {
			w.Change("UPDATE api_keys SET role = 'support' WHERE id = $1", w.Actor.Caller.ID())
		}, "asker_may_not"},
		"the receiver was taken away": {vocabulary.ApprovalReceiverChange, func(w *world, _ id.Order) {
			_, err := w.merchants.Update(w.t.Context(), w.second, w.Distributor.ID, merchants.Change{NoReceiver: true})
			if err != nil {
				w.t.Fatal(err)
			}
		}, "receiver_changed"},
		"the limit was lowered": {vocabulary.ApprovalRefundLimit, func(w *world, _ id.Order) {
			if _, err := w.Tenants.Update(w.t.Context(), w.second, tenants.Settings{RefundLimit: &lower}); err != nil {
				w.t.Fatal(err)
			}
		}, "limit_changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.delivered()
			params := map[vocabulary.ApprovalKind]approvals.Params{
				vocabulary.ApprovalRefund:         refundOf(o),
				vocabulary.ApprovalReceiverChange: w.receiver("2088000000000999"),
				vocabulary.ApprovalRefundLimit:    {Limit: &approvals.Limit{}},
			}[c.kind]
			a := w.asked(w.Actor, c.kind, params)
			c.between(w, o.ID)
			_, err := w.svc.Approve(t.Context(), w.second, a.ID)
			wants(t, "approved", err, "approval_outdated")
			w.is(a.ID, refused, c.why, 0)
			_, err = w.svc.Approve(t.Context(), w.second, a.ID)
			wants(t, "approved again", err, "approval_ended")
		})
	}
}

// TestPassing: what is over in a moment leaves the approval waiting.
func TestPassing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.delivered()
	a := w.asks(o)
	w.limit(o.Total)
	if _, _, err := w.Orders.Refund(t.Context(), w.second, o.ID, "x", idempotency.Key{Value: "k"}); err != nil {
		t.Fatal(err)
	}
	_, err := w.svc.Approve(t.Context(), w.second, a.ID)
	wants(t, "approved while it is refunded", err, "refund_pending")
	w.is(a.ID, waiting, "", 1)
}

// TestExpired: what nobody decides in time can be decided no more, whether or not the job has come.
func TestExpired(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.delivered()
	a := w.asks(o)
	if got := a.ExpiresAt.Sub(w.Clock.Now()); got > 72*time.Hour || got < 71*time.Hour {
		t.Errorf("it waits %s", got)
	}
	w.Clock.Advance(72 * time.Hour)
	_, err := w.svc.Approve(t.Context(), w.second, a.ID)
	wants(t, "approved too late", err, "approval_ended")
	w.is(a.ID, expired, "", 0)

	a = w.asks(o)
	if err := w.svc.Expire(t.Context(), w.Tenant); err != nil {
		t.Fatal(err)
	}
	w.is(a.ID, waiting, "", 0)
	w.Clock.Advance(72 * time.Hour)
	for range 2 {
		if err := w.svc.Expire(t.Context(), w.Tenant); err != nil {
			t.Fatal(err)
		}
	}
	w.is(a.ID, expired, "", 0)
}

// TestRefuseAndWithdraw: who may end it without doing it, and who may not.
func TestRefuseAndWithdraw(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.delivered()
	a := w.asks(o)
	_, err := w.svc.Refuse(t.Context(), w.Actor, a.ID, "no")
	wants(t, "refused by who asked", err, "second_person_required")
	_, err = w.svc.Withdraw(t.Context(), w.key(tenants.RoleFinance), a.ID)
	wants(t, "withdrawn by finance", err, "approval_not_yours")
	narrowed := w.second
	narrowed.Permissions = tenants.Permissions{vocabulary.ResourceApprovals: vocabulary.LevelWrite}
	_, err = w.svc.Withdraw(t.Context(), narrowed, a.ID)
	wants(t, "withdrawn by a narrowed admin", err, "approval_not_yours")
	if got, err := w.svc.Refuse(t.Context(), w.second, a.ID, "先核实"); err != nil || got.Refusal != "先核实" {
		t.Errorf("%+v, %v", got, err)
	}
	w.is(a.ID, refused, "", 0)
	for _, by := range []tenants.Actor{w.Actor, w.second} {
		a = w.asks(o)
		if _, err := w.svc.Withdraw(t.Context(), by, a.ID); err != nil {
			t.Error(err)
		}
		w.is(a.ID, withdrawn, "", 0)
	}
}

// TestCrash: wherever the program dies while an approval is decided, the refund is started once when it is approved
// again, and not at all when it cannot be.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"decided", "done", "approved", "cannot"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			a := w.asks(w.delivered())
			if at == "cannot" {
				w.Change("UPDATE payments SET refunded_fen = 1")
			}
			died := func() (died bool) {
				defer func() { died = recover() != nil }()
				_, err := w.service(func(name string) {
					if name == at {
						panic("killed")
					}
				}).Approve(t.Context(), w.second, a.ID)
				t.Errorf("it was not killed: %v", err)
				return false
			}()
			if !died {
				t.Fatal("it was not killed")
			}
			_, err := w.svc.Approve(t.Context(), w.second, a.ID)
			if at == "cannot" {
				wants(t, "approved", err, "approval_outdated")
				w.is(a.ID, refused, "refund_amount_changed", 0)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			w.is(a.ID, approved, "", 1)
		})
	}
}

// TestAtOnce: of approvers, of who withdraws, who refuses and the job that expires, one wins, and the refund is there
// when it is an approver, once.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	third := w.key(tenants.RoleOwner)
	o := w.delivered()
	a := w.asks(o)
	for round := range 4 {
		if round > 0 {
			a = w.asks(o)
		}
		w.Change("UPDATE approvals SET expires_at = $1 WHERE id = $2", w.Clock.Now().Add(time.Hour), a.ID)
		var wg sync.WaitGroup
		for n, do := range []func() error{
			func() error { _, err := w.svc.Approve(t.Context(), w.second, a.ID); return err },
			func() error { _, err := w.svc.Approve(t.Context(), third, a.ID); return err },
			func() error { _, err := w.svc.Withdraw(t.Context(), w.Actor, a.ID); return err },
			func() error { _, err := w.svc.Refuse(t.Context(), third, a.ID, "x"); return err },
			func() error { return w.svc.Expire(t.Context(), w.Tenant) },
		} {
			wg.Go(func() {
				if err := do(); err != nil && fault.CodeOf(err) != approvals.CodeEnded {
					t.Errorf("%d: %v", n, err)
				}
			})
		}
		wg.Wait()
		got, err := w.svc.Get(t.Context(), w.Actor, a.ID)
		if err != nil || got.Status == waiting {
			t.Fatalf("%+v, %v", got, err)
		}
		w.is(a.ID, got.Status, "", b2i(got.Status == approved))
		if got.Status == approved {
			return
		}
	}
}

// TestOthersApprovals: another tenant has none of it, and a merchant sees none at all.
func TestOthersApprovals(t *testing.T) {
	t.Parallel()
	w, stranger := setup(t), setup(t)
	a := w.asks(w.delivered())
	merchant := w.Actor
	merchant.Role, merchant.Merchant = tenants.RoleSupplier, w.Supplier.ID
	for who, by := range map[string]tenants.Actor{"a stranger": stranger.second, "a merchant": merchant} {
		svc := w.svc
		if who == "a stranger" {
			svc = stranger.svc
		}
		for name, do := range map[string]func() error{
			"reads":     func() error { _, err := svc.Get(t.Context(), by, a.ID); return err },
			"approves":  func() error { _, err := svc.Approve(t.Context(), by, a.ID); return err },
			"refuses":   func() error { _, err := svc.Refuse(t.Context(), by, a.ID, "x"); return err },
			"withdraws": func() error { _, err := svc.Withdraw(t.Context(), by, a.ID); return err },
		} {
			wants(t, who+" "+name, do(), "approval_not_found")
		}
		page, err := svc.List(t.Context(), by, tenants.Page[id.Approval]{}, approvals.Filter{})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("%s lists %+v, %v", who, page.Items, err)
		}
	}
	w.is(a.ID, waiting, "", 0)
}

// TestMemberWhoAskedLosesTheRole: what a member has asked for is not done once they have another role or have left; a
// role that may ask as well changes nothing.
func TestMemberWhoAskedLosesTheRole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement string
		done      bool
	}{
		"another role": {"UPDATE members SET role = 'support' WHERE id = $1", false},
		"a merchant's": {"UPDATE members SET role = 'supplier', merchant_id = (SELECT id FROM merchants LIMIT 1) " +
			"WHERE id = $1", false},
		"removed":                    {"DELETE FROM members WHERE id = $1", false},
		"control: one that may, too": {"UPDATE members SET role = 'finance' WHERE id = $1", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			by, m := w.Actor, w.member()
			by.Caller = tenants.BySession(id.New[id.Session](), m)
			a := w.asked(by, vocabulary.ApprovalRefund, refundOf(w.delivered()))
			w.Change(c.statement, m)
			_, err := w.svc.Approve(t.Context(), w.second, a.ID)
			if c.done {
				if err != nil {
					t.Error(err)
				}
				w.is(a.ID, approved, "", 1)
				return
			}
			wants(t, "approved", err, "approval_outdated")
			w.is(a.ID, refused, "asker_may_not", 0)
		})
	}
}
