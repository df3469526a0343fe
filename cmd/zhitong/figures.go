package main

import (
	"context"
	"fmt"

	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/overview"
)

type figuresCmd struct {
	Tenant string `help:"The tenant's id; without it, all tenants."`
}

// Run implements the command. Others may work meanwhile: of what they read nothing is missing.
func (c *figuresCmd) Run(ctx context.Context, p program) error {
	_, d, err := p.openSealed(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	s := overview.New(overview.Config{DB: d, Clock: clock.System{}})
	if c.Tenant != "" {
		tenant, err := id.Parse[id.Tenant](c.Tenant)
		if err != nil {
			return fmt.Errorf("read --tenant: %w", err)
		}
		return c.anew(ctx, p, s, tenant)
	}
	_, err = tenants.Each(ctx, d, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
		return c.anew(ctx, p, s, t)
	})
	return err
}

func (c *figuresCmd) anew(ctx context.Context, p program, s *overview.Service, tenant id.Tenant) error {
	if err := s.Rebuild(ctx, tenant); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, tenant)
	return err
}
