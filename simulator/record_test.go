package simulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// What requests that are a little wrong, or a little unusual, are answered with: the rows that no other test has.

// TestRecordOfTheProtocol: the ways to write a request that are taken, and those that are not.
func TestRecordOfTheProtocol(t *testing.T) {
	t.Parallel()
	w := start(t)
	biz := obj{"out_trade_no": "x"}
	signed := func(kv ...string) map[string]string { return w.signed("alipay.trade.query", biz, kv...) }
	encoded := func(p map[string]string) string { return form(p).Encode() }
	const known, plain = "ACQ.TRADE_NOT_EXIST", "text/plain"
	for _, c := range []struct {
		name, query, header, body, want string
	}{
		{"a plus that arrives as a space", "", formType, strings.ReplaceAll(encoded(func() map[string]string {
			p := signed()
			for !strings.Contains(p["sign"], "+") { // a few in 344 letters, nearly always
				biz = obj{"out_trade_no": w.no("x")}
				p = signed()
			}
			return p
		}()), "%2B", "+"), "isv.invalid-signature"},
		{"sign_type left out of the text", "", formType, encoded(func() map[string]string {
			p := signed()
			delete(p, "sign_type")
			p["sign"] = sign(w.key, p)
			p["sign_type"] = "RSA2"
			return p
		}()), "isv.invalid-signature"},
		{"rsa2", "", formType, encoded(signed("sign_type", "rsa2")), "isv.invalid-signature-type"},
		{"MD5", "", formType, encoded(signed("sign_type", "MD5")), "isv.invalid-signature-type"},
		{"utf-16", "", formType, encoded(signed("charset", "utf-16")), "isv.invalid-charset"},
		{"a timestamp in milliseconds", "", formType, encoded(signed("timestamp", "1790000000000")),
			"isv.invalid-timestamp"},
		{"all in the address, with POST", encoded(signed()), formType, "", known},
		{"a form that says it is a text", "charset=utf-8", plain, encoded(signed()), known},
		{"an empty parameter that was signed", "", formType, encoded(func() map[string]string {
			p := signed()
			text := strings.Replace(text(p, "sign"), "&sign_type", "&return_url=&sign_type", 1)
			p["return_url"], p["sign"] = "", signText(w.key, text)
			return p
		}()), "isv.invalid-signature"},
		{"an empty parameter that was not signed", "", formType, encoded(signed("return_url", "")), known},
		{"charset in another case in address and body", "charset=UTF-8", "application/x-www-form-urlencoded",
			encoded(signed()), known},
		{"another parameter in another case", "version=1.0&format=json", formType, encoded(signed()),
			"isv.invalid-parameter"},
		{"another charset in address and body", "charset=gbk", formType, encoded(signed()), "isv.invalid-parameter"},
		{"single quotes", "", formType, encoded(w.signed("alipay.trade.query", `{'out_trade_no':'x'}`)),
			"isv.illegal-json"},
		{"a comma too many", "", formType, encoded(w.signed("alipay.trade.query", `{"out_trade_no":"x",}`)),
			"isv.illegal-json"},
		{"a string", "", formType, encoded(w.signed("alipay.trade.query", `"x"`)), "ACQ.INVALID_PARAMETER"},
		{"an empty object", "", formType, encoded(w.signed("alipay.trade.query", `{}`)), "ACQ.INVALID_PARAMETER"},
		{"a notify_url of 256", "", formType,
			encoded(signed("notify_url", "http://a.example/"+strings.Repeat("x", 239))), known},
	} {
		if a := w.raw(c.query, c.header, []byte(c.body)); a.outcome() != c.want {
			t.Errorf("%s: %s, want %s", c.name, a.raw, c.want)
		}
	}
	for _, charset := range []string{"gbk", "gb2312", "GBK"} {
		p := signed("charset", charset)
		resp, err := w.client().Post(w.srv.URL+"/gateway.do?charset="+charset, "application/x-www-form-urlencoded",
			strings.NewReader(encoded(p)))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		told, _ := simplifiedchinese.GBK.NewDecoder().String(string(body))
		if resp.Header.Get("Content-Type") != "text/html;charset=gbk" || !strings.Contains(told, "交易不存在") {
			t.Errorf("%s: %v %s", charset, resp.Header, told)
		}
	}
}

// TestRecordOfOrders: numbers, amounts and subjects at their edges.
func TestRecordOfOrders(t *testing.T) {
	t.Parallel()
	w := start(t)
	const bad, exceeds, taken = "ACQ.INVALID_PARAMETER", "ACQ.TOTAL_FEE_EXCEED", "10000"
	for _, c := range []struct {
		field string
		value any
		want  string
	}{
		{"out_trade_no", strings.Repeat("7", 64), taken},
		{"out_trade_no", strings.Repeat("7", 65), bad},
		{"out_trade_no", "0719141034-6418", taken},
		{"out_trade_no", "订单", bad},
		{"out_trade_no", "a b", bad},
		{"out_trade_no", "", bad},
		{"total_amount", "0", exceeds},
		{"total_amount", "100000001", exceeds},
		{"total_amount", "0.001", bad},
		{"total_amount", " 1.00", bad},
		{"total_amount", "1.", bad},
		{"total_amount", ".5", bad},
		{"total_amount", "+1", bad},
		{"total_amount", "", bad},
		{"total_amount", "88.8", taken},
		{"total_amount", "088.80", taken},
		{"total_amount", 88.8, taken},
		{"subject", strings.Repeat("卡", 256), taken},
		{"subject", strings.Repeat("卡", 257), bad},
		{"subject", "", bad},
		{"subject", "a=b", bad},
		{"subject", "a&b", bad},
		{"subject", "🎮\n", taken},
		{"timeout_express", "0m", bad},
		{"timeout_express", "16d", bad},
		{"timeout_express", "1.5h", bad},
		{"time_expire", "2030-13-01", bad},
		{"no_such_field", "x", taken},
	} {
		o := w.order("88.80", set(c.field, c.value))
		if a := w.call("alipay.trade.precreate", o); a.outcome() != c.want {
			t.Errorf("%s %v: %s, want %s", c.field, c.value, a.raw, c.want)
		}
	}
}

