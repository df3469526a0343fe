package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/ledger"
	"zhitong/tenants/splits"
)

// refundWaitMin is how soon a refund is looked at again: Alipay knows of one ten seconds after it at the latest.
const refundWaitMin = 10 * time.Second

// refundWork is one run of ExecuteRefund.
type refundWork struct {
	tenant   id.Tenant
	refund   dbsqlc.Refund
	order    dbsqlc.Order
	payment  dbsqlc.Payment
	plan     []dbsqlc.RefundPartListRow
	settled  string // number of the settlement that the refund follows, or empty
	acquirer acquiring.Acquirer
}

// ExecuteRefund gives a payment back at Alipay, with the refund's own number, and records the outcome. Phased: it can
// be run again from any step and by two workers at once; an unknown outcome is asked for, and the call repeated with
// the same number later: again above zero says when. It returns refund_not_found.
func (s *Service) ExecuteRefund(
	ctx context.Context,
	tenant id.Tenant,
	refund id.Refund,
) (again time.Duration, err error) {
	w, err := s.prepareRefund(ctx, tenant, refund)
	if err != nil {
		return 0, fmt.Errorf("prepare refund %s: %w", refund, err)
	}
	s.step("refund prepared")
	if w.refund.Status != RefundPending {
		return 0, nil
	}
	s.step("refund")
	err = w.acquirer.Settle.Refund(ctx, w.request())
	s.step("refund called")
	switch acquiring.OutcomeOf(err) {
	case acquiring.OutcomeDone:
		return s.refunded(ctx, w, w.plan)
	case acquiring.OutcomeLimited:
		return max(acquiring.WaitOf(err), refundWaitMin), nil
	case acquiring.OutcomeRefused, acquiring.OutcomeUnknown: // a refusal, too, may be of what was done before
	}
	answer, found, qerr := w.acquirer.Settle.QueryRefund(ctx, w.refund.ID.Hex(), *w.payment.TradeNo)
	s.step("refund asked")
	switch {
	case qerr == nil && found && answer.Amount == w.refund.AmountFen:
		return s.refunded(ctx, w, returned(w.plan, answer.Failed))
	case acquiring.IsRefused(err, acquiring.Unrecognized):
		// our clock or our keys: it says nothing about the refund
	case qerr == nil && acquiring.IsRefused(err):
		return s.refundRefused(ctx, w, err)
	}
	return s.refundUnknown(ctx, w, errors.Join(err, qerr))
}

func (s *Service) prepareRefund(ctx context.Context, tenant id.Tenant, refund id.Refund) (w *refundWork, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		w = &refundWork{tenant: tenant}
		if w.refund, err = q.RefundGet(ctx, tx, refund); db.IsNoRows(err) {
			return refundNotFound()
		} else if err != nil {
			return fmt.Errorf("read the refund: %w", err)
		}
		if w.refund.Status != RefundPending {
			return nil
		}
		row, err := q.OrderLockByPayment(ctx, tx, w.refund.PaymentID)
		if err != nil {
			return fmt.Errorf("lock the payment: %w", err)
		}
		w.order, w.payment = row.Order, row.Payment
		if w.payment.TradeNo == nil {
			return fmt.Errorf("payment %s has no trade", w.payment.ID)
		}
		if w.plan, err = q.RefundPartList(ctx, tx, refund); err != nil {
			return fmt.Errorf("read the refund plan: %w", err)
		}
		st, err := q.SettlementGet(ctx, tx, w.payment.ID)
		if err == nil && st.DoneAt != nil && st.Reason == "" {
			// with a reason it was settled under a number that is not ours
			w.settled = st.ID.Hex()
		} else if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the settlement: %w", err)
		}
		w.acquirer, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
	return w, err
}

// request is the same whenever it is made: the acquirer compares repetitions.
func (w *refundWork) request() acquiring.Refund {
	req := acquiring.Refund{
		Number:     w.refund.ID.Hex(),
		TradeNo:    *w.payment.TradeNo,
		Amount:     w.refund.AmountFen,
		Reason:     w.refund.Reason,
		Seller:     w.payment.Smid,
		Settlement: w.settled,
	}
	for _, p := range w.plan {
		req.Parts = append(req.Parts, acquiring.Part{
			Receiver: acquiring.Receiver{Type: p.ReceiverType, Account: p.ReceiverAccount},
			Amount:   p.AmountFen,
		})
	}
	return req
}

