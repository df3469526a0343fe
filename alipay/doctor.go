package alipay

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"zhitong/internal/clock"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	SeverityOK      Severity = "ok"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

// Finding is one thing the doctor looked at.
type Finding struct {
	Code     string   // stable, snake_case
	Severity Severity //
	Detail   string   // what was found, in English; no secrets
	// Action is what to do, in English; empty when it is well. Alipay's names of products and keys stand beside in
	// Chinese, as its console writes them.
	Action string
}

// DoctorOptions choose what Doctor looks at beyond keys, certificates and clock.
type DoctorOptions struct {
	Products []string // see ProbeProducts; nil: all
}

// ProbeProducts are the products the doctor can look for without an effect: each is asked by a query, or by a request
// that lacks what it needs to do anything.
func ProbeProducts() []string {
	return []string{"zft", "royalty", "face_to_face", "jsapi", "transfer", "bill", "complaint"}
}

// CheckCredentials looks at credentials without calling anybody: keys, certificates, addresses. It works on credentials
// NewClient refuses.
func CheckCredentials(cred Credentials, now time.Time) []Finding {
	var fs []Finding
	private, err := parsePrivateKey(cred.PrivateKey)
	fs = append(fs, keyFinding("private_key", err, "Generate an RSA2 application key of 2048 bits and paste the "+
		"whole private key, PKCS#1 or PKCS#8."))
	switch {
	case cred.Certificates != nil && private != nil:
		m, _, err := loadCertificates(*cred.Certificates, private)
		fs = append(fs, keyFinding("certificates", err, "Download the application's certificate, Alipay's "+
			"certificate and Alipay's root certificate again; all three must be of the same application."))
		if err == nil {
			fs = append(fs, m.findings(now)...)
		}
	case cred.Certificates == nil:
		public, err := parsePublicKey(cred.AlipayPublicKey)
		if err == nil && private != nil && public.Equal(&private.PublicKey) {
			err = badPart(PartAlipayPublicKey, "it is the application's own public key")
		}
		fs = append(fs, keyFinding("alipay_public_key", err, "Copy Alipay's public key (支付宝公钥) from the open "+
			"platform's console, not the application's (应用公钥)."))
		fs = append(fs, Finding{"transfer_mode", SeverityWarning, "public-key mode: transfers (alipay.fund.trans.*) " +
			"need certificate mode", "Change to certificate mode when transfers are needed."})
	}
	if !strings.HasPrefix(cred.Gateway, "https://") {
		fs = append(fs, Finding{"gateway_plain", SeverityWarning, "the gateway is reached without TLS; only the " +
			"simulator may be", "Use the https address of the gateway in production."})
	}
	if !strings.HasPrefix(cred.NotifyURL, "https://") {
		fs = append(fs, Finding{"notify_url", SeverityWarning, "the notification address is empty or not https",
			"Set a public https address (ZHITONG_PUBLIC_URL) that can be reached from outside without a redirect."})
	}
	return fs
}

func keyFinding(code string, err error, action string) Finding {
	if err != nil {
		return Finding{code, SeverityError, err.Error(), action}
	}
	return Finding{code, SeverityOK, "readable, 2048 bits or more", ""}
}

// certificateWarning is how long before its end a certificate is called out: Alipay announces a new one 30 days ahead.
const certificateWarning = 30 * 24 * time.Hour

func (m *certMode) findings(now time.Time) []Finding {
	var fs []Finding
	for code, cert := range map[string]*x509.Certificate{"app_certificate": m.appCert,
		"alipay_certificate": m.alipayCert} {
		f := Finding{code, SeverityOK, "valid until " + cert.NotAfter.In(beijing()).Format(layoutDate), ""}
		switch {
		case now.After(cert.NotAfter) || now.Before(cert.NotBefore):
			f.Severity, f.Detail, f.Action = SeverityError, "not valid now; "+f.Detail, "Replace the certificate in "+
				"the open platform's console."
		case cert.NotAfter.Sub(now) < certificateWarning:
			f.Severity, f.Action = SeverityWarning, "It ends within 30 days: replace the certificate soon."
		}
		fs = append(fs, f)
	}
	slices.SortFunc(fs, func(a, b Finding) int { return strings.Compare(a.Code, b.Code) })
	f := Finding{"certificate_chain", SeverityOK, "Alipay's certificate chains to the root", ""}
	if err := m.chain(m.alipayCert, nil, now); err != nil {
		f = Finding{f.Code, SeverityError, err.Error(), "Alipay's certificate and the root certificate do not belong " +
			"together: download both again."}
	}
	return append(fs, f)
}

