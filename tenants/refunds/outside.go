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
)

// Outside is a refund that someone else has made at the acquirer.
type Outside struct {
	Order            id.Order
	Payment          id.Payment
	MerchantOfRecord id.Merchant
	Number           string // of the request there; empty: not known
	Amount           money.Fen
	Back             []Part // what receivers of the split gave back with it
	At               time.Time
}

// Explains tells whether a refund of the payment has the number of a request at the acquirer: as its own, or booked
// under it. Atomic.
func Explains(ctx context.Context, tx db.TenantTx, payment id.Payment, number string) (bool, error) {
	own, err := id.FromHex[id.Refund](number)
	if err != nil {
		own = id.Refund{}
	}
	known, err := q.RefundExplains(ctx, tx, payment, own, number)
	if err != nil {
		return false, fmt.Errorf("look for refund %.64q of payment %s: %w", number, payment, err)
	}
	return known, nil
}

// RecordOutside writes down a refund that someone else has made: the refund, the book, the event, and a case for a
// person. The caller has locked order and payment, has asked events.Ahead, holds the amount to what is not booked yet,
// and does to order, payment and split what it means for them. Atomic.
func RecordOutside(ctx context.Context, tx db.TenantTx, o Outside) error {
	r := Refund{
		ID:        id.New[id.Refund](),
		Order:     o.Order,
		Payment:   o.Payment,
		Amount:    o.Amount,
		Status:    StatusSucceeded,
		Origin:    vocabulary.RefundOutside,
		OutsideNo: o.Number,
	}
	err := q.RefundInsertOutside(ctx, tx.Later(), dbsqlc.RefundInsertOutsideParams{
		ID:                 r.ID,
		OrderID:            r.Order,
		PaymentID:          r.Payment,
		AmountFen:          r.Amount,
		OutsideNo:          r.OutsideNo,
		MerchantOfRecordID: o.MerchantOfRecord,
		CreatedAt:          o.At,
	})
	if err != nil {
		return fmt.Errorf("write the refund: %w", err)
	}
	err = post(ctx, tx, movement{order: o.Order, source: uuid.UUID(r.ID), merchantOfRecord: o.MerchantOfRecord,
		amount: o.Amount, back: o.Back, at: o.At})
	if err != nil {
		return err
	}
	if err := tell(ctx, tx, r, vocabulary.EventRefundSucceeded, o.At); err != nil {
		return err
	}
	return openCase(ctx, tx, r, vocabulary.CaseOutsideRefund, o.At, o.detail(), cases.Facts{
		Cause: vocabulary.CauseOutsideRefund, Found: cases.Fen(o.Amount), Returned: cases.Fen(o.returned()),
		Number: o.Number})
}

// returned is what receivers of the split gave back.
func (o Outside) returned() (back money.Fen) {
	for _, b := range o.Back {
		back += b.Amount
	}
	return back
}

func (o Outside) detail() string {
	by := "whose number is not known"
	if o.Number != "" {
		by = fmt.Sprintf("under the number %q", o.Number)
	}
	return fmt.Sprintf("%s yuan were given back to the buyer at Alipay, not by this platform: in Alipay's console, "+
		"for a complaint, or by another program, %s. Receivers of the split gave back %s yuan of it.",
		o.Amount.Yuan(), by, o.returned().Yuan())
}
