package splits

import (
	"testing"

	"zhitong/alipay"
	"zhitong/internal/money"
)

// TestVerdict: what the lines of a split say together. Only what failed without a fen moved may be asked for again.
func TestVerdict(t *testing.T) {
	t.Parallel()
	line := func(s alipay.RoyaltyState, amount money.Fen) alipay.RoyaltyDetail {
		return alipay.RoyaltyDetail{OperationType: alipay.OperationTransfer, State: s, Amount: amount, ErrorCode: "E"}
	}
	ok, fail, running := alipay.RoyaltySuccess, alipay.RoyaltyFail, alipay.RoyaltyState("PROCESSING")
	back := alipay.RoyaltyDetail{OperationType: "transfer_refund", State: ok, Amount: 700}
	for name, c := range map[string]struct {
		lines []alipay.RoyaltyDetail
		want  verdict
	}{
		"nothing":                     {nil, verdictAbsent},
		"another operation":           {[]alipay.RoyaltyDetail{back}, verdictAbsent},
		"all":                         {[]alipay.RoyaltyDetail{line(ok, 500), line(ok, 200)}, verdictDone},
		"all, and another operation":  {[]alipay.RoyaltyDetail{line(ok, 500), back, line(ok, 200)}, verdictDone},
		"none":                        {[]alipay.RoyaltyDetail{line(fail, 500), line(fail, 200)}, verdictFailed},
		"one":                         {[]alipay.RoyaltyDetail{line(ok, 500), line(fail, 200)}, verdictPartly},
		"the last one":                {[]alipay.RoyaltyDetail{line(fail, 500), line(ok, 200)}, verdictPartly},
		"too little":                  {[]alipay.RoyaltyDetail{line(ok, 500)}, verdictPartly},
		"too much":                    {[]alipay.RoyaltyDetail{line(ok, 500), line(ok, 300)}, verdictPartly},
		"all, and one that failed":    {[]alipay.RoyaltyDetail{line(ok, 700), line(fail, 1)}, verdictPartly},
		"not decided":                 {[]alipay.RoyaltyDetail{line(ok, 500), line(running, 200)}, verdictRunning},
		"not decided, and one failed": {[]alipay.RoyaltyDetail{line(fail, 500), line(running, 200)}, verdictRunning},
	} {
		if v, reason := verdictOf(c.lines, 700); v != c.want ||
			(reason != "") != (v == verdictFailed || v == verdictPartly) {
			t.Errorf("%s: %d %q, want %d", name, v, reason, c.want)
		}
	}
}
