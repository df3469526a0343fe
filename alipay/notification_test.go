package alipay_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gopayclient "github.com/go-pay/gopay/alipay"
	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/alipay"
	"zhitong/internal/money"
	"zhitong/internal/secret"
)

type netConn = net.Conn

func notificationForm() map[string]string {
	return map[string]string{
		"notify_time": "2026-01-02 03:04:07", "notify_type": "trade_status_sync",
		"notify_id": "2026010200222030406000000000000001", "charset": "utf-8",
		"version": "1.0", "app_id": appID, "auth_app_id": appID, "trade_no": tradeNo, "out_trade_no": outNo,
		"trade_status": "TRADE_SUCCESS",
		"total_amount": "88.80", "receipt_amount": "88.80", "buyer_pay_amount": "88.80", "invoice_amount": "88.80",
		"point_amount": "0.00",
		"subject":      "示例订单 A+B", "buyer_id": "2088000000000001", "buyer_logon_id": "abc***@sandbox.com",
		"seller_id":  "2088000000000099",
		"gmt_create": "2026-01-02 03:04:05", "gmt_payment": "2026-01-02 03:04:06", "passback_params": "k%3Dv%26x%3D1",
		"fund_bill_list": `[{"amount":"80.00","fundChannel":"ALIPAYACCOUNT"},{"amount":"8.80","fundChannel":"PCREDIT"}]`,
	}
}

// signedNotification is a valid notification with some fields changed before it was signed.
func signedNotification(change map[string]string) map[string]string {
	form := notificationForm()
	maps.Copy(form, change)
	form["sign"] = signText(alipayKey().private, textOf(form, "sign", "sign_type"))
	form["sign_type"] = "RSA2"
	return form
}

func encodeForm(form map[string]string) []byte {
	v := url.Values{}
	for k, s := range form {
		v.Set(k, s)
	}
	return []byte(v.Encode())
}

func TestTradeNotification(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	n, err := c.ParseTradeNotification(encodeForm(signedNotification(map[string]string{"refund_fee": "1.20",
		"gmt_refund": "2026-01-03 00:00:00.123", "something_new": "x", "body": ""})))
	if err != nil {
		t.Fatal(err)
	}
	if n.TotalAmount != 8880 || n.RefundFee != 120 || n.OutTradeNo != outNo || n.TradeNo != tradeNo ||
		!n.TradeStatus.Paid() || n.Subject != "示例订单 A+B" {
		t.Errorf("%+v", n)
	}
	if want := time.Date(2026, 1, 1, 19, 4, 6, 0, time.UTC); !n.GmtPayment.Equal(want) {
		t.Errorf("gmt_payment = %s", n.GmtPayment)
	}
	if n.GmtRefund.IsZero() || n.PassbackParams != "k%3Dv%26x%3D1" {
		t.Errorf("gmt_refund %s, passback %s", n.GmtRefund, n.PassbackParams)
	}
	if len(n.FundBillList) != 2 || n.FundBillList[1].Channel != "PCREDIT" || n.FundBillList[1].Amount != 880 {
		t.Errorf("fund bills: %+v", n.FundBillList)
	}
	if n, err := c.ParseTradeNotification(encodeForm(signedNotification(map[string]string{"trade_status": "TRADE_REBORN"}))); err != nil || n.TradeStatus != "TRADE_REBORN" || n.TradeStatus.Paid() {
		t.Errorf("an unknown status: %v, %v", n, err)
	}
}

