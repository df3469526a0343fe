// Package retention deletes what has been kept long enough: idempotency keys that no repeat can come for any more, and
// identity images of applications that were decided long ago. It does so tenant by
// tenant, in transactions of its own.
package retention

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/idempotency"
)

var q = dbsqlc.New()

const (
	// imagesKept is how long the images of a decided application stay: time enough for a question about the decision.
	imagesKept = 30 * 24 * time.Hour
	// roundsMax bounds how often one tenant's keys are taken a thousand at a time, so that a large tenant does not hold
	// up the others.
	roundsMax = 100
)

// Service carries the sweep.
type Service struct {
	db    *db.DB
	clock clock.Clock
}

// New makes a Service.
func New(d *db.DB, c clock.Clock) *Service { return &Service{d, c} }

// Result says how much a sweep deleted.
type Result struct{ Tenants, Keys, Images int64 }

// Tenant deletes what is due of one tenant, and adds to r how much that was. It can be broken off and run again at any
// time.
func (s *Service) Tenant(ctx context.Context, t id.Tenant, r *Result) error {
	now := s.clock.Now()
	r.Tenants++
	for range roundsMax {
		var keys int64
		err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
			keys, err = idempotency.Forget(ctx, tx, idempotency.Kept, idempotency.KeptMoney)
			return err
		})
		if err != nil {
			return err
		}
		if r.Keys += keys; keys == 0 {
			break
		}
	}
	return s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		before := now.Add(-imagesKept)
		images, err := q.ApplicationImageForget(ctx, tx, &before)
		if err != nil {
			return fmt.Errorf("delete images of decided applications: %w", err)
		}
		r.Images += images
		return nil
	})
}
