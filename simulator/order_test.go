package simulator_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestPrecreateScanPayQuery(t *testing.T) {
	t.Parallel()
	w := start(t)
	o := w.order("88.80", set("passback_params", "k%3Dv"))
	no := o["out_trade_no"].(string)
	a := w.must("alipay.trade.precreate", o)
	code := a.str("qr_code")
	if !strings.HasPrefix(code, w.srv.URL+"/cashier/") || a.str("out_trade_no") != no {
		t.Fatalf("precreate: %s", a.raw)
	}
	if got := w.call("alipay.trade.query", obj{"out_trade_no": no}); got.outcome() != "ACQ.TRADE_NOT_EXIST" ||
		!got.signed {
		t.Fatalf("before the scan: %s", got.raw)
	}
	if again := w.must("alipay.trade.precreate", o); again.str("qr_code") != code {
		t.Errorf("the same order again has another code: %s", again.raw)
	}
	page := get(t, code)
	if !strings.Contains(page, "88.80") || !strings.Contains(page, "供货商甲") {
		t.Errorf("cashier page: %s", page)
	}
	q := w.must("alipay.trade.query", obj{"out_trade_no": no})
	if q.str("trade_status") != "WAIT_BUYER_PAY" || len(q.str("trade_no")) != 28 {
		t.Fatalf("after the scan: %s", q.raw)
	}
	resp, err := http.PostForm(code,
		url.Values{"action": {"pay"}, "buyer": {"2088000000000001"}, "password": {"111111"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	q = w.must("alipay.trade.query", obj{"trade_no": q.str("trade_no"), "query_options": []string{"trade_settle_info"}})
	if q.str("trade_status") != "TRADE_SUCCESS" || q.str("total_amount") != "88.80" ||
		q.str("passback_params") != "k%3Dv" || q.str("buyer_logon_id") != "buy***@simulator.example" {
		t.Fatalf("after paying: %s", q.raw)
	}
	info := q.node["trade_settle_info"].(map[string]any)
	if info["trade_unsettled_amount"] != "88.80" {
		t.Errorf("trade_settle_info: %v", info)
	}
	if got := w.call("alipay.trade.precreate", o).outcome(); got != "ACQ.TRADE_HAS_SUCCESS" {
		t.Errorf("precreate of a paid order: %s", got)
	}
}

func get(t testing.TB, u string) string {
	t.Helper()
	resp, err := http.Get(u)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// TestOrderRefusals drives each refusal of the ordering methods by a real condition.
func TestOrderRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	other := w.desk("POST", "/apps", obj{"name": "另一平台", "public_key": spki(&w.key.PublicKey)}, 201)
	foreign := w.desk("POST", "/merchants", obj{"app_id": other["app_id"], "name": "别家"}, 201)["smid"]
	bare := w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "无规则", "no_default_rule": true}, 201)["smid"]
	closed := w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "关闭"}, 201)["smid"].(string)
	w.desk("PATCH", "/merchants/"+closed, obj{"status": "closed"}, 200)
	punished := w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "处罚"}, 201)["smid"].(string)
	w.desk("PATCH", "/merchants/"+punished, obj{"status": "punished"}, 200)
	sub := func(id any) func(obj) { return set("sub_merchant", obj{"merchant_id": id}) }
	settle := func(d ...any) func(obj) { return set("settle_info", obj{"settle_detail_infos": d}) }
	cases := []struct {
		name, method string
		change       []func(obj)
		want         string
	}{
		{"no number", "precreate", []func(obj){without("out_trade_no")}, "ACQ.INVALID_PARAMETER"},
		{"dot in the number", "precreate", []func(obj){set("out_trade_no", "a.b")}, "ACQ.INVALID_PARAMETER"},
		{"number too long", "precreate", []func(obj){set("out_trade_no", strings.Repeat("1", 65))},
			"ACQ.INVALID_PARAMETER"},
		{"zero", "precreate", []func(obj){set("total_amount", "0.00")}, "ACQ.TOTAL_FEE_EXCEED"},
		{"too much", "precreate", []func(obj){set("total_amount", "100000000.01")}, "ACQ.TOTAL_FEE_EXCEED"},
		{"three decimals", "precreate", []func(obj){set("total_amount", "1.001")}, "ACQ.INVALID_PARAMETER"},
		{"exponent", "precreate", []func(obj){set("total_amount", "1e2")}, "ACQ.INVALID_PARAMETER"},
		{"negative", "precreate", []func(obj){set("total_amount", "-1.00")}, "ACQ.INVALID_PARAMETER"},
		{"amount is an object", "precreate", []func(obj){set("total_amount", obj{"a": 1})}, "ACQ.INVALID_PARAMETER"},
		{"slash in the subject", "precreate", []func(obj){set("subject", "a/b")}, "ACQ.INVALID_PARAMETER"},
		{"forbidden word", "precreate", []func(obj){set("subject", "违禁词")}, "ACQ.EXIST_FORBIDDEN_WORD"},
		{"wrong product", "precreate", []func(obj){set("product_code", "QUICK_WAP_WAY")}, "ACQ.ACCESS_FORBIDDEN"},
		{"expired", "precreate", []func(obj){set("time_expire", "2020-01-01 00:00:00")},
			"ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"},
		{"150 goods", "precreate", []func(obj){set("goods_detail", goods(151))}, "ACQ.SUB_GOODS_SIZE_MAX_COUNT"},
		{"goods without price", "precreate",
			[]func(obj){set("goods_detail", []any{obj{"goods_id": "1", "goods_name": "a", "quantity": 1}})},
			"ACQ.INVALID_PARAMETER"},
		{"other seller", "precreate", []func(obj){set("seller_id", "2088999999999999")}, "ACQ.INVALID_RECEIVE_ACCOUNT"},
		{"no smid", "precreate", []func(obj){without("sub_merchant")}, "ACQ.SECONDARY_MERCHANT_ID_BLANK"},
		{"no smid, create", "create", []func(obj){without("sub_merchant")},
			"ACQ.PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID"},
		{"unknown smid", "precreate", []func(obj){sub("2088000000009999")}, "ACQ.SECONDARY_MERCHANT_ID_INVALID"},
		{"smid of another PID", "precreate", []func(obj){sub(foreign)}, "ACQ.SECONDARY_MERCHANT_NOT_MATCH"},
		{"closed smid", "precreate", []func(obj){sub(closed)}, "ACQ.SECONDARY_MERCHANT_STATUS_ERROR"},
		{"punished smid", "precreate", []func(obj){sub(punished)}, "ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT"},
		{"merchant type", "create",
			[]func(obj){set("sub_merchant", obj{"merchant_id": w.smid, "merchant_type": "bank"})},
			"ACQ.SUB_MERCHANT_TYPE_INVALID"},
		{"no settle_info", "precreate", []func(obj){without("settle_info")}, "ACQ.TRADE_SETTLE_ERROR"},
		{"settle amount", "precreate", []func(obj){settle(obj{"trans_in_type": "defaultSettle", "amount": "88.79"})},
			"ACQ.TRADE_SETTLE_ERROR"},
		{"two targets", "precreate",
			[]func(obj){settle(obj{"trans_in_type": "defaultSettle", "amount": "44.40"},
				obj{"trans_in_type": "defaultSettle", "amount": "44.40"})}, "ACQ.TRADE_SETTLE_ERROR"},
		{"default with a target", "precreate",
			[]func(obj){settle(obj{"trans_in_type": "defaultSettle", "trans_in": "x", "amount": "88.80"})},
			"ACQ.TRADE_SETTLE_ERROR"},
		{"settle_info is a list", "precreate", []func(obj){set("settle_info", []any{})}, "ACQ.INVALID_PARAMETER"},
		{"settle to a stranger", "precreate",
			[]func(obj){settle(obj{"trans_in_type": "userId", "trans_in": "2088000000000001", "amount": "88.80"})},
			"ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID"},
		{"unknown card", "create",
			[]func(obj){settle(obj{"trans_in_type": "cardAliasNo", "trans_in": "abc", "amount": "88.80"})},
			"ACQ.SECONDARY_MERCHANT_CARD_ALIAS_NO_INVALID"},
		{"no default rule", "precreate", []func(obj){sub(bare)}, "ACQ.DEFAULT_SETTLE_RULE_NOT_EXIST"},
		{"period of 366 days", "precreate",
			[]func(obj){set("settle_info",
				obj{"settle_period_time": "366d",
					"settle_detail_infos": []any{obj{"trans_in_type": "defaultSettle", "amount": "88.80"}}})},
			"ACQ.TRADE_SETTLE_ERROR"},
		{"both channel lists", "precreate",
			[]func(obj){set("enable_pay_channels", "balance"), set("disable_pay_channels", "pcredit")},
			"ACQ.INVALID_PARAMETER"},
		{"half of 花呗分期", "precreate", []func(obj){set("extend_params", obj{"hb_fq_num": "3"})},
			"ACQ.INVALID_PARAMETER"},
		{"no buyer", "create", nil, "ACQ.INVALID_PARAMETER"},
		{"unknown buyer", "create", []func(obj){set("buyer_id", "2088111111111111")}, "ACQ.BUYER_NOT_EXIST"},
		{"blocked buyer", "create", []func(obj){set("buyer_id", "2088000000000003")}, "ACQ.BUYER_ENABLE_STATUS_FORBID"},
		{"buyer is seller", "create", []func(obj){set("buyer_id", w.pid)}, "ACQ.BUYER_SELLER_EQUAL"},
		{"no bar code", "pay", nil, "ACQ.AUTH_TOKEN_IS_NOT_EXIST"},
		{"no such bar code", "pay", []func(obj){set("auth_code", "111")}, "ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"used bar code", "pay", []func(obj){set("auth_code", "2811111111110009")}, "ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"poor buyer", "pay", []func(obj){set("auth_code", "2811111111110005")}, "ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{"risk", "pay", []func(obj){set("auth_code", "2811111111110008")}, "ACQ.PAYMENT_REQUEST_HAS_RISK"},
		{"unknown outcome", "pay", []func(obj){set("auth_code", "2811111111110007")}, "isp.unknow-error"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := w.order("88.80", c.change...)
			if got := w.call("alipay.trade."+c.method, o); got.outcome() != c.want {
				t.Errorf("got %s, want %s", got.raw, c.want)
			}
		})
	}
}

