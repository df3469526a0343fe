package tenants

import (
	"time"

	"zhitong/internal/id"
)

// refusalsKept is how many refused callbacks of one tenant a process keeps as rows (and cases) in an hour. Anybody can
// post to a tenant's callback address: what comes after that is answered, counted and logged as a request, and no more.
const refusalsKept = 100

// refusals counts those of the running hour. Only tenants that exist come here, so it is bounded by them.
type refusals struct {
	hour time.Time
	kept map[id.Tenant]int
}

// KeepRefusal tells whether a callback that is being refused is to be kept in the database, and counts it either way.
func (g *Gateways) KeepRefusal(t id.Tenant) bool {
	hour := g.c.Clock.Now().Truncate(time.Hour)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !hour.Equal(g.refused.hour) { // also when the clock is put back
		g.refused = refusals{hour, map[id.Tenant]int{}}
	}
	if g.refused.kept[t] >= refusalsKept {
		g.count.WithLabelValues("no").Inc()
		return false
	}
	g.refused.kept[t]++
	g.count.WithLabelValues("yes").Inc()
	return true
}
