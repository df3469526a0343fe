package retention

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants/events"
)

// attempts deletes attempts to deliver, oldest first.
func (s *Service) attempts(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	return s.mark(ctx, tx, "webhook_attempts", c, func(uuid.UUID) (p passed, err error) {
		gone, err := q.WebhookAttemptExpire(ctx, tx, id.First[id.WebhookDelivery](c.attempts), s.batch)
		p = passed{deleted: int64(len(gone)), before: c.attempts}
		for _, g := range gone {
			if u := uuid.UUID(g); u.String() > p.newest.String() {
				p.newest, p.upto = u, u
			}
		}
		return p, err
	})
}

// events deletes events, but for the last of each subject.
func (s *Service) events(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	return s.expire(ctx, tx, c, events.Swept()[0], c.events, false)
}

// lastEvents deletes what events has left, when no event of the subject follows any more.
func (s *Service) lastEvents(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	before := c.days(lastDays)
	if c.events.Before(before) {
		before = c.events
	}
	return s.expire(ctx, tx, c, events.Swept()[1], before, true)
}

func (s *Service) expire(
	ctx context.Context,
	tx db.TenantTx,
	c cut,
	records string,
	before time.Time,
	lastToo bool,
) (int64, bool, error) {
	return s.mark(ctx, tx, records, c, func(after uuid.UUID) (passed, error) {
		upto, err := q.EventExpireEnd(ctx, tx, id.Event(after), id.First[id.Event](before), s.batch)
		if err != nil {
			return passed{}, err
		}
		gone, err := q.EventExpire(ctx, tx, after, uuid.UUID(upto), lastToo)
		return went(gone, uuid.UUID(upto), before), err
	})
}

// audits deletes entries of the audit log.
func (s *Service) audits(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	return s.mark(ctx, tx, "audit_log", c, func(after uuid.UUID) (passed, error) {
		upto, err := q.AuditExpireEnd(ctx, tx, after, id.First[uuid.UUID](c.audits), s.batch)
		if err != nil {
			return passed{}, err
		}
		gone, err := q.AuditExpire(ctx, tx, after, uuid.UUID(upto))
		return went(gone, uuid.UUID(upto), c.audits), err
	})
}
