package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/api/problem"
)

func testChain(t *testing.T, log io.Writer) *chain {
	t.Helper()
	c, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := problem.NewWriter(c, "")
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return &chain{
		logger:   slog.New(slog.NewJSONHandler(log, nil)),
		problems: problems,
		metrics:  m,
		strict:   true,
	}
}

// TestPanic answers 500 without a word of the cause, which stands in the log with its stack.
func TestPanic(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := testChain(t, &log).handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary-3307") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	var p problem.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 500 || p.Code != problem.Internal ||
		p.Instance != problem.Instance(w.Header().Get("Request-Id")) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "canary") || !strings.Contains(log.String(), "canary-3307") ||
		!strings.Contains(log.String(), "chain_internal_test.go") {
		t.Errorf("log %s", &log)
	}
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("an https address without Strict-Transport-Security")
	}
}

// TestPanicHalfway breaks the connection off: half an answer is not taken for a whole one.
func TestPanicHalfway(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(
		testChain(t, io.Discard).handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
			panic("halfway")
		})),
	)
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		return
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read to the end: %v", err)
	}
}