func goods(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = obj{"goods_id": "g", "goods_name": "卡", "quantity": 1, "price": "0.01"}
	}
	return out
}

// TestSettingsRefusals: refusals that a contract or a setting decides.
func TestSettingsRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	patch := func(s obj) { w.desk("PATCH", "/apps/"+w.app, obj{"settings": s}, 200) }
	patch(obj{"single_max_fen": 5000, "require_ip": false})
	if got := w.call("alipay.trade.precreate",
		w.order("50.01")).outcome(); got != "ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION" {
		t.Errorf("above the single limit: %s", got)
	}
	patch(obj{"require_ip": true})
	if got := w.call("alipay.trade.precreate", w.order("1.00")).outcome(); got != "ACQ.RISK_MERCHANT_IP_NOT_EXIST" {
		t.Errorf("without the buyer's address: %s", got)
	}
	w.must("alipay.trade.precreate", w.order("1.00", set("business_params", obj{"mc_create_trade_ip": "203.0.113.7"})))
	patch(obj{"require_ip": false, "refuse_precreate_twice": true, "allow_any_subject": true})
	o := w.order("1.00", set("subject", "a/b=c&d"))
	w.must("alipay.trade.precreate", o)
	if got := w.call("alipay.trade.precreate", o).outcome(); got != "ACQ.APPLY_PC_MERCHANT_CODE_ERROR" {
		t.Errorf("precreate twice: %s", got)
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"zft", "page"}}, 200)
	if a := w.call("alipay.trade.precreate", o); a.outcome() != "isv.insufficient-isv-permissions" ||
		a.str("code") != "40006" {
		t.Errorf("without the product: %s", a.raw)
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}}, 200)
	if got := w.call("alipay.trade.precreate", o).outcome(); got != "ACQ.SECONDARY_MERCHANT_NOT_MATCH" {
		t.Errorf("smid without ZFT: %s", got)
	}
	plain := w.order("1.00", without("sub_merchant"), without("settle_info"))
	w.must("alipay.trade.precreate", plain)
	w.desk("POST", "/trades/"+plain["out_trade_no"].(string)+"/pay", obj{}, 200)
	if b := w.desk("GET", "/accounts/"+w.pid, nil, 200)["balance_fen"]; b != 100.0 {
		t.Errorf("the platform's own trade pays its account: %v", b)
	}
}

