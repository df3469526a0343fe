package main

import (
	"context"
	"fmt"

	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/text"
	"zhitong/tenants/access"
)

type recoverCmd struct {
	Tenant string `required:"" help:"The tenant's id."`
	Reason string `required:"" help:"Who asked, and how they were recognised; the tenant reads it in its audit log."`
}

// Run implements the command. What it prints is the key: send it to its owner by a way that is theirs, never to a log.
func (c *recoverCmd) Run(ctx context.Context, p program) error {
	tenant, err := id.Parse[id.Tenant](c.Tenant)
	if err != nil {
		return fmt.Errorf("read --tenant: %w", err)
	}
	reason, err := text.Line.Clean(c.Reason)
	if err != nil {
		return fmt.Errorf("--reason %w", err)
	}
	d, v, err := p.openVault(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	k, key, err := access.New(d, v, clock.System{}).Recover(ctx, tenant, reason)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "%s, role %s, of %s\n", k.ID, k.Role, tenant)
	_, err = fmt.Fprintln(p.stdout, key.Reveal())
	return err
}
