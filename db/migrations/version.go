package migrations

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Newest is the version of the newest migration of this binary.
func Newest() (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	newest, err := strconv.ParseInt(riverName[:5], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the number of %s: %w", riverName, err)
	}
	for _, n := range names {
		v, err := strconv.ParseInt(n[:5], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the number of %s: %w", n, err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}

// Querier is a connection, pool or transaction of any role.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// CheckNewest fails when the database is older than this binary; the application's role may ask. A newer database is
// fine: schemas grow before programs do.
func CheckNewest(ctx context.Context, q Querier) error {
	want, err := Newest()
	if err != nil {
		return err
	}
	var have int64
	err = q.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&have)
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code == "42P01" { // undefined_table: never migrated
		err = nil
	}
	if err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	if have < want {
		return fmt.Errorf(
			"the database has schema version %d, this binary needs %d: run `zhitong migrate up`",
			have,
			want,
		)
	}
	return nil
}
