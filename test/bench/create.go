package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"zhitong/test/bench/load"
	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

// create: orders over the API against the script of the same SQL; with a QR code, which asks the gateway, against the
// script, two signatures and a hop.
func create(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, tenantsOfPipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	sim, err := w.Simulator(ctx)
	if err != nil {
		return err
	}
	defer sim.Stop()
	if err := w.UseSimulator(ctx, sim); err != nil {
		return err
	}
	count := b.count / 2
	if err := errors.Join(w.Stock(ctx, count*int64(b.rounds)*8+10_000), w.Settle(ctx)); err != nil {
		return err
	}
	p, err := w.Serve(ctx, false)
	if err != nil {
		return err
	}
	defer p.Stop()
	if _, err := createOverHTTP(ctx, w, p, "page", 300, 32); err != nil {
		return err
	}
	sign, verify, err := signature()
	if err != nil {
		return err
	}
	for _, c := range []int{8, 32} {
		var own, gateway []float64
		got, err := takeTurns(b.rounds, c, []contestant{
			{"by statement", func(c int) (float64, error) { return w.PGBenchCreate(ctx, false, c, count) }},
			{"pipelined", func(c int) (float64, error) { return w.PGBenchCreate(ctx, true, c, count) }},
			{"page", func(c int) (float64, error) { return createOverHTTP(ctx, w, p, "page", count, c) }},
			{"QR", func(c int) (float64, error) {
				cpu, simCPU := p.CPU(), sim.CPU()
				r, err := createOverHTTP(ctx, w, p, "qr", count/4, c)
				own, gateway = append(own, 1000*(p.CPU()-cpu)/float64(count/4)), append(gateway,
					1000*(sim.CPU()-simCPU)/float64(count/4))
				return r, err
			}},
		})
		if err != nil {
			return err
		}
		at := fmt.Sprintf(", %d clients", c)
		for _, k := range []string{"by statement", "pipelined", "page", "QR"} {
			out.Add(result.Of(k+at, "/s", got[k]...))
		}
		// what the machine could do if the script also signed, and made the gateway answer
		with := func(ms float64) (rates []float64) {
			for _, r := range got["by statement"] {
				rates = append(rates, 1/(1/r+ms/1000/float64(runtime.NumCPU())))
			}
			return rates
		}
		out.Add(result.Ratio("page ÷ by statement"+at, got["page"], got["by statement"]),
			result.Ratio("page ÷ (by statement and one signature)"+at, got["page"], with(sign)).AtLeast(0.6),
			result.Ratio("QR ÷ by statement"+at, got["QR"], got["by statement"]),
			result.Ratio("QR ÷ (by statement, two signatures, the simulator's time)"+at, got["QR"],
				with(sign+result.Of("", "", gateway...).Median)).AtLeast(0.6),
			result.Of("QR: our processor time for an order"+at, "ms", own...),
			result.Of("QR: the simulator's"+at, "ms", gateway...))
	}
	out.Add(result.Of("RSA-2048 signature", "ms", sign), result.Of("RSA-2048 verification", "ms", verify))
	return nil
}

func createOverHTTP(ctx context.Context, w *world.World, p *world.Process, channel string, count int64,
	clients int) (float64, error) {
	r, err := w.Load(ctx,
		load.Job{Address: p.Address, Clients: clients, Requests: w.Orders(p.Address, int(count), channel),
			Status: http.StatusCreated})
	return r.PerSec, err
}

// signature measures what RSA costs here, in milliseconds of one core.
func signature() (sign, verify float64, err error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return 0, 0, err
	}
	sum := sha256.Sum256([]byte("out_trade_no"))
	var sig []byte
	const n = 200
	began := time.Now()
	for range n {
		if sig, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			return 0, 0, err
		}
	}
	sign = milliseconds(time.Since(began)) / n
	began = time.Now()
	for range n {
		if err = rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], sig); err != nil {
			return 0, 0, err
		}
	}
	return sign, milliseconds(time.Since(began)) / n, nil
}
