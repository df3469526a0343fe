package e2e_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"

	"zhitong/cmd/zhitong/demo"
)

// TestReceiverRefused: a receiver that Alipay does not take when it is bound cannot be named by a rule: the answer says
// which and why, and nothing is published. The control: the same rule once the account is in order. A receiver that is
// refused later, when it is split, opens a case; the split is made when the account is in order again.
func TestReceiverRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	s := &shop{Client: w.client()}
	var err error
	if s.tenant, err = s.SignUp(w.ctx, "分账卡盟", "owner@example.cn"); err != nil {
		t.Fatal(err)
	}
	w.onboard(s)
	account := func(state map[string]any) {
		t.Helper()
		if err := s.AtDesk(w.ctx, http.MethodPatch, "/accounts/"+demo.ReceiverAccount, state, nil); err != nil {
			t.Fatal(err)
		}
	}
	publish := func() (demo.SplitRule, error) {
		return s.CreateSplitRule(w.ctx, "5 % + 2 %", demo.Part{Receiver: "platform", RateBps: 500},
			demo.Part{Receiver: "merchant", MerchantID: s.distributor.ID, RateBps: 200})
	}
	account(map[string]any{"certified": false})
	_, err = publish()
	p, _ := errors.AsType[*demo.Problem](err)
	if p == nil || p.Status != http.StatusUnprocessableEntity || p.Code != "receiver_refused" || len(p.Errors) != 1 ||
		p.Errors[0].Pointer != "/parts/1/merchant_id" || !strings.Contains(p.Detail, "RECEIVER_ACCOUNT_NOT_CERTIFY") {
		t.Fatalf("a receiver that is refused: %+v", err)
	}
	if n := w.count("SELECT count(*) FROM split_rules"); n != 0 {
		t.Errorf("%d rules are there", n)
	}
	account(map[string]any{"certified": true})
	rule, err := publish()
	if err != nil {
		t.Fatalf("the control: %v", err)
	}
	if s.product, err = s.CreateProduct(w.ctx, "点券 100 元", 100_00, s.supplier.ID, rule.ID); err != nil {
		t.Fatal(err)
	}
	w.stock(s, 1)

	account(map[string]any{"blocked": true})
	o := w.order(s)
	w.pay(s, o)
	split := func(status string) (sp demo.Split) {
		t.Helper()
		w.until("the split to be "+status, func() bool {
			return s.Get(w.ctx, "/v1/orders/"+o.ID+"/split", &sp) == nil && sp.Status == status
		})
		return sp
	}
	if sp := split("refused"); sp.Reason == "" || sp.Settlement.Status != "done" {
		t.Errorf("%+v", sp)
	}
	cases := func(status string) int {
		t.Helper()
		var list struct {
			Data []struct {
				OrderID string `json:"order_id"`
			} `json:"data"`
		}
		if err := s.Get(w.ctx, "/v1/cases?kind=split_refused&status="+status, &list); err != nil {
			t.Fatal(err)
		}
		return len(list.Data)
	}
	if n := cases("open"); n != 1 {
		t.Errorf("%d cases are open", n)
	}
	for _, kind := range []string{"split.refused", "case.opened"} {
		if events, err := s.Events(w.ctx, kind); err != nil || len(events) != 1 {
			t.Errorf("events %s: %v, %v", kind, events, err)
		}
	}
	w.holds()
	account(map[string]any{"blocked": false})
	_, err = s.Do(w.ctx, demo.Request{Method: http.MethodPost, Path: "/v1/orders/" + o.ID + "/split/retry",
		IdempotencyKey: rand.Text()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	split("completed")
	if n := cases("open"); n != 0 {
		t.Errorf("%d cases are open afterwards", n)
	}
	w.holds()
}
