package invariants

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
)

// beyond lists what the application's role may do that the program never needs, with the statement that takes it away.
// Only the owner of another database, or a superuser, can: the migrations cannot.
const beyond = `
SELECT 'The role may connect to the database ' || quote_ident(datname) || '. As its owner: REVOKE CONNECT ON DATABASE '
    || quote_ident(datname) || ' FROM PUBLIC;'
FROM pg_database
WHERE datname <> current_database() AND datallowconn AND has_database_privilege(oid, 'CONNECT')
UNION ALL
SELECT 'The role may make large objects. As a superuser, in this database: REVOKE EXECUTE ON FUNCTION '
    || string_agg(oid::regprocedure::text, ', ' ORDER BY oid::regprocedure::text) || ' FROM PUBLIC;'
FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
    AND has_function_privilege(oid, 'EXECUTE')
HAVING count(*) > 0
UNION ALL
SELECT 'The role may change by a SELECT which tenant it is. As a superuser, in this database: '
    || 'REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC; '
    || 'GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO '
    || quote_ident(pg_get_userbyid(relowner)) || ';'
FROM pg_class
WHERE oid = to_regclass('public.tenants')
    AND has_function_privilege('pg_catalog.set_config(text, text, boolean)', 'EXECUTE')
ORDER BY 1`

// reach is what the role of a connection may do beyond its need.
func reach(ctx context.Context, q interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}) ([]string, error) {
	rows, err := q.Query(ctx, beyond)
	if err != nil {
		return nil, fmt.Errorf("look at the rights of the role: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look at the rights of the role: %w", err)
	}
	return found, nil
}

// Notes are what is no breach, and should be put right all the same.
func Notes(ctx context.Context, d *db.DB) (found []string, err error) {
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		found, err = reach(ctx, tx)
		return err
	})
	return found, err
}

const settingsRevoked = `SELECT NOT has_function_privilege('pg_catalog.set_config(text, text, boolean)', 'EXECUTE')`

// SettingsRevoked tells whether the application's role can change which tenant it is by a statement of its own only.
func SettingsRevoked(ctx context.Context, d *db.DB) (yes bool, err error) {
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		return tx.QueryRow(ctx, settingsRevoked).Scan(&yes)
	})
	if err != nil {
		return false, fmt.Errorf("look at the rights of the role: %w", err)
	}
	return yes, nil
}
