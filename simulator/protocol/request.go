// Package protocol is Alipay's wire: it reads requests and verifies their RSA2 signatures, checks business fields
// against a method's table, and encodes and signs answers, certificates and errors. It knows no trade, no application
// and no storage.
package protocol

import (
	"cmp"
	"crypto/rsa"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
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

// Request is one call as it came over the wire.
type Request struct {
	HTTP   *http.Request
	Params map[string]string // merged from query and body; UTF-8 after verify
	Files  map[string]file
	GBK    bool
	// wire is the charset that Alipay decodes the body by: that of the address, else of the Content-Type, else GBK.
	wire string
	// foreign: the body has bytes that wire and the charset parameter read differently.
	foreign bool
}

// Read merges query and body. A name may come twice only with one value and from the two places: official clients
// repeat charset so. Of a charset in two spellings the body's counts, which is what was signed.
func (q *Request) Read() error {
	query, err := url.ParseQuery(q.HTTP.URL.RawQuery)
	if err != nil {
		return Invalid("isv.invalid-parameter", "参数无效：query")
	}
	q.Params = map[string]string{}
	if err := q.merge(query); err != nil {
		return err
	}
	_, args, _ := mime.ParseMediaType(q.HTTP.Header.Get("Content-Type"))
	q.wire = strings.ToLower(cmp.Or(query.Get("charset"), args["charset"], "gbk"))
	switch q.HTTP.Method {
	case http.MethodGet:
	case http.MethodPost:
		body, err := q.readBody()
		if err != nil {
			return err
		}
		if err := q.merge(body); err != nil {
			return err
		}
		for _, values := range body {
			q.foreign = q.foreign || !isASCII(values[0])
		}
	default:
		return Invalid("isv.invalid-method", "不支持的请求方式")
	}
	q.GBK = isGBK(q.Params["charset"])
	q.foreign = q.foreign && isGBK(q.wire) != q.GBK
	return nil
}

func isGBK(charset string) bool {
	charset = strings.ToLower(charset)
	return charset == "gbk" || charset == "gb2312"
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func (q *Request) merge(values url.Values) error {
	for k, vs := range values {
		if len(vs) > 1 {
			return Invalid("isv.invalid-parameter", "参数重复："+k)
		}
		old, seen := q.Params[k]
		if seen && old != vs[0] && !(k == "charset" && strings.EqualFold(old, vs[0])) {
			return Invalid("isv.invalid-parameter", "参数重复："+k)
		}
		q.Params[k] = vs[0]
	}
	return nil
}

func (q *Request) readBody() (url.Values, error) {
	media, args, _ := mime.ParseMediaType(q.HTTP.Header.Get("Content-Type"))
	if media == "multipart/form-data" {
		return q.readMultipart(args["boundary"])
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, q.HTTP.Body, maxFormBytes))
	if err != nil {
		return nil, Invalid("isv.invalid-parameter", "请求体过大或不完整")
	}
	body, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, Invalid("isv.invalid-parameter", "请求体不是表单")
	}
	return body, nil
}

func (q *Request) readMultipart(boundary string) (url.Values, error) {
	bad := Invalid("isv.invalid-parameter", "请求体不是完整的 multipart")
	q.HTTP.Body = http.MaxBytesReader(nil, q.HTTP.Body, maxMultipartBytes)
	mr, err := q.HTTP.MultipartReader()
	if err != nil || boundary == "" {
		return nil, bad
	}
	values := url.Values{}
	q.Files = map[string]file{}
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
			q.Files[part.FormName()] = file{Name: part.FileName(), Data: data}
			continue
		}
		values.Add(part.FormName(), string(data))
	}
}

// commonMax are the documented lengths of the common parameters, in characters.
func commonMax() map[string]int {
	return map[string]int{"app_id": 32, "method": 128, "format": 40, "charset": 10, "sign_type": 10, "timestamp": 19,
		"version": 3, "notify_url": 256, "return_url": 256, "app_auth_token": 40}
}

