package queue

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// drop deletes a tenant's jobs, but for those that run: they end by themselves, and find nothing.
const drop = `DELETE FROM river.river_job
WHERE args @> jsonb_build_object('tenant_id', $1::text)
  AND state <> 'running'`

// Drop deletes the jobs of a tenant that is gone. It reads nothing back.
func Drop(ctx context.Context, w dbsqlc.DBTX, tenant id.Tenant) error {
	if _, err := w.Exec(ctx, drop, uuid.UUID(tenant).String()); err != nil {
		return fmt.Errorf("delete the jobs of %s: %w", tenant, err)
	}
	return nil
}
