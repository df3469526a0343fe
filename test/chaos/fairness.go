package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/clock"
	"zhitong/internal/id"
)

// The measurement of A38: how long the orders of a quiet platform take, alone and beside one that sends ten times as
// many.
const (
	fairnessQuiet  = 2 // orders a second
	fairnessTimes  = 10
	fairnessSettle = 3 * time.Second
	fairnessSplit  = 60 * time.Second
)

// measureFairness strikes with nothing but load. It prints the median and the 99th percentile of creating an order and
// of paid → split, quiet and loud.
func (w *world) measureFairness(ctx context.Context, l *load) error {
	if len(l.platforms) < 2 {
		return fmt.Errorf("two platforms are needed, there are %d", len(l.platforms))
	}
	quiet, loud := l.platforms[0], l.platforms[1]
	alone := w.orders(ctx, quiet, fairnessQuiet, w.options.Duration)
	pause(ctx, fairnessSettle)
	var beside *samples
	var both sync.WaitGroup
	both.Go(func() { w.orders(ctx, loud, fairnessQuiet*fairnessTimes, w.options.Duration) })
	both.Go(func() { beside = w.orders(ctx, quiet, fairnessQuiet, w.options.Duration) })
	both.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, row := range []struct {
		what         string
		alone, laden []time.Duration
	}{{"create an order", alone.create, beside.create}, {"paid → split", alone.split, beside.split}} {
		a50, a99 := percentiles(row.alone)
		b50, b99 := percentiles(row.laden)
		fmt.Printf("%-16s alone: p50 %s, p99 %s (%d)   beside %d times as many: p50 %s, p99 %s (%d)   p99 × %.1f\n",
			row.what, a50, a99, len(row.alone), fairnessTimes, b50, b99, len(row.laden),
			b99.Seconds()/max(a99.Seconds(), 1e-9))
	}
	fmt.Printf("failed: %d alone, %d beside\n", alone.failed, beside.failed)
	return nil
}

// samples are how long things took, of orders that ended.
type samples struct {
	mu            sync.Mutex
	create, split []time.Duration
	failed        int
}

// orders sends orders of one platform at a rate, open-loop, and pays each.
func (w *world) orders(ctx context.Context, p *platform, rate int, d time.Duration) (s *samples) {
	s = &samples{}
	now := clock.System{}.Now
	until := now().Add(d)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	var all sync.WaitGroup
	for now().Before(until) && ctx.Err() == nil {
		<-tick.C
		all.Go(func() {
			began := now()
			o := demo.Order{}
			_, err := p.client.Do(ctx,
				demo.Request{Method: http.MethodPost, Path: "/v1/orders", IdempotencyKey: id.New[id.Order]().Hex(),
					Body: map[string]any{"items": []map[string]any{{"product_id": p.split.ID, "quantity": 1}}}}, &o)
			created := now()
			if err == nil {
				err = p.client.Pay(ctx, o)
			}
			paid := now()
			if err == nil {
				within, cancel := context.WithTimeout(ctx, fairnessSplit)
				_, err = p.client.WaitSplit(within, o.ID)
				cancel()
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if err != nil {
				s.failed++
				return
			}
			s.create, s.split = append(s.create, created.Sub(began)), append(s.split, now().Sub(paid))
		})
	}
	all.Wait()
	return s
}

func percentiles(d []time.Duration) (p50, p99 time.Duration) {
	if len(d) == 0 {
		return 0, 0
	}
	slices.Sort(d)
	return d[len(d)/2].Round(time.Millisecond), d[min(len(d)-1, len(d)*99/100)].Round(time.Millisecond)
}
