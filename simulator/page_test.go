package simulator

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"zhitong/simulator/faults"
	"zhitong/simulator/pages"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// browser keeps cookies, follows redirects within the simulator, and stops at the first address outside.
type browser struct {
	p      *partner
	client *http.Client
	left   string // the address outside at which it stopped
}

func newBrowser(p *partner) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	b := &browser{p: p}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(p.srv.URL, "http://"+r.URL.Host) {
			b.left = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return b
}

// do sends a request as a browser does and checks what every page promises: our policy, nothing inline, nothing
// foreign.
func (b *browser) do(method, address string, form url.Values, header ...string) (int, string, string) {
	b.p.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.p.srv.URL + address
	}
	req, err := http.NewRequestWithContext(b.p.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.p.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	b.left = ""
	resp, err := b.client.Do(req)
	if err != nil {
		b.p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.p.t.Fatal(err)
	}
	page := string(data)
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && b.left == "" {
		if resp.Header.Get("Content-Security-Policy") != pages.ContentPolicy {
			b.p.t.Errorf("%s has the policy %q", address, resp.Header.Get("Content-Security-Policy"))
		}
		if bad := regexp.MustCompile(
			`(?i)<style|<script[^>]*>[^<]|\sstyle=|\son\w+=|` +
				`<script src="(?:https?:)?//|<link[^>]*href="(?:https?:)?//|<img`).FindString(page); bad != "" {
			b.p.t.Errorf("%s contains %q", address, bad)
		}
		if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "%!") {
			b.p.t.Errorf("%s has a value that the template refused", address)
		}
	}
	return resp.StatusCode, page, resp.Request.URL.Path
}

func (b *browser) see(address string, texts ...string) string {
	b.p.t.Helper()
	status, page, _ := b.do(http.MethodGet, address, nil)
	if status != http.StatusOK {
		b.p.t.Fatalf("%s: %d", address, status)
	}
	for _, s := range texts {
		if !strings.Contains(page, s) {
			b.p.t.Errorf("%s lacks %q", address, s)
		}
	}
	return page
}

func (b *browser) submit(address string, form url.Values, want int, texts ...string) string {
	b.p.t.Helper()
	status, page, at := b.do(http.MethodPost, address, form)
	if status != want {
		b.p.t.Fatalf("%s %v: %d at %s: %s", address, form, status, at, page)
	}
	for _, s := range texts {
		if !strings.Contains(page, s) {
			b.p.t.Errorf("after %s %v the page lacks %q", address, form, s)
		}
	}
	return at
}

// shop is a platform with one merchant, and a browser.
func shop(t *testing.T) (p *partner, b *browser, smid string) {
	t.Helper()
	p = newPartner(t, nil)
	smid = p.desk("POST", "/merchants", map[string]any{"app_id": p.app, "name": "甲<b>商户</b>"}, 201)["smid"].(string)
	return p, newBrowser(p), smid
}

