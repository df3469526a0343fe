package ops_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/api/ops"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "orders_total", Help: "x"})
	registry.MustRegister(counter)
	counter.Add(3)
	var fails error
	h := ops.New(slog.New(slog.DiscardHandler), registry,
		ops.Check{Name: "database", OK: func(context.Context) error { return nil }},
		ops.Check{Name: "migrations", OK: func(ctx context.Context) error {
			if _, ok := ctx.Deadline(); !ok {
				return errors.New("no deadline")
			}
			return fails
		}})
	for _, row := range []struct {
		path   string
		fails  error
		status int
		body   string
	}{
		{"/livez", nil, 200, "ok"},
		{"/readyz", nil, 200, "ok"},
		{"/readyz", errors.New("password in the text"), 503, "not ready: migrations\n"},
		{"/livez", errors.New("x"), 200, "ok"},
		{"/metrics", nil, 200, "orders_total 3"},
		{"/", nil, 404, ""},
	} {
		fails = row.fails
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, row.path, nil))
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.body) ||
			strings.Contains(w.Body.String(), "password") {
			t.Errorf("%s: %d %s", row.path, w.Code, w.Body)
		}
	}
}