// returned is the part of the plan that was carried out.
func returned(plan []dbsqlc.RefundPartListRow, failed []string) []dbsqlc.RefundPartListRow {
	var done []dbsqlc.RefundPartListRow
	for _, p := range plan {
		if !slices.Contains(failed, p.ReceiverAccount) {
			done = append(done, p)
		}
	}
	return done
}

// lockRefund runs fn with order, payment and refund locked, when the refund is still pending. It gives the status it
// found.
func (s *Service) lockRefund(
	ctx context.Context,
	w *refundWork,
	fn func(ctx context.Context, tx db.TenantTx, row dbsqlc.OrderLockByPaymentRow) error,
) (status vocabulary.RefundStatus, err error) {
	err = s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		row, err := lockByPayment(ctx, tx, w.payment.ID)
		if err != nil {
			return fmt.Errorf("lock the payment: %w", err)
		}
		r, err := q.RefundLock(ctx, tx, w.refund.ID)
		if err != nil {
			return fmt.Errorf("lock the refund: %w", err)
		}
		if status = r.Status; status != RefundPending {
			return nil // another worker was faster
		}
		return fn(ctx, tx, row)
	})
	return status, err
}

// refunded is the transaction after the money went back: refund, payment, order, card keys, book and events together.
func (s *Service) refunded(ctx context.Context, w *refundWork, done []dbsqlc.RefundPartListRow) (time.Duration, error) {
	now := s.clock.Now().Truncate(time.Microsecond)
	status, err := s.lockRefund(ctx, w, func(ctx context.Context, tx db.TenantTx, row dbsqlc.OrderLockByPaymentRow) error {
		o := row.Order
		if err := s.bookRefund(ctx, tx, w, done, now); err != nil {
			return err
		}
		later := tx.Later()
		if _, err := q.RefundSucceeded(ctx, later, &now, w.refund.ID); err != nil {
			return err
		}
		if err := q.PaymentSetRefunded(ctx, later, w.payment.ID); err != nil {
			return err
		}
		if err := q.OrderSetRefunded(ctx, later, o.ID, o.Status); err != nil {
			return err
		}
		if err := q.SplitCancel(ctx, later, &now, w.payment.ID); err != nil {
			return err
		}
		if err := s.kinds.Void(ctx, tx, o.ID, row.Kinds); err != nil {
			return err
		}
		if err := s.emitRefund(ctx, tx, vocabulary.EventRefundSucceeded, w.refund, RefundSucceeded, "", now); err != nil {
			return err
		}
		o.Status, o.RefundedFen = StatusRefunded, o.TotalFen
		if err := emit(ctx, tx, vocabulary.EventOrderRefunded, o, now); err != nil {
			return err
		}
		if len(done) == len(w.plan) {
			return nil
		}
		_, err := cases.Open(
			ctx,
			tx,
			cases.Opening{Kind: vocabulary.CaseRefundIncomplete, Order: o.ID, Payment: w.payment.ID, At: now,
				Detail: "The buyer has the money back, but not every receiver of the split has returned its part; the merchant of record paid for it."},
		)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("record refund %s: %w", w.refund.ID, err)
	}
	s.step("refund recorded")
	if status == RefundPending {
		s.onChange(w.tenant, w.order.ID)
	}
	return 0, nil
}

// bookRefund brings what was split back to the merchant of record and all of the payment back to the buyer, from
// wherever the book has it.
func (s *Service) bookRefund(
	ctx context.Context,
	tx db.TenantTx,
	w *refundWork,
	done []dbsqlc.RefundPartListRow,
	now time.Time,
) error {
	mor := w.order.MerchantOfRecordID
	have, err := ledger.OrderBalances(ctx, tx, w.order.ID)
	if err != nil {
		return err
	}
	settled := ledger.Settled(mor)
	p := ledger.Posting{Order: w.order.ID, Source: uuid.UUID(w.refund.ID), At: now}
	for _, part := range done {
		p.Kind, p.From, p.To, p.Amount = ledger.KindSplitReturn, splits.AccountOf(
			dbsqlc.SplitPart{Receiver: part.Receiver, MerchantID: part.MerchantID},
		), settled, part.AmountFen
		if err := ledger.Post(ctx, tx, p); err != nil {
			return err
		}
		have[settled] += part.AmountFen
		if err := q.SplitPartReturned(ctx, tx.Later(), int64(part.AmountFen), part.SplitID, part.Position); err != nil {
			return err
		}
	}
	left := w.refund.AmountFen
	p.Kind, p.To = ledger.KindRefund, ledger.Buyer()
	for _, from := range []ledger.Account{ledger.Unsettled(mor), ledger.Frozen(mor), settled} {
		take := max(0, min(left, have[from]))
		if from == settled {
			take = left // a part that did not come back is the merchant's loss for now, and the book shows it
		}
		if take == 0 {
			continue
		}
		p.From, p.Amount = from, take
		if err := ledger.Post(ctx, tx, p); err != nil {
			return err
		}
		left -= take
	}
	return nil
}

// refundRefused records that Alipay did not give the money back. The order stays as it was.
func (s *Service) refundRefused(ctx context.Context, w *refundWork, cause error) (time.Duration, error) {
	now := s.clock.Now().Truncate(time.Microsecond)
	failure := acquiring.Words(cause)
	_, err := s.lockRefund(ctx, w, func(ctx context.Context, tx db.TenantTx, row dbsqlc.OrderLockByPaymentRow) error {
		if _, err := q.RefundRefused(ctx, tx.Later(), failure, &now, w.refund.ID); err != nil {
			return err
		}
		if err := s.emitRefund(ctx, tx, vocabulary.EventRefundRefused, w.refund, RefundRefused, failure, now); err != nil {
			return err
		}
		_, err := cases.Open(ctx, tx, cases.Opening{
			Kind:    vocabulary.CaseRefundRefused,
			Order:   row.Order.ID,
			Payment: w.payment.ID,
			At:      now,
			Detail:  "Alipay refused the refund: " + failure,
		})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("record the refused refund %s: %w", w.refund.ID, err)
	}
	s.step("refund recorded")
	return 0, nil
}

// refundUnknown backs off, and opens a case when the outcome has been unknown for too long.
func (s *Service) refundUnknown(ctx context.Context, w *refundWork, cause error) (time.Duration, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	age := s.clock.Now().Sub(w.refund.CreatedAt)
	s.log.WarnContext(ctx, "outcome unknown",
		"operation", "refund_execute", "tenant", w.tenant, "refund", w.refund.ID, "age", age, "error", cause)
	wait, tooLong := acquiring.Unknown(age)
	if tooLong {
		_, err := s.lockRefund(ctx, w, func(ctx context.Context, tx db.TenantTx, row dbsqlc.OrderLockByPaymentRow) error {
			_, err := cases.Open(ctx, tx, cases.Opening{
				Kind:    vocabulary.CaseUnknownTooLong,
				Order:   row.Order.ID,
				Payment: w.payment.ID,
				At:      s.clock.Now(),
				Detail: "Whether the payment was refunded could not be learned from Alipay for a day: " +
					acquiring.Words(cause),
			})
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return max(wait, refundWaitMin), nil
}

// refundEvent is the picture of a refund in events.
type refundEvent struct {
	RefundID  id.Refund               `json:"refund_id"`
	OrderID   id.Order                `json:"order_id"`
	AmountFen money.Fen               `json:"amount_fen"`
	Status    vocabulary.RefundStatus `json:"status"`
	Failure   string                  `json:"failure,omitempty"`
}

func (s *Service) emitRefund(
	ctx context.Context,
	tx db.TenantTx,
	kind vocabulary.EventType,
	r dbsqlc.Refund,
	status vocabulary.RefundStatus,
	failure string,
	at time.Time,
) error {
	return events.Emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectRefund, SubjectID: r.ID, At: at,
		Data: refundEvent{
			RefundID:  r.ID,
			OrderID:   r.OrderID,
			AmountFen: r.AmountFen,
			Status:    status,
			Failure:   failure,
		}})
}
