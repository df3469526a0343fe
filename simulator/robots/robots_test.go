package robots_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/robots"
	"zhitong/simulator/state"
)

type world struct {
	t   *testing.T
	st  *state.State
	url string
}

func setup(t *testing.T) *world {
	t.Helper()
	st, err := state.Open(state.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	robots.Routes(r, st)
	server := httptest.NewServer(r)
	t.Cleanup(func() {
		server.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t, st, server.URL}
}

func (w *world) robot(kind, secret string, keywords ...string) *robots.Robot {
	w.t.Helper()
	r, err := robots.New(w.st, kind, secret, keywords)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// post gives the code that a robot answers.
func (w *world) post(path, contentType, body string) int {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var a struct{ ErrCode, Code int }
	if err := json.Unmarshal(raw, &a); err != nil {
		w.t.Fatalf("%s: %s", resp.Status, raw)
	}
	return a.ErrCode + a.Code // one of them is not there
}

const jsonType = "application/json"

// TestStrict: what each platform refuses, by its own code.
func TestStrict(t *testing.T) {
	t.Parallel()
	w := setup(t)
	wecom, ding := w.robot(robots.Wecom, ""), w.robot(robots.Dingtalk, "", "订单")
	feishu, signed := w.robot(robots.Feishu, "", "订单"), w.robot(robots.Dingtalk, "generate")
	post := `{"msg_type":"post","content":{"post":{"zh_cn":{"title":"订单","content":[[{"tag":"text","text":"x"}]]}}}}`
	for _, c := range []struct {
		path, kind, body string
		code             int
	}{
		{wecom.Path(), jsonType, `{"msgtype":"text","text":{"content":"x"}}`, 0},
		{wecom.Path(), jsonType, `{"msgtype":"text","text":{"content":""}}`, 44004},
		{wecom.Path(), jsonType, `{"msgtype":"text","text":{"content":"\u003c"}}`, 40033},
		{wecom.Path(), jsonType, `{"msgtype":"text","text":{"content":"` + strings.Repeat("x", 2049) + `"}}`, 45002},
		{wecom.Path(), jsonType, `{"msgtype":"news"}`, 40008},
		{wecom.Path() + "0", jsonType, `{"msgtype":"text","text":{"content":"x"}}`, 93000},
		{ding.Path(), jsonType, `{"msgtype":"text","text":{"content":"订单"}}`, 0},
		{ding.Path(), jsonType, `{"msgtype":"text","text":{"content":"x"}}`, 310000},
		{ding.Path(), "text/plain", `{"msgtype":"text","text":{"content":"订单"}}`, 43004},
		{ding.Path(), jsonType, `{"msgtype":"news"}`, 400105},
		{ding.Path() + "0", jsonType, `{"msgtype":"text","text":{"content":"订单"}}`, 300001},
		{signed.Path(), jsonType, `{"msgtype":"text","text":{"content":"x"}}`, 310000},
		{signed.Path() + "&timestamp=1&sign=x", jsonType, `{"msgtype":"text","text":{"content":"x"}}`, 310000},
		{feishu.Path(), jsonType, post, 0},
		{feishu.Path(), jsonType, strings.ReplaceAll(post, "订单", "x"), 19024},
		{feishu.Path(), jsonType, strings.Replace(post, `"text","text"`, `"at","text"`, 1), 19002},
		{feishu.Path(), jsonType, `{`, 9499},
		{feishu.Path() + "0", jsonType, post, 19001},
	} {
		if got := w.post(c.path, c.kind, c.body); got != c.code {
			t.Errorf("%s %s: %d, want %d", c.path, c.body, got, c.code)
		}
	}
}

// TestRates: 20 in a minute; Feishu 5 in a second.
func TestRates(t *testing.T) {
	t.Parallel()
	w := setup(t)
	text := `{"msgtype":"text","text":{"content":"x"}}`
	for kind, code := range map[string]int{robots.Wecom: 45009, robots.Dingtalk: 130101} {
		r := w.robot(kind, "")
		for n := range 21 {
			want := 0
			if n == 20 {
				want = code
			}
			if got := w.post(r.Path(), jsonType, text); got != want {
				t.Errorf("%s, message %d: %d", kind, n+1, got)
			}
		}
	}
}
