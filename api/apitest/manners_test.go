package apitest_test

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/contract"
)

// TestLastOwnerKey keeps a platform from locking itself out.
func TestLastOwnerKey(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	var made struct {
		APIKey struct{ ID, Secret string } `json:"api_key"`
	}
	w.Must(t, "", http.MethodPost, "/v1/tenants", object{"name": "甲", "owner_email": "owner@example.cn"}, &made,
		key()...)
	a := w.Do(t, made.APIKey.Secret, http.MethodDelete, "/v1/api_keys/"+made.APIKey.ID, nil)
	if a.Status != http.StatusConflict || a.Code() != "last_owner_key" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	w.Must(t, made.APIKey.Secret, http.MethodGet, "/v1/tenant", nil, nil)
}

// methodsByPath are the methods of every path of the contract, HEAD and OPTIONS among them, as Allow lists them.
func methodsByPath(c *contract.Contract) map[string][]string {
	out := map[string][]string{}
	for _, op := range c.Operations() {
		if len(out[op.Path]) == 0 {
			out[op.Path] = []string{http.MethodOptions}
		}
		out[op.Path] = append(out[op.Path], op.Method)
		if op.Method == http.MethodGet {
			out[op.Path] = append(out[op.Path], http.MethodHead)
		}
	}
	for _, methods := range out {
		slices.Sort(methods)
	}
	return out
}

// TestMethods walks the paths of the contract: what a path does not take is 405 with Allow, OPTIONS tells the same
// without a key, and no answer lets a browser's script of another site in.
func TestMethods(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	paths := methodsByPath(w.Contract)
	paths["/openapi.yaml"] = []string{"GET", "HEAD", "OPTIONS"}
	paths["/checkout/x"] = []string{"GET", "HEAD", "OPTIONS", "POST"}
	paths["/notify/alipay/"+p.ID.String()] = []string{"OPTIONS", "POST"}
	for path, methods := range paths {
		want := strings.Join(methods, ", ")
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OPTIONS"} {
			if method != http.MethodOptions && slices.Contains(methods, method) {
				continue
			}
			a := w.Do(t, "", method, p.Fill(path), nil, "Origin", "https://shop.example.cn",
				"Access-Control-Request-Method", "GET")
			status := http.StatusMethodNotAllowed
			if method == http.MethodOptions {
				status = http.StatusNoContent
			}
			if a.Status != status || a.Header.Get("Allow") != want {
				t.Errorf("%s %s: %d, Allow %q; want %d, %q", method, path, a.Status, a.Header.Get("Allow"),
					status, want)
			}
			if a.Header.Get("Request-Id") == "" {
				t.Errorf("%s %s has no Request-Id", method, path)
			}
			if slices.ContainsFunc(slices.Collect(maps.Keys(a.Header)),
				func(name string) bool { return strings.HasPrefix(name, "Access-Control-") }) {
				t.Errorf("%s %s lets other sites in: %v", method, path, a.Header)
			}
		}
	}
	for _, method := range []string{"GET", "OPTIONS", "PROPFIND"} {
		if a := w.Do(t, "", method, "/v1/nothing", nil); a.Status != http.StatusNotFound ||
			a.Header.Get("Allow") != "" {
			t.Errorf("%s of no path: %d, Allow %q", method, a.Status, a.Header.Get("Allow"))
		}
	}
}

