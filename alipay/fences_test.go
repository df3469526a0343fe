package alipay_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-pay/gopay"
	gopayclient "github.com/go-pay/gopay/alipay"
	"github.com/go-pay/gopay/pkg/xhttp"

	"zhitong/alipay"
	"zhitong/internal/secret"
)

// Each test of this file stands at one of gopay's traps. Where gopay can be shown falling into it, the first half of
// the test does that (the negative control): what gopay accepts there is what we would accept without the fence.

// Fence: VerifySign obeys the sign_type of the message, so a SHA-1 signature passes.
func TestFenceSignTypeIsPinned(t *testing.T) {
	t.Parallel()
	form := notificationForm()
	form["sign_type"] = "RSA"
	sum := sha1.Sum([]byte(textOf(form, "sign", "sign_type")))
	raw, err := rsa.SignPKCS1v15(rand.Reader, alipayKey().private, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	form["sign"] = base64.StdEncoding.EncodeToString(raw)
	if ok, err := gopayclient.VerifySign(alipayKey().public, bodyMap(form)); !ok {
		t.Fatalf("control: gopay refuses SHA-1 now (%v); the fence may go", err)
	}
	c := newGateway(t, nil).client(t)
	if _, err := c.ParseTradeNotification(encodeForm(form)); !errors.Is(err, alipay.ErrSignature) {
		t.Errorf("a SHA-1 signature: %v", err)
	}
	form["sign_type"] = "RSA2" // the SHA-1 signature under the right name
	if _, err := c.ParseTradeNotification(encodeForm(form)); !errors.Is(err, alipay.ErrSignature) {
		t.Errorf("a SHA-1 signature called RSA2: %v", err)
	}
	for _, kind := range []string{"", "SM2", "rsa2", "none"} {
		form := signedNotification(nil)
		form["sign_type"] = kind
		if _, err := c.ParseTradeNotification(encodeForm(form)); !errors.Is(err, alipay.ErrSignature) {
			t.Errorf("sign_type %q: %v", kind, err)
		}
	}
}

func bodyMap(form map[string]string) gopay.BodyMap {
	bm := gopay.BodyMap{}
	for k, v := range form {
		bm[k] = v
	}
	return bm
}

// Fence: ParseNotifyToBodyMap merges the query string into the form and drops repeated keys.
func TestFenceOnlyTheBodyAndNoRepeatedKeys(t *testing.T) {
	t.Parallel()
	form := signedNotification(nil)
	body := encodeForm(form)

	control := func(target string, body []byte) gopay.BodyMap {
		r := httptest.NewRequest(http.MethodPost, target, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		bm, err := gopayclient.ParseNotifyToBodyMap(r)
		if err != nil {
			t.Fatal(err)
		}
		return bm
	}
	if bm := control("/notify?injected=1", body); bm.GetString("injected") != "1" {
		t.Error("control: gopay no longer reads the query")
	}
	withBodyField := signedNotification(map[string]string{"body": ""})
	twice := append(encodeForm(withBodyField), []byte("&body=a&body=b")...)
	if ok, _ := gopayclient.VerifySign(alipayKey().public, control("/notify", twice)); !ok {
		t.Error("control: gopay no longer drops repeated keys")
	}

	c := newGateway(t, nil).client(t)
	if _, err := c.ParseTradeNotification(body); err != nil {
		t.Fatal(err)
	}
	for _, extra := range []string{"&body=a&body=b", "&total_amount=88.80", "&total%5famount=88.80",
		"&trade_status=TRADE_SUCCESS"} {
		if _, err := c.ParseTradeNotification(append(bytes.Clone(body), extra...)); !errors.Is(err,
			alipay.ErrMalformed) {
			t.Errorf("%s: %v", extra, err)
		}
	}
	// A field nobody signed cannot ride along either.
	if _, err := c.ParseTradeNotification(append(bytes.Clone(body), "&refund_fee=1.00"...)); !errors.Is(err,
		alipay.ErrSignature) {
		t.Errorf("an unsigned field: %v", err)
	}
}

// Fence: empty parameters drop out of the signed text, so a value can be emptied without breaking the signature; what
// is empty counts as missing.
func TestFenceEmptyParameters(t *testing.T) {
	t.Parallel()
	form := notificationForm()
	form["total_amount"] = ""
	form["sign"], form["sign_type"] = signText(alipayKey().private, textOf(form, "sign", "sign_type")), "RSA2"
	if ok, _ := gopayclient.VerifySign(alipayKey().public, bodyMap(form)); !ok {
		t.Fatal("control: gopay refuses empty values now")
	}
	if n, err := newGateway(t, nil).client(t).ParseTradeNotification(encodeForm(form)); !errors.Is(err,
		alipay.ErrMalformed) {
		t.Errorf("a notification without an amount: %v, %v", n, err)
	}
	g := newGateway(t, answering(`{"code":"10000","out_trade_no":"T20260102_0001","trade_status":"WAIT_BUYER_PAY"}`))
	cred := credentials(g.URL)
	cred.NotifyURL = ""
	c, err := alipay.NewClient(cred, alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.TradePrecreate(t.Context(), precreateRequest()); !alipay.IsUnknown(err) {
		t.Fatal(err)
	}
	for name, value := range g.last().Params {
		if value == "" {
			t.Errorf("%s was sent empty", name)
		}
	}
}

// Fence: VerifySign deletes sign and sign_type from the map it is given.
func TestFenceVerifyingChangesNothing(t *testing.T) {
	t.Parallel()
	bm := bodyMap(signedNotification(nil))
	if ok, err := gopayclient.VerifySign(alipayKey().public, bm); !ok {
		t.Fatal(err)
	}
	if bm.GetString("sign") != "" {
		t.Error("control: gopay no longer deletes")
	}
	body := encodeForm(signedMessage(t, "UTF-8", "x.y", `{}`, "sign", "sign_type"))
	before := bytes.Clone(body)
	c := newGateway(t, nil).client(t)
	for range 2 {
		m, err := c.ParseMessage(body)
		if err != nil {
			t.Fatal(err)
		}
		if m.Form["sign"] == "" || m.Form["sign_type"] == "" {
			t.Error("the form lost its signature")
		}
	}
	if !bytes.Equal(before, body) {
		t.Error("the body changed")
	}
}

// Fence: AutoVerifySign(garbage) only logs, and in public-key mode answers are not verified at all.
func TestFenceAnswersAreVerified(t *testing.T) {
	t.Parallel()
	forged := `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","trade_status":"TRADE_SUCCESS","total_amount":"88.80"}`
	g := newGateway(t, func(w http.ResponseWriter, r received) {
		fmt.Fprintf(w, `{"%s":%s,"sign":"Zm9yZ2Vk"}`, nodeOf(r.Params["method"]), forged)
	})
	gp := gopayTo(t, g.URL)
	gp.AutoVerifySign([]byte("garbage"))
	res, err := gp.TradeQuery(t.Context(), gopay.BodyMap{"out_trade_no": outNo})
	if err != nil || res.Response.TradeStatus != "TRADE_SUCCESS" {
		t.Errorf("control: gopay refuses a forged answer now: %v", err)
	}
	if _, err := g.client(t).TradeQuery(t.Context(),
		alipay.TradeQueryRequest{OutTradeNo: outNo}); !alipay.IsUnknown(err) {
		t.Errorf("a forged answer: %v", err)
	}
	for name, key := range map[string]string{"none": "", "garbage": "garbage", "base64 garbage": "Z2FyYmFnZQ==",
		"our own": appKey().public} {
		cred := credentials(g.URL)
		cred.AlipayPublicKey = key
		if _, err := alipay.NewClient(cred, alipay.Options{}); !errors.Is(err, alipay.ErrCredentials) {
			t.Errorf("Alipay public key %s: %v", name, err)
		}
	}
}

// bareKey is the application's key as gopay wants it: Base64 without PEM.
func bareKey() string {
	return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(appKey().private))
}

// gopayTo is a gopay client whose requests end at the test gateway, by way of its transport.
func gopayTo(t *testing.T, base string) *gopayclient.Client {
	t.Helper()
	gp, err := gopayclient.NewClient(appID, bareKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(base)
	hc := xhttp.NewClient()
	hc.SetTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = u.Scheme, u.Host
		return http.DefaultTransport.RoundTrip(r)
	}))
	gp.SetHttpClient(hc)
	return gp
}

