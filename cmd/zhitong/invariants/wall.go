package invariants

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/internal/id"
)

// tenantTables are the tables and views of tenants, as the catalogue has them, ready to stand in a statement.
const tenantTables = `
SELECT c.oid::regclass::text
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p', 'v')
  AND c.relname <> 'tenant_directory'
ORDER BY 1`

// strangerSees is the probe of tenant isolation: the application's role, in the name of a tenant that nobody has, must
// see no row of any table. The statements name no tenant, so that row-level security alone answers, whatever database
// it is: one Postgres, a replica, or a cluster whose shards have policies of their own.
func strangerSees(ctx context.Context, d *db.DB) (out []Breach, err error) {
	var tables []string
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, tenantTables)
		if err != nil {
			return err
		}
		tables, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tables of tenants: %w", err)
	}
	err = d.InTenant(ctx, id.New[id.Tenant](), func(ctx context.Context, tx db.TenantTx) error {
		out = nil
		for _, t := range tables {
			seen, err := tx.Exec(ctx, "TABLE "+t+" LIMIT 1")
			if err != nil {
				return fmt.Errorf("look into %s as a stranger: %w", t, err)
			}
			if seen.RowsAffected() > 0 {
				out = append(out, Breach{Invariant: "I5", Check: "stranger", Subject: t,
					Detail: "TENANT ISOLATION IS BROKEN: a tenant that nobody has sees rows of this table"})
			}
		}
		return nil
	})
	return out, err
}
