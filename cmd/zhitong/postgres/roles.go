package postgres

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/db/migrations"
	"zhitong/internal/secret"
)

// The roles of the product, as the user of a managed Postgres would make them by hand.
const (
	// RoleOwner owns the databases and tables and runs the migrations. No superuser, no BYPASSRLS, no CREATEDB, no
	// CREATEROLE.
	RoleOwner = "zhitong_owner"
	// RoleApp is what the programs log in as. It owns nothing.
	RoleApp = "zhitong_app"
)

// EnsureRole makes a role that may log in and nothing else, with a password of its own that survives in the data
// directory and that DSN uses. A role that exists gets the password again, because the one it has cannot be read.
func (s *Server) EnsureRole(ctx context.Context, name string) error {
	password, err := s.passwords.ensure(name)
	if err != nil {
		return err
	}
	return s.asSuperuser(ctx, maintenanceDB, func(conn *pgx.Conn) error {
		var exists bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
			name).Scan(&exists); err != nil {
			return fmt.Errorf("look up role %s: %w", name, err)
		}
		verb := "CREATE"
		if exists {
			verb = "ALTER"
		}
		// A password is a literal here, the statement takes no parameters; ours are letters and digits only.
		_, err := conn.Exec(ctx, fmt.Sprintf("%s ROLE %s LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE "+
			"NOREPLICATION PASSWORD '%s'",
			verb, pgx.Identifier{name}.Sanitize(), password.Reveal()))
		if err != nil {
			return fmt.Errorf("make role %s: %w", name, err)
		}
		return nil
	})
}

// EnsureDatabase makes RoleOwner and RoleApp and the database, owned by owner; RoleApp may connect, other roles may
// not. What exists stays as it is. The roles may connect to no other database, and make no large objects; RoleApp
// changes settings by statements of their own only.
func (s *Server) EnsureDatabase(ctx context.Context, name, owner string) error {
	for _, role := range []string{RoleOwner, RoleApp} {
		if err := s.EnsureRole(ctx, role); err != nil {
			return err
		}
	}
	err := s.asSuperuser(ctx, maintenanceDB, func(conn *pgx.Conn) error {
		var exists bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)",
			name).Scan(&exists); err != nil {
			return fmt.Errorf("look up database %s: %w", name, err)
		}
		database := pgx.Identifier{name}.Sanitize()
		statements := []string{
			"REVOKE ALL ON DATABASE " + database + " FROM PUBLIC",
			"GRANT CONNECT ON DATABASE " + database + " TO " + RoleApp,
			"REVOKE ALL ON DATABASE " + maintenanceDB + ", template1 FROM PUBLIC",
		}
		if !exists {
			statements = append([]string{"CREATE DATABASE " + database + " OWNER " + pgx.Identifier{owner}.Sanitize()},
				statements...)
		}
		for _, statement := range statements {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("make database %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.asSuperuser(ctx, name, func(conn *pgx.Conn) error {
		// In each database by itself; a large object belongs to no table, and so has no tenant.
		_, err := conn.Exec(ctx, "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), "+
			"lo_from_bytea(oid, bytea) FROM PUBLIC")
		if err != nil {
			return fmt.Errorf("take large objects away in %s: %w", name, err)
		}
		for _, statement := range migrations.SettingsAreStatements(owner) {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("take set_config away in %s: %w", name, err)
			}
		}
		return nil
	})
}

func (s *Server) asSuperuser(ctx context.Context, database string, do func(*pgx.Conn) error) (err error) {
	conn, err := pgx.Connect(ctx, s.socketDSN(database))
	if err != nil {
		return fmt.Errorf("connect to postgres as superuser: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return do(conn)
}

// passwords is the file with the password of each role this package made: 0600, and never elsewhere.
type passwords struct {
	path   string
	mu     sync.Mutex
	byRole map[string]string
}

func loadPasswords(path string) (*passwords, error) {
	p := &passwords{path: path, byRole: map[string]string{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the passwords of the local postgres: %w", err)
	}
	if err := json.Unmarshal(data, &p.byRole); err != nil {
		return nil, fmt.Errorf("read the passwords of the local postgres in %s: %w", path, err)
	}
	return p, nil
}

func (p *passwords) get(role string) secret.String {
	p.mu.Lock()
	defer p.mu.Unlock()
	return secret.New(p.byRole[role])
}

// ensure gives the role's password, making and storing one first if there is none.
func (p *passwords) ensure(role string) (secret.String, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if password := p.byRole[role]; password != "" {
		return secret.New(password), nil
	}
	p.byRole[role] = rand.Text()
	data, err := json.MarshalIndent(p.byRole, "", "  ")
	if err != nil {
		return secret.String{}, fmt.Errorf("encode passwords: %w", err)
	}
	scratch := p.path + ".new" // renamed, so that a crash leaves the old file or the new one
	if err := os.WriteFile(scratch, append(data, '\n'), 0o600); err != nil {
		return secret.String{}, fmt.Errorf("store the passwords of the local postgres: %w", err)
	}
	if err := os.Rename(scratch, p.path); err != nil {
		return secret.String{}, fmt.Errorf("store the passwords of the local postgres: %w", err)
	}
	return secret.New(p.byRole[role]), nil
}

// sqlState is the five-character code of an error that Postgres sent, "" for others.
func sqlState(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}
