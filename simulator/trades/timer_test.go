package trades

import (
	"testing"
	"time"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// TestPoisonTimer: a timer that cannot be carried out waits; those behind it run.
func TestPoisonTimer(t *testing.T) {
	t.Parallel()
	s, err := state.Open(state.Config{Dir: t.TempDir()}, Timers())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := s.Now()
	var trade *Trade
	err = s.Update(now, func(tx *state.Tx) error {
		trade = &Trade{PID: "2088600000000001", Out: "a", Kind: kindCreate, Total: 1, Status: StatusAsked,
			Asked: protocol.Millis(now), Timeout: "5m"}
		if err := addTrade(tx, trade); err != nil {
			return err
		}
		if err := Begin(tx, trade); err != nil {
			return err
		}
		return state.AddTimer(tx, protocol.Millis(now.Add(time.Minute)), '?', []byte("poison"))
	})
	if err != nil {
		t.Fatal(err)
	}
	later := now.Add(10 * time.Minute)
	s.RunDue(later)
	s.RunDue(later)
	err = s.View(later, func(tx *state.Tx) error {
		if trade, err = Get(tx, trade.Seq); err != nil {
			return err
		}
		return nil
	})
	if err != nil || trade.Status != StatusClosed {
		t.Errorf("the trade behind the poison is %s, %v", trade.Status, err)
	}
}
