package refunds

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/ledger"
)

// Record notes what an attempt came to: the refund's status, the book, the event, and a case where a person is needed.
// given tells that the buyer has the money and that it is this transaction that notes it: the caller does to order,
// payment and split what that means for them. Of several workers one records. The caller has locked order and payment,
// and asked events.Ahead. Atomic.
func (s *Service) Record(
	ctx context.Context,
	tx db.TenantTx,
	a *Attempt,
	o Outcome,
	now time.Time,
) (given bool, err error) {
	row, err := q.RefundLock(ctx, tx, a.Refund.ID)
	if err != nil {
		return false, fmt.Errorf("lock the refund: %w", err)
	}
	to, ok := transitions[row.Status][o.verdict]
	if !ok {
		return false, nil // another worker was faster
	}
	r := refundOf(row)
	r.Status = to
	switch to {
	case StatusPending:
		return false, openCase(ctx, tx, r, vocabulary.CaseUnknownTooLong, now,
			"Whether the payment was refunded could not be learned from Alipay for a day: "+o.failure)
	case StatusRefused:
		r.Failure = o.failure
		if err := end(ctx, tx, r, vocabulary.EventRefundRefused, now); err != nil {
			return false, err
		}
		return false, openCase(ctx, tx, r, vocabulary.CaseRefundRefused, now, "Alipay refused the refund: "+r.Failure)
	case StatusSucceeded:
	}
	if err := book(ctx, tx, a, o.done, now); err != nil {
		return false, err
	}
	if err := end(ctx, tx, r, vocabulary.EventRefundSucceeded, now); err != nil || len(o.done) == len(a.plan) {
		return true, err
	}
	return true, openCase(ctx, tx, r, vocabulary.CaseRefundIncomplete, now,
		"The buyer has the money back, but not every receiver of the split has returned its part; "+
			"the merchant of record paid for it.")
}

// event is the picture of a refund in events.
type event struct {
	RefundID  id.Refund `json:"refund_id"`
	OrderID   id.Order  `json:"order_id"`
	AmountFen money.Fen `json:"amount_fen"`
	Status    Status    `json:"status"`
	Failure   string    `json:"failure,omitempty"`
}

// end moves a pending refund to its end, and tells it.
func end(ctx context.Context, tx db.TenantTx, r Refund, kind vocabulary.EventType, now time.Time) error {
	err := q.RefundEnd(ctx, tx.Later(),
		dbsqlc.RefundEndParams{ID: r.ID, Status: r.Status, Failure: r.Failure, DoneAt: &now})
	if err != nil {
		return err
	}
	return events.Emit(ctx, tx, events.Event{
		Type:        kind,
		SubjectType: vocabulary.SubjectRefund,
		SubjectID:   r.ID,
		At:          now,
		Data: event{
			RefundID:  r.ID,
			OrderID:   r.Order,
			AmountFen: r.Amount,
			Status:    r.Status,
			Failure:   r.Failure,
		},
	})
}

func openCase(
	ctx context.Context,
	tx db.TenantTx,
	r Refund,
	kind vocabulary.CaseKind,
	now time.Time,
	detail string,
) error {
	_, err := cases.Open(ctx, tx, cases.Opening{
		Kind:    kind,
		Order:   r.Order,
		Payment: r.Payment,
		At:      now,
		Detail:  detail,
	})
	return err
}

// book brings what was split back to the merchant of record and all of the payment back to the buyer, from wherever
// the book has it.
func book(ctx context.Context, tx db.TenantTx, a *Attempt, done []dbsqlc.RefundPartListRow, now time.Time) error {
	have, err := ledger.OrderBalances(ctx, tx, a.Refund.Order)
	if err != nil {
		return err
	}
	settled := ledger.Settled(a.merchantOfRecord)
	p := ledger.Posting{Order: a.Refund.Order, Source: uuid.UUID(a.Refund.ID), At: now}
	for _, part := range done {
		p.Kind, p.From, p.To = ledger.KindSplitReturn, ledger.OfReceiver(part.Receiver, part.MerchantID), settled
		p.Amount = part.AmountFen
		if err := ledger.Post(ctx, tx, p); err != nil {
			return err
		}
		have[settled] += part.AmountFen
	}
	left := a.Refund.Amount
	p.Kind, p.To = ledger.KindRefund, ledger.Buyer()
	for _, from := range []ledger.Account{
		ledger.Unsettled(a.merchantOfRecord),
		ledger.Frozen(a.merchantOfRecord),
		settled,
	} {
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
