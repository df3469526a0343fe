package requests

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
)

const (
	// every is how often what was noted is written.
	every = time.Second
	// waitingMax is how many requests wait to be written, at most. More are left out.
	waitingMax = 20_000
	// bodiesMax is how many bytes of bodies wait, at most. Further requests are noted without theirs.
	bodiesMax = 16 << 20
	// share is which part of both one tenant may fill, so that a busy one leaves room for the others.
	share = 4
	// readsMax is how many reads of a tenant are kept between two writings, so in about a second.
	readsMax = 100
	// rowsMax is how many rows one statement writes.
	rowsMax = 1000
	// writeMax bounds the writing of one tenant's.
	writeMax = 10 * time.Second
)

// Config is what a Log needs.
type Config struct {
	DB      *db.DB
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: nothing is counted
}

// Note is a request as it was answered.
type Note struct {
	Entry
	Tenant id.Tenant
	// Changes: it may have changed something, so it is not one of very many.
	Changes bool
	// Sent is how many bytes Mask holds on to.
	Sent int
	// Mask makes the body that is kept; it runs when nobody waits. Nil: there is none.
	Mask func() []byte
}

// Log notes requests, and reads them.
type Log struct {
	c     Config
	count *prometheus.CounterVec

	mu      sync.Mutex
	waiting map[id.Tenant]*queue
	all     load
}

// queue is what waits of one tenant.
type queue struct {
	load
	notes []Note
	reads int
}

// load is how much waits: requests, and bytes of their bodies.
type load struct{ requests, bytes int }

// fits tells whether one more request fits into a part of the room, and whether its body does.
func (l load) fits(sent, part int) (request, body bool) {
	return l.requests < waitingMax/part, l.bytes+sent <= bodiesMax/part
}

func (l *load) add(sent int) { l.requests, l.bytes = l.requests+1, l.bytes+sent }

// New makes a Log.
func New(c Config) *Log {
	l := &Log{c: c, waiting: map[id.Tenant]*queue{},
		count: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_requests_kept_total",
			Help: "Requests of tenants by what became of their entry in the request log: written; sampled, a read " +
				"among very many; full, for want of room; failed, the database refused them."},
			[]string{"outcome"})}
	if c.Metrics != nil {
		c.Metrics.MustRegister(l.count)
	}
	return l
}

// Add notes a request. It takes no longer than a lock.
func (l *Log) Add(n Note) {
	if outcome := l.add(n); outcome != "" {
		l.count.WithLabelValues(outcome).Inc()
	}
}

// add notes a request, or tells why not.
func (l *Log) add(n Note) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.waiting[n.Tenant]
	if of == nil {
		of = &queue{}
	}
	anyRoom, anyBody := l.all.fits(n.Sent, 1)
	room, body := of.fits(n.Sent, share)
	if !anyRoom || !room {
		return "full"
	}
	if !n.Changes {
		if of.reads >= readsMax {
			return "sampled"
		}
		of.reads++
	}
	if !anyBody || !body {
		n.Mask, n.Sent = nil, 0
	}
	of.notes = append(of.notes, n)
	of.add(n.Sent)
	l.all.add(n.Sent)
	l.waiting[n.Tenant] = of
	return ""
}

// take empties what waits.
func (l *Log) take() map[id.Tenant]*queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.waiting
	l.waiting, l.all = map[id.Tenant]*queue{}, load{}
	return taken
}

// Write writes what was noted. What the database does not take is left out, and counted: it waits for nothing.
func (l *Log) Write(ctx context.Context) {
	for tenant, of := range l.take() {
		for some := range slices.Chunk(of.notes, rowsMax) {
			outcome := "written"
			if err := l.write(ctx, tenant, some); err != nil {
				outcome = "failed"
				l.c.Log.WarnContext(ctx, "requests were not kept", "tenant", tenant, "requests", len(some),
					"error", err)
			}
			l.count.WithLabelValues(outcome).Add(float64(len(some))) //nolint:forbidigo // Prometheus counts in them
		}
	}
}

func (l *Log) write(ctx context.Context, tenant id.Tenant, notes []Note) error {
	ctx, cancel := context.WithTimeout(ctx, writeMax)
	defer cancel()
	var p dbsqlc.APIRequestInsertParams
	for _, n := range notes {
		body := ""
		if n.Mask != nil {
			body = string(n.Mask())
		}
		p.Ids = append(p.Ids, uuid.UUID(n.ID))
		p.Operations = append(p.Operations, n.Operation)
		p.Methods = append(p.Methods, n.Method)
		p.Paths = append(p.Paths, n.Path)
		p.Statuses = append(p.Statuses, int32(n.Status)) //nolint:gosec // three digits
		p.Codes = append(p.Codes, n.Code)
		p.Durations = append(p.Durations, n.Took.Microseconds())
		p.ActorIds = append(p.ActorIds, n.Actor)
		p.Addresses = append(p.Addresses, n.Address)
		p.Replays = append(p.Replays, n.Replayed)
		p.Bodies = append(p.Bodies, body)
		p.Times = append(p.Times, n.At)
	}
	return l.c.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return q.APIRequestInsert(ctx, tx.Later(), p)
	})
}

// Run writes every second until ctx ends, and what is left then.
func (l *Log) Run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.Write(ctx)
		case <-ctx.Done():
			l.Write(context.WithoutCancel(ctx))
			return
		}
	}
}
