package alipay_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
)

// The tests sign and verify with crypto/rsa directly and build the texts by hand, so that an error of the package
// cannot hide behind itself.

type keyPair struct {
	private *rsa.PrivateKey
	pem     secret.String // PKCS#1 PEM
	public  string        // SPKI, bare Base64
}

func newKeyPair() keyPair {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		panic(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})
	return keyPair{k, secret.New(string(text)), base64.StdEncoding.EncodeToString(der)}
}

var (
	appKey    = sync.OnceValue(newKeyPair)
	alipayKey = sync.OnceValue(newKeyPair)
	otherKey  = sync.OnceValue(newKeyPair)
)

func signText(key *rsa.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	raw, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// textOf joins non-empty parameters in order; skip names what is left out.
func textOf(params map[string]string, skip ...string) string {
	var names []string
	for k, v := range params {
		if v != "" && !strings.Contains(","+strings.Join(skip, ",")+",", ","+k+",") {
			names = append(names, k)
		}
	}
	sort.Strings(names)
	var parts []string
	for _, k := range names {
		parts = append(parts, k+"="+params[k])
	}
	return strings.Join(parts, "&")
}

// received is one request as the gateway saw it.
type received struct {
	Params map[string]string
	Files  map[string]string // name → file name
	Biz    map[string]any
	BizRaw string
}

// gateway is a small Alipay: it verifies each request and answers what the test says.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []received
	answer func(w http.ResponseWriter, r received) // nil: an empty success
	count  atomic.Int64
}

const appID = "9021000100000001"

var testTime = time.Date(2026, 1, 1, 19, 4, 5, 0, time.UTC) // 2026-01-02 03:04:05 in Beijing

func newGateway(t *testing.T, answer func(w http.ResponseWriter, r received)) *gateway {
	t.Helper()
	g := &gateway{answer: answer}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.count.Add(1)
		rec, err := readRequest(r)
		if err != nil {
			t.Errorf("gateway: %v", err)
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		g.mu.Lock()
		g.calls = append(g.calls, rec)
		answer := g.answer
		g.mu.Unlock()
		if answer == nil {
			answer = answering(`{"code":"10000","msg":"Success"}`)
		}
		answer(w, rec)
	}))
	t.Cleanup(g.Close)
	return g
}

func readRequest(r *http.Request) (received, error) {
	rec := received{Params: map[string]string{}, Files: map[string]string{}}
	add := func(vs url.Values) error {
		for k, v := range vs {
			if len(v) != 1 || rec.Params[k] != "" && rec.Params[k] != v[0] {
				return fmt.Errorf("parameter %s differs between query and body", k)
			}
			rec.Params[k] = v[0]
		}
		return nil
	}
	if err := add(r.URL.Query()); err != nil {
		return rec, err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := r.ParseMultipartForm(32 << 20); err != nil {
			return rec, err
		}
		if err := add(r.MultipartForm.Value); err != nil {
			return rec, err
		}
		for k, f := range r.MultipartForm.File {
			rec.Files[k] = f[0].Filename
		}
	} else {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return rec, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return rec, err
		}
		if err := add(form); err != nil {
			return rec, err
		}
	}
	sign, err := base64.StdEncoding.DecodeString(rec.Params["sign"])
	if err != nil {
		return rec, err
	}
	sum := sha256.Sum256([]byte(textOf(rec.Params, "sign")))
	if err := rsa.VerifyPKCS1v15(&appKey().private.PublicKey, crypto.SHA256, sum[:], sign); err != nil {
		return rec, fmt.Errorf("request signature: %w", err)
	}
	rec.BizRaw = rec.Params["biz_content"]
	if rec.BizRaw != "" && rec.Params["encrypt_type"] == "" {
		if err := json.Unmarshal([]byte(rec.BizRaw), &rec.Biz); err != nil {
			return rec, err
		}
	}
	return rec, nil
}

func nodeOf(method string) string { return strings.ReplaceAll(method, ".", "_") + "_response" }

// reply answers with a node signed by Alipay's key.
func reply(w http.ResponseWriter, r received, node string) {
	fmt.Fprintf(w, `{"%s":%s,"sign":"%s"}`, nodeOf(r.Params["method"]), node, signText(alipayKey().private, node))
}

func answering(node string) func(http.ResponseWriter, received) {
	return func(w http.ResponseWriter, r received) { reply(w, r, node) }
}

// set changes what the gateway answers from now on.
func (g *gateway) set(answer func(http.ResponseWriter, received)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

func (g *gateway) last() received {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[len(g.calls)-1]
}

func testClock() clock.Clock { return clock.FrozenAt(testTime) }

func credentials(gateway string) alipay.Credentials {
	return alipay.Credentials{
		Gateway: gateway + "/gateway.do", AppID: appID, PID: "2088000000000099", PrivateKey: appKey().pem,
		AlipayPublicKey: alipayKey().public,
		NotifyURL:       "https://example.cn/notify/t1",
	}
}

func (g *gateway) client(t *testing.T) *alipay.Client {
	t.Helper()
	c, err := alipay.NewClient(credentials(g.URL), alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
