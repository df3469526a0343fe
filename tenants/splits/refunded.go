package splits

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// Back is what one receiver gives back of its part when the payment is refunded.
type Back struct {
	Split    id.Split
	Position int16 // of the part in its split
	Amount   money.Fen
}

// ToReturn is what a refund of the payment must bring back: the parts of a completed split. It locks settlement and
// split, after the payment, which the caller has locked. It returns split_in_progress while a step of the split may be
// under way at Alipay. Atomic.
func ToReturn(ctx context.Context, tx db.TenantTx, payment id.Payment) ([]Back, error) {
	st, err := q.SettlementLock(ctx, tx, payment)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lock the settlement: %w", err)
	}
	inProgress := fault.New(CodeInProgress, "The payment is being settled or split at this moment.")
	if st.Status == vocabulary.SettlementPending {
		return nil, inProgress
	}
	sp, err := q.SplitLock(ctx, tx, payment)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lock the split: %w", err)
	}
	switch {
	case sp.Status == vocabulary.SplitPending && st.Status == vocabulary.SettlementDone:
		return nil, inProgress
	case sp.Status != vocabulary.SplitCompleted:
		return nil, nil
	}
	parts, err := q.SplitPartList(ctx, tx, sp.ID)
	if err != nil {
		return nil, fmt.Errorf("read the parts of the split: %w", err)
	}
	var back []Back
	for _, p := range parts {
		if left := p.AmountFen - p.ReturnedFen; left > 0 {
			back = append(back, Back{Split: p.SplitID, Position: p.Position, Amount: left})
		}
	}
	return back, nil
}

// Refunded notes that the payment went back to its buyer: which parts came back, and that what was not split never
// will be. The caller has locked the payment. Atomic.
func Refunded(ctx context.Context, tx db.TenantTx, payment id.Payment, back []Back, at time.Time) error {
	w := tx.Later()
	for _, b := range back {
		if err := q.SplitPartReturned(ctx, w, int64(b.Amount), b.Split, b.Position); err != nil {
			return err
		}
	}
	return q.SplitCancel(ctx, w, &at, payment)
}
