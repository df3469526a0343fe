package tenants

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
)

// mayTakeAnother returns too_many_sign_ups when as many platforms as may have signed up within an hour, from whatever
// address and through whatever process. Sign-ups at the same moment do not wait for each other, so that a few more than
// may can get through.
func (s *Service) mayTakeAnother(ctx context.Context) error {
	if s.signUpsHour <= 0 {
		return nil
	}
	var n int64
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		now, err := q.IdempotencyNow(ctx, tx)
		if err != nil {
			return err
		}
		n, err = q.TenantDirectoryCountSince(ctx, tx, now.Add(-time.Hour), int32(s.signUpsHour)) //nolint:gosec // few
		return err
	})
	if err != nil {
		return fmt.Errorf("count the sign-ups of an hour: %w", err)
	}
	if n >= int64(s.signUpsHour) {
		return fault.New(CodeTooManySignUps, "More platforms have signed up within an hour than are taken.")
	}
	return nil
}
