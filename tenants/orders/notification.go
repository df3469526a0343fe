package orders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/mask"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/cases"
)

// Verdicts on what Alipay sent, as recorded.
const (
	verdictApplied = vocabulary.VerdictApplied // it changed the order
	verdictIgnored = vocabulary.VerdictIgnored // true, and nothing to do
	verdictReview  = vocabulary.VerdictReview  // it does not agree with what was asked: a case was opened
	verdictRefused = vocabulary.VerdictRefused // not from Alipay, or not for this app
	verdictFailed  = vocabulary.VerdictFailed  // ours to repeat
)

// rawMax bounds how much of a refused message is kept, in bytes.
const rawMax = 8 << 10

// sureFor is how young a client's credentials are when a signature that they do not fit is refused without asking for
// newer ones.
const sureFor = 2 * time.Second

// ApplyNotification takes the raw body of a trade notification, verifies it with the tenant's own keys, and applies
// what it says in one transaction. ack says whether Alipay is to be told success: after the commit, for repetitions,
// and for what is true but changes nothing. What was refused or failed is kept, and not acknowledged, so that Alipay
// repeats it.
//
// The keys are the ones this process used last; the transaction itself holds them to be the newest, so that from the
// moment keys are changed, by whatever process, nothing is applied that the old ones signed.
func (s *Service) ApplyNotification(ctx context.Context, tenant id.Tenant, raw []byte) (ack bool, err error) {
	acq, err := s.gateways.Known(ctx, s.db, tenant, time.Time{})
	if err != nil {
		return false, err
	}
	in := acquiring.Inbound{Body: raw}
	n, err := acq.Pay.Verify(in)
	if err == nil {
		var order id.Order
		if order, err = s.apply(ctx, tenant, acq, n, raw); !db.Violates(err, tenants.ConstraintNewest) {
			return s.applied(ctx, tenant, n, raw, order, err)
		}
	} else if now := s.clock.Now(); now.Sub(acq.At) < sureFor && !now.Before(acq.At) {
		return false, s.refuse(ctx, tenant, raw, err)
	}
	// once more, with the newest keys
	if acq, err = s.gateways.Known(ctx, s.db, tenant, acq.At); err != nil {
		return false, err
	}
	if n, err = acq.Pay.Verify(in); err != nil {
		return false, s.refuse(ctx, tenant, raw, err)
	}
	order, err := s.apply(ctx, tenant, acq, n, raw)
	return s.applied(ctx, tenant, n, raw, order, err)
}

// apply is the transaction of a notification.
func (s *Service) apply(
	ctx context.Context,
	tenant id.Tenant,
	acq tenants.Known,
	n acquiring.Notification,
	raw []byte,
) (order id.Order, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.StillNewest(ctx, tx, acq); err != nil {
			return err
		}
		r, err := s.ApplyTrade(ctx, tx, n.Trade)
		if err != nil {
			return err
		}
		order = r.Order
		return s.record(ctx, tx, n, r, raw)
	})
	s.step("notification applied")
	return order, err
}

// applied is what follows the transaction.
func (s *Service) applied(
	ctx context.Context,
	tenant id.Tenant,
	n acquiring.Notification,
	raw []byte,
	order id.Order,
	err error,
) (bool, error) {
	if err != nil {
		s.recordFailure(ctx, tenant, n, raw, err)
		return false, err
	}
	if !order.IsZero() {
		s.onChange(tenant, order)
	}
	return true, nil
}

// record notes a notification once. The text of one that was simply applied is not kept: Alipay can be asked again at
// any time.
func (s *Service) record(ctx context.Context, tx db.TenantTx, n acquiring.Notification, r Result, raw []byte) error {
	if r.Verdict == verdictApplied {
		raw = nil
	}
	row := dbsqlc.NotificationInsertParams{ID: id.New[id.Notification](), NotifyID: &n.ID,
		Kind:    vocabulary.NotificationTrade,
		Subject: n.Number, State: n.State, Verdict: r.Verdict, Reason: r.Reason, Raw: clip(raw),
		ReceivedAt: s.clock.Now()}
	if r.foreign != nil {
		return s.recordForeign(ctx, tx, row, *r.foreign)
	}
	return keep(ctx, tx, row)
}

