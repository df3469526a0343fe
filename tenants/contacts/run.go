package contacts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

// eraseAgain is after how long orders that were not final are looked at again.
const eraseAgain = time.Hour

// run is an erasure that works: what it looks for.
type run struct {
	dbsqlc.Erasure
	contact string
}

// Run erases a buyer's contact from the orders that are final, a few at a time. after is when to run again, because
// some are not; 0 when it is done. It can be broken off at any step and run again, by several at once. It returns
// erasure_not_found. Phased.
func (s *Service) Run(ctx context.Context, tenant id.Tenant, erasure id.Erasure) (after time.Duration, err error) {
	for more := true; more; {
		more = false
		err := s.with(ctx, tenant, erasure, func(ctx context.Context, tx db.TenantTx, r run) error {
			n, err := s.eraseBatch(ctx, tx, r)
			more = n == batch
			return err
		})
		if err != nil {
			return 0, err
		}
		s.step("orders erased")
	}
	for next, more := "", true; more; more = next != "" {
		err := s.with(ctx, tenant, erasure, func(ctx context.Context, tx db.TenantTx, r run) (err error) {
			next, err = idempotency.ForgetAnswers(ctx, tx, s.vault, next, r.in)
			return err
		})
		if err != nil {
			return 0, err
		}
		s.step("answers erased")
	}
	err = s.with(ctx, tenant, erasure, func(ctx context.Context, tx db.TenantTx, r run) error {
		left, err := q.OrderOfContactCount(ctx, tx, r.Digest, r.contact, r.CreatedAt)
		if err != nil {
			return fmt.Errorf("count the orders that are left: %w", err)
		}
		if left > 0 {
			after = eraseAgain
			return q.ErasureWait(ctx, tx.Later(), int32(min(left, 1<<30)), r.ID) //nolint:gosec // bounded
		}
		after = 0
		now := s.clock.Now()
		if err := q.ErasureEnd(ctx, tx.Later(), &now, r.ID); err != nil {
			return err
		}
		return tell(ctx, tx, vocabulary.EventErasureCompleted, events.BySystem("contact_erase"), r.Erasure, now)
	})
	s.step("erasure ended")
	return after, err
}

// with runs fn with the erasure locked, unless it is done.
func (s *Service) with(
	ctx context.Context,
	tenant id.Tenant,
	erasure id.Erasure,
	fn func(ctx context.Context, tx db.TenantTx, r run) error,
) error {
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		e, err := q.ErasureLock(ctx, tx, erasure)
		if err := foundErasure(err); err != nil || e.Status == vocabulary.ErasureDone {
			return err
		}
		contact, err := vault.ErasedContact.OpenText(ctx, tx, s.vault, e.ID, e.SealedContact, "")
		if err != nil {
			return fmt.Errorf("open what is to be erased: %w", err)
		}
		return fn(ctx, tx, run{e, contact})
	})
}

// eraseBatch erases the contact from some orders that are final, and with it what else tells of who bought.
func (s *Service) eraseBatch(ctx context.Context, tx db.TenantTx, r run) (int, error) {
	orders, err := q.OrderErasableList(ctx, tx, dbsqlc.OrderErasableListParams{Digest: r.Digest, Contact: r.contact,
		Until: r.CreatedAt, PageSize: batch})
	if err != nil {
		return 0, fmt.Errorf("list orders of what is erased: %w", err)
	}
	if len(orders) == 0 {
		return 0, nil
	}
	ids := make([]uuid.UUID, len(orders))
	for i, o := range orders {
		ids[i] = uuid.UUID(o)
	}
	w := tx.Later()
	for _, erase := range []func(context.Context, dbsqlc.DBTX, []uuid.UUID) error{
		q.OrderErase, q.PaymentErase, q.CheckoutCodeErase,
	} {
		if err := erase(ctx, w, ids); err != nil {
			return 0, err
		}
	}
	if err := idempotency.Blind(ctx, tx, ids); err != nil {
		return 0, err
	}
	return len(ids), q.ErasureAdd(ctx, w, int32(len(ids)), r.ID) //nolint:gosec // at most batch
}

// in tells whether a recorded answer has the contact, as JSON writes it, or is that to the erasure's own request.
func (r run) in(a idempotency.Answer) bool {
	text, err := json.Marshal(r.contact)
	return err == nil && bytes.Contains(a.Body, text) || bytes.Contains(a.Body, []byte(r.ID.String()))
}
