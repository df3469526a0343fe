package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// points are the named steps of the order lifecycle at which the program is killed, each with how many passes of it go
// by before.
func points() map[string]int {
	return map[string]int{
		"orders: created": 5, "orders: before precreate": 5, "orders: after precreate": 5, "orders: pending stored": 5,
		"orders: notification applied": 5,
		"orders: before query":         2, "orders: after query": 2, "orders: query applied": 1,
		"orders: before close": 1,
		"orders: after close":  1, "orders: closed": 1,
		"orders: refund prepared": 1, "refunds: refund": 1, "refunds: refund called": 1, "orders: refund recorded": 1,
		"splits: prepare": 4, "splits: prepared": 4, "splits: settle": 4, "splits: settled": 4,
		"splits: settle recorded": 4, "splits: split": 3, "splits: split done": 3,
		"splits: split recorded": 3, "webhooks: read": 20, "webhooks: sent": 20, "webhooks: recorded": 20,
		"db: before commit": 100, "db: after commit": 100,
		"onboarding: loaded": 1, "onboarding: create": 1, "onboarding: created": 1, "onboarding: recorded": 1,
		"onboarding: asked": 1, "onboarding: applied": 1,
		"tenants: registered": 1, "tenants: written": 1,
	}
}

// pointsAtOnce is how many points one start is armed with; the first that is reached kills.
const pointsAtOnce = 5

// armoury hands out the failpoints, in an order that follows from the seed, and counts what struck.
type armoury struct {
	mu      sync.Mutex
	random  *rand.Rand
	names   []string // those left of this turn
	armed   bool
	hits    map[string]int
	crashes []string
	failed  int // starts that ended at once
}

func newArmoury(seed uint64) *armoury {
	return &armoury{random: rand.New(rand.NewPCG(seed, 1)), hits: map[string]int{}}
}

// arm lets the next starts have failpoints, or no more.
func (a *armoury) arm(on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.armed = on
}

// next is the specification of the next start. Several points at once: whichever the program passes first.
func (a *armoury) next() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.armed {
		return ""
	}
	all := points()
	if len(a.names) == 0 {
		a.names = slices.Sorted(maps.Keys(all))
		a.random.Shuffle(len(a.names), func(i, j int) { a.names[i], a.names[j] = a.names[j], a.names[i] })
	}
	var spec []string
	for range pointsAtOnce {
		if len(a.names) > 0 {
			spec = append(spec, fmt.Sprintf("%s=%d", a.names[0], 1+a.random.IntN(all[a.names[0]])))
			a.names = a.names[1:]
		}
	}
	return strings.Join(spec, ",")
}

// struck counts the death of a program whose log says at which point it was.
func (a *armoury) struck(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hits[name]++
}

func (a *armoury) crash(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.crashes = append(a.crashes, what)
}

func (a *armoury) startFailed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed++
}
