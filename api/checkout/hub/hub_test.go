package hub_test

import (
	"sync"
	"testing"

	"zhitong/api/checkout/hub"
	"zhitong/internal/id"
)

type tenantKind = id.Tenant

func rung(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestRing(t *testing.T) {
	t.Parallel()
	h := hub.New()
	tenant, other, o := tenantKind{1}, tenantKind{2}, id.Order{7}
	mine := o
	a, leaveA, _ := h.Wait(tenant, mine)
	b, leaveB, _ := h.Wait(tenant, mine)
	foreign, leaveForeign, _ := h.Wait(other, mine)
	defer leaveB()
	defer leaveForeign()
	for range 3 { // nobody listens yet: rings do not block and do not pile up
		h.Ring(tenant, mine)
	}
	if !rung(a) || !rung(b) || rung(a) {
		t.Error("each waiter hears one ring")
	}
	if rung(foreign) {
		t.Error("another tenant's order of the same number rang")
	}
	leaveA()
	leaveA()
	h.Ring(tenant, mine)
	if rung(a) || !rung(b) {
		t.Error("who has left hears nothing, who stays does")
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	h := hub.New()
	h.Close()
	h.Close()
	<-h.Done()
	if _, _, ok := h.Wait(tenantKind{1}, id.Order{1}); ok {
		t.Error("a closed hub takes waiters")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	h := hub.New()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			o := id.Order{byte(i % 5)}
			c, leave, ok := h.Wait(tenantKind{1}, o)
			if !ok {
				t.Error("full")
				return
			}
			defer leave()
			h.Ring(tenantKind{1}, o)
			<-c
		})
	}
	wg.Wait()
}