func TestCashierPages(t *testing.T) {
	t.Parallel()
	p, b, smid := shop(t)
	o := p.desk("POST", "/trades",
		map[string]any{"app_id": p.app, "out_trade_no": "T1", "total_fen": 8880, "subject": "<script>alert(1)",
			"smid": smid}, 201)
	at := o["cashier_url"].(string)
	b.see(at, "模拟收银台", "88.80", "花呗", "余额宝", "银行卡", "取消付款", "&lt;script&gt;", "甲&lt;b&gt;商户")
	b.see(at+"?lang=en", "Simulated cashier", "Bank card", "Not enough money")
	b.see(at, "Simulated cashier") // remembered
	b.see(at+"?lang=zh", "模拟收银台")
	form := func(action string, more ...string) url.Values {
		f := url.Values{"view": {"page"}, "action": {action}, "password": {state.TestPassword},
			"buyer": {"2088000000000001"}, "channel": {trades.ChannelBalance}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	for _, c := range []struct {
		form url.Values
		text string
	}{
		{form("short"), "ACQ.BUYER_BALANCE_NOT_ENOUGH"}, {form("wrong"), "支付密码错误"},
		{form("pay", "password", "000000"), "支付密码错误"}, {form("pay", "password", ""), "支付密码错误"},
		{form("pay", "buyer", "2088000000000002"), "ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{form("pay", "buyer", "2088000000000003"), "ACQ.BUYER_ENABLE_STATUS_FORBID"}, {form("cancel"), "已放弃付款"},
	} {
		b.submit(at, c.form, http.StatusOK, c.text)
		if got := p.desk("GET", "/trades/T1", nil, 200)["trade_status"]; got != trades.StatusWait {
			t.Fatalf("after %v the trade is %v", c.form, got)
		}
	}
	b.submit(at, form("pay", "channel", "MONEYFUND"), http.StatusOK, "支付成功", "余额宝", "88.80")
	want(t, p.desk("GET", "/trades/T1", nil, 200),
		map[string]any{"trade_status": trades.StatusSuccess, "fund_channel": "MONEYFUND"})
	b.see(at, "支付成功")
	if status, page, _ := b.do(http.MethodGet, "/cashier/bax1xnonsense", nil); status != http.StatusNotFound ||
		!strings.Contains(page, "二维码已失效") {
		t.Errorf("an unknown code: %d", status)
	}
	closed := p.desk("POST", "/trades",
		map[string]any{"app_id": p.app, "out_trade_no": "T2", "total_fen": 100, "subject": "x", "smid": smid},
		201)["cashier_url"].(string)
	p.desk("POST", "/clock", map[string]any{"advance_seconds": 4 * 3600}, 200)
	b.see(closed, "当前时间已超过允许支付的时间")
}

// TestReturnToTheShop: the page's way back is a link with the signed parameters; what the order forbids cannot be
// chosen.
func TestReturnToTheShop(t *testing.T) {
	t.Parallel()
	p, b, smid := shop(t)
	biz := string(
		protocol.EncodeJSON(map[string]any{"out_trade_no": "W1", "total_amount": "36.00", "subject": "话费",
			"product_code": "QUICK_WAP_WAY", "quit_url": "https://shop.example/quit", "disable_pay_channels": "pcredit",
			"sub_merchant": map[string]any{"merchant_id": smid},
			"settle_info": map[string]any{"settle_detail_infos": []any{map[string]any{"trans_in_type": "defaultSettle",
				"amount": "36.00"}}}}))
	q := url.Values{}
	for k, v := range p.params("alipay.trade.wap.pay",
		map[string]string{"biz_content": biz, "return_url": "https://shop.example/back?order=7"}) {
		q.Set(k, v)
	}
	status, page, at := b.do(http.MethodGet, "/gateway.do?"+q.Encode(), nil)
	if status != http.StatusOK || !strings.Contains(page, "商家不支持") {
		t.Fatalf("cashier: %d %s", status, page)
	}
	b.submit(at, url.Values{"view": {"page"}, "action": {"cancel"}}, http.StatusOK, `href="https://shop.example/quit"`)
	pay := url.Values{"view": {"page"}, "action": {"pay"}, "password": {state.TestPassword},
		"channel": {trades.ChannelHuabei}}
	b.submit(at, pay, http.StatusOK, "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE")
	pay.Set("channel", trades.ChannelCard)
	b.submit(at, pay, http.StatusOK, "支付成功", `http-equiv="refresh" content="5;url=https://shop.example/back?`,
		"order=7", "out_trade_no=W1", "sign=")
}

func TestDeskPages(t *testing.T) {
	t.Parallel()
	p, b, smid := shop(t)
	trade := p.sold("T1", 8880, smid)
	p.ok("alipay.trade.refund", map[string]any{"out_trade_no": "T1", "refund_amount": "1.00", "out_request_no": "R1"})
	order := p.applied(person("m1"))
	complaint := p.desk("POST", "/complaints", map[string]any{"trade": "T1"}, 201)["complain_event_id"].(string)
	p.next("alipay.merchant.tradecomplain.changed")
	note := p.desk("GET", "/notifications", nil, 200)["notifications"].([]any)[0].(map[string]any)["notify_id"].(string)
	p.desk("POST", "/faults", map[string]any{"kind": faults.Slow, "method": "alipay.none"}, 201)
	for _, lang := range []string{"en", "zh"} {
		for path, text := range map[string]string{
			"/desk": p.srv.URL + "/gateway.do", "/desk/apps": p.app,
			"/desk/apps/" + p.app: p.sim.st.Keys.PublicText[:40], "/desk/merchants": smid,
			"/desk/merchants/" + smid: "甲&lt;b&gt;商户",
			"/desk/applications":      order, "/desk/applications/" + order: "110101199003070", "/desk/trades": "T1",
			"/desk/trades/" + trade: "R1", "/desk/notifications": note,
			"/desk/notifications/" + note: "biz_content", "/desk/complaints": complaint, "/desk/complaints/" +
				complaint: "T1", "/desk/funds": "buyer@simulator.example", "/desk/clock": "90s",
			"/desk/faults": "alipay.none",
		} {
			page := b.see(path+"?lang="+lang, text)
			if !strings.Contains(page, map[string]string{"en": `<html lang="en">`, "zh": `<html lang="zh-CN">`}[lang]) {
				t.Errorf("%s is not in %s", path, lang)
			}
		}
	}
	for _, path := range []string{"/desk/apps/1", "/desk/merchants/1", "/desk/applications/1", "/desk/trades/none",
		"/desk/notifications/1", "/desk/complaints/1"} {
		if status, _, _ := b.do(http.MethodGet, path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, name := range []string{"desk.css", "desk.js", "cashier.css", "icon.svg"} {
		if status, _, _ := b.do(http.MethodGet, "/assets/"+name, nil); status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
	}
	for _, name := range []string{"desk.html", "none.css", "..%2fstore.go"} {
		if status, _, _ := b.do(http.MethodGet, "/assets/"+name, nil); status != http.StatusNotFound {
			t.Errorf("%s is served", name)
		}
	}
}

func TestDeskForms(t *testing.T) {
	t.Parallel()
	p, b, smid := shop(t)
	order := p.applied(person("m1"))
	at := "/desk/applications/" + order
	b.submit(at+"/audit", url.Values{"stage": {"fk"}, "result": {"pass"}, "memo": {"好"}}, 200, "待商户确认")
	b.submit(at+"/audit", url.Values{"stage": {"fk"}, "result": {"pass"}}, http.StatusConflict, "风控审核已有结果")
	b.submit(at+"/confirm", nil, 200, "已完成")
	p.next(zftPrefix + "passed")
	reject := p.applied(person("m2"))
	b.submit("/desk/applications/"+reject+"/audit", url.Values{"stage": {"kz"}, "result": {"reject"}, "memo": {"照片模糊"}},
		200, "客资审核不通过：照片模糊")
	p.next(zftPrefix + "rejected")
	third := p.applied(person("m3"))
	b.submit("/desk/applications/"+third+"/refuse", url.Values{"reason": {"不同意"}}, 200, "不同意")
	p.next(zftPrefix + "rejected")
	fourth := p.applied(person("m4"))
	b.submit("/desk/applications/"+fourth+"/approve", url.Values{}, 200, "已完成")
	p.next(zftPrefix + "passed")

	b.submit("/desk/merchants/"+smid, url.Values{"status": {"punished"}, "settle_hold": {"true"}}, 200, "已处罚")
	b.submit("/desk/merchants/"+smid, url.Values{"status": {"active"}}, 200, "正常")
	b.submit("/desk/merchants", url.Values{"app_id": {p.app}, "name": {"乙"}, "cards": {"6225000000000001"}}, 200,
		"cardAliasNo")

	b.submit("/desk/trades",
		url.Values{"app_id": {p.app}, "out_trade_no": {"D1"}, "total_fen": {"12.5"}, "subject": {"试单"}, "smid": {smid}},
		200, "￥12.50", "打开收银台")
	b.submit("/desk/trades",
		url.Values{"app_id": {p.app}, "out_trade_no": {"D2"}, "total_fen": {"1.234"}, "subject": {"试单"},
			"smid": {smid}}, http.StatusBadRequest, "total_fen")
	b.submit("/desk/trades/D1/refuse", url.Values{"sub_code": {"ACQ.PAYMENT_REQUEST_HAS_RISK"}}, 200)
	b.submit("/desk/trades/D1/pay", url.Values{}, http.StatusConflict, "ACQ.PAYMENT_REQUEST_HAS_RISK")
	b.submit("/desk/trades/D1/refuse", url.Values{"sub_code": {""}}, 200)
	b.submit("/desk/trades/D1/pay", url.Values{}, 200, "支付成功")
	page := b.submit("/desk/complaints", url.Values{"trade": {"D1"}, "content": {"无效"}}, 200, "无效")
	p.next("alipay.merchant.tradecomplain.changed")
	b.submit(page, url.Values{"status": {"FINISHED"}, "reply": {"好的"}}, 200, "好的", "已完结")
	p.next("alipay.merchant.tradecomplain.changed")
	note := p.desk("GET", "/notifications?status=delivered", nil,
		200)["notifications"].([]any)[0].(map[string]any)["notify_id"].(string)
	b.submit("/desk/notifications/"+note+"/repeat", url.Values{"times": {"2"}}, 200, note)
	p.next("alipay.merchant.tradecomplain.changed")
	p.next("alipay.merchant.tradecomplain.changed")
	b.submit("/desk/notifications/"+note+"/repeat", url.Values{"times": {"9999"}}, http.StatusBadRequest)

	b.submit("/desk/apps/"+p.app,
		url.Values{"name": {"新名"}, "status": {"online"}, "app_gateway_url": {p.inbox.srv.URL},
			"products": {state.ProductZFT, state.ProductBill}, "settings": {`{"auto_approve": true, "max_ratio": 20}`}},
		200, "新名")
	app := p.desk("GET", "/apps/"+p.app, nil, 200)
	if s := app["settings"].(map[string]any); s["auto_approve"] != true || s["max_ratio"] != 20.0 ||
		len(app["products"].([]any)) != 2 {
		t.Errorf("application after the form: %v", app)
	}
	b.submit("/desk/apps/"+p.app, url.Values{"settings": {"{"}}, http.StatusBadRequest, "settings")
	b.submit("/desk/apps", url.Values{"name": {"x"}, "public_key": {"garbage"}}, http.StatusBadRequest, "public_key")
	b.submit("/desk/apps",
		url.Values{"name": {"第二个"}, "public_key": {app["public_key"].(string)}, "certificate_mode": {"true"}}, 200,
		"第二个", "支付宝根证书")

	before := p.clk.Now()
	b.submit("/desk/clock", url.Values{"advance_seconds": {"2h"}}, 200)
	if p.clk.Now().Sub(before) < 2*60*60*1e9 {
		t.Error("the clock did not advance")
	}
	b.submit("/desk/clock", url.Values{"freeze": {"true"}}, 200, "已冻结")
	b.submit("/desk/clock", url.Values{"unfreeze": {"true"}}, 200, "走动")
	b.submit("/desk/clock", url.Values{"advance_seconds": {"soon"}}, http.StatusBadRequest)
	b.submit("/desk/faults",
		url.Values{"kind": {faults.HTTP502}, "nth": {"3"}, "probability": {""}, "method": {"alipay.none"}}, 200,
		"nth 3")
	id := p.desk("GET", "/faults", nil, 200)["faults"].([]any)[0].(map[string]any)["id"].(string)
	b.submit("/desk/faults/"+id+"/delete", nil, 200, "没有开启的故障")
	b.submit("/desk/accounts/2088000000000002", url.Values{"top_up_fen": {"10.5"}}, 200, "11.50")
}

// TestForeignForms: a page of another site cannot press the desk's buttons.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	p, b, _ := shop(t)
	before := p.clk.Now()
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
		if status, _, _ := b.do(http.MethodPost, "/desk/clock", url.Values{"advance_seconds": {"30d"}},
			header...); status != http.StatusForbidden {
			t.Errorf("a form from %v: %d", header, status)
		}
	}
	if p.clk.Now().Sub(before).Hours() > 1 {
		t.Error("the clock moved")
	}
}

func TestMerchantsAndThirdPartiesPages(t *testing.T) {
	t.Parallel()
	p, b, _ := shop(t)
	tenant := p.sibling(map[string]any{"name": "租户"})
	quick := changed(person("q1"), map[string]any{"merchant_type": nil, "cert_type": nil, "cert_no": nil})
	out := p.ok(zftPrefix+"quickcreate", quick)
	link := out["sign_qr_code_url"].(string)
	b.see(link, "商户签约确认", "王小明", "确认签约")
	b.submit(link, url.Values{"action": {"yes"}}, 200, "已确认")
	b.submit(link, url.Values{"action": {"no"}}, 200, "已确认") // decided once
	want(t, p.order(out["order_id"].(string)), map[string]any{"sub_confirm": "FINISH", "status": "031"})
	if status, _, _ := b.do(http.MethodGet, "/onboarding/none", nil); status != http.StatusNotFound {
		t.Errorf("an unknown link: %d", status)
	}

	auth := "/oauth2/appToAppAuth.htm?" +
		url.Values{"app_id": {p.app}, "redirect_uri": {"https://isv.example/back?x=1"}, "state": {"s1"}}.Encode()
	b.see(auth, "租户", tenant.app)
	_, page, _ := b.do(http.MethodPost, auth,
		url.Values{"app_id": {p.app}, "redirect_uri": {"https://isv.example/back?x=1"}, "state": {"s1"},
			"choice": {tenant.app}})
	code := regexp.MustCompile(`app_auth_code=([0-9a-f]{32})`).FindStringSubmatch(page)
	if code == nil || !strings.Contains(page, "state=s1") || !strings.Contains(page, "x=1") {
		t.Fatalf("authorised: %s", page)
	}
	want(t, p.ok("alipay.open.auth.token.app", map[string]any{"grant_type": "authorization_code", "code": code[1]}),
		map[string]any{"auth_app_id": tenant.app})
	if status, _, _ := b.do(http.MethodGet, "/oauth2/appToAppAuth.htm?app_id="+p.app+
		"&redirect_uri=javascript:alert(1)", nil); status != http.StatusNotFound {
		t.Errorf("a script as redirect_uri: %d", status)
	}

	who := map[string]any{"identity_type": "CERT_INFO", "cert_type": "IDENTITY_CARD", "cert_name": "王小明",
		"cert_no": idCard("11010119900307001")}
	id := p.ok("alipay.user.certify.open.initialize",
		map[string]any{"outer_order_no": "C1", "biz_code": "FACE", "identity_param": who,
			"merchant_config": map[string]any{"return_url": "https://shop.example/done"}})["certify_id"].(string)
	q := url.Values{}
	for k, v := range p.params("alipay.user.certify.open.certify",
		map[string]string{"biz_content": `{"certify_id":"` + id + `"}`}) {
		q.Set(k, v)
	}
	status, page, at := b.do(http.MethodGet, "/gateway.do?"+q.Encode(), nil)
	if status != http.StatusOK || !strings.Contains(page, "认证通过") {
		t.Fatalf("verification page: %d %s", status, page)
	}
	b.submit(at, url.Values{"action": {"yes"}}, 200, `href="https://shop.example/done"`)
	want(t, p.ok("alipay.user.certify.open.query", map[string]any{"certify_id": id}), map[string]any{"passed": "T"})
}

func TestBatchPage(t *testing.T) {
	t.Parallel()
	p := payer(t, nil)
	b := newBrowser(p)
	id := p.ok("alipay.fund.batch.create", batchOfLines("N1", transferOf("L1", "2.00")))["batch_trans_id"].(string)
	q := url.Values{}
	for k, v := range p.params("alipay.fund.batch.app.pay",
		map[string]string{"biz_content": `{"batch_trans_id":"` + id + `"}`}) {
		q.Set(k, v)
	}
	status, page, at := b.do(http.MethodGet, "/gateway.do?"+q.Encode(), nil)
	if status != http.StatusOK || !strings.Contains(page, "批量付款") {
		t.Fatalf("batch page: %d %s", status, page)
	}
	b.submit(at, url.Values{"action": {"yes"}}, 200, "成功")
	want(t, p.ok("alipay.fund.batch.detail.query", map[string]any{"out_batch_no": "N1"}),
		map[string]any{"batch_status": "SUCCESS"})
	if status, _, _ := b.do(http.MethodGet, "/cashier/batch/"+id+"xffffffffffff", nil); status != http.StatusNotFound {
		t.Errorf("a guessed address: %d", status)
	}
}