// TestRecordOfRepeats: a number may be used for something else until a buyer has opened the order, however it was
// ordered.
func TestRecordOfRepeats(t *testing.T) {
	t.Parallel()
	w := start(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	codes := map[string]string{"page": "FAST_INSTANT_TRADE_PAY", "app": "QUICK_MSECURITY_PAY", "precreate": ""}
	order := func(method, no, total string) string { // where the buyer goes, or why not
		o := w.order(total, set("out_trade_no", no))
		if method == "precreate" {
			a := w.call("alipay.trade.precreate", o)
			return a.str("qr_code") + a.str("sub_code")
		}
		o["product_code"] = codes[method]
		resp, err := client.Get(w.srv.URL + "/gateway.do?" + form(w.signed("alipay.trade."+method+".pay", o)).Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if to := resp.Header.Get("Location"); to != "" {
			return to
		}
		page, _ := io.ReadAll(resp.Body)
		return string(page)
	}
	for first := range codes {
		for second := range codes {
			no := w.no("R")
			order(first, no, "10.00")
			to := order(second, no, "11.00")
			if !strings.HasPrefix(to, w.srv.URL+"/cashier/") {
				t.Fatalf("%s, then %s with another amount, unopened: %s", first, second, to)
			}
			if page := get(t, to); !strings.Contains(page, "11.00") {
				t.Errorf("%s, then %s: %s", first, second, page)
			}
			if to := order(second, no, "12.00"); !strings.Contains(to, "ACQ.CONTEXT_INCONSISTENT") {
				t.Errorf("%s, then %s, opened: %s", first, second, to)
			}
		}
	}
}

// TestObjectsAsText: a text where the table wants an object is refused, unless the application's setting takes it.
func TestObjectsAsText(t *testing.T) {
	t.Parallel()
	w := start(t)
	asText := func(o obj) obj {
		o["sub_merchant"] = `{"merchant_id":"` + w.smid + `"}`
		o["settle_info"] = `{"settle_detail_infos":"[{\"trans_in_type\":\"defaultSettle\",\"amount\":\"1.00\"}]"}`
		o["goods_detail"] = `[{"goods_id":"g","goods_name":"卡","quantity":1,"price":"1.00"}]`
		return o
	}
	if a := w.call("alipay.trade.precreate", asText(w.order("1.00"))); a.outcome() != "ACQ.INVALID_PARAMETER" ||
		!strings.Contains(a.str("sub_msg"), "应为") {
		t.Errorf("refused unless asked for: %s", a.raw)
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"settings": obj{"objects_as_text": true}}, 200)
	o := asText(w.order("1.00"))
	w.must("alipay.trade.precreate", o)
	if v := w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/pay", obj{}, 200); v["smid"] != w.smid {
		t.Errorf("whose it is: %v", v)
	}
	o = w.order("1.00", set("sub_merchant", `{"merchant_id":`))
	if a := w.call("alipay.trade.precreate", o); a.outcome() != "ACQ.INVALID_PARAMETER" {
		t.Errorf("no JSON: %s", a.raw)
	}
	w.must("alipay.trade.precreate", w.order("1.00")) // objects are taken as ever
}

// TestUnknownErrorInGBK: what a caller of a UTF-8 request may be answered all the same.
func TestUnknownErrorInGBK(t *testing.T) {
	t.Parallel()
	w := start(t)
	no := w.paid("10.00")
	w.desk("POST", "/faults", obj{"kind": "unknown_error_gbk", "method": "alipay.trade.refund", "times": 1}, 201)
	refund := w.signed("alipay.trade.refund", obj{"trade_no": no, "refund_amount": "5.00", "out_request_no": "R1"})
	resp, err := w.client().Post(w.srv.URL+"/gateway.do", formType, strings.NewReader(form(refund).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	told, _ := simplifiedchinese.GBK.NewDecoder().String(string(body))
	if a := w.parse(body); !a.signed || a.outcome() != "aop.unknow-error" || a.str("code") != "20000" ||
		!strings.Contains(told, "系统繁忙") || resp.Header.Get("Content-Type") != "text/html;charset=gbk" {
		t.Errorf("%v %s", resp.Header, told)
	}
	if got := w.trade(no)["refunded_fen"]; got != 0.0 {
		t.Errorf("refunded: %v", got)
	}
}
