// Package hub tells those who follow something how it stands: checkout pages their order, streams the events of their
// platform. However many follow, one watch of the process looks: at what changed in this process at once, and every few
// seconds at all that is followed, for what changed in another process.
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
	lookAgain = 5 * time.Second  // how often all orders, and the newest events, are looked at
	taskAgain = time.Second      // how often all tasks are: somebody watches a bar
	lookMax   = 10 * time.Second // how long a look may take
	lookMany  = 500              // orders in one look
)

// Bounds of streams.
const (
	streamsMax = 2_000
	tenantMax  = 64
	callerMax  = 8
)

// ErrMany is returned to a page or stream that would be one too many.
var ErrMany = errors.New("too many follow")

// Standing is how an order stands. The zero Standing is of an order that nobody may see any more.
type Standing struct {
	Status     string
	Generation int32 // of its checkout address
}

// Hub is where checkout pages follow orders.
type Hub = Of[id.Order, Standing]

// New makes a hub of orders.
func New() *Hub {
	return newOf[id.Order, Standing](lookAgain, bounds{all: waitersMax, one: OrderMax, address: AddressMax})
}

// Events is where streams follow the newest event of their platform. Who follows is the caller, in the place of an
// address.
type Events = Of[id.Tenant, id.Event]

// Tasks is where streams follow a task by the number of its version; 0 is of a task that is gone. Who follows is the
// caller.
type Tasks = Of[id.Task, int64]

// Streams is where the streams of the API follow what they tell of.
type Streams struct {
	Events *Events
	Tasks  *Tasks
}

// NewStreams makes the hubs of the API's streams.
func NewStreams() *Streams {
	b := bounds{all: streamsMax, one: tenantMax, address: callerMax}
	return &Streams{newOf[id.Tenant, id.Event](lookAgain, b), newOf[id.Task, int64](taskAgain, b)}
}

// Close sends everyone home. It may be called more than once.
func (s *Streams) Close() {
	s.Events.Close()
	s.Tasks.Close()
}

// bounds are how many may follow: in all, one thing, and from one address.
type bounds struct{ all, one, address int }

// place is something of a tenant that is followed.
type place[K comparable] struct {
	tenant id.Tenant
	of     K
}

// Of is the meeting point of those who follow things named K, whose standing is an S.
type Of[K comparable, S any] struct {
	bounds    bounds
	again     time.Duration // how often all that is followed is looked at
	mu        sync.Mutex
	waiters   map[place[K]]map[*waiter[S]]struct{}
	addresses map[string]int
	count     int
	look      func(ctx context.Context, tenant id.Tenant, of []K) (map[K]S, error)
	watching  bool
	rung      map[place[K]]struct{} // to be looked at now
	wake      chan struct{}         // something rang
	closed    chan struct{}
}

type waiter[S any] struct {
	news    chan S // the newest that was not heard
	address string
}

func newOf[K comparable, S any](again time.Duration, b bounds) *Of[K, S] {
	return &Of[K, S]{bounds: b, again: again,
		waiters: map[place[K]]map[*waiter[S]]struct{}{}, addresses: map[string]int{},
		rung: map[place[K]]struct{}{}, wake: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Watch says how to look at things of one tenant; what is not in the answer nobody may see any more. It is called once,
// before the first Wait.
func (h *Of[K, S]) Watch(look func(ctx context.Context, tenant id.Tenant, of []K) (map[K]S, error)) {
	h.look = look
}

// Ring lets an order that somebody follows be looked at now. It never blocks. It is orders.Config.OnChange.
func (h *Of[K, S]) Ring(tenant id.Tenant, o K) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ring(place[K]{tenant, o})
}

func (h *Of[K, S]) ring(key place[K]) {
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
func (h *Of[K, S]) Wait(tenant id.Tenant, o K, address string) (news <-chan S, leave func(), err error) {
	key, w := place[K]{tenant, o}, &waiter[S]{make(chan S, 1), address}
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return nil, nil, ErrMany
	default:
	}
	if len(h.waiters[key]) >= h.bounds.one || h.addresses[address] >= h.bounds.address || h.count >= h.bounds.all {
		return nil, nil, ErrMany
	}
	if h.waiters[key] == nil {
		h.waiters[key] = map[*waiter[S]]struct{}{}
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

func (h *Of[K, S]) leave(key place[K], w *waiter[S]) {
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
func (h *Of[K, S]) watch() {
	again := time.NewTicker(h.again)
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
func (h *Of[K, S]) due(all bool) (due map[id.Tenant][]K, waited bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	due = map[id.Tenant][]K{}
	if all {
		for key := range h.waiters {
			due[key.tenant] = append(due[key.tenant], key.of)
		}
	} else {
		for key := range h.rung {
			due[key.tenant] = append(due[key.tenant], key.of)
		}
	}
	clear(h.rung)
	h.watching = h.count > 0
	return due, h.watching
}

// tell looks at orders of a tenant, and tells those who follow them. When the database is away nobody is told anything.
func (h *Of[K, S]) tell(tenant id.Tenant, orders []K) {
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
		for w := range h.waiters[place[K]{tenant, o}] {
			select {
			case <-w.news: // it has not heard the last
			default:
			}
			w.news <- found[o]
		}
	}
}

// Done is closed when the hub is: whoever waits goes home, so that the server can stop.
func (h *Of[K, S]) Done() <-chan struct{} { return h.closed }

// Close sends everyone home. It may be called more than once.
func (h *Of[K, S]) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
	default:
		close(h.closed)
	}
}
