package jobs

import (
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"zhitong/queue"
)

// TestRetries: a wait doubles after each failure, up to an hour, and up to ten minutes for whom a buyer may be waiting
// for.
func TestRetries(t *testing.T) {
	t.Parallel()
	var watch paymentWatch
	for failures, want := range map[int][2]time.Duration{0: {time.Second, time.Second},
		5: {32 * time.Second, 32 * time.Second}, 9: {512 * time.Second, 512 * time.Second},
		11: {2048 * time.Second, watchRetryMax}, 12: {time.Hour, watchRetryMax}, 49: {time.Hour, watchRetryMax}} {
		row := &rivertype.JobRow{Errors: make([]rivertype.AttemptError, failures)}
		for i, at := range []func() time.Time{func() time.Time { return retries{}.NextRetry(row) },
			func() time.Time { return watch.NextRetry(&river.Job[queue.PaymentWatch]{JobRow: row}) }} {
			before := riverNow()
			if wait := at().Sub(before); wait < want[i]*89/100 || wait > want[i]*112/100 {
				t.Errorf("policy %d after %d failures: %s, want about %s", i, failures, wait, want[i])
			}
		}
		if at := watch.NextRetry(&river.Job[queue.PaymentWatch]{JobRow: row}); at.Sub(riverNow()) > 10*time.Minute {
			t.Errorf("after %d failures a payment is not asked about for %s", failures, at.Sub(riverNow()))
		}
	}
}

// TestRetriesAfterAnOutage: the wait is a third of what the outage has lasted, so that work goes on soon after it; and
// the attempts last for twenty hours.
func TestRetriesAfterAnOutage(t *testing.T) {
	t.Parallel()
	row := &rivertype.JobRow{Errors: make([]rivertype.AttemptError, 9), CreatedAt: riverNow().Add(-4 * time.Minute)}
	if wait := (retries{}).NextRetry(row).Sub(riverNow()); wait < 60*time.Second || wait > 90*time.Second {
		t.Errorf("after an outage of four minutes the next attempt is in %s", wait)
	}
	row = &rivertype.JobRow{}
	age := time.Duration(0)
	for len(row.Errors) < 50 {
		row.CreatedAt = riverNow().Add(-age)
		age += retries{}.NextRetry(row).Sub(riverNow())
		row.Errors = append(row.Errors, rivertype.AttemptError{})
	}
	if age < 18*time.Hour {
		t.Errorf("fifty attempts last %s", age)
	}
}

// TestRecoverWait: what was given up is taken up at once, and ever more seldom when that does not help.
func TestRecoverWait(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]time.Duration{-1: 0, 0: 0, 1: 5 * time.Minute, 2: 10 * time.Minute,
		7: 320 * time.Minute, 8: 6 * time.Hour, 1000: 6 * time.Hour} {
		if have := retryWait(times); have != want {
			t.Errorf("after %d times: %s, want %s", times, have, want)
		}
	}
}

// riverNow is River's time: the machine's, wherever the product's clock stands.
func riverNow() time.Time { return time.Now() } //nolint:forbidigo // River's time, not the product's
