package state

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"zhitong/internal/clock"
	"zhitong/simulator/protocol"
)

// bucketTimers: due (ms, 8 bytes) ‖ kind (1 byte) ‖ what → nothing. Everything that happens by itself in the
// simulator's time stands here.
const bucketTimers = "timers"

// Timers say what a due timer of a kind does to what it names; tx.Now is the time it was due. A kind is one byte,
// stored with the timer.
type Timers map[byte]func(t *Tx, what []byte) error

// BySeq is the handler of a timer that names a record by its number (see num).
func BySeq(fn func(t *Tx, seq uint64) error) func(t *Tx, what []byte) error {
	return func(t *Tx, what []byte) error { return fn(t, binary.BigEndian.Uint64(what)) }
}

// ByName is the handler of a timer that names a record by a text.
func ByName(fn func(t *Tx, name string) error) func(t *Tx, what []byte) error {
	return func(t *Tx, what []byte) error { return fn(t, string(what)) }
}

// mergeHandlers joins the handlers of every family; a kind that two of them claim is a programmer's error, found by any
// test.
func mergeHandlers(families []Timers) Timers {
	all := Timers{}
	for _, h := range families {
		for kind, fn := range h {
			if all[kind] != nil {
				panic(fmt.Sprintf("simulator: two timers of kind %q", kind))
			}
			all[kind] = fn
		}
	}
	return all
}

// timerBatch bounds one transaction of due timers.
const timerBatch = 500

type timerState struct {
	mu   sync.Mutex   // one runner
	next atomic.Int64 // earliest due, ms; MaxInt64: none; 0: unknown
	// handle is set once, by Open.
	handle Timers
}

// fire does what a due timer says.
func (s *State) fire(t *Tx, kind byte, what []byte) error {
	handle := s.timers.handle[kind]
	if handle == nil {
		return fmt.Errorf("timer of unknown kind %q", kind)
	}
	return handle(t, what)
}

func timerKey(due int64, kind byte, what []byte) []byte {
	return append(append(Key(uint64(due)), kind), what...)
}

// AddTimer makes kind happen to what at due (ms).
func AddTimer(t *Tx, due int64, kind byte, what []byte) error {
	if err := t.Bucket(bucketTimers).Put(timerKey(due, kind, what), []byte{}); err != nil {
		return fmt.Errorf("store a timer: %w", err)
	}
	t.OnCommit(func() {
		for {
			old := t.State.timers.next.Load()
			if old <= due || t.State.timers.next.CompareAndSwap(old, due) {
				return
			}
		}
	})
	return nil
}

// DeleteTimer forgets a timer.
func DeleteTimer(t *Tx, due int64, kind byte, what []byte) error {
	if due == 0 {
		return nil
	}
	if err := t.Bucket(bucketTimers).Delete(timerKey(due, kind, what)); err != nil {
		return fmt.Errorf("delete a timer: %w", err)
	}
	return nil
}

// RunDue lets everything happen that was due by now, in order, each at its own time.
func (s *State) RunDue(now time.Time) {
	for s.timers.next.Load() <= protocol.Millis(now) {
		if !s.runBatch(now) {
			return
		}
	}
}

func (s *State) runBatch(now time.Time) (ok bool) {
	s.timers.mu.Lock()
	defer s.timers.mu.Unlock()
	next := int64(math.MaxInt64)
	var running []byte
	err := s.store.db.Update(func(b *bbolt.Tx) error {
		t := s.tx(b, now)
		c := t.Bucket(bucketTimers).Cursor()
		n := 0
		for k, _ := c.First(); k != nil; k, _ = c.First() { // First again: a handler may add timers
			due := int64(binary.BigEndian.Uint64(k))
			if due > protocol.Millis(now) || n == timerBatch {
				next = due
				return nil
			}
			n++
			kind, what := k[8], append([]byte(nil), k[9:]...)
			running = append([]byte(nil), k...)
			if err := t.Bucket(bucketTimers).Delete(running); err != nil {
				return fmt.Errorf("delete a timer: %w", err)
			}
			if err := s.fire(s.tx(b, protocol.FromMillis(due)), kind, what); err != nil {
				return fmt.Errorf("timer %c: %w", kind, err)
			}
		}
		return nil
	})
	if err != nil {
		s.Log.Error("run due timers", "error", err)
		s.postpone(running, now)
		return false
	}
	s.timers.next.Store(next)
	return true
}

// postponed is how long a timer that failed waits, so that it does not stop the others.
const postponed = time.Hour

func (s *State) postpone(key []byte, now time.Time) {
	if len(key) < 9 {
		return
	}
	err := s.Update(now, func(t *Tx) error {
		if err := t.Bucket(bucketTimers).Delete(key); err != nil {
			return fmt.Errorf("delete a timer: %w", err)
		}
		return AddTimer(t, protocol.Millis(now.Add(postponed)), key[8], key[9:])
	})
	if err != nil {
		s.Log.Error("postpone a timer", "error", err)
	}
}

// clockState is the moved clock as the desk left it.
type clockState struct {
	OffsetMS int64 `json:"offset_ms"`
	FrozenAt int64 `json:"frozen_at_ms,omitempty"`
}

// restoreClock brings a fresh clock to where the desk left it before the restart; a clock that somebody already moved
// is left alone.
func (s *State) restoreClock(t *Tx) error {
	kept, err := Get[clockState](t, BucketMeta, "clock")
	if err != nil || kept == nil {
		return err
	}
	if s.Ahead().Abs() > time.Second {
		return nil
	}
	if kept.FrozenAt > 0 {
		s.Clock.Freeze(protocol.FromMillis(kept.FrozenAt))
		return nil
	}
	s.Clock.Advance(time.Duration(kept.OffsetMS) * time.Millisecond)
	return nil
}

// Ahead is how far the movable clock is from the machine's.
func (s *State) Ahead() time.Duration { return s.Now().Sub(clock.System{}.Now()) }

// MoveClock changes the clock and remembers it; what became due happens before it returns.
func (s *State) MoveClock(advance time.Duration, freeze, unfreeze bool) error {
	before := s.Now()
	if unfreeze {
		s.Clock.Unfreeze()
	}
	if freeze {
		s.Clock.Freeze(before)
	}
	s.Clock.Advance(advance)
	state := clockState{OffsetMS: s.Ahead().Milliseconds()}
	if s.Clock.Frozen() {
		state.FrozenAt = protocol.Millis(s.Now())
	}
	now := s.Now()
	if err := s.Update(now, func(t *Tx) error { return Put(t, BucketMeta, "clock", state) }); err != nil {
		return err
	}
	s.RunDue(now)
	s.Wake()
	if s.Config.Moved != nil {
		s.Config.Moved(s.Ahead(), advance)
	}
	return nil
}
