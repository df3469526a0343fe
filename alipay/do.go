package alipay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"zhitong/internal/clock"
	"zhitong/internal/text"
)

// maxAnswer bounds an answer; the largest documented lists (2000 lines) stay far below.
const maxAnswer = 8 << 20

// do is what every call goes through: check and sign the request, send it, verify the answer on its bytes, judge it,
// decode it into out, let check compare it with what was asked. It always ends in nil or an *Error, one log line and
// one count.
func (c *Client) do(ctx context.Context, method string, req, out any, check func() *Error) error {
	info := registry()[method]
	elapsed := clock.Stopwatch()
	failure := c.attempt(ctx, info, req, out)
	if failure == nil && check != nil {
		failure = check()
	}
	if failure != nil {
		failure.Method = method
		if failure.Resolve == "" && failure.Outcome == OutcomeUnknown {
			failure.Resolve = info.Resolve
		}
	}
	c.record(ctx, method, failure, elapsed())
	if failure != nil {
		return failure
	}
	return nil
}

// attempt makes the call, and once more when it is a query whose answer did not arrive.
func (c *Client) attempt(ctx context.Context, info MethodInfo, req, out any) *Error {
	enc, err := encodeRequest(req)
	if err != nil {
		return requestError(info.Method, err)
	}
	ctx, cancel := context.WithTimeout(ctx, info.Deadline)
	defer cancel()
	failure := c.once(ctx, info, enc, req, out)
	if failure != nil && info.Retryable && ctx.Err() == nil && worthRepeating(failure) {
		failure = c.once(ctx, info, enc, req, out)
	}
	return failure
}

// worthRepeating: nothing arrived, or the gateway said it could not serve. A bad signature is never asked away.
func worthRepeating(e *Error) bool {
	return e.Outcome == OutcomeUnknown && !e.Limited &&
		(e.SubCode == SubCodeTransport || e.SubCode == SubCodeHTTPStatus || e.SubCode == SubCodeBrokenAnswer ||
			e.Code == codeUnavailable)
}

func (c *Client) once(ctx context.Context, info MethodInfo, enc *encoded, req, out any) *Error {
	params, err := c.signedParams(info, enc)
	if err != nil {
		return localRefusal(info.Method, "", err.Error())
	}
	body, failure := c.send(ctx, info.Method, params, enc)
	if failure != nil {
		return failure
	}
	node, signed, failure := c.verified(ctx, info.Method, body)
	if failure == nil {
		failure = judge(info.Method, node, req, out)
	}
	if failure != nil {
		failure.signed = signed
	}
	return failure
}

// signedParams are all parameters that travel, with their signature; files are not signed.
func (c *Client) signedParams(info MethodInfo, enc *encoded) (map[string]string, error) {
	p := map[string]string{
		"app_id": c.credentials.AppID, "method": info.Method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
		"timestamp": wireTime(c.clock.Now()), "version": "1.0",
	}
	if enc.biz != nil {
		p["biz_content"] = string(enc.biz)
		if c.content != nil {
			p["biz_content"], p["encrypt_type"] = c.content.encrypt(enc.biz), "AES"
		}
	}
	if c.certs != nil {
		p["app_cert_sn"], p["alipay_root_cert_sn"] = c.certs.appSN, c.certs.rootSN
	}
	if !c.credentials.AppAuthToken.IsZero() && info.Method != mAuthTokenApp && info.Method != mAuthTokenAppQuery {
		p["app_auth_token"] = c.credentials.AppAuthToken.Reveal()
	}
	if notifies(info.Method) {
		p["notify_url"] = c.credentials.NotifyURL
	}
	maps.Copy(p, enc.params)
	maps.DeleteFunc(p, func(_, v string) bool { return v == "" }) // an empty value would travel but not be signed
	sign, err := signParams(p, c.private)
	if err != nil {
		return nil, err
	}
	p["sign"] = sign
	return p, nil
}

// notifies tells whether a method sends trade notifications to notify_url.
func notifies(method string) bool {
	switch method {
	case mTradePrecreate, mTradeCreate, mTradePay, mTradePagePay, mTradeWapPay, mTradeAppPay,
		mTradeMergePrecreate, mTradeMergeCreate, mTradePageMergePay, mTradeAppMergePay, mTradeWapMergePay:
		return true
	}
	return false
}

