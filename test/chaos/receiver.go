package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/tenants/webhooks"
)

// Kinds of receivers. Each platform has a healthy one and some of the others.
const (
	healthy = "healthy"
	hanging = "hanging" // takes the request and never answers
	failing = "failing" // 500, now and then 503 with Retry-After
	endless = "endless" // 200 at last, with a body that never ends
	astray  = "astray"  // redirects to an address of the inside
)

const bodyMax = 1 << 20

// receivers are the webhook endpoints of every platform, at /{platform}/{kind}.
type receivers struct {
	server *http.Server
	url    string
	gone   chan struct{} // closed at the end: those that hang let go
	inside atomic.Int64  // visits to what no webhook may reach

	mu      sync.Mutex
	secrets map[string]secret.String  // by platform
	seen    map[string]map[string]int // by platform: event id → how often, at the healthy endpoint, rightly signed
	wrong   []string                  // messages that were not
	visits  map[string]int            // by kind
	first   map[string]time.Time      // event id → when it arrived first
}

func newReceivers() (*receivers, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	r := &receivers{url: "http://" + l.Addr().String(), gone: make(chan struct{}), secrets: map[string]secret.String{},
		seen:   map[string]map[string]int{},
		visits: map[string]int{}, first: map[string]time.Time{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.server.Serve(l) }() // ends by close
	return r, nil
}

func (r *receivers) close() error {
	close(r.gone)
	return r.server.Close()
}

// know tells the secret of a platform's healthy endpoint.
func (r *receivers) know(platform, s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[platform] = secret.New(s)
	r.seen[platform] = map[string]int{}
}

// ServeHTTP implements http.Handler.
func (r *receivers) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	platform, kind, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	body, err := io.ReadAll(io.LimitReader(req.Body, bodyMax))
	if err != nil {
		return // cut off: it will be sent again
	}
	r.mu.Lock()
	r.visits[kind]++
	n := r.visits[kind]
	r.mu.Unlock()
	switch kind {
	case healthy:
		r.take(platform, req, body)
		w.WriteHeader(http.StatusNoContent)
	case hanging:
		select {
		case <-req.Context().Done():
		case <-r.gone:
		}
	case failing:
		if n%5 == 0 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	case endless:
		r.pour(w, req)
	case astray:
		http.Redirect(w, req, r.url+"/inside/"+platform, http.StatusTemporaryRedirect)
	case "inside":
		r.inside.Add(1)
	}
	if platform == "inside" {
		r.inside.Add(1)
	}
}

// pour writes a byte at a time until the caller leaves.
func (r *receivers) pour(w http.ResponseWriter, req *http.Request) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := w.Write([]byte(".")); err != nil {
			return
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		select {
		case <-req.Context().Done():
			return
		case <-r.gone:
			return
		case <-tick.C:
		}
	}
}

func (r *receivers) take(platform string, req *http.Request, body []byte) {
	now := clock.System{}.Now()
	event := req.Header.Get(webhooks.HeaderID)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := webhooks.Verify(r.secrets[platform], req.Header, body, now); err != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("event %s to platform %s: %v", event, platform, err))
		return
	}
	r.seen[platform][event]++
	if _, ok := r.first[event]; !ok {
		r.first[event] = now
	}
}
