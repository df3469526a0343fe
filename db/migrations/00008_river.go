package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const (
	riverName   = "00008_river.go"
	riverSchema = "river"
	// riverVersion is the newest of River's migrations that this one applies. When an upgrade of River brings another,
	// a new migration applies it and a test says so.
	riverVersion = 8
)

// riverGrants is what a client of River that works jobs needs, on the tables of today and of River's later migrations;
// and the version of the schema, for a program to tell whether the schema is new enough for it.
const riverGrants = `
GRANT SELECT ON goose_db_version TO %[1]s;
GRANT USAGE ON SCHEMA river TO %[1]s;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA river TO %[1]s;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA river TO %[1]s;
ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %[1]s;
ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO %[1]s;`

// riverUnused are indexes of River's for searching jobs by what is in their arguments. Neither River nor we ask such
// questions, and they cost each new job an entry for every word of its arguments, and now and then a request the time
// to sort a long list of them in.
const riverUnused = `DROP INDEX IF EXISTS river.river_job_args_index, river.river_job_metadata_index`

// riverMigration runs River's own migrations in a schema of their own. They cannot share one transaction (a value added
// to an enum cannot be used in the transaction that added it), so each has its own and River's table remembers how far
// it came: a migration that was broken off goes on where it stopped.
func riverMigration(pool *pgxpool.Pool) *goose.Migration {
	up := func(ctx context.Context, _ *sql.DB) error {
		if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS river"); err != nil {
			return fmt.Errorf("make schema river: %w", err)
		}
		if err := riverMigrate(ctx, pool, rivermigrate.DirectionUp, riverVersion); err != nil {
			return err
		}
		if _, err := pool.Exec(ctx, riverUnused); err != nil {
			return fmt.Errorf("drop indexes that nobody uses: %w", err)
		}
		var role string
		if err := pool.QueryRow(ctx, "SELECT app.app_role()").Scan(&role); err != nil {
			return fmt.Errorf("read the application's role: %w", err)
		}
		if _, err := pool.Exec(ctx, fmt.Sprintf(riverGrants, pgx.Identifier{role}.Sanitize())); err != nil {
			return fmt.Errorf("grant on schema river: %w", err)
		}
		return nil
	}
	down := func(ctx context.Context, _ *sql.DB) error {
		var exists bool
		if err := pool.QueryRow(ctx, "SELECT to_regnamespace('river') IS NOT NULL").Scan(&exists); err != nil ||
			!exists {
			return err
		}
		if err := riverMigrate(ctx, pool, rivermigrate.DirectionDown, -1); err != nil {
			return err
		}
		if _, err := pool.Exec(ctx, "DROP SCHEMA river"); err != nil {
			return fmt.Errorf("drop schema river: %w", err)
		}
		return nil
	}
	return goose.NewGoMigration(8, &goose.GoFunc{RunDB: up}, &goose.GoFunc{RunDB: down})
}

func riverMigrate(ctx context.Context, pool *pgxpool.Pool, direction rivermigrate.Direction, target int) error {
	m, err := newRiverMigrator(pool)
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: target}); err != nil {
		return fmt.Errorf("migrate schema river %s: %w", direction, err)
	}
	return nil
}

func newRiverMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	m, err := rivermigrate.New(riverpgxv5.New(pool),
		&rivermigrate.Config{Schema: riverSchema, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, fmt.Errorf("make River's migrator: %w", err)
	}
	return m, nil
}
