package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/clock"
)

const (
	maxFormBytes      = 2 << 20
	maxMultipartBytes = 24 << 20
)

// file is one uploaded part.
type file struct {
	Name string
	Data []byte
}

// call is one verified request on its way through a method.
type call struct {
	sim    *Simulator
	app    *App
	method *method
	req    *http.Request
	params map[string]string // merged from query and body, UTF-8
	files  map[string]file
	biz    object // biz_content, checked against method.Fields
	now    time.Time
	// pid and authApp are whom the call acts for: the application's own PID, or the authoriser of app_auth_token.
	pid     string
	authApp string
	gbk     bool
	fired   *Fault // the fault that struck this call
}

// update runs one write transaction at the call's time.
func (c *call) update(fn func(tx *tx) error) error { return c.sim.update(c.now, fn) }

// view runs one read transaction at the call's time.
func (c *call) view(fn func(tx *tx) error) error { return c.sim.view(c.now, fn) }

// owner is the application whose products and settings count: the caller's, or the authoriser's.
func (c *call) owner() *App {
	if a := c.sim.apps.get(c.authApp); a != nil {
		return a
	}
	return c.app
}

// gateway is /gateway.do.
func (s *Simulator) gateway(w http.ResponseWriter, r *http.Request) {
	started := clock.System{}.Now()
	c := &call{sim: s, req: r}
	node, err := s.serve(c)
	s.log.LogAttrs(r.Context(), slogLevel(err), "gateway", gatewayAttrs(c, err, clock.System{}.Now().Sub(started))...)
	if m := s.reg[c.params["method"]]; m != nil && m.Page { // known before the call is: errors of a browser's call are pages too
		s.answerPage(w, r, node, err)
		return
	}
	s.answer(w, c, node, err)
}

// serve checks a request in Alipay's order and runs its method: app_id, common parameters, their values, timestamp, signature, method,
// permission, business content, business.
func (s *Simulator) serve(c *call) (any, error) {
	c.now = s.now()
	if err := c.read(); err != nil {
		return nil, err
	}
	if err := c.checkCommon(); err != nil {
		return nil, err
	}
	if err := c.checkSignature(); err != nil {
		return nil, err
	}
	if err := c.checkAccess(); err != nil {
		return nil, err
	}
	if err := c.checkContent(); err != nil {
		return nil, err
	}
	s.runDue(c.now)
	return s.withFaults(c)
}

// read merges query and body. A name may come twice only with one value and from the two places: official clients repeat charset so.
func (c *call) read() error {
	query, err := url.ParseQuery(c.req.URL.RawQuery)
	if err != nil {
		return invalid("isv.invalid-parameter", "参数无效：query")
	}
	c.params = map[string]string{}
	if err := c.merge(query); err != nil {
		return err
	}
	switch c.req.Method {
	case http.MethodGet:
	case http.MethodPost:
		body, err := c.readBody()
		if err != nil {
			return err
		}
		if err := c.merge(body); err != nil {
			return err
		}
	default:
		return invalid("isv.invalid-method", "不支持的请求方式")
	}
	cs := strings.ToLower(c.params["charset"])
	c.gbk = cs == "gbk" || cs == "gb2312"
	return nil
}

func (c *call) merge(values url.Values) error {
	for k, vs := range values {
		if len(vs) > 1 {
			return invalid("isv.invalid-parameter", "参数重复："+k)
		}
		if old, seen := c.params[k]; seen && old != vs[0] {
			return invalid("isv.invalid-parameter", "参数重复："+k)
		}
		c.params[k] = vs[0]
	}
	return nil
}

func (c *call) readBody() (url.Values, error) {
	media, args, _ := mime.ParseMediaType(c.req.Header.Get("Content-Type"))
	if media == "multipart/form-data" {
		return c.readMultipart(args["boundary"])
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, c.req.Body, maxFormBytes))
	if err != nil {
		return nil, invalid("isv.invalid-parameter", "请求体过大或不完整")
	}
	body, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, invalid("isv.invalid-parameter", "请求体不是表单")
	}
	return body, nil
}

func (c *call) readMultipart(boundary string) (url.Values, error) {
	bad := invalid("isv.invalid-parameter", "请求体不是完整的 multipart")
	c.req.Body = http.MaxBytesReader(nil, c.req.Body, maxMultipartBytes)
	mr, err := c.req.MultipartReader()
	if err != nil || boundary == "" {
		return nil, bad
	}
	values := url.Values{}
	c.files = map[string]file{}
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, bad
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, bad
		}
		if part.FileName() != "" {
			c.files[part.FormName()] = file{Name: part.FileName(), Data: data}
			continue
		}
		values.Add(part.FormName(), string(data))
	}
}

