package simulator_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"time"
)

func TestPagePay(t *testing.T) {
	t.Parallel()
	w := start(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for kind, code := range map[string]string{"page": "FAST_INSTANT_TRADE_PAY", "wap": "QUICK_WAP_WAY",
		"app": "QUICK_MSECURITY_PAY"} {
		o := w.order("20.00", set("product_code", code))
		p := w.signed("alipay.trade."+kind+".pay", o, "return_url", "https://shop.example/back?x=1")
		resp, err := client.Get(w.srv.URL + "/gateway.do?" + form(p).Encode())
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		to := resp.Header.Get("Location")
		if resp.StatusCode != 302 || !strings.HasPrefix(to, w.srv.URL+"/cashier/") {
			t.Fatalf("%s: %d %s", kind, resp.StatusCode, to)
		}
		get(t, to)
		resp, err = client.PostForm(to, url.Values{"action": {"pay"}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		back, err := url.Parse(resp.Header.Get("Location"))
		if err != nil || back.Host != "shop.example" {
			t.Fatalf("%s: return to %q", kind, resp.Header.Get("Location"))
		}
		q := back.Query()
		if q.Get("x") != "1" {
			t.Error("the return_url's own parameter is lost")
		}
		q.Del("x")
		if !genuine(w.pub, q) || q.Get("total_amount") != "20.00" ||
			q.Get("method") != "alipay.trade."+kind+".pay.return" {
			t.Errorf("%s: return parameters %v", kind, q)
		}
	}
	p := w.signed("alipay.trade.page.pay", w.order("20.00"))
	resp, err := client.Get(w.srv.URL + "/gateway.do?" + form(p).Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/html;charset=GBK" ||
		!strings.Contains(string(body), "ACQ.ACCESS_FORBIDDEN") {
		t.Errorf("error page: %d %s %s", resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}
}

func TestCashierRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	pay := func(change []func(obj), body obj) any {
		o := w.order("600.00", change...)
		w.must("alipay.trade.precreate", o)
		return w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/pay", body, 409)["code"]
	}
	for _, c := range []struct {
		name   string
		change []func(obj)
		body   obj
		want   string
	}{
		{"poor", nil, obj{"buyer": "2088000000000002"}, "ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{"blocked", nil, obj{"buyer": "2088000000000003"}, "ACQ.BUYER_ENABLE_STATUS_FORBID"},
		{"nobody", nil, obj{"buyer": "2088999999999999"}, "ACQ.BUYER_NOT_EXIST"},
		{"花呗 line too small", nil, obj{"buyer": "2088000000000004", "channel": "PCREDIT"},
			"ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{"花呗 forbidden", []func(obj){set("disable_pay_channels", "pcredit")}, obj{"channel": "PCREDIT"},
			"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE"},
		{"only 花呗", []func(obj){set("enable_pay_channels", "pcredit")}, obj{}, "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE"},
		{"virtual goods", []func(obj){set("goods_type", "0")}, obj{"channel": "PCREDIT"},
			"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE"},
		{"wrong password", nil, obj{"password": "222222"}, "ACQ.PAYMENT_FAIL"},
		{"the seller", nil, obj{"buyer": w.pid}, "ACQ.BUYER_SELLER_EQUAL"},
	} {
		if got := pay(c.change, c.body); got != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	o := w.order("6.00")
	w.must("alipay.trade.precreate", o)
	no := o["out_trade_no"].(string)
	w.desk("POST", "/trades/"+no+"/refuse", obj{"sub_code": "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"}, 200)
	if got := w.desk("POST", "/trades/"+no+"/pay", obj{},
		409)["code"]; got != "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" {
		t.Errorf("the desk's refusal: %v", got)
	}
	w.desk("POST", "/trades/"+no+"/refuse", obj{}, 200)
	w.desk("POST", "/trades/"+no+"/pay", obj{"channel": "PCREDIT"}, 200)
}

func TestMerge(t *testing.T) {
	t.Parallel()
	w := start(t)
	lines := func(n int) []any {
		var out []any
		for range n {
			o := w.order("3.00")
			o["app_id"] = w.app
			out = append(out, o)
		}
		return out
	}
	three := lines(3)
	a := w.must("alipay.trade.merge.precreate", obj{"order_details": three})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(w.srv.URL + "/gateway.do?" +
		form(w.signed("alipay.trade.wap.merge.pay", obj{"pre_order_no": a.str("pre_order_no")})).Encode())
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to := resp.Header.Get("Location")
	if page := get(t, to); !strings.Contains(page, "9.00") {
		t.Errorf("combined cashier: %s", page)
	}
	resp, err = client.PostForm(to, url.Values{"action": {"pay"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for _, l := range three {
		if s := w.must("alipay.trade.query",
			obj{"out_trade_no": l.(obj)["out_trade_no"]}).str("trade_status"); s != "TRADE_SUCCESS" {
			t.Errorf("a merged line is %s", s)
		}
	}
	bad := lines(2)
	bad[1].(obj)["sub_merchant"] = obj{"merchant_id": "2088000000009999"}
	if got := w.call("alipay.trade.merge.precreate",
		obj{"order_details": bad}).outcome(); got != "ACQ.SECONDARY_MERCHANT_ID_INVALID" {
		t.Errorf("one bad line: %s", got)
	}
	if got := w.call("alipay.trade.query",
		obj{"out_trade_no": bad[0].(obj)["out_trade_no"]}).outcome(); got != "ACQ.TRADE_NOT_EXIST" {
		t.Errorf("a bad line must refuse all: %s", got)
	}
	if got := w.call("alipay.trade.merge.precreate",
		obj{"order_details": lines(11)}).outcome(); got != "ACQ.INVALID_PARAMETER" {
		t.Errorf("eleven lines: %s", got)
	}
	opened := func(method string, biz obj) string {
		resp, err := client.Get(w.srv.URL + "/gateway.do?" + form(w.signed(method, biz)).Encode())
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.Header.Get("Location")
	}
	if to := opened("alipay.trade.page.merge.pay", obj{"order_details": lines(2)}); !strings.Contains(get(t, to),
		"6.00") {
		t.Errorf("page.merge.pay leads to %q", to)
	}
	if to := opened("alipay.trade.app.merge.pay", obj{"pre_order_no": a.str("pre_order_no")}); !strings.Contains(to,
		"/cashier/mrg") {
		t.Errorf("app.merge.pay leads to %q", to)
	}
	if to := opened("alipay.trade.app.merge.pay", obj{"pre_order_no": "none"}); to != "" {
		t.Errorf("an unknown pre_order_no leads to %q", to)
	}
	stale := w.must("alipay.trade.merge.precreate",
		obj{"out_merge_no": w.no("M"), "order_details": lines(2)}).str("pre_order_no")
	w.advance(15 * time.Minute)
	if page := get(t, opened("alipay.trade.wap.merge.pay", obj{"pre_order_no": stale})); !strings.Contains(page,
		"当前时间已超过允许支付的时间") {
		t.Errorf("all-or-nothing payments are good for 15 minutes: %s", page)
	}
	m := w.must("alipay.trade.merge.create",
		obj{"out_merge_no": w.no("M"), "buyer_id": "2088000000000001", "order_details": lines(2)})
	if len(m.node["order_detail_results"].([]any)) != 2 || m.str("merge_no") == "" {
		t.Errorf("merge.create: %s", m.raw)
	}
}

func TestBrowserErrors(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.signed("alipay.trade.page.pay", w.order("20.00"))
	p["sign"] = "AAAA"
	resp, err := http.Get(w.srv.URL + "/gateway.do?" + form(p).Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	page, err := simplifiedchinese.GBK.NewDecoder().String(string(body))
	if err != nil || resp.Header.Get("Content-Type") != "text/html;charset=GBK" || resp.Header.Get("trace_id") == "" ||
		!strings.Contains(page, "调试错误，请回到请求来源地，重新发起请求。") ||
		!strings.Contains(page, "错误代码 invalid-signature 错误原因: 验签出错，建议检查") ||
		!strings.Contains(page, "网关生成的验签字符串为：app_id="+w.app+"&amp;biz_content={&quot;out_trade_no&quot;") {
		t.Errorf("%v %s", resp.Header, page)
	}
}
