package approvals

import (
	"testing"

	"zhitong/internal/vocabulary"
)

// TestTransitions tries every pair of statuses: only what waits, to be decided or to be done, can end.
func TestTransitions(t *testing.T) {
	t.Parallel()
	for _, from := range vocabulary.ApprovalStatuses() {
		for _, to := range vocabulary.ApprovalStatuses() {
			ends := to != vocabulary.ApprovalWaiting && to != vocabulary.ApprovalScheduled
			want := from == vocabulary.ApprovalWaiting && to != vocabulary.ApprovalWaiting ||
				from == vocabulary.ApprovalScheduled && ends && to != vocabulary.ApprovalExpired
			if may(from, to) != want {
				t.Errorf("%s → %s: %v", from, to, !want)
			}
		}
		if eventOf()[from] == "" {
			t.Errorf("nobody is told of %s", from)
		}
	}
	for _, k := range vocabulary.ApprovalKinds() {
		if Operation(k) == "" {
			t.Errorf("nothing is known of %s", k)
		}
	}
}
