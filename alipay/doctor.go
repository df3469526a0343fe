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
	Detail   string   // what was found; no secrets
	Action   string   // what to do; empty when it is well
}

// DoctorOptions choose what Doctor looks at beyond keys, certificates and clock.
type DoctorOptions struct {
	Products []string // see ProbeProducts; nil: all
}

// ProbeProducts are the products the doctor can look for without an effect: each is asked by a query, or by a request that lacks what it needs to do
// anything.
func ProbeProducts() []string {
	return []string{"zft", "royalty", "face_to_face", "jsapi", "transfer", "bill", "complaint"}
}

// CheckCredentials looks at credentials without calling anybody: keys, certificates, addresses. It works on credentials NewClient refuses.
func CheckCredentials(cred Credentials, now time.Time) []Finding {
	var fs []Finding
	private, err := parsePrivateKey(cred.PrivateKey)
	fs = append(fs, keyFinding("private_key", err, "生成 RSA2（2048 位）应用私钥，粘贴完整的 PKCS#1 或 PKCS#8 内容"))
	switch {
	case cred.Certificates != nil && private != nil:
		m, _, err := loadCertificates(*cred.Certificates, private)
		fs = append(fs, keyFinding("certificates", err, "重新下载应用公钥证书、支付宝公钥证书和支付宝根证书，三个文件要属于同一个应用"))
		if err == nil {
			fs = append(fs, m.findings(now)...)
		}
	case cred.Certificates == nil:
		public, err := parsePublicKey(cred.AlipayPublicKey)
		if err == nil && private != nil && public.Equal(&private.PublicKey) {
			err = badPart(PartAlipayPublicKey, "it is the application's own public key")
		}
		fs = append(fs, keyFinding("alipay_public_key", err, "在开放平台控制台复制“支付宝公钥”，不是“应用公钥”"))
		fs = append(fs, Finding{"transfer_mode", SeverityWarning, "public-key mode: transfers (alipay.fund.trans.*) need certificate mode", "需要代发时改用证书模式"})
	}
	if !strings.HasPrefix(cred.Gateway, "https://") {
		fs = append(fs, Finding{"gateway_plain", SeverityWarning, "the gateway is reached without TLS; only the simulator may be", "正式环境使用 https 网关地址"})
	}
	if !strings.HasPrefix(cred.NotifyURL, "https://") {
		fs = append(fs, Finding{"notify_url", SeverityWarning, "the notification address is empty or not https", "配置公网可访问的 https 通知地址，不能重定向"})
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
	for code, cert := range map[string]*x509.Certificate{"app_certificate": m.appCert, "alipay_certificate": m.alipayCert} {
		f := Finding{code, SeverityOK, "valid until " + cert.NotAfter.In(beijing()).Format(layoutDate), ""}
		switch {
		case now.After(cert.NotAfter) || now.Before(cert.NotBefore):
			f.Severity, f.Detail, f.Action = SeverityError, "not valid now; "+f.Detail, "在开放平台控制台更换证书"
		case cert.NotAfter.Sub(now) < certificateWarning:
			f.Severity, f.Action = SeverityWarning, "30 天内到期，尽快更换证书"
		}
		fs = append(fs, f)
	}
	slices.SortFunc(fs, func(a, b Finding) int { return strings.Compare(a.Code, b.Code) })
	f := Finding{"certificate_chain", SeverityOK, "Alipay's certificate chains to the root", ""}
	if err := m.chain(m.alipayCert, nil, now); err != nil {
		f = Finding{f.Code, SeverityError, err.Error(), "支付宝公钥证书与根证书不匹配，重新下载两个文件"}
	}
	return append(fs, f)
}

// Doctor examines the connection: keys and certificates, a signed probe that proves both keys, the clock, the products, the authorisation. It changes
// nothing at Alipay.
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
		fs = append(fs, Finding{"credentials", SeverityError, err.Error(), "按提示更正应用配置"})
	}
	return fs
}

