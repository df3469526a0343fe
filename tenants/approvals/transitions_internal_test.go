package approvals

import (
	"testing"

	"zhitong/internal/vocabulary"
)

// TestTransitions tries every pair of statuses: only what waits can end.
func TestTransitions(t *testing.T) {
	t.Parallel()
	for _, from := range vocabulary.ApprovalStatuses() {
		for _, to := range vocabulary.ApprovalStatuses() {
			want := from == vocabulary.ApprovalWaiting && to != vocabulary.ApprovalWaiting
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
