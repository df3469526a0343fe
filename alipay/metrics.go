package alipay

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are shared by all clients of a registry; the tenant is never a label.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhitong_alipay_requests_total", Help: "Calls to Alipay by method and outcome (done, refused, " +
				"limited, unknown).",
		}, []string{"method", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zhitong_alipay_request_duration_seconds", Help: "Duration of calls to Alipay, with their retry.",
			Buckets: []float64{ //nolint:forbidigo // seconds, not money
				.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15,
			},
		}, []string{"method"}),
	}
	if reg == nil {
		return m, nil
	}
	var err error
	if m.requests, err = register(reg, m.requests); err != nil {
		return nil, err
	}
	if m.seconds, err = register(reg, m.seconds); err != nil {
		return nil, err
	}
	return m, nil
}

// register registers a collector, or returns the one that another client registered before.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) (C, error) {
	err := reg.Register(c)
	if already, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if existing, ok := already.ExistingCollector.(C); ok {
			return existing, nil
		}
	}
	if err != nil {
		return c, fmt.Errorf("register Alipay metrics: %w", err)
	}
	return c, nil
}

func (m *metrics) observe(method, outcome string, took time.Duration) {
	m.requests.WithLabelValues(method, outcome).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
}
