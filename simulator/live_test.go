package simulator_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/clock"
	"zhitong/simulator"
)

// What the live gateway is on record with, and a simulator must not be kinder or stricter in.

// TestCharset: Alipay decodes a body by the charset of the address, else of the Content-Type, else as GBK. A client
// that puts charset into the body alone works until somebody sells something with a Chinese name.
func TestCharset(t *testing.T) {
	t.Parallel()
	w := start(t)
	post := func(query, header, subject string) (answer, http.Header, string) {
		p := w.signed("alipay.trade.precreate", w.order("1.00", set("subject", subject)))
		req, _ := http.NewRequestWithContext(t.Context(), "POST", w.srv.URL+"/gateway.do"+query,
			strings.NewReader(form(p).Encode()))
		req.Header.Set("Content-Type", header)
		resp, err := w.client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		text, _ := simplifiedchinese.GBK.NewDecoder().String(string(body))
		return w.parse(body), resp.Header, text
	}
	const bare = "application/x-www-form-urlencoded"
	for _, c := range []struct{ name, query, header, subject, want string }{
		{"nowhere", "", bare, "点卡", "isv.invalid-signature"},
		{"another in the address", "?charset=GBK", formType, "点卡", "isv.invalid-parameter"},
		{"another in the header", "", bare + ";charset=GBK", "点卡", "isv.invalid-signature"},
		{"in the header", "", formType, "点卡", "10000"},
		{"in the address", "?charset=utf-8", bare, "点卡", "10000"},
		{"the address before the header", "?charset=utf-8", bare + ";charset=GBK", "点卡", "10000"},
		{"nowhere, and nothing to decode", "", bare, "card", "10000"},
	} {
		a, h, text := post(c.query, c.header, c.subject)
		if a.outcome() != c.want {
			t.Errorf("%s: %s, want %s", c.name, a.raw, c.want)
		}
		if c.want != "isv.invalid-signature" {
			continue
		}
		if !a.signed || h.Get("Content-Type") != "text/html;charset=gbk" ||
			!strings.Contains(text, "验签出错，请确认charset参数放在了URL查询字符串中且各参数值使用charset参数指示的字符集编码") {
			t.Errorf("%s: %v %s", c.name, h, text)
		}
	}
}

// TestWrongSignatureIsExplained: the answer shows what the gateway verified, escaped, and tells SHA-1 from a wrong key.
func TestWrongSignatureIsExplained(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.signed("alipay.trade.query", obj{"out_trade_no": "<x>&\""})
	verified := text(p, "sign")
	p["sign"] = "AAAA"
	want := "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：" +
		strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(verified)
	if a := w.post(p); a.str("sub_msg") != want || !a.signed {
		t.Errorf("%s\nwant %s", a.raw, want)
	}
	p = w.signed("alipay.trade.query", obj{"out_trade_no": "x"})
	sum := sha1.Sum([]byte(text(p, "sign")))
	sig, _ := rsa.SignPKCS1v15(nil, w.key, crypto.SHA1, sum[:])
	p["sign"] = base64.StdEncoding.EncodeToString(sig)
	if a := w.post(p); !strings.Contains(a.str("sub_msg"), "您实际用的签名类型可能是RSA") {
		t.Errorf("SHA-1: %s", a.raw)
	}
	for name, change := range map[string]func(p map[string]string){
		"sign dropped":             func(p map[string]string) { delete(p, "sign") },
		"unknown app":              func(p map[string]string) { p["app_id"] = "9021000000000000" },
		"control: nothing changed": func(map[string]string) {},
	} {
		p := w.signed("alipay.trade.query", obj{"out_trade_no": "x"})
		if change(p); strings.Contains(w.post(p).raw, "网关生成的验签字符串") {
			t.Errorf("%s: the text is shown", name)
		}
	}
}

// TestTimestampWindow: off unless it is asked for, by the start or by the application, and never for an app's order.
func TestTimestampWindow(t *testing.T) {
	t.Parallel()
	w := start(t)
	old := []string{"timestamp", "2016-07-29 16:55:53"} // what the official Android demo signs for ever
	query := func() string { return w.call("alipay.trade.query", obj{"out_trade_no": "x"}, old...).outcome() }
	if got := query(); got != "ACQ.TRADE_NOT_EXIST" {
		t.Errorf("no window: %s", got)
	}
	otherForm := func() string {
		return w.call("alipay.trade.query", obj{"out_trade_no": "x"}, "timestamp", "2026-01-02T03:04:05Z").outcome()
	}
	if got := otherForm(); got != "isv.invalid-timestamp" { // the documentation names the form
		t.Errorf("another form, no window: %s", got)
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"settings": obj{"timestamp_window_minutes": 15}}, 200)
	if got := query(); got != "isv.invalid-timestamp" {
		t.Errorf("15 minutes: %s", got)
	}
	p := w.signed("alipay.trade.app.pay", w.order("1.00", set("product_code", "QUICK_MSECURITY_PAY")), old...)
	resp, err := w.client().Get(w.srv.URL + "/gateway.do?" + form(p).Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if page, _ := io.ReadAll(resp.Body); !strings.Contains(resp.Request.URL.Path, "/cashier/") {
		t.Errorf("an app's order: %s", page)
	}
	if got := otherForm(); got != "isv.invalid-timestamp" {
		t.Errorf("another form: %s", got)
	}
}

