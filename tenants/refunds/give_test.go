package refunds_test

import (
	"net/http"
	"testing"
	"time"

	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/simulator/faults"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/tenantstest"
)

// TestRefundCrash stops the refund after every step, runs it again, and finds the same end.
func TestRefundCrash(t *testing.T) {
	t.Parallel()
	var hook func(string)
	r := tenantstest.NewRoad(t, func(step string) {
		if step != "notification applied" && hook != nil { // that one is the simulator's call, which may end late
			hook(step)
		}
	})
	o := r.Sold()
	rf := r.Refund(o)
	var steps []string
	hook = func(step string) { steps = append(steps, step) }
	r.Refunded(rf.ID)
	hook = nil
	r.GivenBack(o)
	if len(steps) < 4 {
		t.Fatalf("steps %v", steps)
	}
	for i, at := range steps {
		o := r.Sold()
		rf := r.Refund(o)
		n := 0
		hook = func(string) {
			if n++; n == i+1 {
				panic(crash{at})
			}
		}
		func() {
			defer func() {
				if c, ok := recover().(crash); !ok || c.at != at {
					t.Errorf("it did not crash at %q", at)
				}
			}()
			_, _ = r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf.ID)
		}()
		hook = nil
		r.Refunded(rf.ID)
		r.GivenBack(o)
	}
}

// TestRefundLostAnswers makes the refund and its query lose their answers in every way.
func TestRefundLostAnswers(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for _, kind := range []string{faults.NoAnswerBefore, faults.NoAnswerAfter, faults.SystemErrorBefore,
		faults.SystemErrorAfter,
		faults.HTTP502, faults.HalfJSON, faults.WrongSignature, faults.WrongAmount, faults.RateLimit} {
		for _, method := range []string{refundMethod, ""} { // only the refund; and whatever is asked
			o := r.Sold()
			rf := r.Refund(o)
			r.Fault(kind, method, 4)
			if got := r.Refunded(rf.ID); got.Status != refunds.StatusSucceeded {
				t.Errorf("%s %s: refund %+v", method, kind, got)
			}
			r.Desk(http.MethodDelete, "/faults", nil, nil)
			r.GivenBack(o)
			if n := r.Count("cases", "order_id = $1", o.ID); n != 0 {
				t.Errorf("%s %s: %d cases", method, kind, n)
			}
		}
	}
}

// TestRefundRefused: Alipay says no; the order stays as it was, a person is called, and a later refund is a new one.
func TestRefundRefused(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	r.Desk(http.MethodPatch, "/accounts/"+*r.Distributor.ReceiverAccount, map[string]any{"returns_royalty": false}, nil)
	rf := r.Refund(o)
	for range 2 {
		if got := r.Refunded(rf.ID); got.Status != refunds.StatusRefused || got.Failure == "" || got.DoneAt == nil {
			t.Errorf("refund %+v", got)
		}
		if got := r.Get(o.ID); got.Status != orders.StatusDelivered || got.Refunded != 0 ||
			got.Payment.Status != payments.StatusPaid {
			t.Errorf("order %s, payment %s", got.Status, got.Payment.Status)
		}
		if n := r.Count("card_keys", "order_id = $1 AND status = 'delivered'", o.ID); n != 1 {
			t.Errorf("%d card keys are delivered", n)
		}
		if n := r.Count("cases", "order_id = $1 AND kind = $2", o.ID, string(vocabulary.CaseRefundRefused)); n != 1 {
			t.Errorf("%d cases", n)
		}
		if n := r.Count("events", "type = 'refund.refused' AND subject_id = $1", rf.ID); n != 1 {
			t.Errorf("%d events", n)
		}
		r.SameBooks(o.ID, o.Payment.ID, r.Supplier.ID, r.Distributor)
	}
	r.Desk(http.MethodPatch, "/accounts/"+*r.Distributor.ReceiverAccount, map[string]any{"returns_royalty": true}, nil)
	second := r.Refund(o)
	if got := r.Refunded(second.ID); got.Status != refunds.StatusSucceeded {
		t.Errorf("second refund %+v", got)
	}
	r.GivenBack(o)
	if list, err := r.Refunds.OfOrder(t.Context(), r.Actor, o.ID, tenants.Page[id.Refund]{}); err != nil ||
		len(list.Items) != 2 ||
		list.Items[0].ID != second.ID {
		t.Errorf("list %+v, %v", list, err)
	}
}

// TestRefundUnknownForLong: after a day without an answer a person is called, once; the refund still ends when Alipay
// is back.
func TestRefundUnknownForLong(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Sold()
	rf := r.Refund(o)
	r.Fault(faults.NoAnswerAfter, refundMethod, 0)
	r.Fault(faults.NoAnswerBefore, "alipay.trade.fastpay.refund.query", 0)
	for _, c := range []struct{ jump, most time.Duration }{
		{0, 10 * time.Second},
		{8 * time.Minute, 65 * time.Second},
		{25 * time.Hour, 10 * time.Minute},
		{time.Hour, 10 * time.Minute},
	} {
		r.Clock.Advance(c.jump)
		if again, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf.ID); err != nil || again == 0 ||
			again > c.most {
			t.Errorf("again in %s, %v", again, err)
		}
	}
	if n := r.Count("cases", "order_id = $1 AND kind = $2", o.ID, string(vocabulary.CaseUnknownTooLong)); n != 1 {
		t.Errorf("%d cases", n)
	}
	r.Desk(http.MethodDelete, "/faults", nil, nil)
	r.Refunded(rf.ID)
	r.GivenBack(o)
}