// send posts the request and returns the body of an HTTP 200; everything else is unknown.
func (c *Client) send(ctx context.Context, method string, params map[string]string, enc *encoded) ([]byte, *Error) {
	r, err := c.httpRequest(ctx, params, enc)
	if err != nil {
		return nil, localRefusal(method, "", err.Error())
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, unknown(method, SubCodeTransport, "no answer", stripURL(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case res.StatusCode != http.StatusOK:
		return nil, unknown(method, SubCodeHTTPStatus, fmt.Sprintf("HTTP %d", res.StatusCode), nil)
	case err != nil:
		return nil, unknown(method, SubCodeTransport, "the answer broke off", stripURL(err))
	case len(body) > maxAnswer:
		return nil, unknown(method, SubCodeBrokenAnswer, "the answer is too large", nil)
	}
	return body, nil
}

// stripURL drops the address from a transport error: in multipart calls it carries parameters, a token among them.
func stripURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func (c *Client) httpRequest(ctx context.Context, params map[string]string, enc *encoded) (*http.Request, error) {
	u := *c.gateway
	if len(enc.files) == 0 {
		u.RawQuery = "charset=utf-8"
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(formEncode(params)))
		if err != nil {
			return nil, fmt.Errorf("make request: %w", err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
		return r, nil
	}
	common := maps.Clone(params)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	// The business parameters are parts, as in Alipay's example.
	for _, name := range slices.Sorted(maps.Keys(enc.params)) {
		delete(common, name)
		if err := w.WriteField(name, enc.params[name]); err != nil {
			return nil, fmt.Errorf("write part: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(enc.files)) {
		if err := writeFile(w, name, enc.files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("close multipart: %w", err)
	}
	u.RawQuery = formEncode(common)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), &b)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r, nil
}

func writeFile(w *multipart.Writer, name string, f File) error {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "")
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, name, escape.Replace(f.Name)))
	kind := f.ContentType
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", escape.Replace(kind))
	part, err := w.CreatePart(h)
	if err != nil {
		return fmt.Errorf("write file part: %w", err)
	}
	if _, err := part.Write(f.Content); err != nil {
		return fmt.Errorf("write file part: %w", err)
	}
	return nil
}

func formEncode(params map[string]string) string {
	v := url.Values{}
	for k, s := range params {
		v.Set(k, s)
	}
	return v.Encode()
}

// signRaw signs bytes as they are; only the self-test and the doctor's probe need it.
func signRaw(text []byte, key *rsa.PrivateKey) (string, error) {
	sum := sha256.Sum256(text)
	raw, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// verified takes a body apart, verifies it and returns the node's plain JSON and whether it was signed.
func (c *Client) verified(ctx context.Context, method string, body []byte) (node []byte, signed bool, failure *Error) {
	e, err := openEnvelope(method, body)
	if err != nil {
		return nil, false, unknown(method, SubCodeBrokenAnswer, "unreadable answer", err)
	}
	key, err := c.keyFor(ctx, method, e.certSN)
	if err != nil {
		return nil, false, unknown(method, SubCodeBadSignature, "no trusted key for the answer's certificate", err)
	}
	code := codeOf(e.node)
	// The certificate download vouches for itself: what it returns must chain to the pinned root, whoever signed the
	// answer.
	if key != nil || method != mAlipaycertDownload {
		if err := c.verifyEnvelope(e, key, code); err != nil {
			sub := SubCodeBadSignature
			if e.sign == "" {
				sub = SubCodeUnsigned
			}
			return nil, false, unknown(method, sub, "the answer cannot be trusted", err)
		}
	}
	if e.errors && code == codeSuccess {
		return nil, false, unknown(method, SubCodeBrokenAnswer, "error_response that reports success", nil)
	}
	if len(e.node) > 0 && e.node[0] == '"' {
		if node, failure = c.decrypted(method, e.node); failure != nil {
			return nil, false, failure
		}
		return node, e.sign != "", nil
	}
	return e.node, e.sign != "", nil
}

func (c *Client) decrypted(method string, node []byte) ([]byte, *Error) {
	if c.content == nil {
		return nil, unknown(method, SubCodeBrokenAnswer,
			"the answer is encrypted and no content key is configured", nil)
	}
	var text string
	if err := json.Unmarshal(node, &text); err != nil {
		return nil, unknown(method, SubCodeBrokenAnswer, "unreadable encrypted answer", err)
	}
	plain, err := c.content.decrypt(text)
	if err != nil {
		return nil, unknown(method, SubCodeBrokenAnswer, "unreadable encrypted answer", err)
	}
	return plain, nil
}

var errUnsigned = errors.New("a success must be signed")

// verifyEnvelope checks the signature over the node's bytes. Gateway-level failures come unsigned and are allowed to; a
// success never is, and an encrypted node, whose code cannot be read before it is verified, never is either.
func (c *Client) verifyEnvelope(e envelope, key *rsa.PublicKey, code string) error {
	if e.sign == "" {
		switch code {
		case "", codeSuccess, codeAwaitingBuyer:
			return errUnsigned
		}
		return nil
	}
	return verifyNode(key, e.signed, e.sign)
}

// codeOf reads an object node's code; "" when it has none or is encrypted.
func codeOf(node []byte) string {
	var n struct {
		Code any `json:"code"`
	}
	if json.Unmarshal(node, &n) != nil || n.Code == nil {
		return ""
	}
	return scalarText(n.Code)
}

// keyFor is the key that must have signed: the pinned one, or in certificate mode that of the certificate the answer
// names, which is downloaded when it is new and must chain to the pinned root.
func (c *Client) keyFor(ctx context.Context, method, sn string) (*rsa.PublicKey, error) {
	if c.certs == nil || sn == "" || sn == c.certs.alipaySN {
		return c.public, nil
	}
	if key, ok := c.downloaded.Load(sn); ok {
		return key.(*rsa.PublicKey), nil
	}
	if method == mAlipaycertDownload {
		return nil, nil
	}
	res, err := c.AlipaycertDownload(ctx, AlipaycertDownloadRequest{AlipayCertSN: sn})
	if err != nil {
		return nil, fmt.Errorf("download certificate: %w", err)
	}
	key, got, err := c.certs.trust(res.PEM, c.clock.Now())
	if err != nil {
		return nil, fmt.Errorf("downloaded certificate: %w", err)
	}
	if got != sn {
		return nil, errors.New("downloaded certificate: it is another one than asked for")
	}
	c.downloaded.Store(sn, key)
	return key, nil
}

// answer is what every node has.
type answer struct {
	Code    string `json:"code"`
	Msg     string `json:"msg"`
	SubCode string `json:"sub_code"`
	SubMsg  string `json:"sub_msg"`
}

// judge turns a verified node into out or into an *Error.
func judge(method string, node []byte, req, out any) *Error {
	var a answer
	if err := decodeNode(node, &a); err != nil {
		return unknown(method, SubCodeBrokenAnswer, "unreadable answer", err)
	}
	ruling := Rule(method, a.Code, a.SubCode)
	if ruling.Class == ClassDone {
		if err := decodeNode(node, out); err != nil {
			return unknown(method, SubCodeBrokenAnswer, "unreadable answer", err)
		}
		return nil
	}
	e := &Error{Method: method, Code: a.Code, SubCode: a.SubCode, Message: text.Shown(a.SubMsg),
		Resolve: ruling.Resolve,
		Limited: ruling.Class == ClassLimited}
	if e.Message == "" {
		e.Message = a.Msg
	}
	if ruling.Class == ClassFinal {
		e.Outcome = OutcomeRefused
		e.Field = namedField(a, req)
	}
	return e
}

// requestError is a request that was refused before it was sent.
func requestError(method string, err error) *Error {
	if f, ok := errors.AsType[*fieldError](err); ok {
		return localRefusal(method, f.field, f.problem)
	}
	return localRefusal(method, "", err.Error())
}

func (c *Client) record(ctx context.Context, method string, e *Error, took time.Duration) {
	outcome, level, code, sub := OutcomeDone.String(), slog.LevelInfo, codeSuccess, ""
	if e != nil {
		outcome, code, sub = e.Outcome.String(), e.Code, e.SubCode
		if e.Limited {
			outcome = "limited"
		}
		if e.Outcome == OutcomeUnknown {
			level = slog.LevelWarn
		}
	}
	c.metrics.observe(method, outcome, took)
	c.logger.LogAttrs(ctx, level, "alipay call", slog.String("method", method), slog.String("outcome", outcome),
		slog.String("code", code),
		slog.String("sub_code", sub), slog.Duration("duration", took))
}

// namedField finds the request field an error is about: isv.missing-/isv.invalid- sub codes name a parameter, texts
// often name a field.
func namedField(a answer, req any) string {
	for _, prefix := range []string{"isv.missing-", "isv.invalid-"} {
		if name, ok := strings.CutPrefix(a.SubCode, prefix); ok && name != "parameter" {
			return strings.ReplaceAll(name, "-", "_")
		}
	}
	names := map[string]bool{}
	fieldNames(reflect.Indirect(reflect.ValueOf(req)).Type(), names, 0)
	words := strings.FieldsFunc(a.SubMsg, func(r rune) bool {
		return (r < 'a' || r > 'z') && r != '_' && (r < '0' || r > '9')
	})
	for _, w := range words {
		if names[w] {
			return w
		}
	}
	return ""
}

func fieldNames(t reflect.Type, names map[string]bool, depth int) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == typeTime || t == typeFile || depth > 6 {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		for _, tag := range []string{f.Tag.Get("json"), f.Tag.Get("param")} {
			if tag != "" && tag != "-" {
				names[tag] = true
			}
		}
		fieldNames(f.Type, names, depth+1)
	}
}

// call is do for methods with a plain answer.
func call[R any](ctx context.Context, c *Client, method string, req any, check func(*R) *Error) (*R, error) {
	out := new(R)
	err := c.do(ctx, method, req, out, func() *Error {
		if check == nil {
			return nil
		}
		return check(out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mismatch is a verified answer about something else than was asked: nobody knows what happened.
func mismatch(field string) *Error {
	return &Error{Outcome: OutcomeUnknown, Code: codeSuccess, SubCode: SubCodeMismatch, Field: field,
		Message: "the answer differs from the request"}
}

// same checks that an answer repeats a value of the request, when both have it.
func same(field, asked, got string) *Error {
	if asked != "" && got != "" && asked != got {
		return mismatch(field)
	}
	return nil
}

func firstOf(errs ...*Error) *Error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

func notFinal(message string) *Error {
	return &Error{Outcome: OutcomeUnknown, Code: codeSuccess, SubCode: SubCodeNotFinal, Message: message}
}
