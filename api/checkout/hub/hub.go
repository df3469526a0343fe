// Package hub wakes the checkout pages that wait for an order when it changes in this process. It promises nothing:
// whoever waits also asks the database now and then, so that a change in another process is seen a little later.
package hub

import (
	"sync"

	"zhitong/internal/id"
)

// waitersMax bounds how many pages one process keeps informed; those beyond ask by themselves.
const waitersMax = 20_000

type order struct {
	tenant id.Tenant
	order  id.Order
}

// Hub is the meeting point. The zero value is not usable; see New.
type Hub struct {
	mu      sync.Mutex
	waiters map[order]map[chan struct{}]struct{}
	count   int
	closed  chan struct{}
}

// New makes a hub.
func New() *Hub {
	return &Hub{waiters: map[order]map[chan struct{}]struct{}{}, closed: make(chan struct{})}
}

// Ring wakes everyone who waits for the order. It never blocks. It is orders.Config.OnChange.
func (h *Hub) Ring(tenant id.Tenant, o id.Order) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.waiters[order{tenant, o}] {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last ring
		}
	}
}

// Wait registers for rings of the order until leave is called. ok is false when the hub is full or closed.
func (h *Hub) Wait(tenant id.Tenant, o id.Order) (rings <-chan struct{}, leave func(), ok bool) {
	key, c := order{tenant, o}, make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return nil, nil, false
	default:
	}
	if h.count >= waitersMax {
		return nil, nil, false
	}
	if h.waiters[key] == nil {
		h.waiters[key] = map[chan struct{}]struct{}{}
	}
	h.waiters[key][c] = struct{}{}
	h.count++
	return c, sync.OnceFunc(func() { h.leave(key, c) }), true
}

func (h *Hub) leave(key order, c chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waiters[key], c)
	if len(h.waiters[key]) == 0 {
		delete(h.waiters, key)
	}
	h.count--
}

// Done is closed when the hub is: whoever waits goes home, so that the server can stop.
func (h *Hub) Done() <-chan struct{} { return h.closed }

// Close sends everyone home. It may be called more than once.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
	default:
		close(h.closed)
	}
}
