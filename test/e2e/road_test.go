package e2e_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/id"
)

// TestRoad is the main job from the sign-up to the refund.
func TestRoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := w.openShop(3)
	o := w.order(s)
	if _, err := s.CardKeys(w.ctx, o.ID); demo.CodeOf(err) != "order_not_delivered" {
		t.Errorf("keys before the payment: %v", err)
	}
	w.pay(s, o)
	w.waitOrder(s, o, "delivered")
	if keys, err := s.CardKeys(w.ctx, o.ID); err != nil || len(keys) != 1 {
		t.Errorf("keys %v, %v", keys, err)
	}
	split, err := s.WaitSplit(w.ctx, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if split.KeptFen != 93_00 || len(split.Parts) != 2 || split.Parts[0].AmountFen != 5_00 ||
		split.Parts[1].AmountFen != 2_00 {
		t.Errorf("split %+v", split)
	}
	w.holds()
	if r, err := s.Refund(w.ctx, o.ID, "refund"); err != nil || r.Status != "succeeded" || r.AmountFen != 100_00 {
		t.Fatalf("refund %+v, %v", r, err)
	}
	w.waitOrder(s, o, "refunded")
	w.holds()
	for _, kind := range []string{"onboarding.approved", "order.created", "order.paid", "order.delivered",
		"split.completed", "refund.succeeded", "order.refunded"} {
		if events, err := s.Events(w.ctx, kind); err != nil || len(events) == 0 {
			t.Errorf("events %s: %v, %v", kind, events, err)
		}
	}
}

