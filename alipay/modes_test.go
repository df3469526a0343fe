package alipay_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/alipay"
	"zhitong/internal/secret"
)

// aesKey is the public key of Alipay's own SDK tests.
const aesKey = "aYA0GP8JEW+D7/UFaskCWA=="

func aesEncrypt(t *testing.T, key, plain string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	pad := 16 - len(plain)%16
	b := []byte(plain + strings.Repeat(string(rune(pad)), pad))
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(b, b)
	return base64.StdEncoding.EncodeToString(b)
}

func TestContentEncryption(t *testing.T) {
	t.Parallel()
	g := newGateway(t, func(w http.ResponseWriter, r received) {
		node := `"` + aesEncrypt(t, aesKey,
			`{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","trade_status":"TRADE_SUCCESS"}`) + `"`
		reply(w, r, node) // signed with both quotes
	})
	cred := credentials(g.URL)
	cred.ContentKey = secret.New(aesKey)
	c, err := alipay.NewClient(cred, alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo})
	if err != nil || res.TradeStatus != alipay.TradeSuccess {
		t.Fatalf("%v, %v", res, err)
	}
	// The vector S7.
	if r := g.last(); r.Params["encrypt_type"] != "AES" ||
		r.Params["biz_content"] != "HJjZXDcVHUcOrByocVgEmppKBqRQhBR6ELv40e0xy+nkHDQpvU7UnaqpLcVvvQAz" {
		t.Errorf("request: %v", r.Params)
	}
	if _, err := g.client(t).TradeQuery(t.Context(),
		alipay.TradeQueryRequest{OutTradeNo: outNo}); !alipay.IsUnknown(err) {
		t.Errorf("without a key: %v", err)
	}
	g.set(func(w http.ResponseWriter, r received) { // an unsigned encrypted node may hide a success
		fmt.Fprintf(w, `{"%s":"%s"}`, nodeOf(r.Params["method"]),
			aesEncrypt(t, aesKey, `{"code":"10000","trade_status":"TRADE_SUCCESS"}`))
	})
	if _, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo}); !alipay.IsUnknown(err) {
		t.Errorf("unsigned: %v", err)
	}
	for _, bad := range []string{"x", base64.StdEncoding.EncodeToString([]byte("short"))} {
		cred.ContentKey = secret.New(bad)
		if _, err := alipay.NewClient(cred, alipay.Options{}); !errors.Is(err, alipay.ErrCredentials) {
			t.Errorf("content key %q: %v", bad, err)
		}
	}
}

// authority is a small certification authority with the names of Alipay's.
type authority struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
	pem  string
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key := otherKey().private
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: dn(name), NotBefore: testTime.Add(-time.Hour),
		NotAfter: testTime.Add(9999 * time.Hour),
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{key, cert, pemOf(der)}
}

func dn(name string) pkix.Name {
	return pkix.Name{Country: []string{"CN"}, Organization: []string{"Ant Financial"},
		OrganizationalUnit: []string{"Certification Authority"}, CommonName: name}
}

