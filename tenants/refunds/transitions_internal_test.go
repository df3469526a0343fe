package refunds

import "testing"

// TestTransitions: every pair of a status and a verdict does what the list says; what it does not name records nothing.
func TestTransitions(t *testing.T) {
	t.Parallel()
	type pair struct {
		from Status
		on   verdict
	}
	want := map[pair]Status{
		{StatusPending, given}:   StatusSucceeded,
		{StatusPending, refused}: StatusRefused,
		{StatusPending, lost}:    StatusPending, // a case is opened, and it goes on
	}
	for _, from := range []Status{StatusPending, StatusSucceeded, StatusRefused} {
		if _, known := transitions[from]; !known {
			t.Errorf("%s is not in the table", from)
		}
		for on := undecided; on <= lost; on++ {
			to, ok := transitions[from][on]
			if expected, some := want[pair{from, on}]; to != expected || ok != some {
				t.Errorf("%s, verdict %d: %q, %v; want %q, %v", from, on, to, ok, expected, some)
			}
		}
	}
}