// TestRejection: a rejected application shows Alipay's reason, and the merchant can try again.
func TestRejection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := &shop{Client: w.client()}
	if _, err := s.SignUp(w.ctx, "驳回卡盟", "owner@example.cn"); err != nil {
		t.Fatal(err)
	}
	m, err := s.CreateMerchant(w.ctx, "supplier", "供货商", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Apply(w.ctx, m.ID, demo.Enterprise("被驳回的公司"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(w.ctx, a.ID, false, "营业执照照片模糊"); err != nil {
		t.Fatal(err)
	}
	if a, err = s.WaitApplication(w.ctx, a.ID, "rejected", "approved"); err != nil || a.Status != "rejected" ||
		!strings.Contains(a.Reason, "营业执照照片模糊") {
		t.Fatalf("application %+v, %v", a, err)
	}
	if a, err = s.Apply(w.ctx, m.ID, demo.Enterprise("被驳回的公司")); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(w.ctx, a.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if a, err = s.WaitApplication(w.ctx, a.ID, "rejected", "approved"); err != nil || a.Status != "approved" ||
		a.SMID == "" {
		t.Fatalf("application %+v, %v", a, err)
	}
	w.holds()
}

// TestLostNotification: Alipay's word gets lost on the way, and the watch finds the payment. The control: without the
// watch the order stays unpaid.
func TestLostNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := w.openShop(1)
	o := w.order(s)
	w.putOff("payment_watch")
	w.front.loseMessages(true)
	w.pay(s, o)
	if err := s.Until(w.ctx, "the notification to be lost", lostOne(w)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.GetOrder(w.ctx, o.ID); err != nil || got.Status != "awaiting_payment" {
		t.Fatalf("the order is %s, %v: how did it hear?", got.Status, err)
	}
	w.hurry("payment_watch")
	w.waitOrder(s, o, "delivered")
	if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	w.holds()
}

// TestLostMessage: the message about an application gets lost, and the watch finds the approval.
func TestLostMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := &shop{Client: w.client()}
	if _, err := s.SignUp(w.ctx, "失联卡盟", "owner@example.cn"); err != nil {
		t.Fatal(err)
	}
	w.front.loseMessages(true)
	m, err := s.CreateMerchant(w.ctx, "supplier", "供货商", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Apply(w.ctx, m.ID, demo.Enterprise("失联公司"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(w.ctx, a.ID, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitApplication(w.ctx, a.ID, "in_review"); err != nil {
		t.Fatal(err)
	}
	w.hurry("onboarding_watch")
	if _, err := s.WaitApplication(w.ctx, a.ID, "approved"); err != nil {
		t.Fatal(err)
	}
	w.holds()
}

// attackA07: 64 identical notifications at once, and the query beside them, deliver once and are each answered with
// success.
func attackA07(t *testing.T) {
	t.Parallel()
	const copies = 64
	w := newWorld(t)
	w.start()
	s := w.openShop(2)
	o := w.order(s)
	w.front.loseMessages(true)
	w.pay(s, o)
	if err := s.Until(w.ctx, "the notification", lostOne(w)); err != nil {
		t.Fatal(err)
	}
	w.front.loseMessages(false)
	lost := w.front.notifications()[0]
	answers := make([]string, copies)
	var all sync.WaitGroup
	for i := range copies {
		all.Go(func() { answers[i] = w.post(lost.path, lost.body) })
	}
	w.hurry("payment_watch")
	all.Wait()
	for i, a := range answers {
		if a != "success" {
			t.Errorf("copy %d was answered %q", i, a)
		}
	}
	w.waitOrder(s, o, "delivered")
	if n := w.count("SELECT count(*) FROM card_keys WHERE status = 'delivered'"); n != 1 {
		t.Errorf("%d keys were delivered", n)
	}
	if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	w.holds()
}

// TestForgedNotification: what Alipay did not sign, or signed for somebody else, pays nothing and is kept. The control
// at the end is the true message.
func TestForgedNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := w.openShop(1)
	other := &shop{Client: w.client()}
	var err error
	if other.tenant, err = other.SignUp(w.ctx, "别家卡盟", "other@example.cn"); err != nil {
		t.Fatal(err)
	}
	o := w.order(s)
	w.putOff("payment_watch")
	w.front.loseMessages(true)
	w.pay(s, o)
	if err := s.Until(w.ctx, "the notification", lostOne(w)); err != nil {
		t.Fatal(err)
	}
	w.front.loseMessages(false)
	true_ := w.front.notifications()[0]
	for name, f := range map[string]struct{ path, body string }{
		"another amount":    {true_.path, strings.Replace(true_.body, "total_amount=100.00", "total_amount=1.00", 1)},
		"another order":     {true_.path, strings.Replace(true_.body, "out_trade_no=", "out_trade_no=0", 1)},
		"weaker signature":  {true_.path, strings.Replace(true_.body, "sign_type=RSA2", "sign_type=RSA", 1)},
		"no signature":      {true_.path, strings.Replace(true_.body, "&sign=", "&sign_=", 1)},
		"repeated key":      {true_.path, true_.body + "&total_amount=100.00"},
		"another platform":  {strings.Replace(true_.path, s.tenant.ID, other.tenant.ID, 1), true_.body},
		"query beside body": {true_.path + "?trade_status=TRADE_SUCCESS", true_.body},
		"not a form":        {true_.path, `{"trade_status":"TRADE_SUCCESS"}`},
	} {
		if f.path+f.body == true_.path+true_.body {
			t.Fatalf("%s: the message was not changed", name)
		}
		if a := w.post(f.path, f.body); a == "success" {
			t.Errorf("%s: answered success", name)
		}
	}
	if got, err := s.GetOrder(w.ctx, o.ID); err != nil || got.Status != "awaiting_payment" {
		t.Fatalf("the order is %s, %v", got.Status, err)
	}
	if n := w.count("SELECT count(*) FROM notifications WHERE verdict = 'refused'"); n == 0 {
		t.Error("no refused message was kept")
	}
	if n := w.count("SELECT count(*) FROM cases WHERE kind = 'foreign_notice' AND tenant_id = $1",
		named[id.Tenant](t, other.tenant.ID)); n != 1 {
		t.Errorf("%d cases at the platform that was sent another's message", n)
	}
	if a := w.post(true_.path, true_.body); a != "success" {
		t.Fatalf("the true message is answered %q", a)
	}
	w.waitOrder(s, o, "delivered")
	w.holds()
}

// TestRestart stops the program in order between payment and split and starts another: everything goes on.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.start()
	s := w.openShop(4)
	var orders []demo.Order
	for range 4 {
		o := w.order(s)
		w.pay(s, o)
		orders = append(orders, o)
	}
	first.stop()
	w.start()
	w.hurry("payment_watch")
	for _, o := range orders {
		w.waitOrder(s, o, "delivered")
		if _, err := s.WaitSplit(w.ctx, o.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.holds()
}

func (w *world) post(path, body string) string {
	w.t.Helper()
	res, err := http.Post(w.front.URL+path, "application/x-www-form-urlencoded; charset=utf-8",
		strings.NewReader(body)) //nolint:noctx // a test's message
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b := make([]byte, 64)
	n, _ := res.Body.Read(b)
	return string(b[:n])
}

// lostOne tells whether a notification has been lost on the way.
func lostOne(w *world) func(context.Context) (bool, error) {
	return func(context.Context) (bool, error) { return len(w.front.notifications()) > 0, nil }
}
