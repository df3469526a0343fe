package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"zhitong/test/bench/load"
	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

const (
	profileSeconds = 5
	profileLines   = 25
	profileRuns    = 14 // at most
)

// profile takes the product's CPU, allocation and block profiles while notifications come in as fast as they are
// answered.
func profile(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, tenantsOfPipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	if err := errors.Join(w.Pending(ctx, (profileRuns/2+1)*b.count), w.Stock(ctx, (profileRuns/4+1)*b.count+1000),
		w.Settle(ctx)); err != nil {
		return err
	}
	p, err := w.ServeProfiled(ctx)
	if err != nil {
		return err
	}
	defer p.Stop()
	if _, err := notify(ctx, w, p, 500, 32); err != nil {
		return err
	}
	signed, err := preparedNotifications(w, p, b.count/2)
	if err != nil {
		return err
	}
	rates, err := b.whileProfiled(ctx, p, "cpu.pprof", func() (float64, error) {
		r, err := signed[0](ctx)
		signed = signed[1:]
		return r.PerSec, err
	})
	if err != nil {
		return err
	}
	out.Add(result.Of("notifications while profiled", "/s", rates...))
	rates, err = b.whileProfiled(ctx, p, "create.pprof", func() (float64, error) {
		return createOverHTTP(ctx, w, p, "page", b.count/4, 32)
	})
	if err != nil {
		return err
	}
	out.Add(result.Of("orders created while profiled", "/s", rates...))
	if err := errors.Join(b.fetch(ctx, p, "allocs", "allocs.pprof"),
		b.fetch(ctx, p, "block", "block.pprof")); err != nil {
		return err
	}
	var text strings.Builder
	for _, t := range []struct {
		title, file string
		flags       []string
	}{
		{"CPU, by what was called", "cpu.pprof",
			[]string{"-cum", "-show=zhitong|crypto/|pgx|net/http|encoding|chi|casbin|prometheus|slog|" +
				"runtime.gcBgMarkWorker|runtime.findRunnable|syscall"}},
		{"CPU of creating, by what was called", "create.pprof",
			[]string{"-cum", "-show=zhitong|crypto/rsa|pgx|net/http|encoding/json|jsonschema|openapi|casbin|slog"}},
		{"CPU, flat", "cpu.pprof", nil},
		{"Allocations, objects", "allocs.pprof", []string{"-sample_index=alloc_objects"}},
		{"Blocked, time", "block.pprof", []string{"-cum", "-show=zhitong|pgx|net/http"}},
	} {
		top, err := topOf(ctx, filepath.Join(b.Dir, t.file), t.flags)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "\n%s\n%s", t.title, top)
	}
	out.Text = text.String()
	return nil
}

// preparedNotifications signs the notifications of all runs beforehand: while a run's are being signed the product has
// nothing to do that a profile could show.
func preparedNotifications(w *world.World, p *world.Process,
	count int64) (runs []func(context.Context) (load.Result, error), err error) {
	for range profileRuns {
		run, err := w.PrepareNotify(p.Address, count, 32, 0)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// whileProfiled runs load again and again until the CPU profile of a program is taken.
func (b *bench) whileProfiled(ctx context.Context, p *world.Process, file string,
	load func() (float64, error)) (rates []float64, err error) {
	cpu := make(chan error, 1)
	go func() { cpu <- b.fetch(ctx, p, fmt.Sprintf("profile?seconds=%d", profileSeconds), file) }()
	for range profileRuns {
		v, err := load()
		if err != nil {
			return nil, err
		}
		rates = append(rates, v)
		select {
		case err := <-cpu:
			return rates, err
		default:
		}
	}
	return nil, errors.New("the load is over before the profile is taken")
}

func (b *bench) fetch(ctx context.Context, p *world.Process, what, file string) error {
	res, err := get(ctx, "http://"+p.Address+"/debug/pprof/"+what)
	if err != nil {
		return fmt.Errorf("fetch the profile: %w", err)
	}
	defer res.Body.Close()
	f, err := os.Create(filepath.Join(b.Dir, file))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, res.Body)
	return errors.Join(err, f.Close())
}

var preamble = regexp.MustCompile(`(?m)^(File|Build ID|Type|Time|Duration|Showing|Dropped|Active).*\n`)

func topOf(ctx context.Context, path string, flags []string) (string, error) {
	args := append([]string{"tool", "pprof", "-top", fmt.Sprintf("-nodecount=%d", profileLines)}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, path)...)
	raw, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go tool pprof: %w", err)
	}
	return preamble.ReplaceAllString(string(raw), ""), nil
}
