package tasks

import (
	"testing"

	"zhitong/internal/vocabulary"
)

// TestTransitions tries every pair of statuses.
func TestTransitions(t *testing.T) {
	t.Parallel()
	const queued, running, succeeded, failed, canceled = vocabulary.TaskQueued, vocabulary.TaskRunning,
		vocabulary.TaskSucceeded, vocabulary.TaskFailed, vocabulary.TaskCanceled
	allowed := map[[2]vocabulary.TaskStatus]bool{
		{queued, running}: true, {queued, succeeded}: true, {queued, failed}: true, {queued, canceled}: true,
		{running, running}: true, {running, succeeded}: true, {running, failed}: true, {running, canceled}: true,
	}
	all := []vocabulary.TaskStatus{queued, running, succeeded, failed, canceled}
	for _, from := range all {
		for _, to := range all {
			if may(from, to) != allowed[[2]vocabulary.TaskStatus{from, to}] {
				t.Errorf("%s → %s", from, to)
			}
		}
		if ended := (Task{Status: from}).Ended(); ended == (from == queued || from == running) {
			t.Errorf("%s has ended: %v", from, ended)
		}
	}
}
