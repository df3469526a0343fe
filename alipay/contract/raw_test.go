package contract

import (
	"crypto"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"zhitong/alipay"
	"zhitong/internal/clock"
)

// The second speaker of the protocol: it knows the documentation and nothing of alipay, gopay or the simulator.

// textToSign joins the non-empty parameters, sorted by name, without those to leave out.
func textToSign(params url.Values, leaveOut ...string) string {
	var names []string
next:
	for name := range params {
		for _, l := range leaveOut {
			if name == l {
				continue next
			}
		}
		if params.Get(name) != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=" + params.Get(name))
	}
	return b.String()
}

func signed(key *rsa.PrivateKey, content string) string {
	digest := sha256.Sum256([]byte(content))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

func verified(key *rsa.PublicKey, content, signature string) bool {
	bytes, err := base64.StdEncoding.DecodeString(signature)
	digest := sha256.Sum256([]byte(content))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], bytes) == nil
}

// rawPost sends a signed request and returns the node and whether it was signed rightly.
func (w *world) rawPost(method string, biz obj, more ...string) (node obj, trusted bool) {
	w.Helper()
	content, err := json.Marshal(biz)
	if err != nil {
		w.Fatal(err)
	}
	now := clock.System{}.Now()
	if w.clk != nil {
		now = w.clk.Now()
	}
	params := url.Values{
		"app_id": {w.app}, "method": {method}, "format": {"JSON"}, "charset": {"utf-8"}, "sign_type": {"RSA2"},
		"version": {"1.0"}, "biz_content": {string(content)},
		"timestamp": {now.In(time.FixedZone("CST", 8*60*60)).Format("2006-01-02 15:04:05")},
	}
	for i := 0; i+1 < len(more); i += 2 {
		params.Set(more[i], more[i+1])
	}
	params.Set("sign", signed(appKey(), textToSign(params)))
	resp, err := http.Post(text(w.body, "gateway_url"), "application/x-www-form-urlencoded; charset=utf-8",
		strings.NewReader(params.Encode())) //nolint:noctx // the test's own deadline holds
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(body, &envelope); err != nil {
		w.Fatalf("%s: %v: %s", method, err, body)
	}
	raw, ok := envelope[strings.ReplaceAll(method, ".", "_")+"_response"]
	if !ok {
		raw = envelope["error_response"]
	}
	var sign string
	if s, ok := envelope["sign"]; ok {
		if err := json.Unmarshal(s, &sign); err != nil {
			w.Fatal(err)
		}
	}
	if err := json.Unmarshal(raw, &node); err != nil {
		w.Fatalf("%s: %v: %s", method, err, body)
	}
	return node, sign != "" && verified(&aliKey().PublicKey, string(raw), sign)
}

// raw is a call that the typed client refuses to make; its refusal is judged by the client's table.
func (w *world) raw(method string, biz obj) (obj, error) {
	w.Helper()
	node, _ := w.rawPost(method, biz)
	if text(node, "code") == "10000" {
		return node, nil
	}
	r := alipay.Rule(method, text(node, "code"), text(node, "sub_code"))
	e := &alipay.Error{Method: method, Code: text(node, "code"), SubCode: text(node, "sub_code"),
		Message: text(node, "sub_msg"), Resolve: r.Resolve, Limited: r.Class == alipay.ClassLimited}
	if r.Class == alipay.ClassFinal {
		e.Outcome = alipay.OutcomeRefused
	}
	return nil, e
}

func goodsOnTheWire(n int) []obj {
	out := make([]obj, n)
	for i := range out {
		out[i] = obj{"goods_id": "g", "goods_name": "卡", "quantity": 1, "price": "0.01"}
	}
	return out
}

func settleOnTheWire(amount string) obj {
	return obj{"settle_detail_infos": []obj{{"trans_in_type": "defaultSettle", "amount": amount}}}
}

// certificateNumber is the number of Alipay's certificate by the documented rule: MD5 over the issuer (from the most
// specific part) and the serial.
func (w *world) certificateNumber() string {
	w.Helper()
	block, _ := pem.Decode([]byte(text(w.body, "alipay_certificate")))
	if block == nil {
		w.Fatal("no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		w.Fatal(err)
	}
	sum := md5.Sum([]byte(cert.Issuer.String() + cert.SerialNumber.String()))
	return hex.EncodeToString(sum[:])
}

// rawOrder is an order on the wire.
func (w *world) rawOrder(total string, more obj) obj {
	o := obj{"out_trade_no": no("T"), "total_amount": total, "subject": "点卡",
		"sub_merchant": obj{"merchant_id": w.smid}, "settle_info": settleOnTheWire(total)}
	for k, v := range more {
		o[k] = v
	}
	return o
}
