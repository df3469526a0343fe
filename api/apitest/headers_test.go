package apitest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/api/contract"
)

func contains(body []byte, text string) bool { return bytes.Contains(body, []byte(text)) }

// TestVersionHeader walks the contract: every answer names the version it is written in, and an unknown one is refused
// with those there are.
func TestVersionHeader(t *testing.T) {
	t.Parallel()
	const newest, unknown = "2026-11-26", "2026-11-25" // any day: these are names of versions
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	nobody := random(p)
	for _, op := range w.Contract.Operations() {
		if op.Personal { // for people only
			continue
		}
		for asked, known := range map[string]bool{"": true, newest: true, unknown: false, "newest": false} {
			var header []string
			if asked != "" {
				header = []string{"Zhitong-Version", asked}
			}
			a := w.Do(t, p.Key(owner), op.Method, nobody.Fill(op.Path), nil, header...)
			if got := a.Header.Get("Zhitong-Version"); got != newest {
				t.Errorf("%s in version %q: Zhitong-Version %q", op.ID, asked, got)
			}
			refused := a.Code() == "unknown_api_version"
			if refused == known || refused && (a.Status != http.StatusBadRequest || !contains(a.Body, newest)) {
				t.Errorf("%s in version %q: %d %s", op.ID, asked, a.Status, a.Body)
			}
		}
	}
	if a := w.Do(t, "", http.MethodGet, "/v1/nothing", nil); a.Header.Get("Zhitong-Version") != newest {
		t.Errorf("no path: %v", a.Header)
	}
}

// TestRateLimitHeaders walks the contract: every answer tells the limit that the request was counted against.
func TestRateLimitHeaders(t *testing.T) {
	t.Parallel()
	furnished := apitest.NewWorld(t)
	p := furnished.NewTenant(t, "甲")
	w := apitest.NewWorldOn(t, furnished.DB, func(d *api.Deps) {
		d.Limits = api.Limits{PerKeySecond: 5000, SignUpsMinute: 400, MissesMinute: 300}
	})
	nobody := random(p)
	for _, op := range w.Contract.Operations() {
		for key, want := range map[string]string{p.Key(owner): "5000", p.Key(support): "5000", "wrong": "300"} {
			if op.Public {
				want = "400"
			}
			a := w.Do(t, key, op.Method, nobody.Fill(op.Path), nil)
			remaining, err := strconv.Atoi(a.Header.Get("RateLimit-Remaining"))
			if a.Header.Get("RateLimit-Limit") != want || err != nil || remaining < 0 ||
				a.Header.Get("RateLimit-Reset") == "" {
				t.Errorf("%s: %d %v, want the limit %s", op.ID, a.Status, a.Header, want)
			}
		}
	}
	full := apitest.NewWorldOn(t, furnished.DB, func(d *api.Deps) { d.Limits.SignUpsMinute = 1 })
	for range 2 {
		a := full.Do(t, "", http.MethodPost, "/v1/tenants", object{"name": ""})
		if a.Header.Get("RateLimit-Remaining") != "0" || a.Header.Get("RateLimit-Reset") != "60" ||
			(a.Header.Get("Retry-After") == "60") != (a.Status == http.StatusTooManyRequests) {
			t.Errorf("%d %v", a.Status, a.Header)
		}
	}
}

// TestLimitsAreDocumented holds the description of the API to the limits there are.
func TestLimitsAreDocumented(t *testing.T) {
	t.Parallel()
	doc, err := contract.Document()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(doc.Info.Description), " ")
	l := api.DefaultLimits()
	for _, want := range []string{
		strconv.Itoa(l.PerKeySecond/1000) + ",000 requests a second",
		"sign up " + strconv.Itoa(l.SignUpsMinute) + " platforms",
		"try " + strconv.Itoa(l.MissesMinute) + " wrong keys",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the description of the API does not say %q", want)
		}
	}
}

// coded asks for a path with an Accept-Encoding, and tells the answer's coding and its text.
func coded(t *testing.T, w *apitest.World, key, path, accept string, more ...string) (http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Accept-Encoding", accept) // set by hand, nothing is unpacked on the way
	for i := 0; i < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body io.Reader = res.Body
	switch res.Header.Get("Content-Encoding") {
	case "gzip":
		if body, err = gzip.NewReader(res.Body); err != nil {
			t.Fatal(err)
		}
	case "zstd":
		unpacked, err := zstd.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		defer unpacked.Close()
		body = unpacked
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Header, string(text)
}

// TestCompression asks for long answers: they are compressed as the caller takes it, and say what they vary with.
func TestCompression(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for range 5 {
		w.Order(t, p)
	}
	for _, path := range []string{"/openapi.yaml", "/docs/errors", "/v1/orders", "/v1/events?limit=100"} {
		_, plain := coded(t, w, p.Key(owner), path, "identity")
		for _, accept := range []string{"gzip", "zstd"} {
			h, text := coded(t, w, p.Key(owner), path, accept)
			if h.Get("Content-Encoding") != accept || !strings.Contains(h.Get("Vary"), "Accept-Encoding") ||
				text != plain {
				t.Errorf("%s as %s: %v", path, accept, h)
			}
		}
		if h, _ := coded(t, w, p.Key(owner), path, "identity"); h.Get("Content-Encoding") != "" ||
			!strings.Contains(h.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s as it is: %v", path, h)
		}
	}
}

// TestSecretsAreNotCompressed asks for what carries a secret, and for what a browser shows of it.
func TestSecretsAreNotCompressed(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var o struct {
		ID          string
		CheckoutURL string `json:"checkout_url"`
		Payment     struct {
			OutTradeNo string `json:"out_trade_no"`
		}
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", w.OrderBody(p, 30), &o, key()...)
	page := strings.TrimPrefix(o.CheckoutURL, w.URL)
	visitor := w.Do(t, "", http.MethodGet, page, nil).Header.Get("Set-Cookie") // who saw it unpaid sees the keys
	w.Desk(t, http.MethodPost, "/trades/"+o.Payment.OutTradeNo+"/pay", object{}, nil)
	next := w.Events(t.Context(), t, page+"/events")
	for next() != "delivered" {
	}
	for _, path := range []string{"/v1/orders/" + o.ID + "/card_keys", page} {
		h, text := coded(t, w, p.Key(owner), path, "gzip, zstd", "Cookie", visitor)
		if h.Get("Content-Encoding") != "" || len(text) < 1400 || !strings.Contains(text, p.IDs["product_id"]+"-0") {
			t.Errorf("%s: %d bytes, %v", path, len(text), h)
		}
	}
}

// TestContractCanBeKept asks for the contract again: it has not changed.
func TestContractCanBeKept(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	a := w.Do(t, "", http.MethodGet, "/openapi.yaml", nil)
	tag := a.Header.Get("ETag")
	if tag == "" || !strings.Contains(a.Header.Get("Cache-Control"), "max-age=300") {
		t.Errorf("%v", a.Header)
	}
	b := w.Do(t, "", http.MethodGet, "/openapi.yaml", nil, "If-None-Match", tag)
	if b.Status != http.StatusNotModified || len(b.Body) > 0 {
		t.Errorf("%d with %d bytes", b.Status, len(b.Body))
	}
}
