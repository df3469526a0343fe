package splits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/vault"
)

// Back is what one receiver gives back of its part when the payment is refunded.
type Back struct {
	Split    id.Split
	Position int16 // of the part in its split
	Receiver vocabulary.SplitReceiver
	Merchant id.Merchant // zero for the platform
	Amount   money.Fen
}

func backOf(p dbsqlc.SplitPart, amount money.Fen) Back {
	return Back{p.SplitID, p.Position, p.Receiver, p.MerchantID, amount}
}

// completed finds the completed split of a payment, if there is one. It locks settlement and split, after the payment,
// which the caller has locked. It returns split_in_progress while a step of the split may be under way at Alipay.
func completed(ctx context.Context, tx db.TenantTx, payment id.Payment) ([]dbsqlc.SplitPart, error) {
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
	return parts, nil
}

// ToReturn is what a refund of an amount, the last that is left of the payment, must bring back: the parts of a
// completed split, at most the amount. It locks settlement and split, after the payment, which the caller has locked.
// It returns split_in_progress while a step of the split may be under way at Alipay. Atomic.
func ToReturn(ctx context.Context, tx db.TenantTx, payment id.Payment, amount money.Fen) ([]Back, error) {
	parts, err := completed(ctx, tx, payment)
	if err != nil {
		return nil, err
	}
	var back []Back
	for _, p := range parts {
		if give := min(p.AmountFen-p.ReturnedFen, amount); give > 0 {
			back = append(back, backOf(p, give))
			amount -= give
		}
	}
	return back, nil
}

// CameBack is what receivers of the payment's split have given back, by the acquirer's word, and the split does not
// know of yet. It locks settlement and split, after the payment, which the caller has locked. It returns
// split_in_progress while a step of the split may be under way at Alipay. Atomic.
func CameBack(
	ctx context.Context,
	tx db.TenantTx,
	v *vault.Vault,
	payment id.Payment,
	returned []acquiring.Returning,
) ([]Back, error) {
	rows, err := completed(ctx, tx, payment)
	if err != nil {
		return nil, err
	}
	parts, err := opened(ctx, tx, v, rows)
	if err != nil {
		return nil, err
	}
	var back []Back
	given := make([]money.Fen, len(returned))
	for i, r := range returned {
		given[i] = r.Amount
	}
	for _, p := range parts {
		have, most := money.Fen(0), p.AmountFen
		for i, r := range returned { // two parts may share an account
			if slices.Contains(r.Accounts, p.account) {
				take := min(given[i], most-have)
				have, given[i] = have+take, given[i]-take
			}
		}
		if have > p.ReturnedFen {
			back = append(back, backOf(p.SplitPart, have-p.ReturnedFen))
		}
	}
	return back, nil
}

// Refunded notes which parts came back to the merchant of record, and with the last of the payment that what was not
// split never will be. The caller has locked the payment. Atomic.
func Refunded(ctx context.Context, tx db.TenantTx, payment id.Payment, back []Back, last bool, at time.Time) error {
	w := tx.Later()
	for _, b := range back {
		if err := q.SplitPartReturned(ctx, w, int64(b.Amount), b.Split, b.Position); err != nil {
			return err
		}
	}
	if !last {
		return nil
	}
	return q.SplitCancel(ctx, w, &at, payment)
}
