package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is a connection between two programs that can be cut.
type link struct {
	proxy *toxiproxy.Proxy
	n     atomic.Int64
}

func newLink(name, upstream string) (*link, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, name, "127.0.0.1:0", upstream)
	if err := p.Start(); err != nil {
		return nil, fmt.Errorf("start the proxy before %s: %w", name, err)
	}
	return &link{proxy: p}, nil
}

func (l *link) address() string { return l.proxy.Listen }

// deaf lets everything through to the server and loses every answer, for a while; then each connection that was in use
// is closed. So the commit happens, or the effect at the gateway, and its answer is lost.
func (l *link) deaf(ctx context.Context, d time.Duration) error {
	return l.with(ctx, d, "timeout", map[string]any{"timeout": 0})
}

// slow delays every answer.
func (l *link) slow(ctx context.Context, d, latency time.Duration) error {
	return l.with(ctx, d, "latency",
		map[string]any{"latency": latency.Milliseconds(), "jitter": latency.Milliseconds() / 2})
}

func (l *link) with(ctx context.Context, d time.Duration, kind string, attributes map[string]any) error {
	name := fmt.Sprintf("%s%d", kind, l.n.Add(1))
	spec, err := json.Marshal(map[string]any{"name": name, "type": kind, "stream": "downstream", "toxicity": 1,
		"attributes": attributes})
	if err != nil {
		return fmt.Errorf("write a toxic: %w", err)
	}
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(string(spec))); err != nil {
		return fmt.Errorf("add a toxic: %w", err)
	}
	pause(ctx, d)
	if err := l.proxy.Toxics.RemoveToxic(context.WithoutCancel(ctx), name); err != nil {
		return fmt.Errorf("remove a toxic: %w", err)
	}
	return nil
}

// cut closes every connection and takes no new ones for a while.
func (l *link) cut(ctx context.Context, d time.Duration) error {
	l.proxy.Stop()
	pause(ctx, d)
	if err := l.proxy.Start(); err != nil {
		return fmt.Errorf("start the proxy again: %w", err)
	}
	return nil
}

func (l *link) close() { l.proxy.Stop() }

// balancer stands before the instances under the one public address, as a load balancer does: it tries the other one
// when nobody listens, and answers 502 when an answer is lost.
type balancer struct {
	server  *http.Server
	url     string
	targets []*url.URL
	turn    atomic.Uint64
}

func newBalancer(targets []string) (*balancer, error) {
	b := &balancer{}
	for _, t := range targets {
		u, err := url.Parse(t)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t, err)
		}
		b.targets = append(b.targets, u)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	b.url = "http://" + l.Addr().String()
	silent := log.New(io.Discard, "", 0)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(b.targets[b.turn.Add(1)%uint64(len(b.targets))])
			r.SetXForwarded()
		},
		Transport: failover{b,
			&http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext}},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     silent,
	}
	b.server = &http.Server{Handler: proxy, ReadHeaderTimeout: 5 * time.Second, ErrorLog: silent}
	go func() { _ = b.server.Serve(l) }() // ends by close
	return b, nil
}

// failover asks the next instance when one refuses the connection: then nothing was sent.
type failover struct {
	b    *balancer
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (f failover) RoundTrip(r *http.Request) (*http.Response, error) {
	for i := 0; ; i++ {
		res, err := f.next.RoundTrip(r)
		var op *net.OpError
		if err == nil || !errors.As(err, &op) || op.Op != "dial" || i+1 >= len(f.b.targets) {
			return res, err
		}
		r = r.Clone(r.Context())
		r.URL.Host = f.b.targets[f.b.turn.Add(1)%uint64(len(f.b.targets))].Host
	}
}

func (b *balancer) close() error { return b.server.Close() }
