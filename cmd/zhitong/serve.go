package main

import (
	"context"
	"log/slog"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"zhitong/cmd/zhitong/boot"
)

type serveCmd struct {
	NoWorkers bool `help:"Leave the jobs to processes that run work."`
}

// Run implements the command.
func (c *serveCmd) Run(ctx context.Context, p program) error {
	return p.runApp(ctx, boot.Options{API: true, Workers: !c.NoWorkers})
}

func (p program) runApp(ctx context.Context, opts boot.Options) error {
	config, err := p.load(boot.NeedAll)
	if err != nil {
		return err
	}
	opts.Log = config.Logger(p.stderr)
	debug.SetGCPercent(config.GCPercent)
	limitMemory(opts.Log)
	app, err := boot.Build(ctx, config, opts)
	if err != nil {
		return err
	}
	return app.Run(ctx, nil)
}

// memoryRatio is how much of a container's memory the garbage collector may let the heap take: the rest is for what is
// not on the heap.
const memoryRatio = 0.9

// limitMemory keeps the heap below the memory of the container, whatever ZHITONG_GC_PERCENT allows. GOMEMLIMIT, if it
// is set, stands; outside of a container there is no limit.
func limitMemory(log *slog.Logger) {
	limit, err := memlimit.Set(memlimit.WithRatio(memoryRatio), memlimit.WithProvider(memlimit.FromCgroup))
	if err != nil {
		log.Debug("no memory limit", "error", err)
		return
	}
	log.Debug("memory limit", "bytes", limit)
}