func pemOf(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (a authority) issue(t *testing.T, serial string, key *rsa.PublicKey, until time.Time) string {
	t.Helper()
	n, _ := new(big.Int).SetString(serial, 10)
	tmpl := &x509.Certificate{SerialNumber: n, Subject: dn("leaf"), NotBefore: testTime.Add(-time.Hour),
		NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf(der)
}

const (
	appSerial    = "42701552708448241360226107228231049510" // of Alipay's SDK fixtures, with the issuer's name: vector T4
	alipaySerial = "42701552432456004857627230056898180491"
	alipaySN     = "7513daaaa48aa3ba2e4018d84402479c"
)

func TestCertificateMode(t *testing.T) {
	t.Parallel()
	class1, class2 := newAuthority(t, "Ant Financial Certification Authority Class 1 R1"), newAuthority(t,
		"Ant Financial Certification Authority Class 2 R1")
	until := testTime.Add(900 * time.Hour)
	cred := credentials("")
	cred.AlipayPublicKey = ""
	cred.Certificates = &alipay.Certificates{
		App:    class1.issue(t, appSerial, &appKey().private.PublicKey, until),
		Alipay: class2.issue(t, alipaySerial, &alipayKey().private.PublicKey, until),
		Root: class2.pem + "-----BEGIN " +
			"CERTIFICATE-----\nMIIBszCCAVegAwIBAgIIaeL+wBcKxnswDAYIKoEcz1UBg3UFADAu\n-----END CERTIFICATE-----\n" +
			class1.pem,
	}
	nextKey := newKeyPair() // the certificate Alipay rotates to
	next := class2.issue(t, "77", &nextKey.private.PublicKey, until)
	foreignCA := newAuthority(t, "Mallory")
	foreignCA.key = appKey().private
	foreign := selfSigned(t, foreignCA, "78")
	expired := class2.issue(t, "79", &nextKey.private.PublicKey, testTime.Add(-time.Minute))

	downloads := 0
	serve := func(sn, content string, key *rsa.PrivateKey) func(http.ResponseWriter, received) {
		return func(w http.ResponseWriter, r received) {
			if r.Params["method"] == "alipay.open.app.alipaycert.download" {
				downloads++
				node := `{"code":"10000","alipay_cert_content":"` + base64.StdEncoding.EncodeToString([]byte(content)) +
					`"}`
				fmt.Fprintf(w, `{"%s":%s,"alipay_cert_sn":"%s","sign":"%s"}`, nodeOf(r.Params["method"]), node, sn,
					signText(key, node))
				return
			}
			node := `{"code":"10000","trade_status":"TRADE_SUCCESS","out_trade_no":"T20260102_0001"}`
			fmt.Fprintf(w, `{"%s":%s,"alipay_cert_sn":"%s","sign":"%s"}`, nodeOf(r.Params["method"]), node, sn,
				signText(key, node))
		}
	}
	query := func(answer func(http.ResponseWriter, received)) (*gateway, *alipay.Client, error) {
		g := newGateway(t, answer)
		cred.Gateway = g.URL + "/gateway.do"
		c, err := alipay.NewClient(cred, alipay.Options{Clock: testClock()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo})
		return g, c, err
	}

	g, _, err := query(serve(alipaySN, "", alipayKey().private))
	if err != nil {
		t.Fatal(err)
	}
	if p := g.last().Params; p["app_cert_sn"] != "866efef280dec9137a87d047ac446315" ||
		strings.Count(p["alipay_root_cert_sn"], "_") != 1 {
		t.Errorf("certificate numbers: %s, %s", p["app_cert_sn"], p["alipay_root_cert_sn"])
	}
	if _, c, err := query(serve(sn(t, next), next, nextKey.private)); err != nil || downloads != 1 {
		t.Errorf("rotation: %v, %d downloads", err, downloads)
	} else if _, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo}); err != nil ||
		downloads != 1 {
		t.Errorf("rotation, second call: %v, %d downloads", err, downloads)
	}
	for name, answer := range map[string]func(http.ResponseWriter, received){
		"known certificate, foreign key": serve(alipaySN, "", nextKey.private),
		"certificate of a foreign root":  serve(sn(t, foreign), foreign, appKey().private),
		"expired certificate":            serve(sn(t, expired), expired, nextKey.private),
		"another certificate than named": serve("00000000000000000000000000000000", next, nextKey.private),
		"no certificate":                 serve(sn(t, next), "nothing", nextKey.private),
	} {
		if _, _, err := query(answer); !alipay.IsUnknown(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for part, change := range map[alipay.Part]func(*alipay.Certificates){
		alipay.PartAppCertificate:    func(c *alipay.Certificates) { c.App = next },
		alipay.PartAlipayCertificate: func(c *alipay.Certificates) { c.Alipay = "" },
		alipay.PartRootCertificate:   func(c *alipay.Certificates) { c.Root = "" },
	} {
		bad, certs := cred, *cred.Certificates
		change(&certs)
		bad.Certificates = &certs
		if _, err := alipay.NewClient(bad, alipay.Options{}); !errors.Is(err, alipay.ErrCredentials) ||
			!strings.Contains(err.Error(), string(part)) {
			t.Errorf("%s: %v", part, err)
		}
	}
}

func selfSigned(t *testing.T, a authority, serial string) string {
	t.Helper()
	n, _ := new(big.Int).SetString(serial, 10)
	tmpl := &x509.Certificate{SerialNumber: n, Subject: dn("leaf"), NotBefore: testTime.Add(-time.Hour),
		NotAfter: testTime.Add(900 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf(der)
}

// sn computes a serial number the documented way, without the package.
func sn(t *testing.T, text string) string {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return md5Hex(cert.Issuer.String() + cert.SerialNumber.String())
}

func TestISV(t *testing.T) {
	t.Parallel()
	g := newGateway(t, answering(`{"code":"10000","app_auth_token":"new-token","app_refresh_token":"new-refresh","auth_app_id":"2021000000000777","re_expires_in":"32140800","user_id":"2088000000000777"}`))
	cred := credentials(g.URL)
	cred.AppAuthToken = secret.New("old-token")
	c, err := alipay.NewClient(cred, alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.OpenAuthTokenApp(t.Context(), alipay.OpenAuthTokenAppRequest{RefreshToken: secret.New("old-refresh")})
	if err != nil {
		t.Fatal(err)
	}
	if res.AppAuthToken.Reveal() != "new-token" || res.AppRefreshToken.Reveal() != "new-refresh" ||
		res.RefreshExpiresIn != 32140800*time.Second {
		t.Errorf("%+v", res)
	}
	if strings.Contains(fmt.Sprintf("%+v", res), "new-token") {
		t.Error("the token prints")
	}
	r := g.last()
	if r.Params["app_auth_token"] != "" || r.BizRaw != `{"grant_type":"refresh_token","refresh_token":"old-refresh"}` {
		t.Errorf("exchange: %v", r.Params)
	}
	_, _ = c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo})
	if got := g.last().Params["app_auth_token"]; got != "old-token" {
		t.Errorf("app_auth_token = %q", got)
	}
	if _, err := c.OpenAuthTokenApp(t.Context(), alipay.OpenAuthTokenAppRequest{}); !alipay.IsRefused(err,
		alipay.SubCodeInvalidRequest) {
		t.Errorf("nothing to exchange: %v", err)
	}
	link := alipay.AuthorizeURL(alipay.AuthorizeHost, appID, "https://example.cn/cb?x=1&y=2", "s&t")
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("redirect_uri") != "https://example.cn/cb?x=1&y=2" ||
		u.Query().Get("state") != "s&t" {
		t.Errorf("%s", link)
	}
}

func TestPageAndAppMethods(t *testing.T) {
	t.Parallel()
	c := newGateway(t, nil).client(t)
	business := &alipay.BusinessParams{BuyerIP: "203.0.113.7"}
	page, err := c.TradePagePay(t.Context(),
		alipay.TradePagePayRequest{OutTradeNo: outNo, TotalAmount: 8880, Subject: "a b+c",
			ProductCode: alipay.ProductPage, BusinessParams: business, ReturnURL: "https://example.cn/back"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := c.TradeAppPay(t.Context(),
		alipay.TradeAppPayRequest{OutTradeNo: outNo, TotalAmount: 8880, Subject: "a b+c",
			ProductCode: alipay.ProductApp, SubMerchant: &alipay.SubMerchant{MerchantID: smid}})
	if err != nil {
		t.Fatal(err)
	}
	wap, err := c.TradeWapPay(t.Context(),
		alipay.TradeWapPayRequest{OutTradeNo: outNo, TotalAmount: 8880, Subject: "a", ProductCode: alipay.ProductWap})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(app, "+") {
		t.Error("a blank in the order string must be %20")
	}
	for method, query := range map[string]string{"alipay.trade.page.pay": after(page), "alipay.trade.app.pay": app,
		"alipay.trade.wap.pay": after(wap)} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://gateway.test/?"+query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := readRequest(r) // checks the signature
		if err != nil || rec.Params["method"] != method || rec.Params["notify_url"] == "" ||
			rec.Biz["total_amount"] != "88.80" {
			t.Errorf("%s: %v, %v", method, rec.Params, err)
		}
		if text, ok := rec.Biz["business_params"].(string); method == "alipay.trade.page.pay" &&
			(!ok || text != `{"mc_create_trade_ip":"203.0.113.7"}`) {
			t.Errorf("business_params = %v", rec.Biz["business_params"])
		}
	}
	if _, err := c.TradePagePay(t.Context(),
		alipay.TradePagePayRequest{OutTradeNo: outNo, Subject: "x",
			ProductCode: alipay.ProductPage}); !alipay.IsRefused(err) {
		t.Errorf("no amount: %v", err)
	}
	for _, f := range []func() (string, error){
		func() (string, error) {
			return c.TradeAppMergePay(t.Context(), alipay.TradeMergePayRequest{PreOrderNo: "1"})
		},
		func() (string, error) {
			return c.TradeWapMergePay(t.Context(), alipay.TradeMergePayRequest{PreOrderNo: "1"})
		},
		func() (string, error) {
			return c.TradePageMergePay(t.Context(),
				alipay.TradePageMergePayRequest{OutMergeNo: "M1", OrderDetails: mergeOrders()})
		},
		func() (string, error) {
			return c.FundBatchAppPay(t.Context(), alipay.FundBatchAppPayRequest{BatchTransID: "1"})
		},
		func() (string, error) {
			return c.UserCertifyOpenCertify(t.Context(), alipay.UserCertifyOpenCertifyRequest{CertifyID: "1"})
		},
	} {
		if s, err := f(); err != nil || !strings.Contains(s, "sign=") {
			t.Errorf("%s, %v", s, err)
		}
	}
}

func after(address string) string {
	_, query, _ := strings.Cut(address, "?")
	return query
}

func TestPool(t *testing.T) {
	t.Parallel()
	p := alipay.NewPool(alipay.Options{Clock: testClock()})
	loads := 0
	load := func() (alipay.Credentials, error) { loads++; return credentials("http://gateway.test"), nil }
	a, err := p.Get("t1", 1, load)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := p.Get("t1", 1, load); b != a || loads != 1 {
		t.Errorf("the kept client was not used (%d loads)", loads)
	}
	c, _ := p.Get("t1", 2, load)
	if c == a || loads != 2 {
		t.Error("changed credentials were not loaded")
	}
	if d, _ := p.Get("t1", 1, load); d != c {
		t.Error("an old version came back")
	}
	p.Drop("t1")
	if d, _ := p.Get("t1", 2, load); d == c || loads != 3 {
		t.Error("a dropped client came back")
	}
	broken := errors.New("no database")
	if _, err := p.Get("t2", 1, func() (alipay.Credentials, error) {
		return alipay.Credentials{}, broken
	}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := p.Get("t2", 1, load); err != nil {
		t.Errorf("an error was remembered: %v", err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	once := 0
	for range 16 {
		wg.Go(func() {
			_, err := p.Get("t3", 1, func() (alipay.Credentials, error) {
				mu.Lock()
				once++
				mu.Unlock()
				return credentials("http://gateway.test"), nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if once != 1 {
		t.Errorf("loaded %d times at once", once)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	g := newGateway(t, func(w http.ResponseWriter, r received) {
		switch r.Biz["out_trade_no"] {
		case "ok":
			reply(w, r, `{"code":"10000","trade_status":"TRADE_SUCCESS"}`)
		case "limited":
			reply(w, r, `{"code":"40005","msg":"Call Limited","sub_code":"isv.app-call-limited"}`)
		default:
			reply(w, r, `{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}`)
		}
	})
	for range 2 { // two tenants share the collectors
		c, err := alipay.NewClient(credentials(g.URL), alipay.Options{Clock: testClock(), Metrics: reg})
		if err != nil {
			t.Fatal(err)
		}
		for _, no := range []string{"ok", "limited", "missing"} {
			_, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: no})
			if no == "limited" && (!alipay.IsLimited(err) || alipay.IsRefused(err) || !alipay.IsUnknown(err)) {
				t.Errorf("limited: %v", err)
			}
		}
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "zhitong_alipay_requests_total" {
				counts[m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue()
			} else if m.GetHistogram().GetSampleCount() != 6 {
				t.Errorf("%s: %d samples", f.GetName(), m.GetHistogram().GetSampleCount())
			}
		}
	}
	for _, outcome := range []string{"done", "limited", "refused"} {
		if counts[outcome] != 2 {
			t.Errorf("%s counted %v times", outcome, counts[outcome])
		}
	}
}

func TestDesk(t *testing.T) {
	t.Parallel()
	private, public, err := alipay.GenerateKey()
	if err != nil || !strings.HasPrefix(public, "-----BEGIN PUBLIC KEY-----") || private.IsZero() {
		t.Fatal(err)
	}
	answer := `{"app_id":"9021","pid":"2088000000000099","alipay_public_key":"K","gateway_url":"http://x/gateway.do"}`
	status := http.StatusCreated
	g := newRawServer(t, func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Method != http.MethodPost ||
			r.URL.Path != "/desk/api/apps" || in["public_key"] != public || in["app_gateway_url"] != "https://e/m" {
			t.Errorf("%s %s %v %v", r.Method, r.URL.Path, in, err)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	})
	d := alipay.NewDesk(g.URL+"/", g.Client())
	app := alipay.DeskApp{Name: "沙箱", PublicKey: public, Products: []string{"zft"}, AppGatewayURL: "https://e/m"}
	got, err := d.RegisterApp(t.Context(), app)
	if err != nil || got != (alipay.DeskCredentials{AppID: "9021", PID: "2088000000000099", AlipayPublicKey: "K",
		GatewayURL: "http://x/gateway.do"}) {
		t.Errorf("%+v, %v", got, err)
	}
	answer = `{"app_id":"9021"}`
	if _, err := d.RegisterApp(t.Context(), app); err == nil {
		t.Error("an incomplete answer was accepted")
	}
	status = http.StatusConflict
	if _, err := d.RegisterApp(t.Context(), app); err == nil {
		t.Error("HTTP 409 was accepted")
	}
}

func TestCredentialsRefused(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	shortPEM := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
		Bytes: x509.MarshalPKCS1PrivateKey(short)}))
	shortSPKI, _ := x509.MarshalPKIXPublicKey(&short.PublicKey)
	for name, x := range map[string]struct {
		part   alipay.Part
		change func(*alipay.Credentials)
	}{
		"no app id":            {alipay.PartAppID, func(c *alipay.Credentials) { c.AppID = "" }},
		"no gateway":           {alipay.PartGateway, func(c *alipay.Credentials) { c.Gateway = "" }},
		"gateway with a query": {alipay.PartGateway, func(c *alipay.Credentials) { c.Gateway += "?x=1" }},
		"gateway with a password": {alipay.PartGateway, func(c *alipay.Credentials) {
			c.Gateway = "https://u:p@example.cn/gateway.do"
		}},
		"gateway of a file": {alipay.PartGateway, func(c *alipay.Credentials) {
			c.Gateway = "file:///etc/passwd"
		}},
		"no private key": {alipay.PartPrivateKey, func(c *alipay.Credentials) {
			c.PrivateKey = secret.String{}
		}},
		"garbage private key": {alipay.PartPrivateKey, func(c *alipay.Credentials) {
			c.PrivateKey = secret.New("AAAA CANARY")
		}},
		"public as private": {alipay.PartPrivateKey, func(c *alipay.Credentials) {
			c.PrivateKey = secret.New(appKey().public)
		}},
		"short private key": {alipay.PartPrivateKey, func(c *alipay.Credentials) {
			c.PrivateKey = secret.New(shortPEM)
		}},
		"short Alipay key": {alipay.PartAlipayPublicKey, func(c *alipay.Credentials) {
			c.AlipayPublicKey = base64.StdEncoding.EncodeToString(shortSPKI)
		}},
	} {
		cred := credentials("http://gateway.test")
		x.change(&cred)
		_, err := alipay.NewClient(cred, alipay.Options{})
		if e, ok := errors.AsType[*alipay.CredentialError](err); !ok || e.Part != x.part {
			t.Errorf("%s: %v does not name %s", name, err, x.part)
		}
		if !errors.Is(err, alipay.ErrCredentials) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", name, err)
		}
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(appKey().private)
	if err != nil {
		t.Fatal(err)
	}
	bare := base64.StdEncoding.EncodeToString(pkcs8)
	for name, key := range map[string]string{"PKCS#8 bare": bare,
		"PKCS#8 bare in lines": bare[:64] + "\r\n " + bare[64:],
		"PKCS#1 bare":          base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(appKey().private))} {
		cred := credentials("http://gateway.test")
		cred.PrivateKey = secret.New(key)
		if _, err := alipay.NewClient(cred, alipay.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
