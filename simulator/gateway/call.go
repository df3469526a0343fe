package gateway

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"zhitong/simulator/faults"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Call is one verified request on its way through a method.
type Call struct {
	protocol.Request

	State   *state.State
	Gateway *Gateway
	App     *state.App
	Method  *Method
	Biz     protocol.Object // biz_content, checked against method.Fields
	Now     time.Time
	// pid and AuthApp are whom the call acts for: the application's own PID, or the authoriser of app_auth_token.
	PID     string
	AuthApp string
	fired   *faults.Fault // the fault that struck this call
	opened  bool          // encrypted content was opened, so the answer is encrypted
}

// Update runs one write transaction at the call's time.
func (c *Call) Update(fn func(tx *state.Tx) error) error { return c.State.Update(c.Now, fn) }

// View runs one read transaction at the call's time.
func (c *Call) View(fn func(tx *state.Tx) error) error { return c.State.View(c.Now, fn) }

// Owner is the application whose products and settings count: the caller's, or the authoriser's.
func (c *Call) Owner() *state.App {
	if a := c.State.Apps.Get(c.AuthApp); a != nil {
		return a
	}
	return c.App
}

// checkCommon looks at app_id first (as the live gateway was seen to), then at the other common parameters and at the
// clock.
func (c *Call) checkCommon() error {
	p := c.Params
	if p["app_id"] == "" {
		return protocol.Missing("isv.missing-app-id", "缺少AppID参数")
	}
	if c.App = c.State.Apps.Get(p["app_id"]); c.App == nil {
		return protocol.Invalid("isv.invalid-app-id", "无效的AppID参数")
	}
	if c.App.Status != state.AppOnline {
		return protocol.Invalid("isv.not-online-app", "应用未上线")
	}
	for _, m := range []struct{ name, sub, msg string }{
		{"method", "isv.missing-method", "缺少方法名参数"},
		{"sign_type", "isv.missing-signature-type", "缺少签名类型"},
		{"sign", "isv.missing-signature", "缺少签名参数"},
		{"timestamp", "isv.missing-timestamp", "缺少时间戳参数"},
		{"version", "isv.missing-version", "缺少版本参数"},
	} {
		if p[m.name] == "" {
			refused := protocol.Missing(m.sub, m.msg)
			refused.Stray = m.name == "sign"
			return refused
		}
	}
	return c.CheckValues(c.Now, c.State.Wall.Now(), c.window())
}

// window is how far the timestamp may be off; 0: as it likes. Alipay's documentation names the form alone. An app's
// order is never held to it: the official Android demo signs one of 2016.
func (c *Call) window() time.Duration {
	switch minutes := c.App.Settings.TimestampWindow; {
	case c.Params["method"] == "alipay.trade.app.pay":
		return 0
	case minutes > 0:
		return time.Duration(minutes) * time.Minute
	}
	return c.State.Config.TimestampWindow
}

// Here is a caller's time on this clock. A moved clock is the simulator's alone: a caller whose timestamp is nearer to
// the machine's time than to the simulator's counts from the machine's, and so does a time it names, as time_expire.
func (c *Call) Here(at time.Time) time.Time {
	wall := c.State.Wall.Now()
	sent, ok := c.SentAt()
	if !ok || at.IsZero() || sent.Sub(c.Now).Abs() <= sent.Sub(wall).Abs() {
		return at
	}
	return at.Add(c.Now.Sub(wall))
}

// checkSignature verifies the bytes as sent, then brings the parameters to UTF-8.
func (c *Call) checkSignature() error {
	if err := c.checkCertificates(); err != nil {
		return err
	}
	return c.Verify(c.App.VerifyingKey())
}

// checkCertificates refuses with 40002 what is missing, too (seen live: yansongda/pay issue 325).
func (c *Call) checkCertificates() error {
	if !c.App.CertMode {
		return nil
	}
	switch {
	case c.Params["app_cert_sn"] == "":
		return protocol.Invalid("isv.missing-app-cert-sn", "缺少应用公钥证书序列号")
	case c.Params["alipay_root_cert_sn"] == "":
		return protocol.Invalid("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号")
	case c.Params["app_cert_sn"] != c.App.CertSN:
		return protocol.Invalid("isv.app-cert-not-exist", "应用公钥证书不存在")
	case c.Params["alipay_root_cert_sn"] != c.State.Keys.Authority().BundleSN():
		return protocol.Invalid("isv.invalid-alipay-root-cert-sn", "支付宝根证书序列号错误")
	}
	return nil
}

// checkAccess finds the method, whom the call acts for, and whether the product is signed.
func (c *Call) checkAccess() error {
	m, ok := c.Gateway.reg[c.Params["method"]]
	if !ok {
		if Known(c.Params["method"]) {
			return protocol.Invalid("isv.invalid-method", "不存在的方法名（支付宝有此接口，本模拟器未实现 / not played by this simulator）")
		}
		return protocol.Invalid("isv.invalid-method", "不存在的方法名")
	}
	c.Method = m
	c.PID, c.AuthApp = c.App.PID, c.App.AppID
	if err := c.resolveToken(); err != nil {
		return err
	}
	if !c.Owner().Has(m.Products...) {
		return protocol.NoPermission("isv.insufficient-isv-permissions", "ISV权限不足，建议在开发者中心检查签约是否已经生效")
	}
	return nil
}

