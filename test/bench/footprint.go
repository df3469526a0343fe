package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"zhitong/alipay"
	"zhitong/internal/id"
	"zhitong/test/bench/load"
	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

const idleFor = 3 * time.Second

// footprint is what the product takes when it has nothing to do.
func footprint(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	var ready, rss, cpu []float64
	for range min(b.rounds, 3) {
		p, err := w.Serve(ctx, true)
		if err != nil {
			return err
		}
		used := p.CPU()
		select {
		case <-time.After(idleFor):
		case <-ctx.Done():
		}
		ready, rss, cpu = append(ready, milliseconds(p.Ready)), append(rss, float64(p.RSS())/(1<<20)), append(cpu,
			100*(p.CPU()-used)/idleFor.Seconds())
		if err := p.Stop(); err != nil {
			return err
		}
	}
	info, err := os.Stat(b.Zhitong)
	if err != nil {
		return err
	}
	out.Add(result.Of("from start to ready", "ms", ready...), result.Of("memory when idle (RSS)", "MiB", rss...),
		result.Of("processor when idle, workers polling", "% of a core", cpu...),
		result.Of("binary", "MiB", float64(info.Size())/(1<<20)))
	return nil
}

// simulator measures how many QR codes the simulator of Alipay makes in a second: it must not be what a test of the
// product measures.
func simulator(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	sim, err := w.Simulator(ctx)
	if err != nil {
		return err
	}
	defer sim.Stop()
	cred, smid, err := w.Register(ctx, sim)
	if err != nil {
		return err
	}
	cred.NotifyURL = "http://127.0.0.1:1/notify"
	client, err := alipay.NewClient(cred, alipay.Options{Transport: alipay.NewTransport()})
	if err != nil {
		return err
	}
	const clients = 8
	count := int(b.count) / 3
	var rate, cpu []float64
	for range min(b.rounds, 3) {
		used, began := sim.CPU(), time.Now()
		errs := make(chan error, clients)
		for range clients {
			go func() {
				var err error
				for i := 0; i < count/clients && err == nil; i++ {
					_, err = client.TradePrecreate(ctx,
						alipay.TradePrecreateRequest{OutTradeNo: id.New[id.Payment]().Hex(), TotalAmount: 100_00,
							Subject:     "月卡",
							SubMerchant: &alipay.SubMerchant{MerchantID: smid},
							SettleInfo:  alipay.DefaultSettle(100_00, "")})
				}
				errs <- err
			}()
		}
		for range clients {
			err = errors.Join(err, <-errs)
		}
		if err != nil {
			return err
		}
		rate, cpu = append(rate, float64(count)/time.Since(began).Seconds()), append(cpu,
			1000*(sim.CPU()-used)/float64(count))
	}
	r, err := w.Load(ctx,
		load.Job{Address: sim.Address, Clients: clients, Status: http.StatusOK,
			Requests: repeat(load.Request(http.MethodGet, sim.Address, "/desk/api/apps", nil, nil), count)})
	if err != nil {
		return err
	}
	out.Add(result.Of("precreate with signatures on both sides, 8 clients", "/s", rate...),
		result.Of("the simulator's processor time for one", "ms", cpu...),
		result.Of("desk, a list", "/s", r.PerSec))
	return nil
}

func repeat(request []byte, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = request
	}
	return out
}

// budget prints what one paid order costs; the countable part is held by a test of test/bench/recording.
func budget(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	count := max(200, b.count/3)
	if err := errors.Join(w.Pending(ctx, 2*count), w.Stock(ctx, 4*count), w.Settle(ctx)); err != nil {
		return err
	}
	p, err := w.Serve(ctx, false)
	if err != nil {
		return err
	}
	defer p.Stop()
	for _, half := range []struct {
		name string
		run  func() error
	}{
		{"creating", func() error { _, err := createOverHTTP(ctx, w, p, "page", count, 4); return err }},
		{"paying", func() error { _, err := notify(ctx, w, p, count, 4); return err }},
	} {
		// The first touch of each page after a checkpoint is written whole: not part of an order.
		if err := half.run(); err != nil {
			return err
		}
		before, fpi, err := wal(ctx, w)
		if err != nil {
			return err
		}
		cpu := p.CPU()
		if err := half.run(); err != nil {
			return err
		}
		after, fpi2, err := wal(ctx, w)
		if err != nil {
			return err
		}
		out.Add(result.Of("WAL of "+half.name, "bytes", (after-before)/float64(count)).With("quiet server"),
			result.Of("whole pages in it", "", (fpi2-fpi)/float64(count)),
			result.Of("our processor time for "+half.name, "ms", 1000*(p.CPU()-cpu)/float64(count)))
	}
	out.Add(result.Of("commits until the keys are delivered", "",
		float64(w.Create.Commits()+w.Paid.Commits())).Below(3),
		result.Of("round trips of creating", "", float64(len(w.Create))),
		result.Of("round trips of paying", "", float64(len(w.Paid))),
		result.Of("statements of creating", "", float64(w.Create.Statements())),
		result.Of("statements of paying", "", float64(w.Paid.Statements())),
		result.Of("RSA signatures and verifications", "", 2).With("one to sign the cashier's address, one to verify "+
			"the notification"))
	return nil
}

func wal(ctx context.Context, w *world.World) (bytes, pages float64, err error) {
	// backends report to pg_stat_wal now and then; the position is exact
	if err := w.Query(ctx, &bytes, "SELECT (pg_current_wal_insert_lsn() - '0/0')::float8"); err != nil {
		return 0, 0, err
	}
	return bytes, pages, w.Query(ctx, &pages, "SELECT wal_fpi::float8 FROM pg_stat_wal")
}