// Twenty-odd ways to forge, damage or bend a notification (attacks A02, A04, A15).
func TestTradeNotificationRefused(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	valid := signedNotification(nil)
	edit := func(f func(map[string]string)) []byte {
		form := maps.Clone(valid)
		f(form)
		return encodeForm(form)
	}
	set := func(k, v string) []byte { return edit(func(m map[string]string) { m[k] = v }) }
	resigned := func(k, v string) []byte { return encodeForm(signedNotification(map[string]string{k: v})) }
	for name, x := range map[string]struct {
		body []byte
		want error
	}{
		"empty":                    {nil, alipay.ErrMalformed},
		"JSON":                     {[]byte(`{"trade_status":"TRADE_SUCCESS"}`), alipay.ErrMalformed},
		"too large":                {[]byte("a=" + strings.Repeat("x", 200<<10)), alipay.ErrMalformed},
		"bad percent":              {[]byte("a=%zz"), alipay.ErrMalformed},
		"field without value":      {append(encodeForm(valid), "&x"...), alipay.ErrMalformed},
		"trailing ampersand":       {append(encodeForm(valid), '&'), alipay.ErrMalformed},
		"field name with brackets": {append(encodeForm(valid), "&total_amount%5B%5D=1.00"...), alipay.ErrMalformed},
		"no sign":                  {edit(func(m map[string]string) { delete(m, "sign") }), alipay.ErrSignature},
		"empty sign":               {set("sign", ""), alipay.ErrSignature},
		"no sign_type": {edit(func(m map[string]string) {
			delete(m, "sign_type")
		}), alipay.ErrSignature},
		"sign with plus as space": {set("sign", strings.ReplaceAll(valid["sign"], "+", " ")+" "),
			alipay.ErrSignature},
		"sign of another key": {set("sign", signText(otherKey().private, textOf(valid, "sign", "sign_type"))),
			alipay.ErrSignature},
		"signed by the application": {set("sign", signText(appKey().private, textOf(valid, "sign", "sign_type"))),
			alipay.ErrSignature},
		"amount changed": {set("total_amount", "0.01"), alipay.ErrSignature},
		"status changed": {set("trade_status", "TRADE_FINISHED"), alipay.ErrSignature},
		"order changed":  {set("out_trade_no", "T2"), alipay.ErrSignature},
		"field dropped": {edit(func(m map[string]string) {
			delete(m, "gmt_payment")
		}), alipay.ErrSignature},
		"another application":         {resigned("app_id", "9021000100000002"), alipay.ErrForeignApp},
		"another kind":                {resigned("notify_type", "batch_refund_notify"), alipay.ErrMalformed},
		"no notify_id":                {resigned("notify_id", ""), alipay.ErrMalformed},
		"no trade number":             {resigned("trade_no", ""), alipay.ErrMalformed},
		"amount 1e2":                  {resigned("total_amount", "1e2"), alipay.ErrMalformed},
		"amount 1.001":                {resigned("total_amount", "1.001"), alipay.ErrMalformed},
		"amount with a blank":         {resigned("total_amount", " 1.00"), alipay.ErrMalformed},
		"amount NaN":                  {resigned("total_amount", "NaN"), alipay.ErrMalformed},
		"amount -1.00":                {resigned("total_amount", "-1.00"), alipay.ErrMalformed},
		"amount +1.00":                {resigned("total_amount", "+1.00"), alipay.ErrMalformed},
		"amount 1.":                   {resigned("total_amount", "1."), alipay.ErrMalformed},
		"amount .5":                   {resigned("total_amount", ".5"), alipay.ErrMalformed},
		"amount list":                 {resigned("total_amount", `["1.00"]`), alipay.ErrMalformed},
		"amount in full-width digits": {resigned("total_amount", "１.00"), alipay.ErrMalformed},
		"status not UTF-8":            {resigned("trade_status", "\xff\xfe"), alipay.ErrMalformed},
		"order with a blank":          {resigned("out_trade_no", outNo+" "), alipay.ErrMalformed},
		"order too long":              {resigned("out_trade_no", strings.Repeat("9", 129)), alipay.ErrMalformed},
		"trade with a line":           {resigned("trade_no", tradeNo+"\n"), alipay.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := c.ParseTradeNotification(x.body)
			if !errors.Is(err, x.want) || n != nil {
				t.Errorf("%v, %v; want %v", n, err, x.want)
			}
		})
	}
}

