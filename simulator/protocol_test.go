package simulator_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/simulator"
)

// TestStrictness: every way to be slightly wrong is refused with Alipay's code, in Alipay's order, signed once the
// application is known; nothing happens.
func TestStrictness(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *simulator.Config) { c.TimestampWindow = 15 * time.Minute })
	otherKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	biz := obj{"out_trade_no": "x"}
	resign := func(p map[string]string) map[string]string { delete(p, "sign"); p["sign"] = sign(w.key, p); return p }
	with := func(kv ...string) func() map[string]string {
		return func() map[string]string { return w.signed("alipay.trade.query", biz, kv...) }
	}
	drop := func(name string) func() map[string]string {
		return func() map[string]string {
			p := w.signed("alipay.trade.query", biz)
			delete(p, name)
			if name != "sign" {
				return resign(p)
			}
			return p
		}
	}
	at := func(d time.Duration) string {
		return w.clk.Now().Add(d).In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05")
	}
	for _, c := range []struct {
		name   string
		params func() map[string]string
		code   string
		want   string
	}{
		{"no app_id", drop("app_id"), "40001", "isv.missing-app-id"},
		{"unknown app_id", with("app_id", "9021000000000000"), "40002", "isv.invalid-app-id"},
		{"unknown app_id before a missing sign", func() map[string]string {
			p := w.signed("alipay.trade.query", biz, "app_id", "9021000000000000")
			delete(p, "sign")
			return p
		}, "40002", "isv.invalid-app-id"},
		{"no method", drop("method"), "40001", "isv.missing-method"},
		{"no sign", drop("sign"), "40001", "isv.missing-signature"},
		{"no sign_type", drop("sign_type"), "40001", "isv.missing-signature-type"},
		{"no timestamp", drop("timestamp"), "40001", "isv.missing-timestamp"},
		{"no version", drop("version"), "40001", "isv.missing-version"},
		{"no charset", drop("charset"), "40002", "isv.invalid-charset"},
		{"charset", with("charset", "latin1"), "40002", "isv.invalid-charset"},
		{"format", with("format", "xml"), "40002", "isv.invalid-format"},
		{"version", with("version", "2.0"), "40002", "isv.invalid-parameter"},
		{"downgrade to RSA", func() map[string]string {
			p := w.signed("alipay.trade.query", biz, "sign_type", "RSA")
			sum := sha1.Sum([]byte(text(p, "sign")))
			sig, _ := rsa.SignPKCS1v15(nil, w.key, crypto.SHA1, sum[:])
			p["sign"] = base64.StdEncoding.EncodeToString(sig)
			return p
		}, "40002", "isv.invalid-signature-type"},
		{"RSA2 named, SHA-1 used", func() map[string]string {
			p := w.signed("alipay.trade.query", biz)
			sum := sha1.Sum([]byte(text(p, "sign")))
			sig, _ := rsa.SignPKCS1v15(nil, w.key, crypto.SHA1, sum[:])
			p["sign"] = base64.StdEncoding.EncodeToString(sig)
			return p
		}, "40002", "isv.invalid-signature"},
		{"16 minutes early", with("timestamp", at(-16*time.Minute)), "40002", "isv.invalid-timestamp"},
		{"16 minutes late", with("timestamp", at(16*time.Minute)), "40002", "isv.invalid-timestamp"},
		{"timestamp form", with("timestamp", "2026-01-02T03:04:05Z"), "40002", "isv.invalid-timestamp"},
		{"app_id of 33", with("app_id", strings.Repeat("9", 33)), "40002", "isv.invalid-app-id"},
		{"notify_url of 257", with("notify_url", "http://a.example/"+strings.Repeat("x", 240)), "40002",
			"isv.invalid-parameter"},
		{"notify_url that is none", with("notify_url", "hello"), "40002", "isv.invalid-parameter"},
		{"notify_url of ftp", with("notify_url", "ftp://x/y"), "40002", "isv.invalid-parameter"},
		{"return_url of 257", with("return_url", strings.Repeat("x", 257)), "40002", "isv.invalid-parameter"},
		{"token of 41", with("app_auth_token", strings.Repeat("x", 41)), "40002", "isv.invalid-parameter"},
		{"altered byte", func() map[string]string {
			p := w.signed("alipay.trade.query", biz)
			p["biz_content"] = strings.Replace(p["biz_content"], "x", "y", 1)
			return p
		}, "40002", "isv.invalid-signature"},
		{"added parameter", func() map[string]string {
			p := w.signed("alipay.trade.query", biz)
			p["notify_url"] = "http://evil.example"
			return p
		}, "40002", "isv.invalid-signature"},
		{"wrong key", func() map[string]string {
			p := w.signed("alipay.trade.query", biz)
			p["sign"] = sign(otherKey, p)
			return p
		}, "40002", "isv.invalid-signature"},
		{"sign is not base64", func() map[string]string {
			p := w.signed("alipay.trade.query", biz)
			p["sign"] = "***"
			return p
		}, "40002", "isv.invalid-signature"},
		{"unknown method", func() map[string]string {
			return w.signed("alipay.trade.nothing", biz)
		}, "40002", "isv.invalid-method"},
		{"not JSON", func() map[string]string {
			return w.signed("alipay.trade.query", `{"a":`)
		}, "40002", "isv.illegal-json"},
		{"repeated JSON key", func() map[string]string {
			return w.signed("alipay.trade.query", `{"out_trade_no":"a","out_trade_no":"b"}`)
		}, "40002", "isv.illegal-json"},
		{"two JSON values", func() map[string]string {
			return w.signed("alipay.trade.query", `{"out_trade_no":"a"}{}`)
		}, "40002", "isv.illegal-json"},
		{"too deep", func() map[string]string {
			return w.signed("alipay.trade.query", `{"a":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`}`)
		}, "40002", "isv.illegal-json"},
		{"a list", func() map[string]string {
			return w.signed("alipay.trade.query", `[]`)
		}, "40004", "ACQ.INVALID_PARAMETER"},
		{"unknown encryption", with("encrypt_type", "DES"), "40002", "isv.invalid-encrypt-type"},
		{"not encrypted", with("encrypt_type", "AES"), "40003", "isv.decryption-error-unknown"},
		{"unknown token", with("app_auth_token", "t"), "20001", "aop.invalid-app-auth-token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := w.post(c.params())
			if a.outcome() != c.want || a.str("code") != c.code {
				t.Errorf("got %s, want %s %s", a.raw, c.code, c.want)
			}
			unsigned := slices.Contains([]string{"isv.missing-app-id", "isv.invalid-app-id", "isv.missing-signature"},
				c.want)
			if a.signed == unsigned {
				t.Errorf("Alipay signs as soon as it knows the application: %s", a.raw)
			}
			if c.want == "isv.missing-signature" && a.name != "error_response" {
				t.Errorf("without a sign the answer is in error_response: %s", a.raw)
			}
		})
	}
	if a := w.post(w.signed("alipay.trade.nothing", biz)); a.name != "error_response" {
		t.Errorf("an unknown method is answered in %s", a.name)
	}
	for _, d := range []time.Duration{-14 * time.Minute, 14 * time.Minute} {
		if a := w.call("alipay.trade.query", biz, "timestamp", at(d)); a.outcome() != "ACQ.TRADE_NOT_EXIST" {
			t.Errorf("a timestamp %v off is within the window: %s", d, a.raw)
		}
	}
}

// raw posts any body to any query and returns the parsed answer.
func (w *world) raw(query, contentType string, body []byte) answer {
	w.t.Helper()
	req, _ := http.NewRequestWithContext(context.Background(), "POST", w.srv.URL+"/gateway.do?"+query,
		bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	resp, err := w.client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	return w.parse(data)
}

// TestTransports: the three official ways to send the same request, and repeated parameters.
func TestTransports(t *testing.T) {
	t.Parallel()
	w := start(t)
	fresh := func() (common, business url.Values) {
		p := w.signed("alipay.trade.precreate", w.order("1.00"))
		common, business = form(p), url.Values{"biz_content": {p["biz_content"]}}
		common.Del("biz_content")
		return common, business
	}
	common, business := fresh()
	if a := w.raw(common.Encode(), formType, []byte(business.Encode())); a.outcome() != "10000" {
		t.Errorf("common in the query, business in the body: %s", a.raw)
	}
	common, business = fresh()
	business.Set("charset", "utf-8") // as the .NET client repeats it
	if a := w.raw(common.Encode(), formType, []byte(business.Encode())); a.outcome() != "10000" {
		t.Errorf("charset in both: %s", a.raw)
	}
	common, business = fresh()
	business.Set("app_id", "9021000000000000")
	if a := w.raw(common.Encode(), formType, []byte(business.Encode())); a.outcome() != "isv.invalid-parameter" {
		t.Errorf("two app_ids: %s", a.raw)
	}
	common, business = fresh()
	business.Add("biz_content", business.Get("biz_content"))
	if a := w.raw(common.Encode(), formType, []byte(business.Encode())); a.outcome() != "isv.invalid-parameter" {
		t.Errorf("biz_content twice: %s", a.raw)
	}
	common, business = fresh()
	var buf bytes.Buffer
	mw := multipart.NewWriter(&buf)
	_ = mw.WriteField("biz_content", business.Get("biz_content"))
	_ = mw.Close()
	if a := w.raw(common.Encode(), mw.FormDataContentType(), buf.Bytes()); a.outcome() != "10000" {
		t.Errorf("multipart: %s", a.raw)
	}
	common, business = fresh()
	common.Set("biz_content", business.Get("biz_content"))
	resp, err := w.client().Get(w.srv.URL + "/gateway.do?" + common.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if a := w.parse(data); a.outcome() != "10000" {
		t.Errorf("GET: %s", a.raw)
	}
	if a := w.raw("", formType, bytes.Repeat([]byte("a"), 3<<20)); a.outcome() != "isv.invalid-parameter" {
		t.Errorf("a body of 3 MB: %s", a.raw)
	}
	if a := w.raw("%zz", formType, nil); a.outcome() != "isv.invalid-parameter" {
		t.Errorf("a broken query: %s", a.raw)
	}
}

// TestGBK: a GBK request is verified over its GBK bytes, understood, and answered in GBK, signed over those bytes.
func TestGBK(t *testing.T) {
	t.Parallel()
	w := start(t)
	o := w.order("1.00", set("subject", "游戏点卡"))
	data, _ := json.Marshal(o)
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	p := w.signed("alipay.trade.precreate", string(gbk), "charset", "GBK")
	resp, err := w.client().PostForm(w.srv.URL+"/gateway.do", form(p)) // without a charset, which is GBK
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if a := w.parse(body); a.outcome() != "10000" || resp.Header.Get("Content-Type") != "text/html;charset=gbk" {
		t.Errorf("GBK: %s", a.raw)
	}
	if v := w.trade(o["out_trade_no"].(string)); v["subject"] != "游戏点卡" {
		t.Errorf("subject: %v", v["subject"])
	}
}

// TestAES: content encryption both ways; the signature covers the quoted ciphertext.
func TestAES(t *testing.T) {
	t.Parallel()
	w := start(t)
	key, err := base64.StdEncoding.DecodeString(w.desk("GET", "/apps/"+w.app, nil, 200)["aes_key"].(string))
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := json.Marshal(w.order("1.00"))
	pad := 16 - len(data)%16
	data = append(data, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(data, data)
	a := w.post(w.signed("alipay.trade.precreate", base64.StdEncoding.EncodeToString(data), "encrypt_type", "AES"))
	if !a.signed || a.node != nil {
		t.Fatalf("the node must be a signed text: %s", a.raw)
	}
	var env map[string]string
	if err := json.Unmarshal([]byte(a.raw), &env); err != nil {
		t.Fatal(err)
	}
	plain, _ := base64.StdEncoding.DecodeString(env["alipay_trade_precreate_response"])
	cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(plain, plain)
	var node map[string]any
	if err := json.Unmarshal(plain[:len(plain)-int(plain[len(plain)-1])], &node); err != nil ||
		node["code"] != "10000" {
		t.Errorf("decrypted: %s %v", plain, err)
	}
}

// sn is a certificate's number by the documented rule.
func sn(t testing.TB, der []byte) string {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum([]byte(c.Issuer.String() + c.SerialNumber.String()))
	return hex.EncodeToString(sum[:])
}

func TestCertificateMode(t *testing.T) {
	t.Parallel()
	w := start(t)
	csr, err := x509.CreateCertificateRequest(rand.Reader,
		&x509.CertificateRequest{Subject: pkix.Name{CommonName: "商户"}}, w.key)
	if err != nil {
		t.Fatal(err)
	}
	app := w.desk("POST", "/apps",
		obj{"name": "证书平台", "csr": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr}))},
		201)
	block := func(name string) []byte {
		b, _ := pem.Decode([]byte(app[name].(string)))
		return b.Bytes
	}
	// The bundle has a root that is not RSA, which does not count.
	var roots []string
	rest := []byte(app["root_certificate"].(string))
	pool := x509.NewCertPool()
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		pool.AddCert(c)
		if c.SignatureAlgorithm == x509.SHA256WithRSA {
			roots = append(roots, sn(t, b.Bytes))
		}
	}
	for _, name := range []string{"app_certificate", "alipay_certificate"} {
		c, err := x509.ParseCertificate(block(name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: start0.Add(time.Hour),
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			t.Errorf("%s does not chain: %v", name, err)
		}
	}
	w.app = app["app_id"].(string)
	biz := obj{"out_trade_no": "x"}
	appSN, rootSN := sn(t, block("app_certificate")), strings.Join(roots, "_")
	for _, c := range []struct {
		name string
		sns  []string
		want string
	}{
		{"none", nil, "isv.missing-app-cert-sn"},
		{"no root", []string{"app_cert_sn", appSN}, "isv.missing-alipay-root-cert-sn"},
		{"wrong", []string{"app_cert_sn", rootSN, "alipay_root_cert_sn", rootSN}, "isv.app-cert-not-exist"},
		{"wrong root", []string{"app_cert_sn", appSN, "alipay_root_cert_sn", appSN}, "isv.invalid-alipay-root-cert-sn"},
		{"right", []string{"app_cert_sn", appSN, "alipay_root_cert_sn", rootSN}, "ACQ.TRADE_NOT_EXIST"},
	} {
		if a := w.call("alipay.trade.query", biz, c.sns...); a.outcome() != c.want {
			t.Errorf("%s: %s", c.name, a.raw)
		}
	}
	w.extra = map[string]string{"app_cert_sn": appSN, "alipay_root_cert_sn": rootSN}
	a := w.call("alipay.trade.query", biz)
	var env map[string]json.RawMessage
	_ = json.Unmarshal([]byte(a.raw), &env)
	if alipay := sn(t, block("alipay_certificate")); string(env["alipay_cert_sn"]) != `"`+alipay+`"` {
		t.Errorf("alipay_cert_sn: %s", a.raw)
	} else {
		d := w.must("alipay.open.app.alipaycert.download", obj{"alipay_cert_sn": alipay})
		got, _ := base64.StdEncoding.DecodeString(d.str("alipay_cert_content"))
		if string(got) != app["alipay_certificate"] {
			t.Errorf("download: %s", d.raw)
		}
	}
	if a := w.call("alipay.open.app.alipaycert.download",
		obj{"alipay_cert_sn": "00"}); a.outcome() != "isv.alipay-cert-not-exist" {
		t.Errorf("unknown certificate: %s", a.raw)
	}
	w.reopen()
	if a := w.call("alipay.trade.query", biz); a.outcome() != "ACQ.TRADE_NOT_EXIST" {
		t.Errorf("after a restart: %s", a.raw)
	}
}

// TestDeskApps: registration refuses what Alipay's console refuses.
func TestDeskApps(t *testing.T) {
	t.Parallel()
	w := start(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]obj{
		"no key":          {"name": "a"},
		"garbage":         {"name": "a", "public_key": "abc"},
		"1024 bit":        {"name": "a", "public_key": spki(&small.PublicKey)},
		"unknown product": {"name": "a", "public_key": spki(&w.key.PublicKey), "products": []string{"nothing"}},
		"unknown field":   {"name": "a", "public_key": spki(&w.key.PublicKey), "colour": "red"},
		"bad csr":         {"name": "a", "csr": "x"},
	} {
		if got := w.desk("POST", "/apps", body, 400)["code"]; got != "bad_input" {
			t.Errorf("%s: %v", name, got)
		}
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"status": "offline"}, 200)
	if got := w.call("alipay.trade.query", obj{"out_trade_no": "x"}).outcome(); got != "isv.not-online-app" {
		t.Errorf("offline: %s", got)
	}
	w.desk("GET", "/apps/1", nil, 404)
	if n := len(w.desk("GET", "/apps", nil, 200)["apps"].([]any)); n != 1 {
		t.Errorf("apps: %d", n)
	}
}

// TestRefuseUnknownFields: the strictest setting.
func TestRefuseUnknownFields(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.srv.Close()
	_ = w.sim.Close()
	w.open(refuseUnknown)
	if got := w.call("alipay.trade.precreate",
		w.order("1.00", set("total_fee", "1.00"))).outcome(); got != "ACQ.INVALID_PARAMETER" {
		t.Errorf("unknown field: %s", got)
	}
	w.must("alipay.trade.precreate", w.order("1.00"))
}