// Doctor examines the connection: keys and certificates, a signed probe that proves both keys, the clock, the products,
// the authorisation. It changes nothing at Alipay.
func (c *Client) Doctor(ctx context.Context, opts DoctorOptions) []Finding {
	fs := CheckCredentials(c.credentials, c.clock.Now())
	fs = append(fs, c.clockFinding(ctx))
	probe := c.probe(ctx)
	fs = append(fs, probe)
	if probe.Severity == SeverityError {
		return fs // nothing else can be learnt
	}
	if !c.credentials.AppAuthToken.IsZero() {
		fs = append(fs, c.tokenFinding(ctx))
	}
	products := opts.Products
	if products == nil {
		products = ProbeProducts()
	}
	for _, p := range products {
		fs = append(fs, c.productFinding(ctx, p))
	}
	return fs
}

// Doctor examines credentials of which it is not known whether they make a client.
func Doctor(ctx context.Context, cred Credentials, clientOpts Options, opts DoctorOptions) []Finding {
	c, err := NewClient(cred, clientOpts)
	if err == nil {
		return c.Doctor(ctx, opts)
	}
	now := clock.System{}.Now()
	if clientOpts.Clock != nil {
		now = clientOpts.Clock.Now()
	}
	fs := CheckCredentials(cred, now)
	if !slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity == SeverityError }) {
		fs = append(fs, Finding{"credentials", SeverityError, err.Error(), "Correct what is named."})
	}
	return fs
}

// probe asks for a trade that cannot exist. The refusal proves that Alipay knows our key; its signature proves that we
// know Alipay's.
func (c *Client) probe(ctx context.Context) Finding {
	_, err := c.TradeQuery(ctx, TradeQueryRequest{OutTradeNo: probeNumber()})
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return Finding{"probe", SeverityOK, "the gateway answered a signed query", ""}
	}
	switch sub := bareSubCode(e.SubCode); {
	case sub == "TRADE_NOT_EXIST" && e.signed:
		return Finding{"probe", SeverityOK, "the gateway answered a signed query", ""}
	case sub == "TRADE_NOT_EXIST":
		return Finding{"probe", SeverityWarning, "the gateway's answer was not signed, so Alipay's key is not proved",
			"Make sure that the gateway's address is Alipay's."}
	case sub == SubCodeBadSignature || sub == SubCodeUnsigned:
		return Finding{"alipay_public_key_wrong", SeverityError, "the answer is not signed with the configured " +
			"Alipay key", "Alipay's public key (or certificate) is not of this application: copy it from the console " +
			"again."}
	case strings.HasSuffix(sub, "-signature") || strings.HasSuffix(sub, "-signature-key") ||
		strings.HasSuffix(sub, "signature-config") || strings.HasSuffix(sub, "-cert-not-exist"):
		return Finding{"private_key_wrong", SeverityError, "Alipay refuses our signature: " + e.SubCode,
			"Upload the public key (or certificate) that belongs to the application's private key to the console."}
	case strings.HasSuffix(sub, "-app-id") || strings.HasSuffix(sub, "not-online-app"):
		return Finding{"app_id", SeverityError,
			"Alipay does not know the application, or it is not online: " + e.SubCode,
			"Compare the app id with the gateway (production, sandbox, simulator), and make sure that the " +
				"application is online."}
	case strings.HasSuffix(sub, "-timestamp"):
		return Finding{"clock_skew", SeverityError, "Alipay refuses our time: " + e.SubCode,
			"Set the server's clock (NTP)."}
	case strings.HasPrefix(sub, "aop."):
		return Finding{"app_auth_token", SeverityError, "Alipay refuses the authorisation: " + e.SubCode,
			"Ask the merchant to authorise the application again."}
	case e.Code == "40006":
		return Finding{"permission", SeverityError, "the application may not query trades: " + e.SubCode,
			"Add the payment ability to the application in the console and sign its contract."}
	case e.Outcome == OutcomeUnknown:
		return Finding{"gateway_unreachable", SeverityError, "no usable answer: " + e.SubCode + " " + e.Message,
			"Check the network, the gateway's address and the firewall on the way out."}
	}
	return Finding{"probe", SeverityError, "unexpected refusal: " + e.Code + " " + e.SubCode,
		"Look the code up in Alipay's documentation."}
}

// skewLimit is well inside the window of Alipay's gateway, whose exact size is not documented.
const skewLimit = time.Minute

