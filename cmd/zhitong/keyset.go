package main

import (
	"context"
	"errors"
	"fmt"

	"zhitong/cmd/zhitong/boot"
	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/vault"
)

// keysetCmd makes and rotates the master keyset, and exchanges data keys. The order of a rotation is add, promote,
// rewrap, retire; before each next step every process must run with the keyset of the last one (docs/security.md).
type keysetCmd struct {
	New      keysetNewCmd      `cmd:"" default:"1" help:"Print a new master keyset."`
	Add      keysetAddCmd      `cmd:"" help:"Print the keyset of ZHITONG_MASTER_KEYSET with one key more, which opens and does not wrap yet."`
	Promote  keysetPromoteCmd  `cmd:"" help:"Print the keyset of ZHITONG_MASTER_KEYSET with its newest key as the one that wraps."`
	Rewrap   keysetRewrapCmd   `cmd:"" help:"Wrap every tenant's data key with the key that wraps now. Programs go on running."`
	Exchange keysetExchangeCmd `cmd:"" help:"Exchange the data key of a tenant: seal everything anew, and delete the old key. Programs go on running."`
	Retire   keysetRetireCmd   `cmd:"" help:"Print the keyset of ZHITONG_MASTER_KEYSET without the keys that wrap nothing any more; refused while one does."`
}

// keysetExchangeCmd exchanges a tenant's data key. It prints no key.
type keysetExchangeCmd struct {
	Tenant string `required:"" help:"The tenant's id."`
}

// What the commands print is the keyset: send it to a file or a secret store, never to a log.
type (
	keysetNewCmd     struct{}
	keysetAddCmd     struct{}
	keysetPromoteCmd struct{}
	keysetRewrapCmd  struct{}
	keysetRetireCmd  struct{}
)

// Run implements the command.
func (keysetNewCmd) Run(p program) error {
	keyset, err := secret.GenerateMaster()
	return p.printKeyset(keyset, err)
}

// Run implements the command.
func (keysetAddCmd) Run(p program) error { return p.changeKeyset(secret.AddMaster) }

// Run implements the command.
func (keysetPromoteCmd) Run(p program) error { return p.changeKeyset(secret.PromoteMaster) }

func (p program) changeKeyset(change func(secret.String) (secret.String, error)) error {
	config, err := p.load(boot.NeedKeyset)
	if err != nil {
		return err
	}
	keyset, err := change(config.MasterKeyset)
	return p.printKeyset(keyset, err)
}

func (p program) printKeyset(keyset secret.String, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, keyset.Reveal())
	return err
}

// Run implements the command.
func (keysetRewrapCmd) Run(ctx context.Context, p program) error {
	d, v, err := p.openVault(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := v.RewrapInstallation(ctx, d); err != nil {
		return err
	}
	all, changed := 0, 0
	_, err = tenants.Each(ctx, d, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
		all++
		return d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
			was, err := v.Rewrap(ctx, tx)
			if was {
				changed++
			}
			return err
		})
	})
	fmt.Fprintf(p.stderr, "%d tenants, %d data keys wrapped anew\n", all, changed)
	return err
}

// Run implements the command.
func (c *keysetExchangeCmd) Run(ctx context.Context, p program) error {
	tenant, err := id.Parse[id.Tenant](c.Tenant)
	if err != nil {
		return fmt.Errorf("read --tenant: %w", err)
	}
	d, v, err := p.openVault(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	done := map[vault.Column]int{}
	version, values, err := access.New(d, v, clock.System{}).ExchangeDataKey(ctx, tenant, func(c vault.Column, n int) {
		done[c] += n
	})
	for _, c := range vault.Columns() { // also of a run that was broken off: what it did is kept
		if done[c] > 0 {
			fmt.Fprintf(p.stderr, "%s: %d values\n", c, done[c])
		}
	}
	if err != nil {
		return fmt.Errorf("exchange the data key of %s; run it again to go on: %w", tenant, err)
	}
	fmt.Fprintf(p.stderr, "version %d of the data key of %s has sealed %d values anew; version %d is gone\n", version,
		tenant, values, version-1)
	return nil
}

// Run implements the command.
func (keysetRetireCmd) Run(ctx context.Context, p program) error {
	config, d, err := p.openSealed(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	keyset, err := secret.RetireMaster(config.MasterKeyset)
	if err != nil {
		return err
	}
	v, err := vaultOf(keyset)
	if err != nil {
		return err
	}
	err = v.Check(ctx, d)
	if err == nil {
		_, err = tenants.Each(ctx, d, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
			return d.InTenant(ctx, t, v.CheckTenant)
		})
	}
	if errors.Is(err, secret.ErrOtherMaster) {
		return fmt.Errorf("a key that would go still wraps something; run `zhitong keyset rewrap` first: %w", err)
	}
	return p.printKeyset(keyset, err)
}

// openSealed opens the database for a command that also needs the keyset.
func (p program) openSealed(ctx context.Context) (boot.Config, *db.DB, error) {
	config, err := p.load(boot.NeedDatabase | boot.NeedKeyset)
	if err != nil {
		return boot.Config{}, nil, err
	}
	d, err := db.Open(ctx, db.Config{URL: config.DatabaseURL.Reveal(), MaxConns: 2})
	return config, d, err
}

// openVault opens the database and the vault for a command that seals or wraps, and refuses the keyset of another
// installation.
func (p program) openVault(ctx context.Context) (*db.DB, *vault.Vault, error) {
	config, d, err := p.openSealed(ctx)
	if err != nil {
		return nil, nil, err
	}
	v, err := vaultOf(config.MasterKeyset)
	if err == nil {
		err = v.Check(ctx, d)
	}
	if err != nil {
		d.Close()
		return nil, nil, err
	}
	return d, v, nil
}

func vaultOf(keyset secret.String) (*vault.Vault, error) {
	m, err := secret.ParseMaster(keyset)
	if err != nil {
		return nil, err
	}
	return vault.New(m), nil
}