// checkCommon looks at app_id first (as the live gateway was seen to), then at the other common parameters and at the clock.
func (c *call) checkCommon() error {
	p := c.params
	if p["app_id"] == "" {
		return missing("isv.missing-app-id", "缺少AppID参数")
	}
	if c.app = c.sim.apps.get(p["app_id"]); c.app == nil {
		return invalid("isv.invalid-app-id", "无效的AppID参数")
	}
	if c.app.Status != appOnline {
		return invalid("isv.not-online-app", "应用未上线")
	}
	for _, m := range []struct{ name, sub, msg string }{
		{"method", "isv.missing-method", "缺少方法名参数"},
		{"sign_type", "isv.missing-signature-type", "缺少签名类型"},
		{"sign", "isv.missing-signature", "缺少签名参数"},
		{"timestamp", "isv.missing-timestamp", "缺少时间戳参数"},
		{"version", "isv.missing-version", "缺少版本参数"},
	} {
		if p[m.name] == "" {
			return missing(m.sub, m.msg)
		}
	}
	return c.checkValues()
}

func (c *call) checkValues() error {
	p := c.params
	if f := strings.ToLower(p["format"]); f != "" && f != "json" {
		return invalid("isv.invalid-format", "无效的数据格式")
	}
	switch strings.ToLower(p["charset"]) {
	case "utf-8", "gbk", "gb2312":
	default:
		return invalid("isv.invalid-charset", "字符集错误")
	}
	if p["version"] != "1.0" {
		return invalid("isv.invalid-parameter", "参数无效：version")
	}
	if p["sign_type"] != "RSA2" {
		return invalid("isv.invalid-signature-type", "无效签名类型")
	}
	at, err := time.ParseInLocation(time.DateTime, p["timestamp"], beijingZone())
	if err != nil || (!within(at, c.now, c.sim.cfg.TimestampWindow) && !within(at, c.sim.wall.Now(), c.sim.cfg.TimestampWindow)) {
		return invalid("isv.invalid-timestamp", "非法的时间戳参数")
	}
	return nil
}

func within(a, b time.Time, d time.Duration) bool { return a.Sub(b).Abs() <= d }

// checkSignature verifies the bytes as sent, then brings the parameters to UTF-8.
func (c *call) checkSignature() error {
	if err := c.checkCertificates(); err != nil {
		return err
	}
	if !verifyRSA2(c.app.key, []byte(signText(c.params, "sign")), c.params["sign"]) {
		return invalid("isv.invalid-signature", "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配")
	}
	for k, v := range c.params {
		if c.gbk {
			u, err := simplifiedchinese.GBK.NewDecoder().String(v)
			if err != nil {
				return invalid("isv.invalid-charset", "字符集错误")
			}
			c.params[k] = u
		} else if !utf8.ValidString(v) {
			return invalid("isv.invalid-charset", "字符集错误")
		}
	}
	return nil
}

func (c *call) checkCertificates() error {
	if !c.app.CertMode {
		return nil
	}
	switch {
	case c.params["app_cert_sn"] == "":
		return missing("isv.missing-app-cert-sn", "缺少应用公钥证书序列号")
	case c.params["alipay_root_cert_sn"] == "":
		return missing("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号")
	case c.params["app_cert_sn"] != c.app.CertSN:
		return invalid("isv.app-cert-not-exist", "应用公钥证书不存在")
	case c.params["alipay_root_cert_sn"] != c.sim.keys.current().bundleSN():
		return invalid("isv.invalid-alipay-root-cert-sn", "支付宝根证书序列号错误")
	}
	return nil
}

// checkAccess finds the method, whom the call acts for, and whether the product is signed.
func (c *call) checkAccess() error {
	m, ok := c.sim.reg[c.params["method"]]
	if !ok {
		return invalid("isv.invalid-method", "不存在的方法名")
	}
	c.method = m
	c.pid, c.authApp = c.app.PID, c.app.AppID
	if err := c.resolveToken(); err != nil {
		return err
	}
	if !c.owner().has(m.Products...) {
		return noPermission("isv.insufficient-isv-permissions", "ISV权限不足，建议在开发者中心检查签约是否已经生效")
	}
	return nil
}