// clockFinding compares our clock with the gateway's Date header.
func (c *Client) clockFinding(ctx context.Context) Finding {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	unclear := Finding{"clock", SeverityWarning, "the gateway did not tell its time", "Check the network and the " +
		"gateway's address."}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.gateway.String(), nil)
	if err != nil {
		return unclear
	}
	res, err := c.http.Do(r)
	if err != nil {
		return unclear
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)) // read to the end so that the connection is kept
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return unclear
	}
	skew := c.clock.Now().Sub(theirs).Round(time.Second)
	if skew.Abs() > skewLimit {
		return Finding{"clock", SeverityWarning, fmt.Sprintf("our clock differs from the gateway's by %s", skew),
			"Set the server's clock (NTP)."}
	}
	return Finding{"clock", SeverityOK, fmt.Sprintf("within %s of the gateway's", skewLimit), ""}
}

func (c *Client) tokenFinding(ctx context.Context) Finding {
	r, err := c.OpenAuthTokenAppQuery(ctx, OpenAuthTokenAppQueryRequest{AppAuthToken: c.credentials.AppAuthToken})
	const code = "app_auth_token"
	switch {
	case err != nil:
		return Finding{code, SeverityError, err.Error(), "Ask the merchant to authorise the application again."}
	case r.Status != "valid":
		return Finding{code, SeverityError, "the authorisation is " + r.Status, "Ask the merchant to authorise the " +
			"application again."}
	case !r.ByApp && !slices.Contains(r.AuthMethods, mIndirectZftCreate):
		return Finding{code, SeverityWarning, "the authorisation does not cover " + mIndirectZftCreate,
			"Add 直付通 to the third-party application, then ask the merchant to authorise it again."}
	}
	return Finding{code, SeverityOK, "valid", ""}
}

// incomplete is a request that cannot do anything: it names a number and lacks all else.
type incomplete struct {
	OutTradeNo string `json:"out_trade_no"`
}

func (c *Client) productFinding(ctx context.Context, product string) Finding {
	var err error
	var name string
	switch product {
	case "zft":
		name = "direct payment to merchants (直付通)"
		_, err = c.IndirectZftorderQuery(ctx, IndirectZftorderQueryRequest{ExternalID: probeNumber()})
	case "royalty":
		name = "royalty (分账)"
		_, err = c.TradeRoyaltyRateQuery(ctx, TradeRoyaltyRateQueryRequest{OutRequestNo: probeNumber()})
	case "face_to_face":
		name = "face-to-face payment (当面付)"
		_, err = call[EmptyResponse](ctx, c, mTradePrecreate, incomplete{probeNumber()}, nil)
	case "jsapi":
		name = "JSAPI payment (JSAPI 支付)"
		_, err = call[EmptyResponse](ctx, c, mTradeCreate, incomplete{probeNumber()}, nil)
	case "transfer":
		name = "transfer (转账)"
		_, err = c.FundTransCommonQuery(ctx,
			FundTransCommonQueryRequest{OutBizNo: probeNumber(), ProductCode: TransferToAccount, BizScene: SceneDirect})
	case "bill":
		name = "bills (账单)"
		_, err = c.BillDownloadurlQuery(ctx,
			BillDownloadurlQueryRequest{BillType: BillTrade, BillDate: BillDay(c.clock.Now().Add(-48 * time.Hour))})
	case "complaint":
		name = "complaints (交易投诉)"
		_, err = c.MerchantTradecomplainBatchquery(ctx, MerchantTradecomplainBatchqueryRequest{PageNum: 1, PageSize: 1})
	default:
		return Finding{"product_" + product, SeverityWarning, "the doctor does not know this product", ""}
	}
	code := "product_" + product
	e, failed := errors.AsType[*Error](err)
	switch {
	case failed && (e.Code == "40006" ||
		IsRefused(e, "ACCESS_FORBIDDEN", "PRODUCT_UNSIGN", "PRODUCT_NOT_SIGN", "AUTHORITY_ILLEGAL", "NO_PERMISSION")):
		return Finding{code, SeverityError, name + ": " + e.SubCode,
			"Sign the contract for " + name + " on the open platform and add it to the application."}
	case failed && e.Outcome == OutcomeUnknown:
		return Finding{code, SeverityWarning, name + ": no usable answer (" + e.SubCode + ")", "Check again later."}
	}
	return Finding{code, SeverityOK, name + ": the gateway lets us call it", ""}
}

// probeNumber is a number nobody has used.
func probeNumber() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return "probe_" + hex.EncodeToString(b[:])
}
