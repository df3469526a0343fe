package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// Limits bound how often something may be asked, per process: they protect the machine. What protects money is in the
// database.
type Limits struct {
	// PerKeySecond is how many requests a caller, an API key or a session, may send in a second.
	PerKeySecond int
	// SignUpsMinute is how many tenants one address may make in a minute.
	SignUpsMinute int
	// MissesMinute is how many wrong API keys, or wrong checkout addresses, one address may try in a minute.
	MissesMinute int
}

// DefaultLimits are generous: a single integrator reaches them by accident only.
func DefaultLimits() Limits { return Limits{PerKeySecond: 1000, SignUpsMinute: 30, MissesMinute: 60} }

// orDefault fills in what is not set.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, p := range []struct {
		have *int
		want int
	}{{&l.PerKeySecond, d.PerKeySecond}, {&l.SignUpsMinute, d.SignUpsMinute}, {&l.MissesMinute, d.MissesMinute}} {
		if *p.have <= 0 {
			*p.have = p.want
		}
	}
	return l
}

type limiters struct{ callers, signUps, misses *limiter }

func newLimiters(l Limits) *limiters {
	return &limiters{
		callers: newLimiter(l.PerKeySecond, time.Second),
		signUps: newLimiter(l.SignUpsMinute, time.Minute),
		misses:  newLimiter(l.MissesMinute, time.Minute),
	}
}

// limiter bounds how many requests of one origin come within a sliding window.
//
// It tells RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset: the names of the third draft of the IETF, which
// clients and gateways read today. The drafts after it put the same into structured fields that still change from one
// to the next.
type limiter struct {
	*httprate.RateLimiter
	reset string // the window's length in seconds: after that, none of today's requests count
}

func newLimiter(limit int, window time.Duration) *limiter {
	headers := httprate.WithResponseHeaders(httprate.ResponseHeaders{
		Limit:      "RateLimit-Limit",
		Remaining:  "RateLimit-Remaining",
		RetryAfter: "Retry-After",
	})
	return &limiter{httprate.NewRateLimiter(limit, window, headers), strconv.Itoa(int(window.Seconds()))}
}

// over counts a request and tells whether it is one too many.
func (l *limiter) over(w http.ResponseWriter, r *http.Request, key string) bool {
	w.Header().Set("RateLimit-Reset", l.reset)
	return l.OnLimit(w, r, key)
}

// address is what requests of one origin have in common: the IPv4 address, or the network of an IPv6 one.
func address(r *http.Request) string {
	return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))
}

func errRateLimited() error {
	return fault.New(problem.RateLimited, "Too many requests; wait for Retry-After.")
}

// missed counts a wrong API key or checkout address, and tells whether its origin has tried too many. Right ones are
// never held up by wrong ones of the same address, which may be a proxy's.
func (l *limiters) missed(w http.ResponseWriter, r *http.Request) bool {
	return l.misses.over(w, r, address(r))
}
