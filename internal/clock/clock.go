// Package clock is where the program asks for the time, so that tests and sandboxes can move it.
//
// A build with the tag testclock starts every clock at the moment that ZHITONG_TEST_CLOCK_START names (see Start). The
// tests are run at awkward dates with it. Without the tag the clocks tell the machine's time, and nothing can change
// that from outside.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now is the current instant, in UTC and in whole microseconds: what the database keeps of it. So a time is the
	// same before it is written and after it is read.
	Now() time.Time
}

// precision is what Postgres keeps of a time.
const precision = time.Microsecond

// System is the machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now().UTC().Add(Shift()).Truncate(precision) }

// Stopwatch starts to measure how long something takes on this machine. Unlike the difference of two Nows it does not
// know that a clock was set, moved or stopped, and is never negative.
func Stopwatch() (elapsed func() time.Duration) {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// Movable is the machine's clock shifted by an offset that only grows or shrinks when told; the zero value is the
// machine's clock. Safe for concurrent use.
type Movable struct {
	mu     sync.RWMutex
	offset time.Duration
	frozen time.Time // zero: the clock runs
}

// Now implements Clock.
func (m *Movable) Now() time.Time {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.frozen.IsZero() {
		return m.frozen.Add(m.offset).Truncate(precision)
	}
	return System{}.Now().Add(m.offset).Truncate(precision)
}

// Advance moves the clock by d, which may be negative.
func (m *Movable) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.offset += d
}

// FrozenAt is a clock that stands still at the given instant. Nothing has ever seen it show another time: a test with
// fixed dates takes this one, and never freezes a clock that ran before.
func FrozenAt(at time.Time) *Movable {
	m := new(Movable)
	m.Freeze(at)
	return m
}

// Freeze stops the clock at the given instant; Advance still moves it.
func (m *Movable) Freeze(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frozen, m.offset = at.UTC(), 0
}

// Unfreeze lets a frozen clock run again from where it stands; a running one is left alone.
func (m *Movable) Unfreeze() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.frozen.IsZero() {
		return
	}
	m.offset += m.frozen.Sub(System{}.Now())
	m.frozen = time.Time{}
}

// Frozen reports whether the clock stands still.
func (m *Movable) Frozen() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return !m.frozen.IsZero()
}
