// Package migrations builds the schema of the database and takes it down again, step by step and one program at a time.
//
// It runs as the role that owns the tables: an ordinary role, not a superuser and without BYPASSRLS, so that a managed
// Postgres will do. The role the programs log in as must exist already; each migration grants it what it needs and
// nothing more. A migration that has shipped is never edited.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

const (
	// lockTimeout is how long a statement of a migration waits for a lock before it gives up: while it waits, it stops
	// every query behind it.
	lockTimeout = "5s"
	// sessionWaitTries is how long a program waits for another that is migrating: one try a second.
	sessionWaitTries = 120
	// connections: one holds the session lock, one migrates, one serves River's migrator.
	connections = 4
)

// Migrator moves the schema of one database. Close it after use.
type Migrator struct {
	pool     *pgxpool.Pool
	provider *goose.Provider
	close    func() error
}

// Step is one migration and when it was applied; the zero time is not yet.
type Step struct {
	Version   int64
	Name      string
	AppliedAt time.Time
}

var roleName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// Open makes a Migrator for the database at url, whose user owns it. appRole is the role the programs log in as.
func Open(ctx context.Context, url, appRole string) (*Migrator, error) {
	if !roleName.MatchString(appRole) {
		return nil, errors.New("migrate: the application's role is not a plain lower-case name")
	}
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("migrate: read the database address: %w", err)
	}
	c.MaxConns = connections
	c.ConnConfig.RuntimeParams["zhitong.app_role"] = appRole
	if c.ConnConfig.RuntimeParams["lock_timeout"] == "" { // the address may name another
		c.ConnConfig.RuntimeParams["lock_timeout"] = lockTimeout
	}
	c.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("migrate: make the connection pool: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	m := &Migrator{pool: pool, close: db.Close}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, sessionWaitTries))
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("migrate: make the lock: %w", err)
	}
	m.provider, err = goose.NewProvider(
		goose.DialectPostgres,
		db,
		files,
		goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(riverMigration(pool)),
	)
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("migrate: read the migrations: %w", err)
	}
	return m, nil
}

// Close closes the connections.
func (m *Migrator) Close() {
	_ = m.close() // the pool's own Close waits for what is in use
	m.pool.Close()
}

// Up applies every migration that is not applied yet and returns their versions.
func (m *Migrator) Up(ctx context.Context) ([]int64, error) {
	return versions(m.provider.Up(ctx))
}

// UpTo applies migrations up to the given version.
func (m *Migrator) UpTo(ctx context.Context, version int64) ([]int64, error) {
	return versions(m.provider.UpTo(ctx, version))
}

// DownTo takes back every migration above the given version, newest first. It deletes data.
func (m *Migrator) DownTo(ctx context.Context, version int64) ([]int64, error) {
	return versions(m.provider.DownTo(ctx, version))
}

// Status lists every migration in order.
func (m *Migrator) Status(ctx context.Context) ([]Step, error) {
	all, err := m.provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: read the status: %w", err)
	}
	steps := make([]Step, len(all))
	for i, s := range all {
		steps[i] = Step{s.Source.Version, s.Source.Path, s.AppliedAt}
		if steps[i].Name == "" {
			steps[i].Name = riverName
		}
	}
	return steps, nil
}

// Pending tells whether a migration is not applied yet.
func (m *Migrator) Pending(ctx context.Context) (bool, error) {
	pending, err := m.provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("migrate: read the status: %w", err)
	}
	return pending, nil
}

func versions(results []*goose.MigrationResult, err error) ([]int64, error) {
	vs := make([]int64, len(results))
	for i, r := range results {
		vs[i] = r.Source.Version
	}
	if err != nil {
		return vs, fmt.Errorf("migrate: %w", err)
	}
	return vs, nil
}

// Migrate brings the database at url, whose user owns it, to the newest schema. A second program that calls it at the
// same time waits.
func Migrate(ctx context.Context, url, appRole string) error {
	m, err := Open(ctx, url, appRole)
	if err != nil {
		return err
	}
	defer m.Close()
	_, err = m.Up(ctx)
	return err
}

// Hash names the schema: it changes with every migration, River's included.
func Hash() (string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, n := range names { // in order of their names
		b, err := files.ReadFile(n)
		if err != nil {
			return "", fmt.Errorf("migrate: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n", n, len(b))
		h.Write(b)
	}
	fmt.Fprintf(h, "%s %d\n", riverName, riverVersion)
	h.Write([]byte(riverGrants))
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
