package clock_test

import (
	"testing"
	"time"

	"zhitong/internal/clock"
)

func TestFrozenAt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.FixedZone("", 8*60*60))
	c := clock.FrozenAt(at)
	if !c.Now().Equal(at) || c.Now().Location() != time.UTC || !c.Frozen() {
		t.Errorf("%v", c.Now())
	}
	c.Advance(time.Hour)
	if !c.Now().Equal(at.Add(time.Hour)) {
		t.Errorf("%v", c.Now())
	}
	c.Unfreeze()
	if d := c.Now().Sub(at); c.Frozen() || d < time.Hour || d > 2*time.Hour {
		t.Errorf("it runs on from where it stood, not %s later", d)
	}
}

// TestStart: whatever moment the clocks start at, all of them tell the same time, and it ticks on.
func TestStart(t *testing.T) {
	t.Parallel()
	var movable clock.Movable
	before := time.Now().Add(clock.Shift()).Truncate(time.Microsecond)
	for name, c := range map[string]clock.Clock{"system": clock.System{}, "movable": &movable} {
		first := c.Now()
		if next := c.Now(); first.Before(before) || next.Before(first) || next.Sub(before) > time.Hour {
			t.Errorf("%s: %v, then %v; the machine's, shifted: %v", name, first, next, before)
		}
	}
}

// TestPrecision: whatever the clock and however it was moved, it tells whole microseconds in UTC.
func TestPrecision(t *testing.T) {
	t.Parallel()
	// any day: only the fraction of the second is looked at
	odd := time.Date(2026, 11, 26, 8, 0, 0, 123_456_789, time.FixedZone("", 8*60*60))
	var moved clock.Movable
	moved.Advance(1234 * time.Nanosecond)
	frozen := clock.FrozenAt(odd)
	frozen.Advance(time.Nanosecond)
	resumed := clock.FrozenAt(odd)
	resumed.Unfreeze()
	for name, c := range map[string]clock.Clock{
		"system": clock.System{}, "moved": &moved, "frozen": frozen, "resumed": resumed,
	} {
		for range 100 {
			if now := c.Now(); now.Nanosecond()%1000 != 0 || now.Location() != time.UTC {
				t.Fatalf("%s: %s", name, now.Format(time.RFC3339Nano))
			}
		}
	}
	if now := frozen.Now(); !now.Equal(odd.Truncate(time.Microsecond)) {
		t.Errorf("frozen at %s, it tells %s", odd, now)
	}
}

// TestStopwatch: what is measured does not go backwards.
func TestStopwatch(t *testing.T) {
	t.Parallel()
	elapsed := clock.Stopwatch()
	first := elapsed()
	if second := elapsed(); first < 0 || second < first || second > time.Hour {
		t.Errorf("%s, then %s", first, second)
	}
}
