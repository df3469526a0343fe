package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"zhitong/test/bench/load"
	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

const (
	watchedPages   = 200 // checkout pages that wait for their order
	drainTimeout   = 3 * time.Minute
	latencySeconds = 8
)

// latency: how long after Alipay's notification the buyer's page has the keys, and the tenant's receiver the webhook,
// at half of what the machine can carry with everything included.
func latency(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, tenantsOfPipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	// What follows a delivery at Alipay (settle, split) waits: it would measure the gateway, which here is another
	// program on the same cores.
	err = w.Exec(ctx, "INSERT INTO river.river_queue (name, metadata, created_at, updated_at, paused_at) "+
		"SELECT q, '{}', now(), now(), now() FROM unnest(ARRAY['money', 'payments']) q")
	if err != nil {
		return fmt.Errorf("pause the queues: %w", err)
	}
	p, err := w.Serve(ctx, true, "ZHITONG_WEBHOOK_ALLOW_HTTP=true", "ZHITONG_WEBHOOK_ALLOW_NETWORKS=127.0.0.0/8")
	if err != nil {
		return err
	}
	defer p.Stop()
	rec, err := newReceiver()
	if err != nil {
		return err
	}
	defer rec.close()
	for t := int64(1); t <= w.Tenants; t++ {
		in := map[string]any{"url": rec.url, "event_types": []string{"order.paid"}}
		if err := w.Call(ctx, p, t, http.MethodPost, "/v1/webhook_endpoints", in, nil); err != nil {
			return err
		}
		if err := w.Import(ctx, p, t, 2000); err != nil {
			return err
		}
	}
	// the most: how fast a burst is done, webhooks included
	burst := int(b.count) / 2
	orders, err := w.CreateOrders(ctx, p, burst)
	if err != nil {
		return err
	}
	requests, err := w.NotificationsOf(p, orders)
	if err != nil {
		return err
	}
	began := time.Now()
	if _, err := load.Run(ctx,
		load.Job{Address: p.Address, Clients: 32, Requests: requests, Status: http.StatusOK,
			Body: "success"}); err != nil {
		return err
	}
	if err := rec.wait(ctx, orders); err != nil {
		return err
	}
	most := float64(burst) / time.Since(began).Seconds()
	rate := most / 2
	out.Add(result.Of("most, webhooks included", "/s", most), result.Of("rate of the measurement", "/s", rate))
	return atRate(ctx, w, p, rec, rate, out)
}

func atRate(ctx context.Context, w *world.World, p *world.Process, rec *receiver, rate float64,
	out *result.Part) error {
	orders, err := w.CreateOrders(ctx, p, min(20_000, max(2*watchedPages, int(rate*latencySeconds))))
	if err != nil {
		return err
	}
	requests, err := w.NotificationsOf(p, orders)
	if err != nil {
		return err
	}
	due := make([]time.Time, len(orders))
	var mu sync.Mutex
	var told, shown []time.Duration
	var pages sync.WaitGroup
	failed := make(chan error, watchedPages)
	watching := make(chan struct{}, watchedPages)
	every := len(orders) / watchedPages
	count := 0
	for i := 0; i < len(orders) && count < watchedPages; i += every {
		count++
		pages.Go(func() {
			at, keys, err := follow(ctx, p.Address, orders[i].Token(), watching)
			if err != nil {
				failed <- fmt.Errorf("page of order %s: %w", orders[i].ID, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			told, shown = append(told, at.Sub(due[i])), append(shown, keys.Sub(due[i]))
		})
	}
	for range count {
		select {
		case <-watching:
		case err := <-failed:
			return err
		}
	}
	r, err := load.RunWith(ctx,
		load.Job{Address: p.Address, Clients: 32, Rate: rate, Requests: requests, Status: http.StatusOK,
			Body: "success"},
		func(i int, at time.Time) { mu.Lock(); due[i] = at; mu.Unlock() }, func(int, []byte) {})
	if err != nil {
		return err
	}
	pages.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	if err := rec.wait(ctx, orders); err != nil {
		return err
	}
	var hooks []time.Duration
	for i, o := range orders {
		hooks = append(hooks, rec.at(o.ID).Sub(due[i]))
	}
	out.Add(result.Of("orders", "", float64(len(orders))),
		result.Of("success answered to Alipay, p50", "ms", float64(r.P50)/1000),
		result.Of("success answered to Alipay, p99", "ms", float64(r.P99)/1000))
	for _, m := range []struct {
		name string
		took []time.Duration
		goal float64
	}{{"page told", told, 0}, {"keys on the page", shown, 50}, {"order.paid at the receiver", hooks, 1000}} {
		p50, p99, most := load.Quantiles(m.took)
		f := result.Of(m.name+", p99", "ms", milliseconds(p99))
		if m.goal > 0 {
			f = f.Below(m.goal)
		}
		out.Add(result.Of(m.name+", p50", "ms", milliseconds(p50)), f,
			result.Of(m.name+", max", "ms", milliseconds(most)))
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// follow waits on a checkout page until it is told that the order is delivered, and fetches the page with the keys. It
// gives the instants of both.
func follow(ctx context.Context, address, token string, watching chan<- struct{}) (told, shown time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	res, err := get(ctx, "http://"+address+"/checkout/"+token+"/events")
	if err != nil {
		return told, shown, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	first := true
	for lines.Scan() {
		if status, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if first {
				first = false
				watching <- struct{}{}
			}
			if status == "delivered" {
				told = time.Now()
				break
			}
		}
	}
	if told.IsZero() {
		return told, shown, fmt.Errorf("the stream ended: %w", lines.Err())
	}
	page, err := ask(ctx, http.MethodPost, "http://"+address+"/checkout/"+token)
	if err != nil {
		return told, shown, err
	}
	defer page.Body.Close()
	_, err = io.Copy(io.Discard, page.Body)
	return told, time.Now(), err
}

func get(ctx context.Context, url string) (*http.Response, error) {
	return ask(ctx, http.MethodGet, url)
}

func ask(ctx context.Context, method, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err == nil && res.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("answered %d", res.StatusCode), res.Body.Close())
	}
	return res, err
}

// receiver takes webhooks and remembers when each order's came first.
type receiver struct {
	url    string
	server *http.Server
	mu     sync.Mutex
	seen   map[string]time.Time
	news   chan struct{}
}

func newReceiver() (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + l.Addr().String() + "/hook", seen: map[string]time.Time{},
		news: make(chan struct{}, 1)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Second}
	go func() { _ = r.server.Serve(l) }()
	return r, nil
}

func (r *receiver) close() { _ = r.server.Close() }

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	now := time.Now()
	var e struct {
		Data struct {
			OrderID string `json:"order_id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(req.Body).Decode(&e); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	if _, ok := r.seen[e.Data.OrderID]; !ok {
		r.seen[e.Data.OrderID] = now
	}
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

func (r *receiver) at(order string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[order]
}

// wait waits for the webhooks of all orders.
func (r *receiver) wait(ctx context.Context, orders []world.Created) error {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	for _, o := range orders {
		for r.at(o.ID).IsZero() {
			select {
			case <-r.news:
			case <-ctx.Done():
				return fmt.Errorf("the webhook of order %s did not come: %w", o.ID, ctx.Err())
			}
		}
	}
	return nil
}
