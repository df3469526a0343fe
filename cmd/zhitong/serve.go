package main

import (
	"context"
	"runtime/debug"

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
	debug.SetGCPercent(config.GCPercent)
	opts.Log = config.Logger(p.stderr)
	app, err := boot.Build(ctx, config, opts)
	if err != nil {
		return err
	}
	return app.Run(ctx, nil)
}
