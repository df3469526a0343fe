package db

import (
	"context"
	"sync"

	"zhitong/internal/id"
)

// turns decides who gets the next connection when all are in use: not who has waited longest, but the tenants in turn,
// so that one with a thousand requests waiting delays another's first by one transaction, not by a thousand. As long as
// connections are free nobody waits.
type turns struct {
	mu    sync.Mutex
	free  int
	lines map[id.Tenant][]chan struct{} // those who wait, by tenant; no line is empty
	order []id.Tenant                   // whose turn it is; each tenant with a line stands here once
}

func newTurns(connections int) *turns {
	return &turns{free: connections, lines: map[id.Tenant][]chan struct{}{}}
}

// enter waits for the tenant's turn. Whoever has entered leaves.
func (t *turns) enter(ctx context.Context, tenant id.Tenant) error {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	if len(t.lines[tenant]) == 0 {
		t.order = append(t.order, tenant)
	}
	t.lines[tenant] = append(t.lines[tenant], mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	if t.giveUp(tenant, mine) {
		t.leave() // it was our turn at the same moment
	}
	return ctx.Err()
}

// giveUp takes a place out of its line and tells whether its turn had come already.
func (t *turns) giveUp(tenant id.Tenant, mine chan struct{}) (granted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := t.lines[tenant]
	for i, place := range line {
		if place != mine {
			continue
		}
		t.keep(tenant, append(line[:i:i], line[i+1:]...))
		if len(line) == 1 {
			for j, other := range t.order {
				if other == tenant {
					t.order = append(t.order[:j:j], t.order[j+1:]...)
					break
				}
			}
		}
		return false
	}
	return true
}

func (t *turns) keep(tenant id.Tenant, line []chan struct{}) {
	if len(line) == 0 {
		delete(t.lines, tenant)
		return
	}
	t.lines[tenant] = line
}

// leave gives the connection to the first of the next tenant, whose next one comes after all other tenants.
func (t *turns) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.order) == 0 {
		t.free++
		return
	}
	tenant := t.order[0]
	t.order = t.order[1:]
	line := t.lines[tenant]
	close(line[0])
	t.keep(tenant, line[1:])
	if len(line) > 1 {
		t.order = append(t.order, tenant)
	}
}
