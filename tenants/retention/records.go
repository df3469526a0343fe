package retention

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants/chain"
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

// events deletes a closed batch of events, but for the last of each subject.
func (s *Service) events(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	return s.batches(ctx, tx, c, events.Swept()[0], chain.Events, c.events,
		func(after, upto uuid.UUID) ([]uuid.UUID, error) { return q.EventExpire(ctx, tx, after, upto, false) })
}

// lastEvents deletes what events has left, when no event of the subject follows any more.
func (s *Service) lastEvents(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	before := c.days(lastDays)
	if c.events.Before(before) {
		before = c.events
	}
	return s.mark(ctx, tx, events.Swept()[1], c, func(after uuid.UUID) (passed, error) {
		last, err := q.RetentionPassed(ctx, tx, events.Swept()[0]) // what comes after it is in a batch that is there
		if err != nil {
			return passed{}, err
		}
		if due := id.First[uuid.UUID](before); due.String() < last.String() {
			last = due
		}
		upto, err := q.EventExpireEnd(ctx, tx, id.Event(after), id.Event(last), s.batch)
		if err != nil {
			return passed{}, err
		}
		gone, err := q.EventExpire(ctx, tx, after, uuid.UUID(upto), true)
		return went(gone, uuid.UUID(upto), before), err
	})
}

// audits deletes a closed batch of entries of the audit log.
func (s *Service) audits(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	return s.batches(ctx, tx, c, "audit_log", chain.AuditLog, c.audits,
		func(after, upto uuid.UUID) ([]uuid.UUID, error) { return q.AuditExpire(ctx, tx, after, upto) })
}

// batches deletes the rows of the oldest closed batch, when all of them are due.
func (s *Service) batches(
	ctx context.Context,
	tx db.TenantTx,
	c cut,
	records string,
	of chain.Records,
	before time.Time,
	expire func(after, upto uuid.UUID) ([]uuid.UUID, error),
) (int64, bool, error) {
	return s.mark(ctx, tx, records, c, func(uuid.UUID) (passed, error) {
		span, ok, err := s.chain.Due(ctx, tx, of, id.First[uuid.UUID](before))
		if err != nil || !ok {
			return passed{}, err
		}
		gone, err := expire(span.After, span.Upto)
		if err != nil {
			return passed{}, err
		}
		return went(gone, span.Upto, before), s.chain.Expire(ctx, tx, span, c.now)
	})
}
