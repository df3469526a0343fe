package alipay

import (
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// maxPooled bounds the clients a process keeps; the least recently used one goes first.
const maxPooled = 16_384 // about five kilobytes each

// Pool keeps one immutable client per connection. A client is dropped when a newer version of its credentials is asked
// for, so changed keys are used at once and old ones never again. All clients share one transport and its connections.
type Pool struct {
	opts    Options
	mu      sync.Mutex
	entries map[string]*pooled
	tick    uint64 // order of use
}

type pooled struct {
	mu      sync.Mutex // one construction per key at a time
	version int64
	client  *Client
	used    uint64
}

// NewPool makes a pool. A nil Transport is replaced by one shared transport.
func NewPool(opts Options) *Pool {
	if opts.Transport == nil {
		opts.Transport = NewTransport()
	}
	if opts.Metrics == nil {
		opts.Metrics = prometheus.NewRegistry() // one set of collectors for all clients
	}
	return &Pool{opts: opts, entries: map[string]*pooled{}}
}

// Get returns the client of a connection: the kept one when it has this version or a newer one, else one made from what
// load returns. load runs once at a time per key. An error is not remembered.
func (p *Pool) Get(key string, version int64, load func() (Credentials, error)) (*Client, error) {
	e := p.entry(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.client != nil && e.version >= version {
		return e.client, nil
	}
	cred, err := load()
	if err != nil {
		return nil, fmt.Errorf("load Alipay credentials: %w", err)
	}
	client, err := NewClient(cred, p.opts)
	if err != nil {
		return nil, err
	}
	e.client, e.version = client, version
	return client, nil
}

// Drop forgets a connection, for example when it is disconnected.
func (p *Pool) Drop(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.entries, key)
}

func (p *Pool) entry(key string) *pooled {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tick++
	e, ok := p.entries[key]
	if !ok {
		if len(p.entries) >= maxPooled {
			p.evict()
		}
		e = &pooled{}
		p.entries[key] = e
	}
	e.used = p.tick
	return e
}

func (p *Pool) evict() {
	var oldest string
	var least uint64
	for key, e := range p.entries {
		if oldest == "" || e.used < least {
			oldest, least = key, e.used
		}
	}
	delete(p.entries, oldest)
}
