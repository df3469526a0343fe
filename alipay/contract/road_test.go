package contract

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/internal/clock"
)

// TestThirdSpeaker drives the simulator along the order lifecycle with code that shares nothing with client or
// gateway: what both of them misunderstand alike shows here.
func TestThirdSpeaker(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.mail = newMailbox(t)
	say := func(method string, biz obj, more ...string) obj {
		t.Helper()
		node, trusted := w.rawPost(method, biz, more...)
		if !trusted || text(node, "code") != "10000" || text(node, "msg") != "Success" {
			t.Fatalf("%s: signed rightly: %v: %v", method, trusted, node)
		}
		return node
	}
	expect := func(node obj, fields ...string) {
		t.Helper()
		for i := 0; i < len(fields); i += 2 {
			if text(node, fields[i]) != fields[i+1] {
				t.Errorf("%s is %q, want %q: %v", fields[i], text(node, fields[i]), fields[i+1], node)
			}
		}
	}
	order := w.rawOrder("88.80", obj{"subject": "示例 订单+A%", "passback_params": "a%3D1"})
	out := order["out_trade_no"].(string)
	code := text(say("alipay.trade.precreate", order, "notify_url", w.mail.URL), "qr_code")
	if !strings.HasPrefix(code, w.url+"/cashier/") {
		t.Fatalf("the code leads to %q", code)
	}
	w.browse(code) // the buyer scans
	resp, err := http.PostForm(code,
		url.Values{"channel": {"ALIPAYACCOUNT"},
			"password": {"111111"}}) //nolint:noctx // the test's own deadline holds
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()

	until(t, "the notification", func() bool { return len(w.mail.got()) > 0 })
	form, err := url.ParseQuery(string(w.mail.got()[0]))
	if err != nil {
		t.Fatal(err)
	}
	if form.Get("sign_type") != "RSA2" ||
		!verified(&aliKey().PublicKey, textToSign(form, "sign", "sign_type"), form.Get("sign")) {
		t.Fatalf("the notification is not signed by Alipay: %v", form)
	}
	if verified(&aliKey().PublicKey, textToSign(form, "sign"), form.Get("sign")) {
		t.Error("sign_type is part of the signed text of a notification")
	}
	said := obj{}
	for name := range form {
		said[name] = form.Get(name)
	}
	expect(said, "out_trade_no", out, "trade_status", "TRADE_SUCCESS", "total_amount", "88.80", "app_id", w.app,
		"seller_id", w.pid, "notify_type", "trade_status_sync",
		"subject", "示例 订单+A%", "passback_params", "a%3D1", "buyer_id", buyer)
	trade := text(said, "trade_no")

	expect(say("alipay.trade.query", obj{"out_trade_no": out}), "trade_no", trade, "trade_status", "TRADE_SUCCESS",
		"total_amount", "88.80", "buyer_pay_amount", "88.80")
	confirm := obj{"out_request_no": no("SC"), "trade_no": trade, "settle_info": settleOnTheWire("88.80"),
		"extend_params": obj{"royalty_freeze": "true"}}
	expect(say("alipay.trade.settle.confirm", confirm), "trade_no", trade, "settle_amount", "88.80", "out_request_no",
		text(confirm, "out_request_no"))
	split := obj{"out_request_no": no("RY"), "trade_no": trade, "extend_params": obj{"royalty_finish": "true"},
		"royalty_parameters": []obj{{"royalty_type": "transfer", "trans_in_type": "userId", "trans_in": w.pid,
			"amount": "8.88", "desc": "服务费"}}}
	settleNo := text(say("alipay.trade.order.settle", split), "settle_no")
	details, _ := say("alipay.trade.order.settle.query", obj{"settle_no": settleNo})["royalty_detail_list"].([]any)
	if len(details) != 1 {
		t.Fatalf("splits: %v", details)
	}
	expect(details[0].(obj), "amount", "8.88", "state", "SUCCESS", "operation_type", "transfer", "trans_in", w.pid)
	refund := obj{"trade_no": trade, "refund_amount": "88.80", "out_request_no": no("RF"),
		"query_options": []string{"refund_detail_item_list"},
		"refund_royalty_parameters": []obj{{"royalty_type": "transfer", "trans_out_type": "userId", "trans_out": w.pid,
			"amount": "8.88"}}}
	expect(say("alipay.trade.refund", refund), "fund_change", "Y", "refund_fee", "88.80", "send_back_fee", "88.80")
	expect(say("alipay.trade.refund", refund), "fund_change", "N", "refund_fee", "88.80")
	expect(say("alipay.trade.fastpay.refund.query",
		obj{"trade_no": trade, "out_request_no": text(refund, "out_request_no")}), "refund_status", "REFUND_SUCCESS",
		"refund_amount", "88.80")
	expect(say("alipay.trade.query", obj{"trade_no": trade}), "trade_status", "TRADE_CLOSED")
	m := w.desk("GET", "/merchants/"+w.smid, nil)
	if fen(m, "settled_fen") != 0 || fen(m, "frozen_fen") != 0 || fen(m, "unsettled_fen") != 0 {
		t.Errorf("the merchant kept money: %v", m)
	}
	if node, _ := w.rawPost("alipay.trade.query", obj{"out_trade_no": out}, "sign_type", "RSA"); text(node,
		"sub_code") != "isv.invalid-signature-type" {
		t.Errorf("SHA-1 was taken: %v", node)
	}
}

