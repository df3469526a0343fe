package simulator

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"zhitong/internal/clock"
)

// bucketTimers: due (ms, 8 bytes) ‖ kind (1 byte) ‖ what → nothing. Everything that happens by itself in the simulator's time stands here.
const bucketTimers = "timers"

// Kinds of timers.
const (
	timerExpire      = 'x' // an unpaid trade closes; what = Trade.Seq
	timerSettle      = 's' // automatic settle.confirm after settle_period_time
	timerUnfreeze    = 'f' // royalty money is released after 30 days
	timerApplication = 'a' // a merchant's time to confirm its application ends; what = order_id
	timerComplaint   = 'k' // a merchant's time to answer a complaint ends; what = complain_event_id
	timerTransfer    = 'b' // the bank answers a transfer; what = Transfer.Seq
	timerBatchPay    = 'p' // a batch transfer without password is carried out; what = batch_trans_id
	timerFinish      = 'w' // the refund window ends
	timerRoyalty     = 'r' // an asynchronous royalty is carried out; what = Trade.Seq ‖ settle number
)

// timerBatch bounds one transaction of due timers.
const timerBatch = 500

// schedulerTick is how often (real time) the scheduler looks at the movable clock.
const schedulerTick = 50 * time.Millisecond

type timerState struct {
	mu   sync.Mutex   // one runner
	next atomic.Int64 // earliest due, ms; MaxInt64: none; 0: unknown
}

// handleTimer does what a due timer says. tx.now is the time it was due.
func handleTimer(t *tx, kind byte, what []byte) error {
	switch kind {
	case timerExpire:
		return expireTrade(t, binary.BigEndian.Uint64(what))
	case timerSettle:
		return autoSettle(t, binary.BigEndian.Uint64(what))
	case timerUnfreeze:
		return autoUnfreeze(t, binary.BigEndian.Uint64(what))
	case timerTransfer:
		return bankAnswers(t, binary.BigEndian.Uint64(what))
	case timerBatchPay:
		return payBatch(t, string(what))
	case timerComplaint:
		return complaintTimer(t, string(what))
	case timerApplication:
		return applicationTimer(t, string(what))
	case timerFinish:
		return finishTrade(t, binary.BigEndian.Uint64(what))
	case timerRoyalty:
		return finishAsync(t, binary.BigEndian.Uint64(what), string(what[8:]))
	}
	return fmt.Errorf("timer of unknown kind %q", kind)
}

func timerKey(due int64, kind byte, what []byte) []byte {
	return append(append(num(uint64(due)), kind), what...)
}

// addTimer makes kind happen to what at due (ms).
func addTimer(t *tx, due int64, kind byte, what []byte) error {
	if err := t.bucket(bucketTimers).Put(timerKey(due, kind, what), []byte{}); err != nil {
		return fmt.Errorf("store a timer: %w", err)
	}
	t.OnCommit(func() {
		for {
			old := t.sim.timers.next.Load()
			if old <= due || t.sim.timers.next.CompareAndSwap(old, due) {
				return
			}
		}
	})
	return nil
}

// delTimer forgets a timer.
func delTimer(t *tx, due int64, kind byte, what []byte) error {
	if due == 0 {
		return nil
	}
	if err := t.bucket(bucketTimers).Delete(timerKey(due, kind, what)); err != nil {
		return fmt.Errorf("delete a timer: %w", err)
	}
	return nil
}

// runDue lets everything happen that was due by now, in order, each at its own time.
func (s *Simulator) runDue(now time.Time) {
	for s.timers.next.Load() <= ms(now) {
		if !s.runBatch(now) {
			return
		}
	}
}

func (s *Simulator) runBatch(now time.Time) (ok bool) {
	s.timers.mu.Lock()
	defer s.timers.mu.Unlock()
	next := int64(math.MaxInt64)
	var running []byte
	err := s.store.db.Update(func(b *bbolt.Tx) error {
		t := s.tx(b, now)
		c := t.bucket(bucketTimers).Cursor()
		n := 0
		for k, _ := c.First(); k != nil; k, _ = c.First() { // First again: a handler may add timers
			due := int64(binary.BigEndian.Uint64(k))
			if due > ms(now) || n == timerBatch {
				next = due
				return nil
			}
			n++
			kind, what := k[8], append([]byte(nil), k[9:]...)
			running = append([]byte(nil), k...)
			if err := t.bucket(bucketTimers).Delete(running); err != nil {
				return fmt.Errorf("delete a timer: %w", err)
			}
			if err := handleTimer(s.tx(b, fromMS(due)), kind, what); err != nil {
				return fmt.Errorf("timer %c: %w", kind, err)
			}
		}
		return nil
	})
	if err != nil {
		s.log.Error("run due timers", "error", err)
		s.postpone(running, now)
		return false
	}
	s.timers.next.Store(next)
	return true
}

// postponed is how long a timer that failed waits, so that it does not stop the others.
const postponed = time.Hour

func (s *Simulator) postpone(key []byte, now time.Time) {
	if len(key) < 9 {
		return
	}
	err := s.update(now, func(t *tx) error {
		if err := t.bucket(bucketTimers).Delete(key); err != nil {
			return fmt.Errorf("delete a timer: %w", err)
		}
		return addTimer(t, ms(now.Add(postponed)), key[8], key[9:])
	})
	if err != nil {
		s.log.Error("postpone a timer", "error", err)
	}
}

// start runs the scheduler and the deliveries until the context ends.
func (s *Simulator) start(ctx context.Context) {
	s.done.Go(func() {
		tick := time.NewTicker(schedulerTick)
		defer tick.Stop()
		for {
			s.runDue(s.now())
			s.notify.dispatch()
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-s.notify.wake:
			}
		}
	})
	s.notify.start(ctx)
}

// clockState is the moved clock as the desk left it.
type clockState struct {
	OffsetMS int64 `json:"offset_ms"`
	FrozenAt int64 `json:"frozen_at_ms,omitempty"`
}

// restoreClock brings a fresh clock to where the desk left it before the restart; a clock that somebody already moved is left alone.
func (s *Simulator) restoreClock(t *tx) error {
	kept, err := getDoc[clockState](t, bucketMeta, "clock")
	if err != nil || kept == nil {
		return err
	}
	if s.ahead().Abs() > time.Second {
		return nil
	}
	if kept.FrozenAt > 0 {
		s.clk.Freeze(fromMS(kept.FrozenAt))
		return nil
	}
	s.clk.Advance(time.Duration(kept.OffsetMS) * time.Millisecond)
	return nil
}

// ahead is how far the movable clock is from the machine's.
func (s *Simulator) ahead() time.Duration { return s.now().Sub(clock.System{}.Now()) }

// moveClock changes the clock and remembers it; what became due happens before it returns.
func (s *Simulator) moveClock(advance time.Duration, freeze, unfreeze bool) error {
	before := s.now()
	if unfreeze {
		s.clk.Unfreeze()
	}
	if freeze {
		s.clk.Freeze(before)
	}
	s.clk.Advance(advance)
	state := clockState{OffsetMS: s.ahead().Milliseconds()}
	if s.clk.Frozen() {
		state.FrozenAt = ms(s.now())
	}
	now := s.now()
	if err := s.update(now, func(t *tx) error { return putDoc(t, bucketMeta, "clock", state) }); err != nil {
		return err
	}
	s.runDue(now)
	s.notify.poke()
	return nil
}