// keep leaves the row for the commit, unless it is a repetition.
func keep(ctx context.Context, tx db.TenantTx, row dbsqlc.NotificationInsertParams) error {
	_, err := q.NotificationInsert(ctx, tx.Later(), row)
	return err
}

// recordForeign notes a notification about a trade that is not ours, and has a person look at it. A repetition is told
// by its notify_id before anything is written; in a flood, of which not every one is kept, each counts.
func (s *Service) recordForeign(
	ctx context.Context,
	tx db.TenantTx,
	row dbsqlc.NotificationInsertParams,
	t acquiring.Trade,
) error {
	if s.gateways.KeepRefusal(tx.Tenant()) {
		n, err := q.NotificationInsert(ctx, tx, row) // waits for another with the same notify_id
		if err != nil || n == 0 {
			return err
		}
	}
	_, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseForeignNotice, At: row.ReceivedAt,
		Detail: fmt.Sprintf("Alipay reports trade %s (out_trade_no %.64q), which this platform did not ask for.",
			t.TradeNo, t.Number),
		Facts: cases.Facts{Cause: vocabulary.CauseForeignTrade, TradeNo: t.TradeNo, Number: t.Number}})
	return err
}

// clip is what is kept of a notification, for a person to look at: its beginning, without who paid.
func clip(raw []byte) []byte {
	if raw == nil {
		return nil
	}
	raw = mask.Form(raw)
	return raw[:min(len(raw), rawMax)]
}

// refuse keeps what was not Alipay's word to this tenant, and opens a case when it was Alipay's word to another; a
// flood is not kept.
func (s *Service) refuse(ctx context.Context, tenant id.Tenant, raw []byte, cause error) error {
	if !s.gateways.KeepRefusal(tenant) {
		return cause
	}
	s.log.WarnContext(
		ctx,
		"notification refused",
		slog.String("tenant", tenant.String()),
		slog.String("reason", cause.Error()),
	)
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if errors.Is(cause, acquiring.ErrForeign) {
			_, err := cases.Open(ctx, tx, cases.Opening{
				Kind:   vocabulary.CaseForeignNotice,
				At:     s.clock.Now(),
				Detail: "A notification that Alipay signed for another app arrived at this platform's address.",
				Facts:  cases.Facts{Cause: vocabulary.CauseForeignApp},
			})
			if err != nil {
				return err
			}
		}
		return keep(ctx, tx, dbsqlc.NotificationInsertParams{ID: id.New[id.Notification](),
			Kind: vocabulary.NotificationTrade, Verdict: verdictRefused, Reason: cause.Error(), Raw: clip(raw),
			ReceivedAt: s.clock.Now()})
	})
	if err != nil {
		return errors.Join(cause, err)
	}
	return nil
}

// recordFailure keeps a notification that could not be applied, in a transaction of its own; Alipay will repeat it.
func (s *Service) recordFailure(
	ctx context.Context,
	tenant id.Tenant,
	n acquiring.Notification,
	raw []byte,
	cause error,
) {
	s.log.ErrorContext(
		ctx,
		"notification not applied",
		slog.String("tenant", tenant.String()),
		slog.String("out_trade_no", n.Number),
		slog.Any("error", cause),
	)
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return keep(ctx, tx, dbsqlc.NotificationInsertParams{
			ID:         id.New[id.Notification](),
			NotifyID:   &n.ID,
			Kind:       vocabulary.NotificationTrade,
			Subject:    n.Number,
			State:      n.State,
			Verdict:    verdictFailed,
			Reason:     fmt.Sprintf("%.500s", cause.Error()),
			Raw:        clip(raw),
			ReceivedAt: s.clock.Now(),
		})
	})
	if err != nil {
		s.log.ErrorContext(
			ctx,
			"failed notification not kept",
			slog.String("tenant", tenant.String()),
			slog.Any("error", err),
		)
	}
}