// TestMovedClock: a caller who knows nothing of a moved clock orders as before, and what it asked for in its own time
// comes about in the simulator's.
func TestMovedClock(t *testing.T) {
	t.Parallel()
	wall := clock.FrozenAt(start0)
	w := start(t, func(c *simulator.Config) { c.Wall, c.TimestampWindow = wall, 15*time.Minute })
	beijing := func(at time.Time) string { return at.In(time.FixedZone("", 8*3600)).Format(time.DateTime) }
	ask := func(by *clock.Movable, ends time.Duration) answer {
		o := w.order("1.00", set("time_expire", beijing(by.Now().Add(ends))))
		a := w.call("alipay.trade.precreate", o, "timestamp", beijing(by.Now()))
		if a.outcome() == "10000" {
			w.desk("POST", "/trades/"+o["out_trade_no"].(string)+"/scan", nil, 200)
			v := w.trade(o["out_trade_no"].(string))
			if want := w.clk.Now().Add(ends).Format(time.RFC3339); v["expires_at"] != want {
				t.Errorf("it ends at %v, want %s", v["expires_at"], want)
			}
		}
		return a
	}
	w.advance(24 * time.Hour)
	for name, by := range map[string]*clock.Movable{"the machine's": wall, "the simulator's": w.clk} {
		if a := ask(by, 15*time.Minute); a.outcome() != "10000" {
			t.Errorf("by %s clock: %s", name, a.raw)
		}
		if a := ask(by, -time.Minute); a.outcome() != "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR" {
			t.Errorf("by %s clock, over: %s", name, a.raw)
		}
	}
}

// TestMethodsNotPlayed: what Alipay has and the simulator has not is told from what nobody has; v3 says so in JSON.
func TestMethodsNotPlayed(t *testing.T) {
	t.Parallel()
	w := start(t)
	for method, played := range map[string]bool{"alipay.system.oauth.token": false, "alipay.trade.nothing": true} {
		a := w.call(method, obj{})
		if a.outcome() != "isv.invalid-method" || strings.Contains(a.str("sub_msg"), "本模拟器未实现") == played {
			t.Errorf("%s: %s", method, a.raw)
		}
	}
	for path, status := range map[string]int{"/v3/alipay/trade/query": 404, "/gateway.do/v3/alipay/trade/query": 200} {
		resp, err := w.client().Post(w.srv.URL+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		var e struct{ Code, Message string }
		err = json.NewDecoder(resp.Body).Decode(&e)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != status || e.Code == "" || !strings.Contains(e.Message, "v3") ||
			resp.Header.Get("trace_id") == "" {
			t.Errorf("%s: %d %+v %v", path, resp.StatusCode, e, err)
		}
	}
}

// TestNumbersAreFreeUntilScanned: before a buyer opens an order there is no trade, and its number may ask for something
// else; after it, not.
func TestNumbersAreFreeUntilScanned(t *testing.T) {
	t.Parallel()
	w := start(t)
	no := w.no("with-dash_")
	w.must("alipay.trade.precreate", w.order("10.00", set("out_trade_no", no)))
	code := w.must("alipay.trade.precreate", w.order("11.00", set("out_trade_no", no))).str("qr_code")
	if v := w.trade(no); v["total_fen"] != 1100.0 {
		t.Errorf("the order: %v", v["total_fen"])
	}
	if page := get(t, code); !strings.Contains(page, "11.00") {
		t.Errorf("the cashier: %s", page)
	}
	if got := w.call("alipay.trade.precreate",
		w.order("12.00", set("out_trade_no", no))).outcome(); got != "ACQ.CONTEXT_INCONSISTENT" {
		t.Errorf("after the scan: %s", got)
	}
	if got := w.desk("POST", "/trades/"+no+"/pay", obj{}, 200)["total_fen"]; got != 1100.0 {
		t.Errorf("paid: %v", got)
	}
}
