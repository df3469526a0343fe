// Package hub tells the checkout pages that follow an order how it stands. However many pages follow, one watch of the
// process looks: at an order that changed in this process at once, and every few seconds at all that are followed, for
// what changed in another process.
package hub

import (
	"context"
	"errors"
	"sync"
	"time"

	"zhitong/internal/id"
)

// Bounds of what one process keeps informed. Pages beyond them ask now and then.
const (
	waitersMax = 20_000
	// OrderMax is how many pages may follow one order: tabs, and connections that are not known to be gone.
	OrderMax = 32
	// AddressMax is how many may follow from one address, which may be that of many buyers.
	AddressMax = 256
)

const (
	lookAgain = 5 * time.Second  // how often all orders are looked at
	lookMax   = 10 * time.Second // how long a look may take
	lookMany  = 500              // orders in one look
)

// ErrMany is returned to a page that would be one too many.
var ErrMany = errors.New("too many pages follow orders")

// Standing is how an order stands. The zero Standing is of an order that nobody may see any more.
type Standing struct {
	Status     string
	Generation int32 // of its checkout address
}

// Look reads how orders of one tenant stand. What is not in the answer nobody may see any more.
type Look func(ctx context.Context, tenant id.Tenant, orders []id.Order) (map[id.Order]Standing, error)

type order struct {
	tenant id.Tenant
	order  id.Order
}

// Hub is the meeting point. The zero value is not usable; see New.
type Hub struct {
	mu        sync.Mutex
	waiters   map[order]map[*waiter]struct{}
	addresses map[string]int
	count     int
	look      Look
	watching  bool
	rung      map[order]struct{} // to be looked at now
	wake      chan struct{}      // something rang
	closed    chan struct{}
}

type waiter struct {
	news    chan Standing // the newest that was not heard
	address string
}

// New makes a hub.
func New() *Hub {
	return &Hub{waiters: map[order]map[*waiter]struct{}{}, addresses: map[string]int{}, rung: map[order]struct{}{},
		wake: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Watch says how to look. It is called once, before the first Wait.
func (h *Hub) Watch(look Look) { h.look = look }

// Ring lets an order that somebody follows be looked at now. It never blocks. It is orders.Config.OnChange.
func (h *Hub) Ring(tenant id.Tenant, o id.Order) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ring(order{tenant, o})
}

func (h *Hub) ring(key order) {
	if len(h.waiters[key]) == 0 {
		return
	}
	h.rung[key] = struct{}{}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Wait follows an order for a page at the address, until leave is called. How the order stands comes soon, and again
// after each look. It returns ErrMany, also when the hub is closed.
func (h *Hub) Wait(tenant id.Tenant, o id.Order, address string) (news <-chan Standing, leave func(), err error) {
	key, w := order{tenant, o}, &waiter{make(chan Standing, 1), address}
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return nil, nil, ErrMany
	default:
	}
	if len(h.waiters[key]) >= OrderMax || h.addresses[address] >= AddressMax || h.count >= waitersMax {
		return nil, nil, ErrMany
	}
	if h.waiters[key] == nil {
		h.waiters[key] = map[*waiter]struct{}{}
	}
	h.waiters[key][w] = struct{}{}
	h.addresses[address]++
	h.count++
	if !h.watching {
		h.watching = true
		go h.watch()
	}
	h.ring(key)
	return w.news, sync.OnceFunc(func() { h.leave(key, w) }), nil
}

func (h *Hub) leave(key order, w *waiter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waiters[key], w)
	if len(h.waiters[key]) == 0 {
		delete(h.waiters, key)
		delete(h.rung, key)
	}
	if h.addresses[w.address]--; h.addresses[w.address] == 0 {
		delete(h.addresses, w.address)
	}
	h.count--
}

// watch looks until nobody waits.
func (h *Hub) watch() {
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		all := false
		select {
		case <-h.wake:
		case <-again.C:
			all = true
		case <-h.closed:
			return
		}
		due, waited := h.due(all)
		if !waited {
			return
		}
		for tenant, orders := range due {
			for len(orders) > 0 {
				n := min(len(orders), lookMany)
				h.tell(tenant, orders[:n])
				orders = orders[n:]
			}
		}
	}
}

// due are the orders to look at: all that are followed, or those that rang. When nobody waits the watch ends.
func (h *Hub) due(all bool) (due map[id.Tenant][]id.Order, waited bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	due = map[id.Tenant][]id.Order{}
	if all {
		for key := range h.waiters {
			due[key.tenant] = append(due[key.tenant], key.order)
		}
	} else {
		for key := range h.rung {
			due[key.tenant] = append(due[key.tenant], key.order)
		}
	}
	clear(h.rung)
	h.watching = h.count > 0
	return due, h.watching
}

// tell looks at orders of a tenant, and tells those who follow them. When the database is away nobody is told anything.
func (h *Hub) tell(tenant id.Tenant, orders []id.Order) {
	//nolint:forbidigo // the look is for all who follow these orders: it ends with none of their requests
	ctx, cancel := context.WithTimeout(context.Background(), lookMax)
	defer cancel()
	found, err := h.look(ctx, tenant, orders)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range orders {
		for w := range h.waiters[order{tenant, o}] {
			select {
			case <-w.news: // it has not heard the last
			default:
			}
			w.news <- found[o]
		}
	}
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
