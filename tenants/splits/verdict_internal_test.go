package splits

import (
	"testing"

	"zhitong/internal/money"
	"zhitong/tenants/acquiring"
)

// TestVerdict: what the lines of a split say together. Only what failed without a fen moved may be asked for again.
func TestVerdict(t *testing.T) {
	t.Parallel()
	line := func(s acquiring.LineState, amount money.Fen) acquiring.Line {
		l := acquiring.Line{State: s, Amount: amount}
		if s == acquiring.LineFailed {
			l.Failure = "E"
		}
		return l
	}
	ok, fail, running := acquiring.LineDone, acquiring.LineFailed, acquiring.LineRunning
	for name, c := range map[string]struct {
		lines []acquiring.Line
		want  verdict
	}{
		"nothing":                     {nil, verdictAbsent},
		"all":                         {[]acquiring.Line{line(ok, 500), line(ok, 200)}, verdictDone},
		"none":                        {[]acquiring.Line{line(fail, 500), line(fail, 200)}, verdictFailed},
		"one":                         {[]acquiring.Line{line(ok, 500), line(fail, 200)}, verdictPartly},
		"the last one":                {[]acquiring.Line{line(fail, 500), line(ok, 200)}, verdictPartly},
		"too little":                  {[]acquiring.Line{line(ok, 500)}, verdictPartly},
		"too much":                    {[]acquiring.Line{line(ok, 500), line(ok, 300)}, verdictPartly},
		"all, and one that failed":    {[]acquiring.Line{line(ok, 700), line(fail, 1)}, verdictPartly},
		"not decided":                 {[]acquiring.Line{line(ok, 500), line(running, 200)}, verdictRunning},
		"not decided, and one failed": {[]acquiring.Line{line(fail, 500), line(running, 200)}, verdictRunning},
	} {
		if v, reason := verdictOf(c.lines, 700); v != c.want ||
			(reason != "") != (v == verdictFailed || v == verdictPartly) {
			t.Errorf("%s: %d %q, want %d", name, v, reason, c.want)
		}
	}
}
