package migrations

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrNoSuperuser says that somebody else has to take set_config away.
var ErrNoSuperuser = errors.New("only a superuser can take set_config away")

// SettingsAreStatements are the statements, for a superuser, after which a setting can be changed by SET only, which is
// a statement of its own: an injected SELECT cannot change whose rows it sees. The owner keeps set_config: migrations
// and dumps that it makes use it.
func SettingsAreStatements(owner string) []string {
	const function = "FUNCTION pg_catalog.set_config(text, text, boolean)"
	return []string{
		"REVOKE EXECUTE ON " + function + " FROM PUBLIC",
		"GRANT EXECUTE ON " + function + " TO " + pgx.Identifier{owner}.Sanitize(),
	}
}

// RevokeSettings runs [SettingsAreStatements] in the database of an address, for the owner of its tables. It returns
// [ErrNoSuperuser], and what a superuser would have to run. It may be run again.
func RevokeSettings(ctx context.Context, url string) (statements []string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var owner string
	var super bool
	err = conn.QueryRow(ctx, `SELECT pg_get_userbyid(relowner),
			(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
		FROM pg_class WHERE oid = 'public.tenants'::regclass`).Scan(&owner, &super)
	if err != nil {
		return nil, fmt.Errorf("look for the owner of the tables: %w", err)
	}
	statements = SettingsAreStatements(owner)
	if !super {
		return statements, ErrNoSuperuser
	}
	if _, err := conn.Exec(ctx, strings.Join(statements, "; ")); err != nil {
		return statements, fmt.Errorf("take set_config away: %w", err)
	}
	return statements, nil
}
