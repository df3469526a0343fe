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
			"Whether the payment was refunded could not be learned from Alipay for a day: "+o.failure,
			cases.Facts{Cause: vocabulary.CauseRefundUnknown, Expected: cases.Fen(r.Amount), Said: o.failure})
	case StatusRefused:
		r.Failure = o.failure
		if o.moved {
			if err := ledger.Reconcile(ctx, tx, r.Payment, "", now); err != nil {
				return false, err
			}
		}
		if err := end(ctx, tx, r, vocabulary.EventRefundRefused, now); err != nil {
			return false, err
		}
		return false, openCase(ctx, tx, r, vocabulary.CaseRefundRefused, now, "Alipay refused the refund: "+r.Failure,
			cases.Facts{Cause: vocabulary.CauseRefundRefused, Expected: cases.Fen(r.Amount), Said: r.Failure})
	case StatusSucceeded:
	}
	if err := post(ctx, tx, movement{order: r.Order, source: uuid.UUID(r.ID), merchantOfRecord: a.merchantOfRecord,
		amount: r.Amount, back: o.Returned(), at: now}); err != nil {
		return false, err
	}
	if err := end(ctx, tx, r, vocabulary.EventRefundSucceeded, now); err != nil || len(o.done) == len(a.plan) {
		return true, err
	}
	return true, openCase(ctx, tx, r, vocabulary.CaseRefundIncomplete, now,
		"The buyer has the money back, but not every receiver of the split has returned its part; "+
			"the merchant of record paid for it.",
		cases.Facts{Cause: vocabulary.CauseRefundIncomplete, Expected: cases.Fen(r.Amount)})
}

// event is the picture of a refund in events.
type event struct {
	RefundID  id.Refund               `json:"refund_id"`
	OrderID   id.Order                `json:"order_id"`
	AmountFen money.Fen               `json:"amount_fen"`
	Status    Status                  `json:"status"`
	Origin    vocabulary.RefundOrigin `json:"origin"`
	Failure   string                  `json:"failure,omitempty"`
}

// end moves a pending refund to its end, and tells it.
func end(ctx context.Context, tx db.TenantTx, r Refund, kind vocabulary.EventType, now time.Time) error {
	err := q.RefundEnd(ctx, tx.Later(),
		dbsqlc.RefundEndParams{ID: r.ID, Status: r.Status, Failure: r.Failure, DoneAt: &now})
	if err != nil {
		return err
	}
	return tell(ctx, tx, r, kind, now)
}

// tell emits the event of a refund that has ended.
func tell(ctx context.Context, tx db.TenantTx, r Refund, kind vocabulary.EventType, now time.Time) error {
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
			Origin:    r.Origin,
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
	facts cases.Facts,
) error {
	_, err := cases.Open(ctx, tx, cases.Opening{
		Kind:    kind,
		Order:   r.Order,
		Payment: r.Payment,
		At:      now,
		Detail:  detail,
		Facts:   facts,
		AtRisk:  &r.Amount,
	})
	return err
}

// movement is money that went back to a buyer.
type movement struct {
	order            id.Order
	source           uuid.UUID // the refund
	merchantOfRecord id.Merchant
	amount           money.Fen
	back             []Part
	at               time.Time
}

// post brings what was split back to the merchant of record and the amount back to the buyer, from wherever the book
// has it.
func post(ctx context.Context, tx db.TenantTx, m movement) error {
	have, err := ledger.OrderBalances(ctx, tx, m.order)
	if err != nil {
		return err
	}
	settled := ledger.Settled(m.merchantOfRecord)
	p := ledger.Posting{Order: m.order, Source: m.source, At: m.at}
	for _, part := range m.back {
		p.Kind, p.From, p.To = ledger.KindSplitReturn, ledger.OfReceiver(part.Receiver, part.Merchant), settled
		p.Amount = part.Amount
		if err := ledger.Post(ctx, tx, p); err != nil {
			return err
		}
		have[settled] += part.Amount
	}
	left := m.amount
	p.Kind, p.To = ledger.KindRefund, ledger.Buyer()
	for _, from := range []ledger.Account{
		ledger.Unsettled(m.merchantOfRecord),
		ledger.Frozen(m.merchantOfRecord),
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
