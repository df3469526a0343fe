// Package ops answers what machines ask that run the program: is it alive, may it have traffic, and how is it doing.
package ops

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// checkMax bounds one look at the database.
const checkMax = 2 * time.Second

// Check tells whether something the program needs is there.
type Check struct {
	Name string
	OK   func(context.Context) error
}

// New serves /livez, /readyz and /metrics. Alive means that the process answers; ready means that every check passes,
// for example that the database answers and has the migrations that this binary needs. What fails is named by check;
// why stands in the log. The answers say nothing that needs hiding, but metrics belong on an address that is not
// public.
func New(logger *slog.Logger, metrics prometheus.Gatherer, checks ...Check) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), checkMax)
		defer cancel()
		for _, c := range checks {
			if err := c.OK(ctx); err != nil {
				logger.WarnContext(ctx, "not ready", "check", c.Name, "error", err.Error())
				answer(w, http.StatusServiceUnavailable, "not ready: "+c.Name+"\n")
				return
			}
		}
		answer(w, http.StatusOK, "ok\n")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{ErrorLog: errorLog{logger}}))
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// errorLog is what promhttp reports to.
type errorLog struct{ *slog.Logger }

// Println implements promhttp.Logger.
func (l errorLog) Println(v ...any) { l.Error("collect metrics", "error", fmt.Sprint(v...)) }
