package zft_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/simulator/faults"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/acquiring/acquiringtest"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/tenantstest"
)

// TestConformance holds the adapter of Alipay 直付通 to the ports, against the simulator over HTTP.
func TestConformance(t *testing.T) {
	t.Parallel()
	acquiringtest.Run(t, open)
}

func open(t *testing.T) acquiringtest.World {
	t.Helper()
	b := tenantstest.New(t)
	messages := make(chan []byte, 16)
	b.Hear(func(_ context.Context, raw []byte) bool {
		messages <- raw
		return true
	})
	seller, receiver := b.Merchant("供货商"), b.Merchant("分销商")
	w := acquiringtest.World{
		Now:      b.Clock.Now,
		Seller:   *seller.Smid,
		Receiver: acquiring.Receiver{Type: acquiring.ReceiverAccount, Account: *receiver.ReceiverAccount},
		Stranger: stranger(t, b),
		Mend: func(t *testing.T) {
			t.Helper()
			b.Desk(http.MethodDelete, "/faults", nil, nil)
		},
	}
	b.In(func(ctx context.Context, tx db.TenantTx) {
		var err error
		if w.Acquirer, _, err = b.Gateways.Acquirer(ctx, tx); err != nil {
			t.Fatal(err)
		}
	})
	w.Buy = func(t *testing.T, c acquiring.Charge, address string) acquiring.Inbound {
		t.Helper()
		if !w.Acquirer.Capability.Calls(c.Method) { // the page is opened in a browser, which makes the trade
			res, err := http.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		}
		b.Desk(http.MethodPost, "/trades/"+c.Number+"/pay", map[string]any{}, nil)
		select {
		case raw := <-messages:
			return acquiring.Inbound{Body: raw}
		case <-t.Context().Done():
			t.Fatal("no notification")
			return acquiring.Inbound{}
		}
	}
	methods := map[acquiringtest.Call]string{
		acquiringtest.CallSettle: "alipay.trade.settle.confirm",
		acquiringtest.CallSplit:  "alipay.trade.order.settle",
		acquiringtest.CallRefund: "alipay.trade.refund",
	}
	w.Break = func(t *testing.T, c acquiringtest.Call, o acquiring.Outcome, takesEffect bool) {
		t.Helper()
		kind := faults.NoAnswerBefore
		switch {
		case o == acquiring.OutcomeLimited:
			kind = faults.RateLimit
		case takesEffect:
			kind = faults.NoAnswerAfter
		}
		b.Fault(kind, methods[c], 0)
	}
	return w
}

// stranger is the tenant's app under another key.
func stranger(t *testing.T, b *tenantstest.Sandbox) acquiring.Acquirer {
	t.Helper()
	private, _, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	k := b.Credentials()
	pool := zft.NewPool(alipay.Options{Clock: b.Clock})
	a, err := pool.Get("stranger", 1, func() (zft.Credentials, error) {
		return zft.Credentials{Gateway: b.URL + "/gateway.do", AppID: k.AppID, PID: k.PID, PrivateKey: private,
			AlipayPublicKey: k.AlipayPublicKey}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestBoundLooksThroughPages: Alipay lists what is bound, a hundred at a time. One on the second page is found; one
// that is not bound is not, and neither is an account under another kind of name.
func TestBoundLooksThroughPages(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	var acq acquiring.Acquirer
	b.In(func(ctx context.Context, tx db.TenantTx) {
		var err error
		if acq, _, err = b.Gateways.Acquirer(ctx, tx); err != nil {
			t.Fatal(err)
		}
	})
	const many = 101
	var last acquiring.Receiver
	for n := range many + 1 {
		var account struct {
			UserID string `json:"user_id"`
		}
		b.Desk(http.MethodPost, "/accounts", map[string]any{"name": "王小明", "certified": true, "kind": "buyer"},
			&account)
		last = acquiring.Receiver{Type: acquiring.ReceiverAccount, Account: account.UserID}
		if n == many { // not bound
			break
		}
		if err := acq.Settle.Bind(t.Context(), fmt.Sprintf("bind%d", n), last); err != nil {
			t.Fatal(err)
		}
		if n < many-1 {
			continue
		}
		if yes, err := acq.Settle.Bound(t.Context(), "ask", last); !yes || err != nil {
			t.Errorf("the last of %d: %t, %v", many, yes, err)
		}
		other := last
		other.Type = acquiring.ReceiverLogin
		if yes, err := acq.Settle.Bound(t.Context(), "ask", other); yes || err != nil {
			t.Errorf("under another kind of name: %t, %v", yes, err)
		}
	}
	if yes, err := acq.Settle.Bound(t.Context(), "ask", last); yes || err != nil {
		t.Errorf("the control, not bound: %t, %v", yes, err)
	}
}