// checkContent reads biz_content (or the flat parameters) against the method's table.
func (c *Call) checkContent() error {
	if enc := c.Params["encrypt_type"]; enc != "" {
		if enc != "AES" {
			return protocol.Invalid("isv.invalid-encrypt-type", "无效的加密类型")
		}
		plain, err := protocol.DecryptAES(c.App.AESKey, c.Params["biz_content"])
		if err != nil {
			return protocol.Undecryptable()
		}
		c.Params["biz_content"], c.opened = string(plain), true
	}
	switch {
	case c.Method.Flat && c.Params["biz_content"] == "":
		c.Biz = protocol.Object{}
		for k, v := range c.Params {
			c.Biz[k] = v
		}
		if err := protocol.Check(c.Biz, c.Method.Fields, "", false); err != nil {
			return c.Method.RefuseField(err)
		}
		return nil
	case c.Params["biz_content"] == "":
		c.Biz = protocol.Object{}
	default:
		var err error
		c.Biz, err = protocol.ParseObject([]byte(c.Params["biz_content"]))
		if errors.Is(err, protocol.ErrShape) {
			return c.Method.RefuseField(&protocol.FieldError{Path: "biz_content", Why: "应为JSON对象"})
		}
		if err != nil {
			return protocol.Invalid("isv.illegal-json", "biz_content 不是合法的JSON："+err.Error())
		}
	}
	if c.Owner().Settings.ObjectsAsText {
		protocol.OpenTexts(c.Biz, c.Method.Fields)
	}
	if err := protocol.Check(c.Biz, c.Method.Fields, "", c.State.Config.RefuseUnknownFields); err != nil {
		return c.Method.RefuseField(err)
	}
	return nil
}

// nodeName is the answer's member: of the method when it is known, else error_response.
func (c *Call) nodeName(callErr error) string {
	name := c.Params["method"]
	if _, known := c.Gateway.reg[name]; !known || isStray(callErr) {
		return "error_response"
	}
	return strings.ReplaceAll(name, ".", "_") + "_response"
}

// assemble puts the members of the envelope together: node, alipay_cert_sn in certificate mode, sign.
func (c *Call) assemble(data []byte, sign string, callErr error) []byte {
	name, f := c.nodeName(callErr), c.fault()
	if f != nil {
		sign = f.AlterSign(sign)
		if f.Kind == faults.EscapedSlashes {
			data = bytes.ReplaceAll(data, []byte("/"), []byte(`\/`))
		}
		if f.Kind == faults.OtherNode && bytes.Contains(data, []byte(`"sub_code"`)) {
			name = "error_response"
		}
	}
	members := []string{`"` + name + `":` + string(data)}
	if sign != "" {
		if c.App != nil && c.App.CertMode {
			members = append(members, `"alipay_cert_sn":"`+c.State.Keys.Authority().AlipaySN()+`"`)
		}
		members = append(members, `"sign":"`+sign+`"`)
	}
	if f != nil && f.Kind == faults.SignFirst {
		slices.Reverse(members)
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

// systemError is the method's own word for "may have happened".
func (c *Call) systemError() error {
	return protocol.Refuse(c.Method.Prefix+"SYSTEM_ERROR", "系统异常")
}

func (c *Call) fault() *faults.Fault { return c.fired }

func (c *Call) struck(kind string) bool { return c.fired != nil && c.fired.Kind == kind }

// resolveToken applies app_auth_token: whom the call acts for.
func (c *Call) resolveToken() error {
	text := c.Params["app_auth_token"]
	if text == "" {
		if c.App.Settings.SelfInvokeForbidden &&
			!slices.Contains([]string{"alipay.open.auth.token.app", "alipay.open.auth.token.app.query"},
				c.Method.Name) {
			return protocol.NoPermission("isv.self-invoke-forbidden", "此应用不允许自调用")
		}
		return nil
	}
	var t *AuthToken
	err := c.View(func(tx *state.Tx) (err error) {
		t, err = state.Get[AuthToken](tx, BucketAuthTokens, text)
		return err
	})
	switch {
	case err != nil:
		return err
	case t == nil || t.AppID != c.App.AppID:
		return protocol.BadToken("aop.invalid-app-auth-token", "无效的应用授权令牌")
	case t.Revoked || (t.ExpiresAt > 0 && protocol.Millis(c.Now) >= t.ExpiresAt):
		return protocol.BadToken("aop.app-auth-token-time-out", "应用授权令牌已过期")
	}
	a := &state.App{Products: t.Products}
	if len(t.Products) > 0 && !a.Has(c.Method.Products...) {
		return protocol.BadToken("aop.invalid-app-auth-token-no-api", "授权令牌没有该接口的权限")
	}
	c.PID, c.AuthApp = t.PID, t.AuthAppID
	return nil
}
