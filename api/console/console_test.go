package console_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/console"
	"zhitong/api/problem"
	"zhitong/internal/fault"
)

const (
	page   = "<!doctype html><title>console</title>"
	portal = "<!doctype html><title>portal</title>"
	script = "export const answer = 42;"
	stub   = "<!doctype html><title>not built</title>"
)

func serve(t *testing.T, dist fstest.MapFS) http.Handler {
	t.Helper()
	catalogue, err := fault.NewCatalogue(problem.Faults())
	if err != nil {
		t.Fatal(err)
	}
	problems, err := problem.NewWriter(catalogue, "/docs/errors")
	if err != nil {
		t.Fatal(err)
	}
	var apps []*console.Pages
	for _, app := range console.Apps() {
		pages, err := console.New(app, dist, []byte(stub), problems)
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, pages)
	}
	r := chi.NewRouter()
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(call.With(r.Context(), &call.Call{})))
		})
	})
	for _, pages := range apps {
		pages.Mount(r)
	}
	return r
}

func built(t *testing.T) fstest.MapFS {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(script)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		"app/console/index.html":               {Data: []byte(page)},
		"app/portal/index.html":                {Data: []byte(portal)},
		"app/console/assets/main-B1c2D3.js.gz": {Data: packed.Bytes()},
	}
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPage(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t))
	for _, path := range []string{"/console/", "/console/tnt_1", "/console/tnt_1/orders/ord_1",
		"/console/no/such/page"} {
		if w := get(h, path); w.Code != http.StatusOK || w.Body.String() != page {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	w := get(h, "/console/")
	if w.Header().Get("Cache-Control") != "no-cache" || w.Header().Get("Etag") == "" {
		t.Errorf("kept as %q, tagged %q", w.Header().Get("Cache-Control"), w.Header().Get("Etag"))
	}
	if again := get(h, "/console/", "If-None-Match", w.Header().Get("Etag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again with its tag: %d", again.Code)
	}
	if w := get(h, "/console"); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/console/" {
		t.Errorf("without its slash: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// TestPortal: each application has its own page and files below its own path.
func TestPortal(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t))
	for _, path := range []string{"/portal/", "/portal/tnt_1", "/portal/tnt_1/orders/ord_1"} {
		if w := get(h, path); w.Code != http.StatusOK || w.Body.String() != portal {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	if w := get(h, "/portal"); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/portal/" {
		t.Errorf("without its slash: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := get(h, "/portal/assets/main-B1c2D3.js"); w.Code != http.StatusNotFound {
		t.Errorf("a file of the console below the portal: %d", w.Code)
	}
	if w := get(serve(t, fstest.MapFS{}), "/portal/tnt_1"); w.Code != http.StatusOK || w.Body.String() != stub {
		t.Errorf("without what is built: %d %q", w.Code, w.Body)
	}
}

// TestAttackFrame: no page of anybody puts the console or the portal into a frame, and nothing inline or foreign runs
// in them.
func TestAttackFrame(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t))
	policy := get(h, "/console/tnt_1").Header().Get("Content-Security-Policy")
	if other := get(h, "/portal/tnt_1").Header().Get("Content-Security-Policy"); other != policy {
		t.Errorf("the portal has another policy: %s", other)
	}
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'",
		"style-src 'self'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %s", want, policy)
		}
	}
	for _, never := range []string{"unsafe", "*", "http:", "https:"} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy has %q: %s", never, policy)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t))
	const path = "/console/assets/main-B1c2D3.js"
	packed := get(h, path, "Accept-Encoding", "gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.String() == script {
		t.Errorf("packed: %v", packed.Header())
	}
	w := get(h, path)
	if w.Body.String() != script || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("plain: %q %v", w.Body, w.Header())
	}
	if w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" ||
		!strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("as %q, kept as %q", w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
	}
	if w.Header().Get("Etag") == packed.Header().Get("Etag") {
		t.Error("both forms have one tag")
	}
	for _, path := range []string{"/console/assets/main.js", "/console/assets/main-B1c2D3.js.gz", "/console/assets/"} {
		w := get(h, path)
		if w.Code == http.StatusOK && strings.Contains(w.Header().Get("Content-Type"), "javascript") {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
}

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	if w := get(serve(t, fstest.MapFS{}), "/console/tnt_1"); w.Code != http.StatusOK || w.Body.String() != stub {
		t.Errorf("without what is built: %d %q", w.Code, w.Body)
	}
}
