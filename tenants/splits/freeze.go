package splits

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/cases"
	"zhitong/tenants/ledger"
)

// FreezeEnds is how long Alipay keeps money frozen for a split. After that it is the merchant of record's without a
// word that can be asked for: the message of it may be lost, and alipay.trade.query does not tell. Source: Alipay,
// alipay.trade.settle.confirm, royalty_freeze.
const FreezeEnds = 30 * 24 * time.Hour

// endFreeze books that Alipay has freed what was not split in time. The payment is locked.
func (s *Service) endFreeze(ctx context.Context, tx db.TenantTx, w *work) error {
	open := w.split != nil && (w.split.Status == vocabulary.SplitPending || w.split.Status == vocabulary.SplitRefused)
	if !open || w.settlement.DoneAt == nil || s.clock.Now().Sub(*w.settlement.DoneAt) < FreezeEnds {
		return nil
	}
	return s.freed(ctx, tx, w, "Alipay keeps money frozen for 30 days", "")
}

// freed books that nothing is frozen any more for a split that was not made: all of it is the merchant of record's. A
// person must know, for the receivers have got nothing. Once, whoever finds it first; the payment is locked. said is
// why, in Alipay's words; empty: the time was up.
func (s *Service) freed(ctx context.Context, tx db.TenantTx, w *work, why, said string) error {
	if w.settlement.FreedAt != nil {
		return nil
	}
	now := s.clock.Now()
	n, err := q.SettlementFreed(ctx, tx, &now, w.settlement.ID)
	if err != nil {
		return fmt.Errorf("record the end of a freeze: %w", err)
	}
	if n == 0 {
		return nil
	}
	w.settlement.FreedAt = &now
	have, err := ledger.OrderBalances(ctx, tx, w.order.ID)
	if err != nil {
		return err
	}
	mor := w.order.MerchantOfRecordID
	left := have[ledger.Frozen(mor)]
	if left <= 0 {
		return nil
	}
	err = ledger.Post(ctx, tx, ledger.Posting{Kind: ledger.KindRelease, Order: w.order.ID,
		Source: uuid.UUID(w.settlement.ID), From: ledger.Frozen(mor), To: ledger.Settled(mor), Amount: left, At: now})
	if err != nil {
		return err
	}
	_, err = cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseSettlementMismatch, Order: w.order.ID,
		Payment: w.payment.ID, At: now, Detail: fmt.Sprintf("%s yuan that were frozen for the split were freed for "+
			"the merchant of record, and the receivers have got nothing of it: %s.", left.Yuan(), why),
		Facts: cases.Facts{Cause: vocabulary.CauseFrozenFreed, Found: cases.Fen(left), Said: said}, AtRisk: &left})
	return err
}

// refuseFreed records a split that was refused because nothing is frozen for it any more.
func (s *Service) refuseFreed(ctx context.Context, w *work, reason string) (out *Outcome, err error) {
	err = s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
		if out, err = s.refuseIn(ctx, tx, w, reason); err != nil {
			return err
		}
		return s.freed(ctx, tx, w, reason, reason)
	})
	if err != nil {
		return nil, err
	}
	s.step("refusal recorded")
	return out, nil
}
