// Package protocol is Alipay's wire: it reads requests and verifies their RSA2 signatures, checks business fields
// against a method's table, and encodes and signs answers, certificates and errors. It knows no trade, no application
// and no storage.
package protocol

import (
	"crypto/rsa"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
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
}

// Read merges query and body. A name may come twice only with one value and from the two places: official clients
// repeat charset so.
func (q *Request) Read() error {
	query, err := url.ParseQuery(q.HTTP.URL.RawQuery)
	if err != nil {
		return Invalid("isv.invalid-parameter", "参数无效：query")
	}
	q.Params = map[string]string{}
	if err := q.merge(query); err != nil {
		return err
	}
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
	default:
		return Invalid("isv.invalid-method", "不支持的请求方式")
	}
	cs := strings.ToLower(q.Params["charset"])
	q.GBK = cs == "gbk" || cs == "gb2312"
	return nil
}

func (q *Request) merge(values url.Values) error {
	for k, vs := range values {
		if len(vs) > 1 {
			return Invalid("isv.invalid-parameter", "参数重复："+k)
		}
		if old, seen := q.Params[k]; seen && old != vs[0] {
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

// CheckValues looks at the common parameters that have few allowed values, and at the clock: timestamp may fit either
// time.
func (q *Request) CheckValues(now, wall time.Time, window time.Duration) error {
	p := q.Params
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
	at, err := time.ParseInLocation(time.DateTime, p["timestamp"], BeijingZone())
	if err != nil || (!within(at, now, window) && !within(at, wall, window)) {
		return Invalid("isv.invalid-timestamp", "非法的时间戳参数")
	}
	return nil
}

func within(a, b time.Time, d time.Duration) bool { return a.Sub(b).Abs() <= d }

// Verify checks the signature over the bytes as sent, then brings the parameters to UTF-8.
func (q *Request) Verify(key *rsa.PublicKey) error {
	if !verifyRSA2(key, []byte(SignText(q.Params, "sign")), q.Params["sign"]) {
		return Invalid("isv.invalid-signature", "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配")
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
