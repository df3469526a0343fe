package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
	"zhitong/internal/secret"
)

// Roles of dev in a database of the user's. Names of their own: a role that something else logs in as is left alone.
const (
	devAppRole   = "zhitong_dev_app"
	devOwnerRole = "zhitong_dev_owner"
)

// roleOf is the user of a database address.
func roleOf(address secret.String) (string, error) {
	c, err := pgx.ParseConfig(address.Reveal())
	if err != nil {
		return "", errors.New("the database address cannot be read")
	}
	return c.User, nil
}

// prepareDatabase makes a database of the user's ready: with both addresses given they are used as they are; with one,
// its user must be able to make roles, because the program must not log in as who owns the tables or passes through
// row-level security.
func prepareDatabase(ctx context.Context, base boot.Config, state *devState) (app, owner secret.String, err error) {
	if !base.DatabaseOwnerURL.IsZero() {
		return base.DatabaseURL, base.DatabaseOwnerURL, nil
	}
	conn, err := pgx.Connect(ctx, base.DatabaseURL.Reveal())
	if err != nil {
		return app, owner, fmt.Errorf("connect to ZHITONG_DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	var super, makesRoles bool
	var database string
	err = conn.QueryRow(ctx, "SELECT rolsuper, rolcreaterole OR rolsuper, current_database() FROM pg_roles "+
		"WHERE rolname = current_user").Scan(&super, &makesRoles, &database)
	if err != nil {
		return app, owner, fmt.Errorf("look at the role of ZHITONG_DATABASE_URL: %w", err)
	}
	if !makesRoles {
		return app, owner, errors.New("the role of ZHITONG_DATABASE_URL cannot make roles: give a role that can, or " +
			"set ZHITONG_DATABASE_OWNER_URL (owns the database) " +
			"and ZHITONG_DATABASE_URL (owns nothing)")
	}
	if state.AppPassword == "" {
		state.AppPassword = rand.Text()
		if err := state.save(); err != nil {
			return app, owner, err
		}
	}
	roles := []string{devAppRole}
	if super { // a superuser must not own the tables either
		roles = append(roles, devOwnerRole)
	}
	for _, role := range roles {
		if err := makeRole(ctx, conn, role, state.AppPassword); err != nil {
			return app, owner, err
		}
	}
	name := pgx.Identifier{database}.Sanitize()
	grants := []string{"GRANT CONNECT ON DATABASE " + name + " TO " + devAppRole,
		"GRANT USAGE ON SCHEMA public TO " + devAppRole}
	if super {
		grants = append(grants, "GRANT CONNECT, CREATE ON DATABASE "+name+" TO "+devOwnerRole,
			"GRANT CREATE, USAGE ON SCHEMA public TO "+devOwnerRole)
	}
	for _, g := range grants {
		if _, err := conn.Exec(ctx, g); err != nil {
			return app, owner, fmt.Errorf("prepare database %s: %w", database, err)
		}
	}
	if app, err = withUser(base.DatabaseURL, devAppRole, state.AppPassword); err != nil {
		return app, owner, err
	}
	owner = base.DatabaseURL
	if super {
		owner, err = withUser(base.DatabaseURL, devOwnerRole, state.AppPassword)
	}
	return app, owner, err
}

// makeRole makes a role that may log in and nothing else. The password is ours: letters and digits.
func makeRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
		role).Scan(&exists); err != nil {
		return fmt.Errorf("look up role %s: %w", role, err)
	}
	verb := "CREATE"
	if exists {
		verb = "ALTER"
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf("%s ROLE %s LOGIN PASSWORD '%s'", verb, role, password)); err != nil {
		return fmt.Errorf("make role %s: %w", role, err)
	}
	return nil
}

// withUser is the address with another user.
func withUser(address secret.String, user, password string) (secret.String, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil || u.Host == "" && u.Query().Get("host") == "" || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return secret.String{}, errors.New("ZHITONG_DATABASE_URL: want the form " +
			"postgres://user:password@host:port/database")
	}
	u.User = url.UserPassword(user, password)
	return secret.New(u.String()), nil
}
