package api

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// Limits bound how often something may be asked, per process: they protect the machine. What protects money is in the
// database.
type Limits struct {
	// PerKeySecond is how many requests an API key may send in a second.
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

type limiters struct {
	keys    *httprate.RateLimiter
	signUps *httprate.RateLimiter
	misses  *httprate.RateLimiter
}

func newLimiters(l Limits) *limiters {
	silent := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	return &limiters{
		keys:    httprate.NewRateLimiter(l.PerKeySecond, time.Second, silent),
		signUps: httprate.NewRateLimiter(l.SignUpsMinute, time.Minute, silent),
		misses:  httprate.NewRateLimiter(l.MissesMinute, time.Minute, silent),
	}
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
	return l.misses.OnLimit(w, r, address(r))
}