// probe asks for a trade that cannot exist. The refusal proves that Alipay knows our key; its signature proves that we know Alipay's.
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
		return Finding{"probe", SeverityWarning, "the gateway's answer was not signed, so Alipay's key is not proved", "确认网关地址指向支付宝"}
	case sub == SubCodeBadSignature || sub == SubCodeUnsigned:
		return Finding{"alipay_public_key_wrong", SeverityError, "the answer is not signed with the configured Alipay key", "支付宝公钥（或证书）不属于这个应用，从控制台重新复制"}
	case strings.HasSuffix(sub, "-signature") || strings.HasSuffix(sub, "-signature-key") || strings.HasSuffix(sub, "signature-config") || strings.HasSuffix(sub, "-cert-not-exist"):
		return Finding{"private_key_wrong", SeverityError, "Alipay refuses our signature: " + e.SubCode, "把与应用私钥配对的公钥（或证书）上传到控制台"}
	case strings.HasSuffix(sub, "-app-id") || strings.HasSuffix(sub, "not-online-app"):
		return Finding{"app_id", SeverityError, "Alipay does not know the application, or it is not online: " + e.SubCode, "核对 app_id 与网关环境（正式、沙箱、模拟器），确认应用已上线"}
	case strings.HasSuffix(sub, "-timestamp"):
		return Finding{"clock_skew", SeverityError, "Alipay refuses our time: " + e.SubCode, "校准服务器时间（NTP）"}
	case strings.HasPrefix(sub, "aop."):
		return Finding{"app_auth_token", SeverityError, "Alipay refuses the authorisation: " + e.SubCode, "请商家重新授权"}
	case e.Code == "40006":
		return Finding{"permission", SeverityError, "the application may not query trades: " + e.SubCode, "在控制台为应用添加支付能力并签约"}
	case e.Outcome == OutcomeUnknown:
		return Finding{"gateway_unreachable", SeverityError, "no usable answer: " + e.SubCode + " " + e.Message, "检查网络、网关地址与出口防火墙"}
	}
	return Finding{"probe", SeverityError, "unexpected refusal: " + e.Code + " " + e.SubCode, "按错误码查阅支付宝文档"}
}

// skewLimit is well inside the window of Alipay's gateway, whose exact size is not documented.
const skewLimit = time.Minute

// clockFinding compares our clock with the gateway's Date header.
func (c *Client) clockFinding(ctx context.Context) Finding {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	unclear := Finding{"clock", SeverityWarning, "the gateway did not tell its time", "检查网络与网关地址"}
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
		return Finding{"clock", SeverityWarning, fmt.Sprintf("our clock differs from the gateway's by %s", skew), "校准服务器时间（NTP）"}
	}
	return Finding{"clock", SeverityOK, fmt.Sprintf("within %s of the gateway's", skewLimit), ""}
}

func (c *Client) tokenFinding(ctx context.Context) Finding {
	r, err := c.OpenAuthTokenAppQuery(ctx, OpenAuthTokenAppQueryRequest{AppAuthToken: c.credentials.AppAuthToken})
	const code = "app_auth_token"
	switch {
	case err != nil:
		return Finding{code, SeverityError, err.Error(), "请商家重新授权"}
	case r.Status != "valid":
		return Finding{code, SeverityError, "the authorisation is " + r.Status, "请商家重新授权"}
	case !r.ByApp && !slices.Contains(r.AuthMethods, mIndirectZftCreate):
		return Finding{code, SeverityWarning, "the authorisation does not cover " + mIndirectZftCreate, "为第三方应用添加直付通能力后请商家重新授权"}
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
		name = "直付通"
		_, err = c.IndirectZftorderQuery(ctx, IndirectZftorderQueryRequest{ExternalID: probeNumber()})
	case "royalty":
		name = "分账"
		_, err = c.TradeRoyaltyRateQuery(ctx, TradeRoyaltyRateQueryRequest{OutRequestNo: probeNumber()})
	case "face_to_face":
		name = "当面付"
		_, err = call[EmptyResponse](ctx, c, mTradePrecreate, incomplete{probeNumber()}, nil)
	case "jsapi":
		name = "JSAPI 支付"
		_, err = call[EmptyResponse](ctx, c, mTradeCreate, incomplete{probeNumber()}, nil)
	case "transfer":
		name = "转账"
		_, err = c.FundTransCommonQuery(ctx, FundTransCommonQueryRequest{OutBizNo: probeNumber(), ProductCode: TransferToAccount, BizScene: SceneDirect})
	case "bill":
		name = "账单"
		_, err = c.BillDownloadurlQuery(ctx, BillDownloadurlQueryRequest{BillType: BillTrade, BillDate: BillDay(c.clock.Now().Add(-48 * time.Hour))})
	case "complaint":
		name = "交易投诉"
		_, err = c.MerchantTradecomplainBatchquery(ctx, MerchantTradecomplainBatchqueryRequest{PageNum: 1, PageSize: 1})
	default:
		return Finding{"product_" + product, SeverityWarning, "the doctor does not know this product", ""}
	}
	code := "product_" + product
	e, failed := errors.AsType[*Error](err)
	switch {
	case failed && (e.Code == "40006" || IsRefused(e, "ACCESS_FORBIDDEN", "PRODUCT_UNSIGN", "PRODUCT_NOT_SIGN", "AUTHORITY_ILLEGAL", "NO_PERMISSION")):
		return Finding{code, SeverityError, name + ": " + e.SubCode, "在开放平台签约“" + name + "”并添加到应用"}
	case failed && e.Outcome == OutcomeUnknown:
		return Finding{code, SeverityWarning, name + ": no usable answer (" + e.SubCode + ")", "稍后再次检查"}
	}
	return Finding{code, SeverityOK, name + ": the gateway lets us call it", ""}
}

// probeNumber is a number nobody has used.
func probeNumber() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return "probe_" + hex.EncodeToString(b[:])
}
