package hub_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"zhitong/api/checkout/hub"
	"zhitong/internal/id"
)

// book is what a hub looks at.
type book struct {
	mu    sync.Mutex
	looks int
	at    map[id.Order]hub.Standing
}

func (b *book) look(_ context.Context, t id.Tenant, orders []id.Order) (map[id.Order]hub.Standing, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks++
	out := map[id.Order]hub.Standing{}
	for _, o := range orders {
		s, ok := b.at[o]
		if ok && t == (id.Tenant{1}) {
			out[o] = s
		}
	}
	return out, nil
}

func (b *book) set(o id.Order, status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at[o] = hub.Standing{Status: status, Generation: 1}
}

func (b *book) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.looks
}

func open(t *testing.T) (*hub.Hub, *book) {
	h, b := hub.New(), &book{at: map[id.Order]hub.Standing{}}
	h.Watch(b.look)
	t.Cleanup(h.Close)
	return h, b
}

// follow waits for an order from an address.
func follow(t *testing.T, h *hub.Hub, tenant id.Tenant, o id.Order, address string) (<-chan hub.Standing, func()) {
	t.Helper()
	news, leave, err := h.Wait(tenant, o, address)
	if err != nil {
		t.Fatal(err)
	}
	return news, leave
}

// TestOneWatch: however many follow an order, it is looked at once for all of them when it rings; who is of another
// tenant sees nothing.
func TestOneWatch(t *testing.T) {
	t.Parallel()
	h, b := open(t)
	tenant, o := id.Tenant{1}, id.Order{7}
	b.set(o, "awaiting_payment")
	all := make([]<-chan hub.Standing, hub.OrderMax)
	for i := range all {
		news, leave := follow(t, h, tenant, o, "a")
		defer leave()
		all[i] = news
	}
	foreign, leave := follow(t, h, id.Tenant{2}, o, "a")
	defer leave()
	for _, news := range all {
		if s := <-news; s.Status != "awaiting_payment" {
			t.Fatalf("first %+v", s)
		}
	}
	if s := <-foreign; s != (hub.Standing{}) {
		t.Errorf("another tenant sees %+v", s)
	}
	before := b.count()
	b.set(o, "delivered")
	h.Ring(tenant, o)
	for _, news := range all {
		s := <-news
		for s.Status != "delivered" { // a look that was under way
			s = <-news
		}
	}
	if n := b.count() - before; n > hub.OrderMax/4 {
		t.Errorf("%d looks tell %d pages", n, len(all))
	}
}

// TestBounds: an order, and an address, have so many places; one that leaves makes room.
func TestBounds(t *testing.T) {
	t.Parallel()
	h, _ := open(t)
	tenant := id.Tenant{1}
	var leaves []func()
	for i := range hub.OrderMax {
		_, leave := follow(t, h, tenant, id.Order{7}, fmt.Sprint(i))
		leaves = append(leaves, leave)
	}
	if _, _, err := h.Wait(tenant, id.Order{7}, "other"); !errors.Is(err, hub.ErrMany) {
		t.Errorf("one page too many for an order: %v", err)
	}
	leaves[0]()
	leaves[0]() // once more is nothing
	follow(t, h, tenant, id.Order{7}, "other")
	if _, _, err := h.Wait(tenant, id.Order{7}, "other"); !errors.Is(err, hub.ErrMany) {
		t.Errorf("one that leaves makes room for two: %v", err)
	}
	for i := range hub.AddressMax {
		_, leave := follow(t, h, tenant, id.Order{8, byte(i)}, "many")
		leaves = append(leaves, leave)
	}
	if _, _, err := h.Wait(tenant, id.Order{9}, "many"); !errors.Is(err, hub.ErrMany) {
		t.Errorf("one page too many for an address: %v", err)
	}
	follow(t, h, tenant, id.Order{9}, "few")
	leaves[len(leaves)-1]()
	follow(t, h, tenant, id.Order{9}, "many")
}

// TestClose: a closed hub takes nobody, and one that everybody left begins anew.
func TestClose(t *testing.T) {
	t.Parallel()
	h, b := open(t)
	b.set(id.Order{1}, "paid")
	for range 3 {
		news, leave := follow(t, h, id.Tenant{1}, id.Order{1}, "a")
		if s := <-news; s.Status != "paid" {
			t.Errorf("%+v", s)
		}
		leave()
		h.Ring(id.Tenant{1}, id.Order{1})
	}
	h.Close()
	h.Close()
	<-h.Done()
	if _, _, err := h.Wait(id.Tenant{1}, id.Order{1}, "a"); !errors.Is(err, hub.ErrMany) {
		t.Errorf("a closed hub takes a page: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	h, _ := open(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			o := id.Order{byte(i % 5)}
			c, leave, err := h.Wait(id.Tenant{1}, o, "a")
			if err != nil {
				t.Error(err)
				return
			}
			defer leave()
			h.Ring(id.Tenant{1}, o)
			<-c
		})
	}
	wg.Wait()
}