// TestHead asks every GET of the contract, and the pages, with HEAD: the same status and headers, and no body.
func TestHead(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var o struct {
		CheckoutURL string `json:"checkout_url"`
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", w.OrderBody(p, 1), &o, key()...)
	checkout := strings.TrimPrefix(o.CheckoutURL, w.URL)
	paths := []string{"/openapi.yaml", "/openapi.json", "/docs", "/docs/", "/docs/errors", checkout, checkout + "/",
		checkout + "/status", "/v1/nothing"}
	for _, page := range []string{checkout, "/docs/", "/docs/errors"} { // and what they load
		body := w.Do(t, "", http.MethodGet, page, nil).Body
		for _, m := range regexp.MustCompile(`(?:href|src)="(/[^"?#]+)`).FindAllSubmatch(body, -1) {
			if path := string(m[1]); !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	if n := len(paths); n < 15 {
		t.Errorf("only %d pages and files", n)
	}
	for _, op := range w.Contract.Operations() {
		if op.Method == http.MethodGet {
			paths = append(paths, p.Fill(op.Path))
		}
	}
	for _, path := range paths {
		get, head := w.Do(t, p.Key(owner), http.MethodGet, path, nil), w.Do(t, p.Key(owner), http.MethodHead, path, nil)
		if head.Status != get.Status || len(head.Body) > 0 {
			t.Errorf("HEAD %s: %d with %d bytes; GET answers %d", path, head.Status, len(head.Body), get.Status)
		}
		for name := range get.Header {
			if head.Header.Get(name) == "" && name != "Content-Length" {
				t.Errorf("HEAD %s lacks %s", path, name)
			}
		}
	}
	a := w.Do(t, "", http.MethodHead, checkout+"/events", nil)
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD of the stream: %d %v", a.Status, a.Header)
	}
}

// TestPastedCheckoutAddress: what is copied with an address leads to the address, and nowhere else.
func TestPastedCheckoutAddress(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var o struct {
		CheckoutURL string `json:"checkout_url"`
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", w.OrderBody(p, 1), &o, key()...)
	checkout := strings.TrimPrefix(o.CheckoutURL, w.URL)
	for _, after := range []string{"/", "%20", "%20/", "。", "）", "%EF%BC%89", ")", ".", ",", "%E3%80%80", "%22", "%3E",
		"/?lang=en", "%0A"} {
		a := w.Do(t, "", http.MethodGet, checkout+after, nil)
		_, query, asked := strings.Cut(after, "?")
		want := checkout
		if asked {
			want += "?" + query
		}
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != want ||
			a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%q: %d to %q", after, a.Status, a.Header.Get("Location"))
		}
	}
	if a := w.Do(t, "", http.MethodGet, checkout, nil); a.Status != http.StatusOK {
		t.Errorf("the address itself: %d", a.Status)
	}
	for _, other := range []string{"//evil.example.cn", "/%2F%2Fevil.example.cn%2F", "x", "/x", "%2Fx"} {
		a := w.Do(t, "", http.MethodGet, checkout+other, nil)
		if to := a.Header.Get("Location"); a.Status < 300 || to != "" && !strings.HasPrefix(to, "/checkout/") {
			t.Errorf("%q: %d to %q", other, a.Status, to)
		}
	}
}

// TestBodyWhereNoneIsTaken walks the contract: an operation that takes no body refuses one, in whatever way it comes,
// and takes an empty one.
func TestBodyWhereNoneIsTaken(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	nobody, walked := random(p), 0
	for _, op := range w.Contract.Operations() {
		if op.Personal { // for people only
			continue
		}
		if op.TakesBody() || op.Method == http.MethodGet || op.Method == http.MethodDelete {
			continue
		}
		walked++
		for name, body := range map[string]any{"JSON": object{}, "text": "x", "spaces": " "} {
			a := w.Do(t, p.Key(owner), op.Method, nobody.Fill(op.Path), body, key()...)
			if a.Status != http.StatusUnsupportedMediaType || a.Code() != "unsupported_media_type" {
				t.Errorf("%s with %s: %d %s", op.ID, name, a.Status, a.Body)
			}
		}
		chunked := w.Do(t, p.Key(owner), op.Method, nobody.Fill(op.Path),
			io.MultiReader(strings.NewReader("{}")), key()...)
		if chunked.Status != http.StatusUnsupportedMediaType {
			t.Errorf("%s with a body of unknown length: %d %s", op.ID, chunked.Status, chunked.Body)
		}
		a := w.Do(t, p.Key(owner), op.Method, nobody.Fill(op.Path), "", key()...)
		if a.Status == http.StatusUnsupportedMediaType {
			t.Errorf("%s with an empty body: %d %s", op.ID, a.Status, a.Body)
		}
	}
	if walked < 5 {
		t.Errorf("only %d operations take no body", walked)
	}
}
