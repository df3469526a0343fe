package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of the HTTP layer. Neither tenants nor paths are labels: both grow without bound.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	replays  *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(
			prometheus.CounterOpts{
				Name: "zhitong_http_requests_total",
				Help: "Requests by operation and class of status.",
			},
			[]string{"operation", "status"},
		),
		duration: prometheus.NewHistogramVec(
			prometheus.HistogramOpts{
				Name:    "zhitong_http_request_duration_seconds",
				Help:    "Time to answer, by operation.",
				Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}, //nolint:forbidigo // seconds
			},
			[]string{"operation"},
		),
	}
	m.replays = prometheus.NewCounterVec(
		prometheus.CounterOpts{
			Name: "zhitong_http_replays_total",
			Help: "Requests that an earlier one with the same Idempotency-Key had answered, by operation.",
		},
		[]string{"operation"},
	)
	for _, c := range []prometheus.Collector{m.requests, m.duration, m.replays} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(operation string, status int, took time.Duration) {
	m.requests.WithLabelValues(operation, statusClass(status)).Inc()
	if operation != "checkoutEvents" { // it lasts as long as the buyer waits
		m.duration.WithLabelValues(operation).Observe(took.Seconds())
	}
}
