package main

import (
	"context"
	"fmt"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/invariants"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
)

type doctorCmd struct {
	Tenant string `required:"" help:"The tenant's id."`
}

// Run implements the command: exit 1 when something must be put right.
func (c *doctorCmd) Run(ctx context.Context, p program) error {
	tenant, err := id.Parse[id.Tenant](c.Tenant)
	if err != nil {
		return fmt.Errorf("read --tenant: %w", err)
	}
	config, err := p.load(boot.NeedAll)
	if err != nil {
		return err
	}
	app, err := boot.Build(ctx, config, boot.Options{Log: config.Logger(p.stderr), Workers: true})
	if err != nil {
		return err
	}
	defer app.Close()
	findings, err := app.Tenants.CheckConnection(ctx, tenants.Actor{Tenant: tenant, Role: tenants.RoleOwner})
	if err != nil {
		return err
	}
	notes, err := invariants.Notes(ctx, app.DB)
	if err != nil {
		return err
	}
	for _, n := range notes { // of the installation, not of the tenant
		fmt.Fprintf(p.stdout, "%-8s role_reach: %s\n", acquiring.SeverityWarning, n)
	}
	revoked, err := invariants.SettingsRevoked(ctx, app.DB)
	if err != nil {
		return err
	}
	if revoked {
		fmt.Fprintf(p.stdout, "%-8s role_reach: %s\n", "ok",
			"set_config is revoked: no SELECT changes which tenant it is.")
	}
	faults := 0
	for _, f := range findings {
		fmt.Fprintf(p.stdout, "%-8s %s: %s\n", f.Severity, f.Code, f.Detail)
		if f.Action != "" {
			fmt.Fprintf(p.stdout, "         → %s\n", f.Action)
		}
		if f.Severity == acquiring.SeverityError {
			faults++
		}
	}
	if faults > 0 {
		fmt.Fprintf(p.stdout, "not healthy: %d of %d findings must be put right\n", faults, len(findings))
		return errSilent
	}
	fmt.Fprintln(p.stdout, "healthy")
	return nil
}