// TestInformationIsNoReason: whatever stands in a documented field that only informs, correctly signed, the payment is
// read; and none of it is believed.
func TestInformationIsNoReason(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	for _, field := range []string{"notify_time", "charset", "version", "auth_app_id", "out_biz_no", "receipt_amount",
		"invoice_amount", "buyer_pay_amount", "point_amount", "refund_fee", "send_back_fee", "subject", "body",
		"buyer_id", "buyer_open_id", "buyer_logon_id", "seller_email", "gmt_create", "gmt_payment", "gmt_refund",
		"gmt_close", "fund_bill_list", "voucher_detail_list", "passback_params", "biz_settle_mode",
		"of_a_later_version"} {
		for _, rubbish := range []string{"rubbish", "", "1e2", "-1", "1,00", "\x00", "\xff\xfe", "[{", `{"amount":[]}`,
			`[{"amount":"1e2"}]`, `[1,"a"]`, "utf-7", strings.Repeat("長", 4000), "a&b=c", "点卡"} {
			n, err := c.ParseTradeNotification(encodeForm(signedNotification(map[string]string{field: rubbish})))
			if err != nil {
				t.Errorf("%s = %.20q: %v", field, rubbish, err)
				continue
			}
			if n.TotalAmount != 8880 || n.OutTradeNo != outNo || !n.TradeStatus.Paid() || n.RefundFee < 0 ||
				!utf8.ValidString(n.Subject+n.BuyerID+n.Body+n.BuyerLogonID) || strings.ContainsRune(n.BuyerID, 0) {
				t.Errorf("%s = %.20q: %+v", field, rubbish, n)
			}
		}
	}
	for amount, want := range map[string]money.Fen{"100": 10000, "100.5": 10050, "0.01": 1, "88.80": 8880} {
		n, err := c.ParseTradeNotification(encodeForm(signedNotification(map[string]string{"total_amount": amount})))
		if err != nil || n.TotalAmount != want {
			t.Errorf("total_amount %s: %v, %v", amount, n, err)
		}
	}
}

