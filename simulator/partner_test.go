package simulator

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"zhitong/internal/clock"
	"zhitong/simulator/protocol"
)

// partner is a platform that calls a simulator over HTTP with signing code of its own.
type partner struct {
	t     *testing.T
	sim   *Simulator
	srv   *httptest.Server
	clk   *clock.Movable
	dir   string
	app   string
	pid   string
	key   *rsa.PrivateKey
	ali   *rsa.PublicKey
	extra url.Values // certificates' numbers, app_auth_token
	inbox *inbox
}

// partnerKey is shared: making keys is slow.
var partnerKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// inbox is an application gateway that keeps what it is sent and answers "success".
type inbox struct {
	srv *httptest.Server
	got chan url.Values
}

func newInbox(t *testing.T) *inbox {
	b := &inbox{got: make(chan url.Values, 64)}
	b.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("message is not a form: %v", err)
		}
		b.got <- r.PostForm
		_, _ = io.WriteString(w, "success")
	}))
	t.Cleanup(b.srv.Close)
	return b
}

// next waits for a message of the method and checks its signature.
func (p *partner) next(method string) map[string]any {
	p.t.Helper()
	select {
	case form := <-p.inbox.got:
		if form.Get("msg_method") != method {
			p.t.Fatalf("message %s, want %s", form.Get("msg_method"), method)
		}
		fields := map[string]string{}
		for k := range form {
			if k != "sign" && k != "sign_type" {
				fields[k] = form.Get(k)
			}
		}
		p.verify([]byte(joined(fields)), form.Get("sign"))
		out := map[string]any{}
		if err := json.Unmarshal([]byte(form.Get("biz_content")), &out); err != nil {
			p.t.Fatalf("biz_content: %v", err)
		}
		return out
	case <-time.After(2 * time.Minute): // only what never comes fails
		p.t.Fatalf("no message %s", method)
		return nil
	}
}

// quiet fails when a message is there; barrier first makes sure that deliveries of the past are over.
func (p *partner) quiet() {
	p.t.Helper()
	select {
	case form := <-p.inbox.got:
		p.t.Fatalf("unexpected message %s %s", form.Get("msg_method"), form.Get("biz_content"))
	default:
	}
}

func newPartner(t *testing.T, body map[string]any) *partner {
	t.Helper()
	return newPartnerBy(t, new(clock.Movable), body)
}

// newPartnerBy is newPartner with a clock of the test's: one with fixed dates needs a clock that stands at them before
// the application is registered.
func newPartnerBy(t *testing.T, clk *clock.Movable, body map[string]any) *partner {
	t.Helper()
	p := &partner{t: t, clk: clk, dir: t.TempDir(), key: partnerKey(), inbox: newInbox(t)}
	p.open()
	p.register(body)
	return p
}

// sibling is another platform at the same simulator.
func (p *partner) sibling(body map[string]any) *partner {
	p.t.Helper()
	q := *p
	q.inbox = newInbox(p.t)
	q.register(body)
	return &q
}

func (p *partner) open() {
	p.t.Helper()
	sim, err := New(Config{Dir: p.dir, Clock: p.clk, Key: partnerKey()})
	if err != nil {
		p.t.Fatal(err)
	}
	p.sim, p.srv = sim, httptest.NewServer(sim.Handler())
	p.t.Cleanup(func() { p.close() })
}

func (p *partner) close() {
	if p.srv == nil {
		return
	}
	p.srv.Close()
	p.srv = nil
	if err := p.sim.Close(); err != nil {
		p.t.Errorf("close: %v", err)
	}
}

// restart closes the simulator and opens it again on the same storage.
func (p *partner) restart() {
	p.t.Helper()
	p.close()
	p.open()
}

func (p *partner) register(body map[string]any) {
	p.t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&p.key.PublicKey)
	if err != nil {
		p.t.Fatal(err)
	}
	in := map[string]any{"name": "测试卡盟", "public_key": base64.StdEncoding.EncodeToString(der),
		"app_gateway_url": p.inbox.srv.URL}
	maps.Copy(in, body)
	out := p.desk("POST", "/apps", in, http.StatusCreated)
	p.app, p.pid = out["app_id"].(string), out["pid"].(string)
	raw, err := base64.StdEncoding.DecodeString(out["alipay_public_key"].(string))
	if err != nil {
		p.t.Fatal(err)
	}
	k, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		p.t.Fatal(err)
	}
	p.ali = k.(*rsa.PublicKey)
	p.extra = url.Values{}
	if sn, ok := out["app_cert_sn"].(string); ok {
		p.extra.Set("app_cert_sn", sn)
		p.extra.Set("alipay_root_cert_sn", protocol.BundleNumber(out["root_certificate"].(string)))
	}
}

// desk calls the desk API and returns its object.
func (p *partner) desk(method, path string, body any, want int) map[string]any {
	p.t.Helper()
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.srv.URL+"/desk/api"+path, in)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != want {
		p.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, data)
	}
	p.described(req, resp, data)
	out := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, data)
		}
	}
	return out
}

