package db

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"zhitong/internal/id"
)

// TestAttack plays the attack on the connections.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A38 one platform with ten times the load", attackA38)
}

// attackA38: every connection is in use, and a thousand transactions of one tenant wait, when another's first comes. It
// is counted who is let in before.
func attackA38(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		loud, quiet, third := id.New[id.Tenant](), id.New[id.Tenant](), id.New[id.Tenant]()
		turns := newTurns(1)
		if err := turns.enter(t.Context(), loud); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var got []id.Tenant
		queue := func(tenant id.Tenant, n int) {
			for range n {
				go func() {
					if err := turns.enter(t.Context(), tenant); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					got = append(got, tenant)
					mu.Unlock()
					turns.leave()
				}()
			}
			synctest.Wait() // all of them stand in line
		}
		queue(loud, many)
		queue(quiet, 2)
		queue(third, 1)
		turns.leave()
		synctest.Wait()
		if len(got) != many+3 {
			t.Fatalf("%d of %d were let in", len(got), many+3)
		}
		if want := []id.Tenant{loud, quiet, third, loud, quiet, loud}; !slices.Equal(got[:len(want)], want) {
			t.Errorf("let in: %v, want the tenants in turn", got[:len(want)])
		}
		if turns.free != 1 || len(turns.lines)+len(turns.order) != 0 {
			t.Errorf("afterwards %d are free, %d lines, %d in order", turns.free, len(turns.lines), len(turns.order))
		}
	})
}

// TestTurnsGivenUp: who stops waiting leaves no hole, at whatever moment.
func TestTurnsGivenUp(t *testing.T) {
	t.Parallel()
	a, b := id.New[id.Tenant](), id.New[id.Tenant]()
	turns := newTurns(2)
	var all sync.WaitGroup
	for i := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		all.Go(func() {
			if err := turns.enter(ctx, []id.Tenant{a, b}[i%2]); err == nil {
				turns.leave()
			} else if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		all.Go(cancel)
	}
	all.Wait()
	if turns.free != 2 || len(turns.lines)+len(turns.order) != 0 {
		t.Errorf("afterwards %d are free, %d lines, %d in order", turns.free, len(turns.lines), len(turns.order))
	}
}
