package queue

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// ofTenants are jobs whose arguments name a tenant.
const ofTenants = `SELECT id, kind, args ->> 'tenant_id'
FROM river.river_job
WHERE id = ANY($1)
  AND args ->> 'tenant_id' ~ '^[0-9a-f-]{36}$'
ORDER BY id`

// Named is a job by its number and kind.
type Named struct {
	Number int64
	Kind   string
}

// ByTenant are those of the jobs that are a tenant's, by tenant.
func ByTenant(ctx context.Context, r dbsqlc.DBTX, numbers []int64) (map[id.Tenant][]Named, error) {
	rows, err := r.Query(ctx, ofTenants, numbers)
	if err != nil {
		return nil, fmt.Errorf("read whose jobs these are: %w", err)
	}
	out := map[id.Tenant][]Named{}
	var n Named
	var text string
	_, err = pgx.ForEachRow(rows, []any{&n.Number, &n.Kind, &text}, func() error {
		u, err := uuid.Parse(text)
		if err != nil {
			return fmt.Errorf("read the tenant of job %d: %w", n.Number, err)
		}
		out[id.Tenant(u)] = append(out[id.Tenant(u)], n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read whose jobs these are: %w", err)
	}
	return out, nil
}
