package orders

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants"
)

const (
	// overdue is how long after its expiry an order that still awaits its payment is looked at: its watch closes it
	// long before that.
	overdue = 5 * time.Minute
	// overdueReach is how old such an order may be. Each search reads a tenant's orders of so long.
	overdueReach = 24 * time.Hour
	// overduePage bounds how many orders of one tenant get a watch at a time.
	overduePage = 1000
)

// WatchOverdue finds orders that still await their payment although their time is up and whose watch is gone, whatever
// took it away, and gives each a new one. It says how many. It goes tenant by tenant, and can be broken off and run
// again at any time.
func (s *Service) WatchOverdue(ctx context.Context) (n int, err error) {
	now := s.clock.Now()
	err = tenants.Each(ctx, s.db, func(ctx context.Context, tenant id.Tenant) error {
		return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			late, err := q.PaymentOverdueList(
				ctx,
				tx,
				id.First[id.Order](now.Add(-overdueReach)),
				now.Add(-overdue),
				overduePage,
			)
			if err != nil {
				return fmt.Errorf("look for overdue orders: %w", err)
			}
			if len(late) == 0 {
				return nil
			}
			unwatched, err := queue.UnwatchedPayments(ctx, tx, late)
			if err != nil {
				return err
			}
			for _, p := range unwatched {
				if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.PaymentWatch{TenantID: queue.RefTo(tenant), PaymentID: queue.RefTo(p)}}); err != nil {
					return err
				}
			}
			n += len(unwatched)
			return nil
		})
	})
	return n, err
}
