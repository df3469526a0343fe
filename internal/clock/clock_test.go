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
	before := time.Now().Add(clock.Shift())
	for name, c := range map[string]clock.Clock{"system": clock.System{}, "movable": &movable} {
		first := c.Now()
		if next := c.Now(); first.Before(before) || next.Before(first) || next.Sub(before) > time.Hour {
			t.Errorf("%s: %v, then %v; the machine's, shifted: %v", name, first, next, before)
		}
	}
}
