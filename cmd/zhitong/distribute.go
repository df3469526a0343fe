package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
)

// distributeSQL is what docs/scaling.md shows.
//
//go:embed distribute.sql
var distributeSQL string

type distributeCmd struct {
	Yes bool `help:"Yes, distribute the tables now. Without it the SQL is only printed."`
}

// Run implements the command. It prints what would be done; with --yes it does it, as the owner, in one transaction.
func (c *distributeCmd) Run(ctx context.Context, p program) error {
	if !c.Yes {
		_, err := fmt.Fprint(p.stdout, distributeSQL)
		return err
	}
	config, err := p.load(boot.NeedOwner)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, config.DatabaseOwnerURL.Reveal())
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var ready bool
	const extension = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
	if err := conn.QueryRow(ctx, extension).Scan(&ready); err != nil {
		return fmt.Errorf("look for Citus: %w", err)
	}
	if !ready {
		return errors.New("this database has no extension citus; docs/scaling.md says how a cluster is set up")
	}
	if _, err := conn.PgConn().Exec(ctx, distributeSQL).ReadAll(); err != nil {
		return fmt.Errorf("distribute the tables: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, "distributed; now run zhitong verify")
	return err
}
