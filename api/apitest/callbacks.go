package apitest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"zhitong/internal/id"
)

// Notify posts to a tenant's callback as Alipay does. rest is what follows the tenant in the address; an empty
// Content-Type is a form's.
func (w *World) Notify(t testing.TB, tenant, rest, body string, header ...string) Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(
		t.Context(),
		http.MethodPost,
		w.URL+"/notify/alipay/"+tenant+rest,
		bytes.NewReader([]byte(body)),
	)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	res, err := w.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{res.StatusCode, res.Header, raw}
}

// Events opens a stream of server-sent events; each call gives the data of the next one, or "" at the end.
func (w *World) Events(ctx context.Context, t testing.TB, path string) (next func() string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	return func() string {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return data
			}
		}
		return ""
	}
}

// Retarget puts another tenant into the token at the end of a checkout address.
func Retarget(t testing.TB, path string, tenant id.Tenant) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		t.Fatal(err)
	}
	copy(raw, tenant[:])
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Signed pays a trade at the simulator, catches its notification before it arrives, and gives the text that Alipay
// signed. One notification of a world is caught at a time.
func (w *World) Signed(t testing.TB, outTradeNo string) string {
	t.Helper()
	w.catching.Lock()
	defer w.catching.Unlock()
	caught := make(chan string, 1)
	catch := func(raw []byte) bool {
		if !strings.Contains(string(raw), "out_trade_no="+outTradeNo) {
			return false
		}
		select {
		case caught <- string(raw):
		default:
		}
		return true
	}
	w.callback.Store(&catch)
	defer w.callback.Store(nil)
	w.Desk(t, http.MethodPost, "/trades/"+outTradeNo+"/pay", map[string]any{}, nil)
	select {
	case raw := <-caught:
		return raw
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
		return ""
	}
}

// front is what stands before the handler: a callback can be caught there. Those that another test sends pass.
func (w *World) front(handler *http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if catch := w.callback.Load(); catch != nil && strings.HasPrefix(r.URL.Path, "/notify/") {
			raw, err := io.ReadAll(r.Body)
			if err != nil || (*catch)(raw) {
				http.Error(rw, "fail", http.StatusOK)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(raw))
		}
		(*handler).ServeHTTP(rw, r)
	})
}