// Fence: the base address is a constant in gopay, page methods build it into the URL.
func TestFenceAddressIsConfiguration(t *testing.T) {
	t.Parallel()
	gp, err := gopayclient.NewClient(appID, bareKey(), true)
	if err != nil {
		t.Fatal(err)
	}
	page, err := gp.TradePagePay(t.Context(),
		gopay.BodyMap{"out_trade_no": outNo, "total_amount": "1.00", "subject": "x",
			"product_code": "FAST_INSTANT_TRADE_PAY"})
	if err != nil || !strings.HasPrefix(page, "https://openapi.alipay.com/") {
		t.Errorf("control: %s, %v", page, err)
	}
	g := newGateway(t, nil)
	ours, err := g.client(t).TradePagePay(t.Context(),
		alipay.TradePagePayRequest{OutTradeNo: outNo, TotalAmount: 100, Subject: "x", ProductCode: alipay.ProductPage})
	if err != nil || !strings.HasPrefix(ours, g.URL+"/gateway.do?") {
		t.Errorf("page: %s, %v", ours, err)
	}
}

// Fence: setters live on gopay's shared client, so one tenant's token could reach another's call. Two tenants at once,
// many calls: each call carries its own application and token.
func TestFenceTenantsDoNotMix(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]map[string]bool{}
	g := newGateway(t, func(w http.ResponseWriter, r received) {
		mu.Lock()
		if seen[r.Params["app_id"]] == nil {
			seen[r.Params["app_id"]] = map[string]bool{}
		}
		seen[r.Params["app_id"]][r.Params["app_auth_token"]] = true
		mu.Unlock()
		reply(w, r, `{"code":"10000","trade_status":"WAIT_BUYER_PAY"}`)
	})
	pool := alipay.NewPool(alipay.Options{Clock: testClock()})
	var wg sync.WaitGroup
	for i := range 40 {
		tenant := fmt.Sprintf("app%d", i%2)
		wg.Go(func() {
			c, err := pool.Get(tenant, 1, func() (alipay.Credentials, error) {
				cred := credentials(g.URL)
				cred.AppID, cred.AppAuthToken = tenant, secret.New("token-of-"+tenant)
				return cred, nil
			})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for app, tokens := range seen {
		if len(tokens) != 1 || !tokens["token-of-"+app] {
			t.Errorf("%s called with %v", app, tokens)
		}
	}
	if len(seen) != 2 {
		t.Errorf("applications seen: %v", seen)
	}
}

// Fence: PostFileAliPayAPISelfV2 returns nil when the HTTP call failed. The connection is cut; the upload must not look
// done.
func TestFenceCutUpload(t *testing.T) {
	t.Parallel()
	g := newGateway(t, func(w http.ResponseWriter, _ received) { cut(w, "") })
	var out struct{}
	gp := gopayTo(t, g.URL)
	if err := gp.PostFileAliPayAPISelfV2(t.Context(),
		gopay.BodyMap{"image_type": "jpg", "image_content": &gopay.File{Name: "a.jpg", Content: []byte("x")}},
		"ant.merchant.expand.indirect.image.upload", &out); err != nil {
		t.Errorf("control: gopay reports the failure now: %v", err)
	}
	res, err := g.client(t).IndirectImageUpload(t.Context(),
		alipay.IndirectImageUploadRequest{ImageType: "jpg", Image: image()})
	if !alipay.IsUnknown(err) || res != nil {
		t.Errorf("a cut upload: %v, %v", res, err)
	}
}

// Fence: older gopay versions did not verify TLS certificates (1.5.123 does). A gateway with a self-signed certificate
// gets nothing from us (attack A16), and a transport that does not verify makes no client.
func TestFenceTLSIsVerified(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	careless := alipay.NewTransport()
	careless.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // what the constructor must refuse
	if res, err := (&http.Client{Transport: careless}).Get(s.URL); err != nil || res.Body.Close() != nil ||
		served.Load() != 1 {
		t.Fatalf("control: a careless client does not reach it: %v", err)
	}
	if _, err := alipay.NewClient(credentials(s.URL), alipay.Options{Transport: careless}); !errors.Is(err,
		alipay.ErrCredentials) {
		t.Errorf("a transport without verification: %v", err)
	}
	c, err := alipay.NewClient(credentials(s.URL), alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo}); !alipay.IsUnknown(err) ||
		served.Load() != 1 {
		t.Errorf("%v; served %d", err, served.Load())
	}
}

// Fence: gopay prints the private key in the error of a key it cannot read. Ours never do.
func TestFenceKeyErrorsDoNotQuoteTheKey(t *testing.T) {
	t.Parallel()
	_, err := gopayclient.NewClient(appID, "CANARYCANARY!", true)
	if err == nil || !strings.Contains(err.Error(), "CANARY") {
		t.Errorf("control: gopay no longer quotes the key: %v", err)
	}
	cred := credentials("http://gateway.test")
	cred.PrivateKey = secret.New("CANARYCANARY!")
	if _, err := alipay.NewClient(cred, alipay.Options{}); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Error(err)
	}
}

