package main

import (
	"context"

	"zhitong/cmd/zhitong/boot"
)

type workCmd struct{}

// Run implements the command.
func (*workCmd) Run(ctx context.Context, p program) error {
	return p.runApp(ctx, boot.Options{Workers: true})
}