// checkContent reads biz_content (or the flat parameters) against the method's table.
func (c *call) checkContent() error {
	if enc := c.params["encrypt_type"]; enc != "" {
		if enc != "AES" {
			return invalid("isv.invalid-encrypt-type", "无效的加密类型")
		}
		plain, err := decryptAES(c.app.AESKey, c.params["biz_content"])
		if err != nil {
			return invalid("isv.invalid-encrypt", "解密出错")
		}
		c.params["biz_content"] = string(plain)
	}
	switch {
	case c.method.Flat && c.params["biz_content"] == "":
		c.biz = object{}
		for k, v := range c.params {
			c.biz[k] = v
		}
		if err := check(c.biz, c.method.Fields, "", false); err != nil {
			return c.method.refuseField(err)
		}
		return nil
	case c.params["biz_content"] == "":
		c.biz = object{}
	default:
		var err error
		c.biz, err = parseObject([]byte(c.params["biz_content"]))
		if errors.Is(err, errShape) {
			return c.method.refuseField(&fieldError{"biz_content", "应为JSON对象"})
		}
		if err != nil {
			return invalid("isv.illegal-json", "biz_content 不是合法的JSON："+err.Error())
		}
	}
	if err := check(c.biz, c.method.Fields, "", c.sim.cfg.RefuseUnknownFields); err != nil {
		return c.method.refuseField(err)
	}
	return nil
}

// paged is an answer with a code of its own (10003).
type paged struct {
	Code, Msg string
	Node      any
}

// content encodes the node: code and msg first, then the fields of node.
func content(node any, err error) ([]byte, bool) {
	head := struct {
		Code    string `json:"code"`
		Msg     string `json:"msg"`
		SubCode string `json:"sub_code,omitempty"`
		SubMsg  string `json:"sub_msg,omitempty"`
	}{Code: "10000", Msg: "Success"}
	signed := true
	if err != nil {
		var biz *bizError
		if !errors.As(err, &biz) {
			biz = unavailable()
		}
		head.Code, head.Msg, head.SubCode, head.SubMsg, signed = biz.Code, biz.Msg, biz.SubCode, biz.SubMsg, !biz.Unsigned
	}
	if p, ok := node.(paged); ok {
		head.Code, head.Msg, node = p.Code, p.Msg, p.Node
	}
	out := encodeJSON(head)
	if node == nil {
		return out, signed
	}
	rest := encodeJSON(node)
	if len(rest) <= 2 {
		return out, signed
	}
	return append(append(out[:len(out)-1], ','), rest[1:]...), signed
}

// encodeJSON is compact JSON without HTML escapes. A value that cannot be encoded is a programmer's error.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("encode an answer: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// nodeName is the answer's member: of the method when it is known, else error_response.
func (c *call) nodeName() string {
	name := c.params["method"]
	if _, known := c.sim.reg[name]; !known {
		return "error_response"
	}
	return strings.ReplaceAll(name, ".", "_") + "_response"
}

// answer writes the envelope, signed over the exact bytes of the node.
func (s *Simulator) answer(w http.ResponseWriter, c *call, node any, err error) {
	body, err := s.envelope(c, node, err)
	if err != nil {
		s.log.Error("sign an answer", "error", err)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/html;charset="+charsetName(c.gbk))
	if f := c.fault(); f != nil {
		f.write(w, body)
		return
	}
	_, _ = w.Write(body) // a caller that went away asks again
}

func charsetName(gbk bool) string {
	if gbk {
		return "gbk"
	}
	return "utf-8"
}

func (s *Simulator) envelope(c *call, node any, callErr error) ([]byte, error) {
	data, signed := content(node, callErr)
	if f := c.fault(); f != nil {
		data = f.alter(data)
	}
	if c.gbk {
		data = toGBK(data)
	}
	if c.params["encrypt_type"] == "AES" && signed && c.app != nil {
		text, err := encryptAES(c.app.AESKey, data)
		if err != nil {
			return nil, err
		}
		data = []byte(`"` + text + `"`)
	}
	sign := ""
	if signed {
		var err error
		if sign, err = signRSA2(s.keys.key, data); err != nil {
			return nil, err
		}
	}
	return c.assemble(data, sign), nil
}

// assemble puts the members of the envelope together: node, alipay_cert_sn in certificate mode, sign.
func (c *call) assemble(data []byte, sign string) []byte {
	name, f := c.nodeName(), c.fault()
	if f != nil {
		sign = f.alterSign(sign)
		if f.Kind == FaultEscapedSlashes {
			data = bytes.ReplaceAll(data, []byte("/"), []byte(`\/`))
		}
		if f.Kind == FaultOtherNode && bytes.Contains(data, []byte(`"sub_code"`)) {
			name = "error_response"
		}
	}
	members := []string{`"` + name + `":` + string(data)}
	if sign != "" {
		if c.app != nil && c.app.CertMode {
			members = append(members, `"alipay_cert_sn":"`+c.sim.keys.current().alipaySN()+`"`)
		}
		members = append(members, `"sign":"`+sign+`"`)
	}
	if f != nil && f.Kind == FaultSignFirst {
		slices.Reverse(members)
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

func toGBK(data []byte) []byte {
	out, err := simplifiedchinese.GBK.NewEncoder().Bytes(data)
	if err != nil {
		return data // a character that GBK lacks: the caller sees UTF-8 rather than nothing
	}
	return out
}
