package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"zhitong/internal/clock"
	"zhitong/tenants/sandboxes"
)

type sandboxesCmd struct {
	UnusedDays int `help:"As if ZHITONG_SANDBOX_UNUSED_DAYS were so many." placeholder:"DAYS"`
}

// Run implements the command. It changes nothing.
func (c *sandboxesCmd) Run(ctx context.Context, p program) error {
	config, d, err := p.openSealed(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	days := config.SandboxUnusedDays
	if c.UnusedDays > 0 {
		days = c.UnusedDays
	}
	if days == 0 {
		_, err := fmt.Fprintln(p.stdout, "no sandbox ends by itself: ZHITONG_SANDBOX_UNUSED_DAYS is 0")
		return err
	}
	s := sandboxes.New(sandboxes.Config{DB: d, Clock: clock.System{}, Unused: time.Duration(days) * 24 * time.Hour})
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	n := 0
	if err := s.Due(ctx, func(v sandboxes.State) error {
		n++
		closes, next := "-", string(v.Next)
		if v.Announced != nil {
			closes = v.Announced.Add(sandboxes.Notice).UTC().Format(time.DateOnly)
		}
		if next == "" {
			next = "wait"
		}
		_, err := fmt.Fprintf(w, "%s\t%q\tused %s\tcloses %s\tnext: %s\n", v.Tenant, v.Name,
			v.UsedAt.UTC().Format(time.DateOnly), closes, next)
		return err
	}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%d sandboxes end, or would, after %d days without use\n", n, days)
	return err
}