// CheckValues looks at the common parameters: their lengths, addresses, and those that have few allowed values. The
// form of timestamp is checked, and with a window that it fits one of the two times; 0 is no window.
func (q *Request) CheckValues(now, wall time.Time, window time.Duration) error {
	p := q.Params
	for name, most := range commonMax() {
		if utf8.RuneCountInString(p[name]) > most && name != "timestamp" {
			return Invalid("isv.invalid-parameter", "参数无效："+name+" 超过最大长度 "+strconv.Itoa(most))
		}
	}
	if to := p["notify_url"]; to != "" && !isWebAddress(to) {
		return Invalid("isv.invalid-parameter", "参数无效：notify_url 不是 http 或 https 地址")
	}
	if f := strings.ToLower(p["format"]); f != "" && f != "json" {
		return Invalid("isv.invalid-format", "无效的数据格式")
	}
	switch strings.ToLower(p["charset"]) {
	case "utf-8", "gbk", "gb2312":
	default:
		return Invalid("isv.invalid-charset", "字符集错误")
	}
	if p["version"] != "1.0" {
		return Invalid("isv.invalid-parameter", "参数无效：version")
	}
	if p["sign_type"] != "RSA2" {
		return Invalid("isv.invalid-signature-type", "无效签名类型")
	}
	at, ok := q.SentAt()
	if !ok || window > 0 && !within(at, now, window) && !within(at, wall, window) {
		return Invalid("isv.invalid-timestamp", "非法的时间戳参数")
	}
	return nil
}

// SentAt is the request's timestamp; false for one of another form.
func (q *Request) SentAt() (time.Time, bool) {
	at, err := time.ParseInLocation(time.DateTime, q.Params["timestamp"], BeijingZone())
	return at, err == nil
}

func within(a, b time.Time, d time.Duration) bool { return a.Sub(b).Abs() <= d }

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// Verify checks the signature over the bytes as sent, then brings the parameters to UTF-8. What it says of a wrong one
// is what the live gateway was seen to say (fzlee/alipay issues 54 and 128; Yurunsoft/PaySDK issue 28).
func (q *Request) Verify(key *rsa.PublicKey) error {
	const wrong = "isv.invalid-signature"
	text := SignText(q.Params, "sign")
	switch {
	case q.foreign:
		// The text that Alipay verifies is not the one that was signed, and the answer comes in GBK, too
		// (smartwalle/alipay issue 258, yansongda/pay issue 247, chloerei/alipay issue 90).
		q.GBK = true
		return Invalid(wrong, "验签出错，请确认charset参数放在了URL查询字符串中且各参数值使用charset参数指示的字符集编码")
	case verifyRSA2(key, []byte(text), q.Params["sign"]):
	case verifyRSA1(key, []byte(text), q.Params["sign"]):
		return Invalid(wrong, "验签出错，sign值与sign_type参数指定的签名类型不一致：sign_type参数值为RSA2，您实际用的签名类型可能是RSA")
	default:
		return Invalid(wrong, "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配"+SignedTextIs+escape(q.shown(text)))
	}
	for k, v := range q.Params {
		if q.GBK {
			u, err := simplifiedchinese.GBK.NewDecoder().String(v)
			if err != nil {
				return Invalid("isv.invalid-charset", "字符集错误")
			}
			q.Params[k] = u
		} else if !utf8.ValidString(v) {
			return Invalid("isv.invalid-charset", "字符集错误")
		}
	}
	return nil
}

// SignedTextIs introduces the text that the gateway verified, in the message of a wrong signature.
const SignedTextIs = "，网关生成的验签字符串为："

// shown is the text as UTF-8.
func (q *Request) shown(text string) string {
	if q.GBK {
		text, _ = simplifiedchinese.GBK.NewDecoder().String(text) // what is no GBK is shown as U+FFFD
	}
	return strings.ToValidUTF8(text, string(utf8.RuneError))
}

// escape is HTML's escaping as Alipay writes it: &quot; for ", nothing for '.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}
