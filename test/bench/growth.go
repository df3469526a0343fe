package main

import (
	"context"
	"errors"
	"fmt"

	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

// size is a database of the growth part.
type size struct {
	name     string
	database string
	tenants  int64
	orders   int64
}

type grown struct {
	size
	w *world.World
	p *world.Process
}

// growthReads is how many rounds the reads get: they are steady.
const growthReads = 3

// growth measures databases of several sizes in turn: the same notifications, the same script; then the hottest reads.
// Turns are short and many, so that what happens beside (a checkpoint, another program) strikes all sizes alike.
func growth(ctx context.Context, b *bench, out *result.Part) (err error) {
	sizes := []size{
		{"1 tenant, 10⁴ orders", "zt_bench_g1", 1, 10_000},
		{"100 tenants, 10⁴ orders", "zt_bench_g2", 100, 10_000},
		{"10⁴ tenants, 10⁴ orders", "zt_bench_g3", 10_000, 10_000},
		{"100 tenants, 10⁶ orders", "zt_bench_g4", 100, 1_000_000},
	}
	if b.large {
		sizes = append(sizes, size{"100 tenants, 10⁷ orders", "zt_bench_g5", 100, 10_000_000})
	}
	count, rounds := b.count/2, 2*b.rounds-1
	warm := int64(0) // as many for every size: what is to be vacuumed afterwards is the same
	for _, s := range sizes {
		warm = max(warm, s.tenants)
	}
	var all []grown
	defer func() {
		for _, g := range all {
			if g.p != nil {
				err = errors.Join(err, g.p.Stop())
			}
			err = errors.Join(err, g.w.Close(context.WithoutCancel(ctx)))
		}
	}()
	for _, s := range sizes {
		g := grown{size: s}
		if g.w, err = world.New(ctx, b.Tools, b.adminURL, s.database, s.tenants); err != nil {
			return err
		}
		all = append(all, g)
		const step = 100_000
		for from := int64(1); from <= s.orders; from += step {
			if err := g.w.Fill(ctx, from, min(s.orders, from+step-1)); err != nil {
				return err
			}
		}
		if err := errors.Join(g.w.Pending(ctx, int64(rounds)*2*count+warm+1000), g.w.Settle(ctx)); err != nil {
			return err
		}
		if all[len(all)-1].p, err = g.w.Serve(ctx, false); err != nil {
			return err
		}
	}
	product, script, reads := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	// Every tenant's client is made once, connections are opened, every tenant's pages are written since the
	// checkpoint.
	for _, g := range all {
		if _, err := notify(ctx, g.w, g.p, warm, 8); err != nil {
			return err
		}
		if err := g.w.Exec(ctx, "VACUUM (ANALYZE)"); err != nil {
			return err
		}
	}
	for r := range rounds {
		for i := range all {
			g := all[(i+r)%len(all)]
			v, err := g.w.PGBenchPaid(ctx, true, 8, count)
			if err != nil {
				return err
			}
			script[g.name] = append(script[g.name], v)
			if v, err = notify(ctx, g.w, g.p, count, 8); err != nil {
				return err
			}
			product[g.name] = append(product[g.name], v)
		}
	}
	for r := range growthReads {
		for i := range all {
			g := all[(i+r)%len(all)]
			for _, h := range world.HottestReads() {
				v, err := g.w.Read(ctx, g.p, h, 60, g.orders)
				if err != nil {
					return err
				}
				reads[h.Name+g.name] = append(reads[h.Name+g.name], v)
			}
		}
	}
	report := func(s, base size, goal float64) {
		smallest := base.name
		out.Add(result.Of("script, "+s.name, "/s", script[s.name]...),
			result.Of("product, "+s.name, "/s", product[s.name]...))
		if s.name == smallest {
			return
		}
		own, theirs := result.Ratio("", product[s.name], script[s.name]), result.Ratio("", product[smallest],
			script[smallest])
		out.Add(result.Ratio(fmt.Sprintf("product ÷ the same with %s: %s", smallest, s.name), product[s.name],
			product[smallest]).AtLeast(goal),
			result.Ratio(fmt.Sprintf("script ÷ the same with %s: %s", smallest, s.name), script[s.name],
				script[smallest]),
			result.Ratio(fmt.Sprintf("(product ÷ script) ÷ the same with %s: %s", smallest, s.name), own.Runs,
				theirs.Runs).AtLeast(0.95))
	}
	report(sizes[0], sizes[0], 0)
	report(sizes[1], sizes[0], 0.95)
	report(sizes[2], sizes[0], 0.95)
	for _, s := range sizes[3:] {
		report(s, sizes[1], 0.8)
	}
	for _, h := range world.HottestReads() {
		large := sizes[len(sizes)-1]
		out.Add(result.Of(h.Name+", "+large.name+", p50", "µs", reads[h.Name+large.name]...),
			result.Ratio(h.Name+" ÷ the same with "+sizes[1].name, reads[h.Name+large.name],
				reads[h.Name+sizes[1].name]).Below(1.5))
	}
	return nil
}
