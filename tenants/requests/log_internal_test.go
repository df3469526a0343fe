package requests

import (
	"testing"

	"zhitong/internal/id"
)

// kept adds n requests of a tenant and counts what becomes of them.
func kept(l *Log, tenant id.Tenant, n, sent int, changes bool) map[string]int {
	out := map[string]int{}
	for range n {
		out[l.add(Note{Tenant: tenant, Changes: changes, Sent: sent, Mask: func() []byte { return nil }})]++
	}
	return out
}

// TestBounds: what waits is bounded, a busy tenant leaves room for the others, and what was written makes room again.
func TestBounds(t *testing.T) {
	t.Parallel()
	l, busy, other := New(Config{}), id.New[id.Tenant](), id.New[id.Tenant]()
	const part = waitingMax / share
	if got := kept(l, busy, part+7, 0, true); got[""] != part || got["full"] != 7 {
		t.Errorf("a busy tenant: %v, want %d kept", got, part)
	}
	if got := kept(l, other, 10, 0, true); got[""] != 10 {
		t.Errorf("another one beside it: %v", got)
	}
	if got := kept(l, other, readsMax+3, 0, false); got[""] != readsMax || got["sampled"] != 3 {
		t.Errorf("reads: %v, want %d kept", got, readsMax)
	}
	for range share {
		kept(l, id.New[id.Tenant](), part, 0, true)
	}
	if l.all.requests != waitingMax {
		t.Errorf("%d wait, want %d", l.all.requests, waitingMax)
	}
	if got := kept(l, id.New[id.Tenant](), 1, 0, true); got["full"] != 1 {
		t.Errorf("beyond all room: %v", got)
	}
	if n := len(l.take()[busy].notes); n != part {
		t.Errorf("%d are written, want %d", n, part)
	}
	if got := kept(l, busy, 1, 0, true); got[""] != 1 {
		t.Errorf("after the writing: %v", got)
	}
}

// TestBodiesAreBounded: a request beyond the room for bodies is kept without its own.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	l, tenant := New(Config{}), id.New[id.Tenant]()
	const body = bodiesMax / share / 8
	if got := kept(l, tenant, 10, body, true); got[""] != 10 {
		t.Fatalf("%v", got)
	}
	with := 0
	for _, n := range l.take()[tenant].notes {
		if n.Mask != nil {
			with++
		}
	}
	if with != 8 {
		t.Errorf("%d bodies wait, want 8", with)
	}
}
