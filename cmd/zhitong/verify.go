package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/invariants"
	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/tenants/chain"
	"zhitong/tenants/vault"
)

type verifyCmd struct {
	JSON   bool          `help:"Write the report as JSON."`
	Heads  string        `help:"Compare the newest links of the chains with this file, then write it." type:"path"`
	Books  bool          `help:"Instead, ask Alipay about a sample of payments and show every difference to the book."`
	Sample int           `help:"With --books: about how many payments of each tenant." default:"100"`
	Since  time.Duration `help:"With --books: of those made within this time." default:"720h"`
	Tenant string        `help:"With --books: of this tenant only."`
}

// Run implements the command. With a master keyset it also opens every tenant's data key.
func (c *verifyCmd) Run(ctx context.Context, p program) error {
	if c.Books {
		return c.compare(ctx, p)
	}
	if c.Tenant != "" {
		return errors.New("--tenant goes with --books")
	}
	config, err := p.load(boot.NeedDatabase)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{URL: config.DatabaseURL.Reveal(), MaxConns: 2})
	if err != nil {
		return err
	}
	defer d.Close()
	report, err := invariants.Verify(ctx, d, clock.System{}.Now())
	if err != nil {
		return err
	}
	if !config.MasterKeyset.IsZero() {
		v, err := vaultOf(config.MasterKeyset)
		if err != nil {
			return err
		}
		if err := report.Keyset(ctx, d, v); err != nil {
			return err
		}
		if err := c.chain(ctx, d, v, &report); err != nil {
			return err
		}
	} else if c.Heads != "" {
		return errors.New("--heads needs the master keyset")
	}
	if err := c.write(p, report); err != nil {
		return err
	}
	if len(report.Breaches) > 0 {
		return errSilent
	}
	return nil
}

// chain looks for changes of the past. The newest links go to the file only when nothing was found: otherwise it would
// forget what is missing.
func (c *verifyCmd) chain(ctx context.Context, d *db.DB, v *vault.Vault, report *invariants.Report) error {
	var known []chain.Newest
	if c.Heads != "" {
		raw, err := os.ReadFile(c.Heads)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read the newest links: %w", err)
		}
		if err == nil {
			if err := json.Unmarshal(raw, &known); err != nil {
				return fmt.Errorf("read the newest links in %s: %w", c.Heads, err)
			}
		}
	}
	service := chain.New(chain.Config{DB: d, Vault: v, Clock: clock.System{}})
	err := report.Chain(ctx, d, v, service, known)
	if errors.Is(err, secret.ErrOtherMaster) { // which is a breach already
		return nil
	}
	if err != nil {
		return err
	}
	if c.Heads == "" || len(report.Breaches) > 0 {
		return nil
	}
	raw, err := json.MarshalIndent(report.Heads, "", "  ")
	if err != nil {
		return fmt.Errorf("write the newest links: %w", err)
	}
	if err := os.WriteFile(c.Heads+".new", raw, 0o600); err != nil {
		return fmt.Errorf("write the newest links: %w", err)
	}
	if err := os.Rename(c.Heads+".new", c.Heads); err != nil {
		return fmt.Errorf("write the newest links: %w", err)
	}
	return nil
}

func (c *verifyCmd) write(p program, report invariants.Report) error {
	if c.JSON {
		out := json.NewEncoder(p.stdout)
		out.SetIndent("", "  ")
		return out.Encode(report)
	}
	for _, column := range slices.Sorted(maps.Keys(report.Plain)) {
		if _, err := fmt.Fprintf(p.stdout, "%s: %d rows are as a program of before wrote them; the job seal_sweep "+
			"seals them\n", column, report.Plain[column]); err != nil {
			return err
		}
	}
	for _, n := range report.Notes {
		fmt.Fprintln(p.stdout, "note:", n)
	}
	if len(report.Breaches) == 0 {
		_, err := fmt.Fprintf(p.stdout, "%d checks on %d tenants: no breach\n", len(report.Checks), report.Tenants)
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	for _, b := range report.Breaches {
		tenant := b.Tenant.String()
		if b.Tenant.IsZero() {
			tenant = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", b.Invariant, b.Check, tenant, b.Subject, b.Detail)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%d checks on %d tenants: %d breaches\n", len(report.Checks), report.Tenants,
		len(report.Breaches))
	return err
}
