package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/postgres"
	"zhitong/db/migrations"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply every migration that is not applied yet."`
	Down   migrateDownCmd   `cmd:"" help:"Take migrations back. Deletes data."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations."`
	Revoke migrateRevokeCmd `cmd:"" help:"As a superuser, named by ZHITONG_DATABASE_OWNER_URL: take set_config away, so that no SELECT changes which tenant it is."`
}

// open connects as the owner. The role that the programs log in as, which each migration grants what it needs, is the
// one of ZHITONG_DATABASE_URL.
func (p program) migrator(ctx context.Context) (*migrations.Migrator, error) {
	config, err := p.load(boot.NeedOwner)
	if err != nil {
		return nil, err
	}
	role := postgres.RoleApp
	if !config.DatabaseURL.IsZero() {
		parsed, err := pgx.ParseConfig(config.DatabaseURL.Reveal())
		if err != nil {
			return nil, errors.New("ZHITONG_DATABASE_URL is not an address of Postgres")
		}
		role = parsed.User
	}
	return migrations.Open(ctx, config.DatabaseOwnerURL.Reveal(), role)
}

type migrateUpCmd struct{}

// Run implements the command.
func (*migrateUpCmd) Run(ctx context.Context, p program) error {
	m, err := p.migrator(ctx)
	if err != nil {
		return err
	}
	defer m.Close()
	applied, err := m.Up(ctx)
	for _, v := range applied {
		fmt.Fprintf(p.stdout, "applied %d\n", v)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(p.stdout, "nothing to do")
	}
	return err
}

type migrateDownCmd struct {
	To  int64 `required:"" help:"The version to go back to; 0: an empty database."`
	Yes bool  `help:"Yes, delete what the migrations taken back had made."`
}

// Run implements the command.
func (c *migrateDownCmd) Run(ctx context.Context, p program) error {
	if !c.Yes {
		return errors.New("this deletes data: add --yes")
	}
	m, err := p.migrator(ctx)
	if err != nil {
		return err
	}
	defer m.Close()
	gone, err := m.DownTo(ctx, c.To)
	for _, v := range gone {
		fmt.Fprintf(p.stdout, "took back %d\n", v)
	}
	return err
}

type migrateStatusCmd struct{}

// Run implements the command.
func (*migrateStatusCmd) Run(ctx context.Context, p program) error {
	m, err := p.migrator(ctx)
	if err != nil {
		return err
	}
	defer m.Close()
	steps, err := m.Status(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	for _, s := range steps {
		at := "not applied"
		if !s.AppliedAt.IsZero() {
			at = s.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", s.Version, s.Name, at)
	}
	return w.Flush()
}

type migrateRevokeCmd struct{}

// Run implements the command: who is no superuser is told what one has to run.
func (*migrateRevokeCmd) Run(ctx context.Context, p program) error {
	config, err := p.load(boot.NeedOwner)
	if err != nil {
		return err
	}
	statements, err := migrations.RevokeSettings(ctx, config.DatabaseOwnerURL.Reveal())
	for _, s := range statements {
		fmt.Fprintln(p.stdout, s+";")
	}
	if errors.Is(err, migrations.ErrNoSuperuser) {
		return errors.New("this role is no superuser: let one run the statements above in the program's database")
	}
	return err
}