// TestUncut: a signed text that is cut into fields in another way than it was joined is not believed (attack A15): the
// subject of a trade of one fen becomes the amount of another.
func TestUncut(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	paid := notificationForm()
	signed := signedNotification(map[string]string{"total_amount": "0.01", "trade_status": "WAIT_BUYER_PAY",
		"subject": "x&total_amount=100.00&trade_no=" + tradeNo + "&trade_status=TRADE_SUCCESS&z="})
	recut := maps.Clone(paid)
	recut["subject"], recut["total_amount"], recut["trade_status"] = "x", "100.00", "TRADE_SUCCESS"
	recut["z"] = "&total_amount=0.01&trade_no=" + tradeNo + "&trade_status=WAIT_BUYER_PAY&version=1.0"
	delete(recut, "version")
	if textOf(recut, "sign", "sign_type") != textOf(signed, "sign", "sign_type") {
		t.Fatal("control: the two forms have another signed text; nothing is tried")
	}
	recut["sign"], recut["sign_type"] = signed["sign"], "RSA2"
	if ok, err := gopayclient.VerifySign(alipayKey().public, bodyMap(recut)); !ok {
		t.Errorf("control: the client library refuses it now: %v", err)
	}
	for name, form := range map[string]map[string]string{"as signed": signed, "cut anew": recut} {
		if n, err := c.ParseTradeNotification(encodeForm(form)); !errors.Is(err, alipay.ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
	message := signedMessage(t, "UTF-8", "alipay.something.new", `{"a":"x&msg_method=y"}`, "sign", "sign_type")
	if m, err := c.ParseMessage(encodeForm(message)); !errors.Is(err, alipay.ErrMalformed) {
		t.Errorf("a message: %+v, %v", m, err)
	}
	for _, text := range []string{"a&b=c", "x & total_amount = 1", "total_amount=1.00", "&total_amount", "R&D"} {
		if _, err := c.ParseTradeNotification(encodeForm(signedNotification(map[string]string{"subject": text}))); err != nil {
			t.Errorf("control: subject %q: %v", text, err)
		}
	}
	req := precreateRequest()
	req.Subject = "x&trade_status=TRADE_SUCCESS"
	if _, err := c.TradePrecreate(t.Context(), req); !alipay.IsRefused(err, alipay.SubCodeInvalidRequest) {
		t.Errorf("a subject that could be cut is sent: %v", err)
	}
}

// A trade notification at the address of messages is refused: acknowledged there, a payment would be forgotten.
func TestTradeNotificationAmongMessages(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	if m, err := c.ParseMessage(encodeForm(signedNotification(nil))); !errors.Is(err, alipay.ErrMalformed) {
		t.Errorf("%+v, %v", m, err)
	}
}

// The vectors of trade-and-settlement: T from Alipay's own SDK tests, S made for this project.
type vector struct{ Key, Text, Sign string }

func vectors(t *testing.T) map[string]vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors map[string]vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

// body turns a signed text back into the form it came from.
func (v vector) body(extra map[string]string) ([]byte, string) {
	form := url.Values{}
	for pair := range strings.SplitSeq(v.Text, "&") {
		k, value, _ := strings.Cut(pair, "=")
		form.Set(k, value)
	}
	form.Set("sign", v.Sign)
	for k, value := range extra {
		form.Set(k, value)
	}
	return []byte(form.Encode()), form.Get("app_id")
}

func (v vector) client(t *testing.T, app string) *alipay.Client {
	t.Helper()
	cred := credentials("http://gateway.test")
	cred.AppID, cred.AlipayPublicKey = app, v.Key
	c, err := alipay.NewClient(cred, alipay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVectorsOfNotifications(t *testing.T) {
	t.Parallel()
	vs := vectors(t)
	for name, total := range map[string]money.Fen{"T1": 10, "S2": 8880} {
		body, app := vs[name].body(map[string]string{"sign_type": "RSA2", "body": ""})
		n, err := vs[name].client(t, app).ParseTradeNotification(body)
		if err != nil || n.TotalAmount != total || n.TradeStatus != alipay.TradeSuccess {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
	body, app := vs["T2"].body(nil) // sign_type is part of the text: rule V2
	c := vs["T2"].client(t, app)
	m, err := c.ParseMessage(body)
	if err != nil || m.Method != "servicemarket_order_notify" {
		t.Errorf("T2: %+v, %v", m, err)
	}
	if _, err := c.ParseTradeNotification(body); !errors.Is(err, alipay.ErrSignature) {
		t.Errorf("a trade notification by rule V2: %v", err)
	}
}

// S1: the text of our request equals the vector's, byte for byte, under the vector's clock and application.
func TestVectorOfRequest(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	_, _ = g.client(t).TradeQuery(t.Context(),
		alipay.TradeQueryRequest{OutTradeNo: outNo,
			QueryOptions: []string{alipay.OptionTradeSettleInfo, alipay.OptionFundBillList}})
	if got := textOf(g.last().Params, "sign"); got != vectors(t)["S1"].Text {
		t.Errorf("signed text\n got %s\nwant %s", got, vectors(t)["S1"].Text)
	}
}

func signedMessage(t *testing.T, charset, method, content string, dropped ...string) map[string]string {
	t.Helper()
	form := map[string]string{
		"notify_id": "2026100100222141530012340000000001", "utc_timestamp": "1790820305731", "msg_method": method,
		"app_id": appID, "version": "1.1",
		"msg_type": "usr", "msg_uid": "2088000000000001", "charset": charset, "sign_type": "RSA2",
		"biz_content": content,
	}
	if strings.HasPrefix(charset, "GB") {
		for k, v := range form {
			text, err := simplifiedchinese.GBK.NewEncoder().String(v)
			if err != nil {
				t.Fatal(err)
			}
			form[k] = text
		}
	}
	form["sign"] = signText(alipayKey().private, textOf(form, dropped...))
	return form
}

func TestMessages(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	for name, x := range map[string]struct {
		method, content string
		check           func(*alipay.Message) bool
	}{
		"passed": {"ant.merchant.expand.indirect.zft.passed",
			`{"order_id":"1","external_id":"m1","smid":"2088000000001234","card_alias_no":"c6","memo":""}`,
			func(m *alipay.Message) bool { return m.Passed != nil && m.Passed.SMID == "2088000000001234" }},
		"rejected": {"ant.merchant.expand.indirect.zft.rejected",
			`{"order_id":"2","external_id":"m2","reason":"营业执照照片模糊，请重新上传"}`,
			func(m *alipay.Message) bool {
				return m.Rejected != nil && strings.HasPrefix(m.Rejected.Reason, "营业执照")
			}},
		"settle": {"alipay.trade.order.settle.notify",
			`{"msg_type":"ASYNC_SETTLE_RESULT","trade_no":"1","settle_no":"2","out_request_no":"RY1","operation_dt":"2026-01-09 10:01:00","royalty_detail_list":[{"operation_type":"transfer","amount":"8.88","state":"SUCCESS"}]}`,
			func(m *alipay.Message) bool {
				return m.Settle != nil && m.Settle.Details[0].Amount == 888 &&
					m.Settle.Details[0].State == alipay.RoyaltySuccess
			}},
		"complaint": {"alipay.merchant.tradecomplain.changed", `{"complain_event_id":"2026"}`,
			func(m *alipay.Message) bool {
				return m.Complain.ComplainEventID == "2026"
			}},
		"transfer": {"alipay.fund.trans.order.changed",
			`{"out_biz_no":"PO1","status":"FAIL","trans_amount":"1.00","fail_reason":"卡号有误"}`,
			func(m *alipay.Message) bool {
				return m.FundTrans.Status == alipay.TransferFail && m.FundTrans.TransAmount == 100
			}},
		"depositback": {"alipay.trade.refund.depositback.completed",
			`{"trade_no":"1","out_request_no":"RF1","dback_status":"S","dback_amount":"1.01"}`,
			func(m *alipay.Message) bool { return m.Deposit.Amount == 101 && m.Deposit.Status == "S" }},
		"authorised": {"open_app_auth_notify", `{"detail":{"auth_app_id":"2021000000000777","app_auth_code":"x"}}`,
			func(m *alipay.Message) bool {
				return m.AppAuth.Detail.AuthAppID == "2021000000000777"
			}},
		"unheard of": {"alipay.something.new", `{"a":1}`, func(m *alipay.Message) bool {
			return string(m.Content) == `{"a":1}`
		}},
	} {
		for _, charset := range []string{"UTF-8", "GBK"} {
			for rule, dropped := range map[string][]string{"V1": {"sign", "sign_type"}, "V2": {"sign"}} {
				t.Run(name+" "+charset+" "+rule, func(t *testing.T) {
					t.Parallel()
					m, err := c.ParseMessage(encodeForm(signedMessage(t, charset, x.method, x.content, dropped...)))
					if err != nil {
						t.Fatal(err)
					}
					if !x.check(m) || m.NotifyID == "" || m.SentAt.UnixMilli() != 1790820305731 ||
						string(m.Method) != x.method {
						t.Errorf("%+v", m)
					}
				})
			}
		}
	}
	for name, content := range map[string]string{"no smid": `{"order_id":"1","smid":""}`, "a list": `[]`, "broken": `{`,
		"empty": ``} {
		if _, err := c.ParseMessage(encodeForm(signedMessage(t, "UTF-8", "ant.merchant.expand.indirect.zft.passed",
			content, "sign"))); !errors.Is(err, alipay.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	forged := signedMessage(t, "UTF-8", "ant.merchant.expand.indirect.zft.passed",
		`{"order_id":"1","smid":"2088"}`, "sign")
	forged["biz_content"] = `{"order_id":"1","smid":"2089"}`
	if _, err := c.ParseMessage(encodeForm(forged)); !errors.Is(err, alipay.ErrSignature) {
		t.Errorf("forged: %v", err)
	}
}

// Encrypted content: verified over the ciphertext, then opened; refused without the key.
func TestEncryptedMessage(t *testing.T) {
	t.Parallel()
	form := signedMessage(t, "UTF-8", "x", "", "sign")
	form["msg_method"], form["encrypt_type"] = "alipay.merchant.tradecomplain.changed", "AES"
	// AES-128-CBC, zero IV, PKCS#7 of {"complain_event_id":"1"} made with OpenSSL's algorithm in this test's helper.
	form["biz_content"] = aesEncrypt(t, aesKey, `{"complain_event_id":"1"}`)
	form["sign"] = signText(alipayKey().private, textOf(form, "sign", "sign_type"))
	cred := credentials("http://gateway.test")
	cred.ContentKey = secret.New(aesKey)
	c, err := alipay.NewClient(cred, alipay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := c.ParseMessage(encodeForm(form)); err != nil || m.Complain.ComplainEventID != "1" {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := newGateway(t, nil).client(t).ParseMessage(encodeForm(form)); !errors.Is(err, alipay.ErrMalformed) {
		t.Errorf("without a key: %v", err)
	}
}

func FuzzTradeNotification(f *testing.F) {
	cred := credentials("http://gateway.test")
	c, err := alipay.NewClient(cred, alipay.Options{})
	if err != nil {
		f.Fatal(err)
	}
	valid := encodeForm(signedNotification(nil))
	f.Add(valid)
	f.Add(append(append([]byte{}, valid...), "&body="...))
	f.Add([]byte("sign_type=RSA2&sign=&total_amount=1.00"))
	want, err := c.ParseTradeNotification(valid)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := c.ParseTradeNotification(body)
		if (n == nil) == (err == nil) {
			t.Fatalf("%v, %v", n, err)
		}
		if n != nil && (n.TotalAmount != want.TotalAmount || n.OutTradeNo != want.OutTradeNo ||
			n.TradeStatus != want.TradeStatus || n.RefundFee != 0) {
			t.Fatalf("nobody signed %+v", n)
		}
		if m, err := c.ParseMessage(body); (m == nil) == (err == nil) {
			t.Fatalf("%v, %v", m, err)
		}
	})
}
