package notices_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/internal/vocabulary"
)

// atOnce runs fn in several goroutines that begin together.
func atOnce(t *testing.T, fn func() error) {
	t.Helper()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := fn(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestAtOnce: several programs that look at the same moment make one job of what is to be told, and people are told
// once.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	b.route(r, "order.paid")
	b.emit(vocabulary.EventOrderPaid, 3, nil)
	b.clock.Advance(settled)
	atOnce(t, func() error { return b.svc.Take(t.Context(), b.actor.Tenant) })
	due := b.due()
	if len(due) != 1 {
		t.Fatalf("%d jobs", len(due))
	}
	if _, err := b.svc.Send(t.Context(), b.actor.Tenant, due[0]); err != nil {
		t.Fatal(err)
	}
	atOnce(t, func() error { return b.svc.Take(t.Context(), b.actor.Tenant) })
	if again := b.due(); len(again) != 0 {
		t.Errorf("%d more jobs", len(again))
	}
	if got := b.messages(r); len(got) != 1 || !strings.Contains(got[0].Text, "3") {
		t.Errorf("%d messages: %+v", len(got), got)
	}
	if all := b.notices(); len(all) != 1 || all[0].Status != vocabulary.NoticeSent || all[0].Attempts != 1 {
		t.Errorf("notices %+v", all)
	}
}

// TestRobotHangs: a robot that does not answer may have taken the message: it is sent again, and says so.
func TestRobotHangs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	b.route(r, "order.paid")
	var made struct{ ID string }
	b.call(http.MethodPost, "/faults", map[string]any{"kind": "robot_hangs", "method": r.Token, "times": 1,
		"delay_ms": time.Hour.Milliseconds()}, &made)
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.look(settled)
	if n := b.notices()[0]; n.Status != vocabulary.NoticeWaiting || n.Attempts != 1 || n.Error == "" {
		t.Errorf("notice %+v", n)
	}
	b.look(2 * time.Minute)
	if got := b.messages(r); len(got) != 1 || !strings.Contains(got[0].Text, "可能重复") {
		t.Errorf("%d messages: %+v", len(got), got)
	}
}