// Fence: older gopay versions made a new connection for each call. Twenty calls in a row, answers good and bad, use one
// connection.
func TestFenceConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	opened := 0
	n := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, err := readRequest(r)
		if err != nil {
			t.Error(err)
		}
		if n++; n%3 == 0 {
			http.Error(w, strings.Repeat("busy ", 1000), http.StatusBadGateway)
			return
		}
		reply(w, rec, `{"code":"10000","out_trade_no":"T20260102_0001","qr_code":"q"}`)
	}))
	s.Config.ConnState = func(_ netConn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			opened++
			mu.Unlock()
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c, err := alipay.NewClient(credentials(s.URL), alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, _ = c.TradePrecreate(t.Context(), precreateRequest())
	}
	mu.Lock()
	defer mu.Unlock()
	if opened != 1 {
		t.Errorf("%d connections for 20 calls", opened)
	}
}

// Fence: gopay's debug switch logs biz_content, keys and signatures. Our one line has none of it, on success and on
// failure.
func TestFenceLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := newGateway(t, func(w http.ResponseWriter, r received) {
		if r.Files["image_content"] != "" {
			cut(w, "")
		}
		reply(w, r, `{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER","sub_msg":"cert_no 330106199001011234 无效"}`)
	})
	cred := credentials(g.URL)
	cred.AppAuthToken = secret.New("CANARY-TOKEN")
	c, err := alipay.NewClient(cred,
		alipay.Options{Clock: testClock(),
			Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	req := precreateRequest()
	req.Subject, req.Body = "CANARY-SUBJECT", "CANARY-BODY"
	_, refused := c.TradePrecreate(t.Context(), req)
	_, unknown := c.IndirectImageUpload(t.Context(),
		alipay.IndirectImageUploadRequest{ImageType: "jpg", Image: alipay.File{Content: []byte("CANARY-IMAGE")}})
	if lines := strings.Count(log.String(), "\n"); lines != 2 {
		t.Errorf("%d log lines for 2 calls:\n%s", lines, log.String())
	}
	all := log.String() + unknown.Error() + fmt.Sprintf("%+v %#v", cred.PrivateKey, cred.AppAuthToken)
	for _, forbidden := range []string{"CANARY", "330106199001011234", "biz_content", "PRIVATE KEY", "sign="} {
		if strings.Contains(all, forbidden) {
			t.Errorf("%s is in a log or an error:\n%s", forbidden, all)
		}
	}
	if !strings.Contains(log.String(), `"sub_code":"ACQ.INVALID_PARAMETER"`) ||
		!strings.Contains(log.String(), `"outcome":"refused"`) || !strings.Contains(log.String(), `"duration"`) {
		t.Errorf("log lines: %s", log.String())
	}
	if !alipay.IsRefused(refused) {
		t.Error(refused)
	}
}

// Fence: getSignData finds the node by text. The cases of Alipay's own SDK tests, with the trap each one holds.
func TestFenceNodeExtraction(t *testing.T) {
	t.Parallel()
	key := nodeOf("alipay.trade.query")
	node := `{"code":"10000","trade_status":"TRADE_SUCCESS","out_trade_no":"T20260102_0001","x":"}\"{[","nested":{"sign":"inner","alipay_cert_sn":"inner","a":[{"b":"]"}]}}`
	spaced := `{ "code" : "10000" , "trade_status":"TRADE_SUCCESS" }`
	sign := func(s string) string { return signText(alipayKey().private, s) }
	closed := `{"code":"10000","trade_status":"TRADE_CLOSED","out_trade_no":"T20260102_0001"}`
	for name, c := range map[string]struct {
		body string
		good bool
	}{
		"node then sign": {`{"` + key + `":` + node + `,"sign":"` + sign(node) + `"}`, true},
		"sign then node": {`{"sign":"` + sign(node) + `","` + key + `":` + node + `}`, true},
		"whitespace": {"\n{ \"" + key + "\" :\t" + spaced + " ,\r\n \"sign\" : \"" + sign(spaced) +
			"\" }\n", true},
		"other members": {`{"trace":{"` + key + `":1},"` + key + `":` + node + `,"sign":"` + sign(node) +
			`"}`, true},
		"escaped slashes of a sign": {`{"` + key + `":` + node + `,"sign":"` + strings.ReplaceAll(sign(node), "/",
			`\/`) + `"}`, true},
		"forged second node": {`{"` + key + `":` + node + `,"sign":"` + sign(node) + `","` + key + `":` +
			closed + `}`, false},
		"forged first node": {`{"` + key + `":` + closed + `,"` + key + `":` + node + `,"sign":"` + sign(node) +
			`"}`, false},
		"escaped second name": {`{"` + key + `":` + node + `,"alipay\u005ftrade_query_response":` + closed +
			`,"sign":"` + sign(node) + `"}`, false},
		"two signs": {`{"` + key + `":` + node + `,"sign":"` + sign(node) + `","sign":"` +
			sign(closed) + `"}`, false},
		"error_response beside": {`{"error_response":` + closed + `,"` + key + `":` + node + `,"sign":"` +
			sign(node) + `"}`, false},
		"node in a string": {`{"note":"\"` + key + `\":` + strings.ReplaceAll(node, `"`, `\"`) + `","sign":"` +
			sign(node) + `"}`, false},
		"one byte changed": {`{"` + key + `":` + strings.Replace(node, "SUCCESS", "CLOSED_", 1) + `,"sign":"` +
			sign(node) + `"}`, false},
		"re-serialised": {`{"` + key + `":` + strings.Replace(node, `","`, `", "`, 1) + `,"sign":"` +
			sign(node) + `"}`, false},
		"trailing garbage":     {`{"` + key + `":` + node + `,"sign":"` + sign(node) + `"}{}`, false},
		"an array":             {`[{"` + key + `":` + node + `,"sign":"` + sign(node) + `"}]`, false},
		"sign is not a string": {`{"` + key + `":` + node + `,"sign":["` + sign(node) + `"]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, func(w http.ResponseWriter, _ received) { fmt.Fprint(w, c.body) })
			res, err := g.client(t).TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo})
			if c.good && (err != nil || res.TradeStatus != alipay.TradeSuccess) {
				t.Errorf("%v, %v", res, err)
			}
			if !c.good && !alipay.IsUnknown(err) {
				t.Errorf("accepted: %v, %v", res, err)
			}
		})
	}
}

// Fence: gopay waits 60 s and has no deadline of its own per method. A gateway that never answers is given up at the
// caller's deadline, and the outcome is unknown.
func TestFenceSilentGateway(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	c, err := alipay.NewClient(credentials(s.URL), alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.TradeRefund(ctx, refundRequest()); !alipay.IsUnknown(err) ||
		!errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// Fence: fields gopay keeps inside biz_content, or cannot send, travel where Alipay wants them.
func TestFenceParametersTravelInTheirPlace(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	c := g.client(t)
	req := precreateRequest()
	req.NotifyURL = "https://example.cn/other"
	_, _ = c.TradePrecreate(t.Context(), req)
	if r := g.last(); r.Params["notify_url"] != req.NotifyURL || strings.Contains(r.BizRaw, "notify_url") {
		t.Errorf("notify_url: %s, %s", r.Params["notify_url"], r.BizRaw)
	}
	// gopay refuses royalty_finish without royalty_parameters.
	if _, err := c.TradeOrderSettle(t.Context(),
		alipay.TradeOrderSettleRequest{OutRequestNo: "RY9", TradeNo: tradeNo,
			ExtendParams: &alipay.SettleExtendParams{RoyaltyFinish: true}}); err != nil {
		t.Error(err)
	}
	if got := g.last().BizRaw; got != `{"out_request_no":"RY9","trade_no":"`+tradeNo+
		`","extend_params":{"royalty_finish":"true"}}` {
		t.Error(got)
	}
	_, _ = c.MerchantTradecomplainFeedbackSubmit(t.Context(),
		alipay.MerchantTradecomplainFeedbackSubmitRequest{ComplainEventID: "1", FeedbackCode: "02",
			FeedbackContent: "已退款"})
	if r := g.last(); r.Params["feedback_content"] != "已退款" || r.BizRaw != "" {
		t.Errorf("flat parameters: %v", r.Params)
	}
	_, _ = c.IndirectImageUpload(t.Context(), alipay.IndirectImageUploadRequest{ImageType: "jpg", Image: image()})
	if r := g.last(); r.Params["image_type"] != "jpg" || r.Files["image_content"] != "image.jpg" || r.BizRaw != "" {
		t.Errorf("upload: %v %v", r.Params, r.Files)
	}
	if _, err := c.TradeRoyaltyRelationBind(t.Context(),
		alipay.TradeRoyaltyRelationBindRequest{OutRequestNo: "B1",
			Receivers: slices.Repeat(receivers(), 21)}); !alipay.IsRefused(err, alipay.SubCodeInvalidRequest) {
		t.Errorf("21 receivers: %v", err)
	}
}
