package simulator

import (
	"testing"
	"time"
)

// TestPoisonTimer: a timer that cannot be carried out waits; those behind it run.
func TestPoisonTimer(t *testing.T) {
	t.Parallel()
	s, err := New(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := s.now()
	var trade *Trade
	err = s.update(now, func(tx *tx) error {
		trade = &Trade{PID: "2088600000000001", Out: "a", Kind: kindCreate, Total: 1, Status: statusAsked, Asked: ms(now), Timeout: "5m"}
		if err := addTrade(tx, trade); err != nil {
			return err
		}
		if err := beginTrade(tx, trade); err != nil {
			return err
		}
		return addTimer(tx, ms(now.Add(time.Minute)), '?', []byte("poison"))
	})
	if err != nil {
		t.Fatal(err)
	}
	later := now.Add(10 * time.Minute)
	s.runDue(later)
	s.runDue(later)
	err = s.view(later, func(tx *tx) error {
		if trade, err = getTrade(tx, trade.Seq); err != nil {
			return err
		}
		return nil
	})
	if err != nil || trade.Status != statusClosed {
		t.Errorf("the trade behind the poison is %s, %v", trade.Status, err)
	}
}
