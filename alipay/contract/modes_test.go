package contract

import (
	"testing"

	"zhitong/alipay"
	"zhitong/internal/secret"
	"zhitong/simulator/faults"
)

// subset are the methods that the other modes are tried with: trade, money and settings, each kind of call.
func subset() []string {
	return []string{"alipay.trade.precreate", "alipay.trade.create", "alipay.trade.query", "alipay.trade.refund",
		"alipay.trade.settle.confirm", "alipay.trade.order.settle",
		"alipay.trade.royalty.relation.bind", "alipay.trade.page.pay", "ant.merchant.expand.indirect.image.upload"}
}

func infoOf(t *testing.T, method string) alipay.MethodInfo {
	t.Helper()
	for _, m := range alipay.Methods() {
		if m.Method == method {
			return m
		}
	}
	t.Fatalf("no method %s", method)
	return alipay.MethodInfo{}
}

// inMode runs the subset's success, a lost answer, a wrong signature and a refusal in worlds of a mode.
func inMode(t *testing.T, enter func(t testing.TB) *world) {
	for _, method := range subset() {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			tb, _ := tableOf(method)
			tb.enter = enter
			m := infoOf(t, method)
			succeeds(t, tb, m)
			if !callable(m) {
				return
			}
			w := tb.open(t)
			for _, f := range mischiefs() {
				if f.kind == faults.NoAnswerAfter || f.kind == faults.WrongSignature ||
					f.kind == faults.UnavailableBefore || f.kind == faults.EscapedSlashes {
					t.Run(f.kind, func(t *testing.T) { strike(t, w, tb, m, f) })
				}
			}
			r := tb.refusals[0]
			t.Run(r.code, func(t *testing.T) { refuses(t, tb, m, r) })
		})
	}
}

// TestCertificateMode: the same contract with certificates on both sides.
func TestCertificateMode(t *testing.T) {
	t.Parallel()
	inMode(t, func(t testing.TB) *world { return open(t, obj{"certificate_mode": true}) })
}

// TestThirdPartyMode: the same contract for an application that acts for a merchant by app_auth_token, and may not act
// for itself.
func TestThirdPartyMode(t *testing.T) {
	t.Parallel()
	inMode(t, func(t testing.TB) *world {
		isv := open(t, obj{"settings": obj{"self_invoke_forbidden": true}})
		w := isv.tenant()
		pair, err := isv.c.OpenAuthTokenApp(t.Context(), alipay.OpenAuthTokenAppRequest{Code: isv.consent(w)})
		w.done(pair, err)
		w.caller, w.c = isv.app, isv.client(func(cred *alipay.Credentials) { cred.AppAuthToken = pair.AppAuthToken })
		return w
	})
}

// TestTokens: a third party without a token, with a token that is none, and with one that was taken back.
func TestTokens(t *testing.T) {
	t.Parallel()
	isv := open(t, obj{"settings": obj{"self_invoke_forbidden": true}})
	tenant := isv.tenant()
	ask := func(token secret.String) error {
		c := isv.client(func(cred *alipay.Credentials) { cred.AppAuthToken = token })
		return only(c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: "T0"}))
	}
	first, err := isv.c.OpenAuthTokenApp(t.Context(), alipay.OpenAuthTokenAppRequest{Code: isv.consent(tenant)})
	isv.done(first, err)
	if err := ask(first.AppAuthToken); !alipay.IsRefused(err, "TRADE_NOT_EXIST") {
		t.Errorf("a good token: %v", err)
	}
	if err := ask(secret.New("nonsense")); !alipay.IsRefused(err, "aop.invalid-app-auth-token") {
		t.Errorf("no token: %v", err)
	}
	if err := ask(secret.String{}); !alipay.IsRefused(err, "isv.self-invoke-forbidden") {
		t.Errorf("without a token: %v", err)
	}
	isv.desk("DELETE", "/authorizations?app_id="+isv.app+"&auth_app_id="+tenant.app, nil)
	if err := ask(first.AppAuthToken); !alipay.IsRefused(err, "aop.app-auth-token-time-out") {
		t.Errorf("a token taken back: %v", err)
	}
}

// TestCertificates: an application in certificate mode that calls with a bare key, and a root that is not Alipay's.
func TestCertificates(t *testing.T) {
	t.Parallel()
	w := open(t, obj{"certificate_mode": true})
	bare := w.client(func(cred *alipay.Credentials) {
		cred.Certificates, cred.AlipayPublicKey = nil, text(w.body, "alipay_public_key")
	})
	err := only(bare.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: "T0"}))
	if !alipay.IsRefused(err, "isv.missing-app-cert-sn") {
		t.Errorf("without certificates: %v", err)
	}
	node, trusted := w.rawPost("alipay.trade.query", obj{"out_trade_no": "T0"}, "app_cert_sn",
		text(w.body, "app_cert_sn"), "alipay_root_cert_sn", "0_0")
	if text(node, "sub_code") != "isv.invalid-alipay-root-cert-sn" || !trusted {
		t.Errorf("another root: %v", node)
	}
}
