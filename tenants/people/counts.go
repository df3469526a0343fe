package people

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/internal/fault"
)

// What somebody shows who they are for.
const (
	countSignIn   = "sign_in"
	countProof    = "proof"
	countRecovery = "recovery"
)

// How an attempt ends.
const (
	endedIn      = "in"
	endedRefused = "refused"
	endedLimited = "limited" // too soon after others
	endedBlocked = "blocked" // a hundred were wrong in a row
	endedFailed  = "failed"  // by us
)

// newCounts counts attempts. No label names anybody.
func newCounts(r prometheus.Registerer) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_sign_ins_total",
		Help: "How people showed who they are, by what for, method and outcome."},
		[]string{"kind", "method", "outcome"})
	for kind, methods := range map[string][]Method{
		countSignIn:   {ByPassword, ByTOTP, ByRecoveryCode, ByPasskey, ByLink},
		countProof:    {ByPassword, ByTOTP, ByRecoveryCode, ByPasskey},
		countRecovery: {ByLink, ByPasskey},
	} {
		for _, m := range methods {
			for _, outcome := range []string{endedIn, endedRefused, endedLimited, endedBlocked, endedFailed} {
				c.WithLabelValues(kind, m, outcome)
			}
		}
	}
	if r != nil {
		r.MustRegister(c)
	}
	return c
}

// counted counts an attempt that has ended, by the last of its methods, or by the one that was tried. It is deferred.
func (s *Service) counted(kind string, tried Method, by *[]Method, err *error) {
	outcome := endedFailed
	code := fault.CodeOf(*err)
	switch {
	case *err == nil:
		if outcome = endedIn; by != nil && len(*by) > 0 {
			tried = (*by)[len(*by)-1]
		}
	case code == CodeSignInLimited:
		outcome = endedLimited
	case code == CodePasswordBlocked:
		outcome = endedBlocked
	case code != "", errors.Is(*err, ErrTicketOver), errors.Is(*err, ErrLinkOver):
		outcome = endedRefused
	}
	s.counts.WithLabelValues(kind, tried, outcome).Inc()
}
