package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

// tenantsOfPipeline is how many tenants the orders of most parts belong to.
const tenantsOfPipeline = 16

func (b *bench) newWorld(ctx context.Context, tenants int64) (*world.World, error) {
	return world.New(ctx, b.Tools, b.adminURL, "zt_bench", tenants)
}

// yardstick is what Postgres does when nothing but pgbench is in the way.
func yardstick(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, tenantsOfPipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	clients := []int{1, 8, 32}
	rounds := int64(min(b.rounds, 3))
	need := rounds * 2 * int64(len(clients)) * b.count
	if err := errors.Join(w.Pending(ctx, need), w.Stock(ctx, need+1000*tenantsOfPipeline), w.Settle(ctx)); err != nil {
		return err
	}
	got := map[string][]float64{}
	for range rounds {
		for _, c := range clients {
			count := b.count
			if c == 1 {
				count /= 3
			}
			for _, pipelined := range []bool{false, true} {
				create, err := w.PGBenchCreate(ctx, pipelined, c, count)
				if err != nil {
					return err
				}
				paid, err := w.PGBenchPaid(ctx, pipelined, c, count)
				if err != nil {
					return err
				}
				k := fmt.Sprintf("%s, %d clients", how(pipelined), c)
				got["create "+k] = append(got["create "+k], create)
				got["paid "+k] = append(got["paid "+k], paid)
				got["create and paid "+k] = append(got["create and paid "+k], 1/(1/create+1/paid))
			}
		}
	}
	for _, half := range []string{"create", "paid", "create and paid"} {
		for _, c := range clients {
			for _, pipelined := range []bool{false, true} {
				k := fmt.Sprintf("%s %s, %d clients", half, how(pipelined), c)
				out.Add(result.Of(k, "/s", got[k]...))
			}
		}
	}
	return nil
}

func how(pipelined bool) string {
	if pipelined {
		return "pipelined"
	}
	return "by statement"
}

// bareAlone is the bare program against the pipelined script.
func bareAlone(ctx context.Context, b *bench, out *result.Part) error {
	return compare(ctx, b, out, false)
}

// pipeline is the product against the bare program and the scripts.
func pipeline(ctx context.Context, b *bench, out *result.Part) error {
	return compare(ctx, b, out, true)
}

func compare(ctx context.Context, b *bench, out *result.Part, product bool) (err error) {
	w, err := b.newWorld(ctx, tenantsOfPipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	clients := []int{8, 32}
	if err := errors.Join(w.Pending(ctx, (4*int64(b.rounds)+2)*int64(len(clients))*b.count),
		w.Settle(ctx)); err != nil {
		return err
	}
	bare, err := w.Bare(ctx)
	if err != nil {
		return err
	}
	defer bare.Stop()
	cost := costs{}
	contestants := []contestant{
		{"by statement", func(c int) (float64, error) { return w.PGBenchPaid(ctx, false, c, b.count) }},
		{"pipelined", func(c int) (float64, error) { return w.PGBenchPaid(ctx, true, c, b.count) }},
		{"bare", func(c int) (float64, error) { return cost.notify(ctx, w, bare, "bare", b.count, c) }},
	}
	if product {
		serve, err := w.Serve(ctx, false)
		if err != nil {
			return err
		}
		defer serve.Stop()
		contestants = append(contestants, contestant{"product", func(c int) (float64, error) {
			return cost.notify(ctx, w, serve, "product", b.count, c)
		}})
		if _, err := notify(ctx, w, serve, 500, 32); err != nil { // connections are made, statements prepared
			return err
		}
	}
	if _, err := notify(ctx, w, bare, 500, 32); err != nil {
		return err
	}
	for _, c := range clients {
		got, err := takeTurns(b.rounds, c, contestants)
		if err != nil {
			return err
		}
		at := fmt.Sprintf(", %d clients", c)
		for _, k := range contestants {
			out.Add(result.Of(k.name+at, "/s", got[k.name]...))
		}
		out.Add(result.Ratio("bare ÷ pipelined"+at, got["bare"], got["pipelined"]),
			result.Ratio("bare ÷ by statement"+at, got["bare"], got["by statement"]))
		if product {
			out.Add(result.Ratio("product ÷ bare"+at, got["product"], got["bare"]).AtLeast(0.85),
				result.Ratio("product ÷ by statement"+at, got["product"], got["by statement"]).AtLeast(0.6))
			for _, k := range []string{"own bare", "own product", "bare", "product"} {
				name := "processor time for an order with Postgres's, " + k
				if own, ok := strings.CutPrefix(k, "own "); ok {
					name = "processor time for an order without Postgres's, " + own
				}
				out.Add(result.Of(name+at, "ms", cost[k]...))
			}
			out.Add(result.Ratio("bare ÷ product, processor time with Postgres's"+at, cost["bare"],
				cost["product"]).With("without the processor time of the load generator and the kernel threads"))
		}
		clear(cost)
	}
	return nil
}

// costs is the processor time for an order, in milliseconds, by what was measured. It tells programs apart also on a
// machine that others use.
type costs map[string][]float64

func (c costs) notify(ctx context.Context, w *world.World, p *world.Process, name string, count int64,
	clients int) (float64, error) {
	before, err := w.PostgresCPU(ctx)
	if err != nil {
		return 0, err
	}
	own := p.CPU()
	rate, err := notify(ctx, w, p, count, clients)
	if err != nil {
		return 0, err
	}
	after, err := w.PostgresCPU(ctx)
	own = p.CPU() - own
	c["own "+name] = append(c["own "+name], 1000*own/float64(count))
	c[name] = append(c[name], 1000*(own+after-before)/float64(count))
	return rate, err
}

// contestant is one of the things that are compared; run gives orders per second.
type contestant struct {
	name string
	run  func(clients int) (float64, error)
}

// takeTurns lets each contestant run once a round, beginning with another one each time.
func takeTurns(rounds, clients int, all []contestant) (map[string][]float64, error) {
	got := map[string][]float64{}
	for r := range rounds {
		for i := range all {
			c := all[(i+r)%len(all)]
			v, err := c.run(clients)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			got[c.name] = append(got[c.name], v)
		}
	}
	return got, nil
}

func notify(ctx context.Context, w *world.World, p *world.Process, count int64, clients int) (float64, error) {
	r, err := w.Notify(ctx, p.Address, count, clients, 0)
	return r.PerSec, err
}