// deskRoutes are the routes of desk.yaml.
var deskRoutes = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("desk/desk.yaml")
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// described fails when desk.yaml does not describe the desk's answer.
func (p *partner) described(req *http.Request, resp *http.Response, data []byte) {
	p.t.Helper()
	routes, err := deskRoutes()
	if err != nil {
		p.t.Fatal(err)
	}
	asked, err := http.NewRequestWithContext(p.t.Context(), req.Method, req.URL.RequestURI(), http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	route, params, err := routes.FindRoute(asked)
	if err != nil {
		p.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: params,
			Route: route},
		Status: resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}}
	in.SetBodyBytes(data)
	if err := openapi3filter.ValidateResponse(p.t.Context(), in); err != nil {
		p.t.Errorf("%s %s breaks desk.yaml: %v", req.Method, req.URL.Path, err)
	}
}

// joined is the text to sign: sorted k=v, empty values left out.
func joined(fields map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if fields[k] != "" {
			parts = append(parts, k+"="+fields[k])
		}
	}
	return strings.Join(parts, "&")
}

func (p *partner) sign(text string) string {
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

func (p *partner) verify(data []byte, sign string) {
	p.t.Helper()
	sig, err := base64.StdEncoding.DecodeString(sign)
	if err != nil {
		p.t.Fatalf("signature: %v", err)
	}
	sum := sha256.Sum256(data)
	if err := rsa.VerifyPKCS1v15(p.ali, crypto.SHA256, sum[:], sig); err != nil {
		p.t.Fatalf("Alipay's signature does not fit: %v", err)
	}
}

// params are the signed common parameters of a call.
func (p *partner) params(method string, flat map[string]string) map[string]string {
	f := map[string]string{"app_id": p.app, "method": method, "charset": "utf-8", "format": "json", "sign_type": "RSA2",
		"version":   "1.0",
		"timestamp": p.clk.Now().In(time.FixedZone("", 8*3600)).Format(time.DateTime)}
	for k := range p.extra {
		f[k] = p.extra.Get(k)
	}
	maps.Copy(f, flat)
	f["sign"] = p.sign(joined(f))
	return f
}

// call sends biz as biz_content and returns the node; a broken connection is nil.
func (p *partner) call(method string, biz any) map[string]any {
	p.t.Helper()
	data, err := json.Marshal(biz)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.flat(method, map[string]string{"biz_content": string(data)})
}

// flat sends parameters of the method's own.
func (p *partner) flat(method string, flat map[string]string) map[string]any {
	p.t.Helper()
	form := url.Values{}
	for k, v := range p.params(method, flat) {
		form.Set(k, v)
	}
	return p.post(method, "application/x-www-form-urlencoded;charset=utf-8", []byte(form.Encode()), "")
}

func (p *partner) post(method, contentType string, body []byte, query string) map[string]any {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.srv.URL+"/gateway.do?"+query,
		bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil
	}
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(data, &envelope); err != nil {
		p.t.Fatalf("%s: %v in %s", method, err, data)
	}
	node, ok := envelope[strings.ReplaceAll(method, ".", "_")+"_response"]
	if !ok {
		node = envelope["error_response"]
	}
	if s, ok := envelope["sign"]; ok {
		var sign string
		if err := json.Unmarshal(s, &sign); err != nil {
			p.t.Fatal(err)
		}
		p.verify(node, sign)
	}
	out := map[string]any{}
	if err := json.Unmarshal(node, &out); err != nil {
		p.t.Fatalf("%s: node %v in %s", method, err, data)
	}
	return out
}

// ok calls and expects 10000.
func (p *partner) ok(method string, biz any) map[string]any {
	p.t.Helper()
	out := p.call(method, biz)
	if out["code"] != "10000" {
		p.t.Fatalf("%s: %v", method, out)
	}
	return out
}

// refused calls and expects a sub_code.
func (p *partner) refused(method string, biz any, subCode string) map[string]any {
	p.t.Helper()
	out := p.call(method, biz)
	if out["sub_code"] != subCode {
		p.t.Fatalf("%s: %v, want %s", method, out, subCode)
	}
	return out
}

// upload sends an image and returns the node.
func (p *partner) upload(kind, name string, data []byte) map[string]any {
	p.t.Helper()
	const method = "ant.merchant.expand.indirect.image.upload"
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	query := url.Values{}
	for k, v := range p.params(method, map[string]string{"image_type": kind}) {
		if k == "image_type" {
			if err := w.WriteField(k, v); err != nil {
				p.t.Fatal(err)
			}
			continue
		}
		query.Set(k, v)
	}
	if name != "" {
		part, err := w.CreateFormFile("image_content", name)
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	return p.post(method, w.FormDataContentType(), body.Bytes(), query.Encode())
}

func (p *partner) image() string {
	p.t.Helper()
	out := p.upload("jpg", "a.jpg", []byte("\xff\xd8\xff\xe0picture"))
	id, _ := out["image_id"].(string)
	if id == "" {
		p.t.Fatalf("upload: %v", out)
	}
	return id
}