func TestRepeatedOrder(t *testing.T) {
	t.Parallel()
	w := start(t)
	o := w.order("10.00", set("buyer_id", "2088000000000001"))
	first := w.must("alipay.trade.create", o)
	if again := w.must("alipay.trade.create", o); again.str("trade_no") != first.str("trade_no") {
		t.Error("create again must give the same trade")
	}
	other := w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "乙"}, 201)["smid"]
	for _, c := range []struct {
		change func(obj)
		want   string
	}{
		{set("subject", "别的"), "ACQ.CONTEXT_INCONSISTENT"},
		{set("buyer_id", "2088000000000004"), "ACQ.TRADE_BUYER_NOT_MATCH"},
		{set("sub_merchant", obj{"merchant_id": other}), "ACQ.SECONDARY_MERCHANT_NOT_MATCH"},
	} {
		changed := obj{}
		for k, v := range o {
			changed[k] = v
		}
		c.change(changed)
		if got := w.call("alipay.trade.create", changed).outcome(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	w.must("alipay.trade.close", obj{"trade_no": first.str("trade_no")})
	if got := w.call("alipay.trade.create", o).outcome(); got != "ACQ.TRADE_HAS_CLOSE" {
		t.Errorf("create of a closed trade: %s", got)
	}
}

func TestCloseAndCancel(t *testing.T) {
	t.Parallel()
	w := start(t)
	o := w.order("10.00")
	no := o["out_trade_no"].(string)
	w.must("alipay.trade.precreate", o)
	if got := w.call("alipay.trade.close", obj{"out_trade_no": no}).outcome(); got != "ACQ.TRADE_NOT_EXIST" {
		t.Errorf("close before the scan: %s", got)
	}
	if got := w.call("alipay.trade.close", obj{}).outcome(); got != "ACQ.INVALID_PARAMETER" {
		t.Errorf("close of nothing: %s", got)
	}
	w.desk("POST", "/trades/"+no+"/scan", nil, 200)
	w.must("alipay.trade.close", obj{"out_trade_no": no})
	if got := w.call("alipay.trade.close", obj{"out_trade_no": no}).outcome(); got != "ACQ.TRADE_STATUS_ERROR" {
		t.Errorf("second close: %s", got)
	}
	if got := w.desk("POST", "/trades/"+no+"/pay", obj{}, 409)["code"]; got != "ACQ.TRADE_HAS_CLOSE" {
		t.Errorf("pay after close: %v", got)
	}
	paid := w.paid("5.00")
	if got := w.call("alipay.trade.close", obj{"trade_no": paid}).outcome(); got != "ACQ.REASON_TRADE_STATUS_INVALID" {
		t.Errorf("close of a paid trade: %s", got)
	}
	a := w.must("alipay.trade.cancel", obj{"trade_no": paid})
	if a.str("action") != "refund" || a.str("retry_flag") != "N" || w.trade(paid)["trade_status"] != "TRADE_CLOSED" {
		t.Errorf("cancel of a paid trade: %s", a.raw)
	}
	if a := w.must("alipay.trade.cancel", obj{"out_trade_no": "unknown1"}); a.str("action") != "" {
		t.Errorf("cancel of an unknown number: %s", a.raw)
	}
	late := w.paid("5.00")
	w.advance(25 * time.Hour)
	if got := w.call("alipay.trade.cancel", obj{"trade_no": late}).outcome(); got != "ACQ.TRADE_CANCEL_TIME_OUT" {
		t.Errorf("cancel after a day: %s", got)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	w := start(t)
	o := w.order("10.00", set("timeout_express", "5m"))
	no := o["out_trade_no"].(string)
	w.must("alipay.trade.precreate", o)
	w.desk("POST", "/trades/"+no+"/scan", nil, 200)
	w.advance(5*time.Minute - time.Second)
	if s := w.must("alipay.trade.query", obj{"out_trade_no": no}).str("trade_status"); s != "WAIT_BUYER_PAY" {
		t.Fatalf("a second before the end: %s", s)
	}
	w.advance(time.Second)
	if s := w.must("alipay.trade.query", obj{"out_trade_no": no}).str("trade_status"); s != "TRADE_CLOSED" {
		t.Fatalf("at the end: %s", s)
	}
	stale := w.order("10.00")
	a := w.must("alipay.trade.precreate", stale)
	w.advance(2 * time.Hour)
	if page := get(t, a.str("qr_code")); !strings.Contains(page, "当前时间已超过允许支付的时间") {
		t.Errorf("a code is good for two hours: %s", page)
	}
	old := w.paid("3.00")
	w.advance(366 * 24 * time.Hour)
	if s := w.must("alipay.trade.query", obj{"trade_no": old}).str("trade_status"); s != "TRADE_FINISHED" {
		t.Errorf("after the refund window: %s", s)
	}
	if got := w.call("alipay.trade.refund",
		obj{"trade_no": old, "refund_amount": "3.00"}).outcome(); got != "ACQ.TRADE_HAS_FINISHED" {
		t.Errorf("refund after the window: %s", got)
	}
}

func TestBarcode(t *testing.T) {
	t.Parallel()
	w := start(t)
	if a := w.must("alipay.trade.pay",
		w.order("12.00", set("auth_code", "2812345678901234"))); a.str("trade_no") == "" || a.str("gmt_payment") == "" {
		t.Errorf("pay: %s", a.raw)
	}
	o := w.order("12.00", set("auth_code", "2812345678900003"))
	a := w.call("alipay.trade.pay", o)
	if a.outcome() != "10003" || w.trade(a.str("trade_no"))["trade_status"] != "WAIT_BUYER_PAY" {
		t.Errorf("password wanted: %s", a.raw)
	}
	w.desk("POST", "/trades/"+a.str("trade_no")+"/pay", obj{}, 200)
	if got := w.call("alipay.trade.pay", o).outcome(); got != "ACQ.TRADE_HAS_SUCCESS" {
		t.Errorf("pay again: %s", got)
	}
	if a := w.call("alipay.trade.pay",
		w.order("1000.01", set("auth_code", "2812345678901234"))); a.outcome() != "10003" {
		t.Errorf("above 1000 yuan a password is asked: %s", a.raw)
	}
	lost := w.order("12.00", set("auth_code", "2812345678900006"))
	if a := w.call("alipay.trade.pay", lost); a.str("code") != "20000" || !a.signed {
		t.Errorf("unknown: %s", a.raw)
	}
	if s := w.must("alipay.trade.query",
		obj{"out_trade_no": lost["out_trade_no"]}).str("trade_status"); s != "TRADE_SUCCESS" {
		t.Errorf("the unknown payment happened: %s", s)
	}
	never := w.call("alipay.trade.pay", w.order("12.00", set("auth_code", "2812345678900004")))
	if got := w.desk("POST", "/trades/"+never.str("trade_no")+"/pay", obj{}, 409)["code"]; got != "ACQ.PAYMENT_FAIL" {
		t.Errorf("never: %v", got)
	}
	poor := w.order("12.00", set("auth_code", "2812345678900005"))
	w.call("alipay.trade.pay", poor)
	if s := w.must("alipay.trade.query",
		obj{"out_trade_no": poor["out_trade_no"]}).str("trade_status"); s != "WAIT_BUYER_PAY" {
		t.Errorf("a refused payment leaves the trade open: %s", s)
	}
}

// TestBrowserErrors: what is wrong with a browser's call is shown as a page, whatever it is.
// TestThirdParty: an application acts for a merchant's: products, settings and money are the merchant's; the
// notification names both.
func TestThirdParty(t *testing.T) {
	t.Parallel()
	w := start(t)
	merchant, merchantApp := w.pid, w.app
	isv := w.desk("POST", "/apps",
		obj{"name": "服务商", "public_key": spki(&w.key.PublicKey), "products": []string{"isv"},
			"settings": obj{"self_invoke_forbidden": true}}, 201)["app_id"].(string)
	w.app = isv
	code := w.desk("POST", "/authorizations", obj{"app_id": isv, "auth_app_id": merchantApp}, 201)["app_auth_code"]
	if got := w.call("alipay.trade.precreate", w.order("1.00")).outcome(); got != "isv.self-invoke-forbidden" {
		t.Errorf("without a token: %s", got)
	}
	pair := w.must("alipay.open.auth.token.app", obj{"grant_type": "authorization_code", "code": code})
	token := pair.str("app_auth_token")
	if token == "" {
		list, _ := pair.node["tokens"].([]any)
		if len(list) > 0 {
			token, _ = list[0].(map[string]any)["app_auth_token"].(string)
		}
	}
	r := newReceiver(t, nil)
	o := w.order("1.00")
	w.must("alipay.trade.precreate", o, "app_auth_token", token, "notify_url", r.URL)
	v := w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/pay", obj{}, 200)
	if v["pid"] != merchant || v["app_id"] != merchantApp {
		t.Errorf("trade: %v", v)
	}
	until(t, "the notification", func() bool { return len(r.got()) == 1 })
	if f := r.got()[0]; f.Get("app_id") != isv || f.Get("auth_app_id") != merchantApp || !genuine(w.pub, f) {
		t.Errorf("notification: %v", f)
	}
}