// vector is one published signature.
type vector struct{ Key, Text, Sign string }

func vectors(t *testing.T) map[string]vector {
	t.Helper()
	raw, err := os.ReadFile("../testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors map[string]vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

func (v vector) key(t *testing.T) *rsa.PublicKey {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(v.Key)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

// form takes a vector's text apart into parameters. No value of the vectors holds an ampersand.
func (v vector) form() url.Values {
	f := url.Values{}
	for part := range strings.SplitSeq(v.Text, "&") {
		name, value, _ := strings.Cut(part, "=")
		f.Set(name, value)
	}
	return f
}

// TestVectors: the signatures published with Alipay's SDKs (T) and those made for this project (S) hold for the third
// speaker, the client and the simulator alike.
func TestVectors(t *testing.T) {
	t.Parallel()
	vs := vectors(t)
	for _, name := range []string{"T1", "T2", "T3", "S1", "S2", "S3"} {
		v := vs[name]
		if !verified(v.key(t), v.Text, v.Sign) || verified(v.key(t), v.Text+" ", v.Sign) {
			t.Errorf("%s: the third speaker", name)
		}
	}
	for _, name := range []string{"T1", "T2", "S1", "S2"} {
		f := vs[name].form()
		f.Set("empty", "")
		f.Set("sign", vs[name].Sign)
		if got := textToSign(f, "sign", "empty"); got != vs[name].Text {
			t.Errorf("%s: the third speaker's text\n got %s\nwant %s", name, got, vs[name].Text)
		}
		if got := textToSign(f, "sign"); got != vs[name].Text {
			t.Errorf("%s: an empty parameter is in the text", name)
		}
	}
	w := open(t, nil)
	read := func(name string) (*alipay.Client, []byte) {
		v := vs[name]
		f := v.form()
		c := w.client(func(cred *alipay.Credentials) { cred.AppID, cred.AlipayPublicKey = f.Get("app_id"), v.Key })
		f.Set("sign", v.Sign)
		if f.Get("sign_type") == "" {
			f.Set("sign_type", "RSA2")
		}
		return c, []byte(f.Encode())
	}
	for name, amount := range map[string]int64{"T1": 10, "S2": 8880} {
		c, body := read(name)
		if n, err := c.ParseTradeNotification(body); err != nil || int64(n.TotalAmount) != amount {
			t.Errorf("%s: the client: %+v %v", name, n, err)
		}
	}
	c, body := read("T2")
	if m, err := c.ParseMessage(body); err != nil || m.Method != "servicemarket_order_notify" {
		t.Errorf("T2: the client: %+v %v", m, err)
	}
}

// TestVectorAtTheGateway: the request S1 as it was published, under its clock and application number, is let in by the
// simulator; with one character changed it is not.
func TestVectorAtTheGateway(t *testing.T) {
	t.Parallel()
	v := vectors(t)["S1"]
	w := &world{TB: t, clk: clock.FrozenAt(time.Date(2026, 1, 1, 19, 4, 5, 0, time.UTC))}
	w.start()
	app := w.desk("POST", "/apps", obj{"name": "vectors", "public_key": v.Key})
	if text(app, "app_id") != v.form().Get("app_id") {
		t.Fatalf("the first application is %s", text(app, "app_id"))
	}
	ask := func(change func(f url.Values)) string {
		f := v.form()
		f.Set("sign", v.Sign)
		change(f)
		resp, err := http.PostForm(text(app, "gateway_url"), f) //nolint:noctx // the test's own deadline holds
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer map[string]json.RawMessage
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		var node obj
		if err := json.Unmarshal(answer["alipay_trade_query_response"], &node); err != nil {
			t.Fatal(err)
		}
		return text(node, "sub_code")
	}
	if got := ask(func(url.Values) {}); got != "ACQ.TRADE_NOT_EXIST" {
		t.Errorf("the published request: %s", got)
	}
	if got := ask(func(f url.Values) { f.Set("notify_url", "") }); got != "ACQ.TRADE_NOT_EXIST" {
		t.Errorf("with an empty parameter, which is not signed: %s", got)
	}
	if got := ask(func(f url.Values) {
		f.Set("biz_content", strings.Replace(f.Get("biz_content"), "0001", "0002", 1))
	}); got != "isv.invalid-signature" {
		t.Errorf("a changed request: %s", got)
	}
}
