package splits

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
	"zhitong/tenants/acquiring"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/ledger"
)

// settle confirms the settlement: the payment's money leaves Alipay's keeping and goes to the merchant of record,
// frozen as far as a split follows.
func (s *Service) settle(ctx context.Context, w *work) (*Outcome, error) {
	if w.settlement.Status == vocabulary.SettlementDone {
		return nil, nil
	}
	if w.resumed {
		settled, by, err := s.askSettled(ctx, w)
		if err != nil {
			return s.unknown(ctx, w, err)
		}
		if settled {
			return s.recordSettled(ctx, w, by)
		}
	}
	s.step("settle")
	err := w.acquirer.Settle.Settle(ctx, acquiring.Settlement{
		Number:  w.settlement.ID.Hex(),
		TradeNo: *w.payment.TradeNo,
		Amount:  w.settlement.AmountFen,
		Seller:  w.payment.Smid,
		Freeze:  w.settlement.RoyaltyFreeze,
		Parts:   partsFor(w),
	})
	s.step("settled")
	switch {
	case err == nil:
		return s.recordSettled(ctx, w, "")
	case acquiring.IsRefused(err, acquiring.HeldByRisk):
		return s.hold(ctx, w, acquiring.Words(err))
	case acquiring.IsRefused(err, acquiring.AmountDiffers):
		return s.differs(ctx, w, err)
	case believed(err):
		return s.unlessDone(ctx, w, err)
	}
	settled, by, qerr := s.askSettled(ctx, w)
	if qerr != nil {
		return s.unknown(ctx, w, qerr)
	}
	if settled {
		return s.recordSettled(ctx, w, by)
	}
	return s.unlessDone(ctx, w, err)
}

// believed tells that a call had no effect for certain: it was limited, or refused for a reason that has nothing to do
// with an earlier call.
func believed(err error) bool {
	return acquiring.OutcomeOf(err) == acquiring.OutcomeLimited ||
		acquiring.IsRefused(err) && !acquiring.IsRefused(err, acquiring.MayBeDone, acquiring.NothingFrozen)
}

// askSettled asks the trade whether its money is settled: by our number, or in full by something else (Alipay confirms
// by itself when the period ends), which by then names.
func (s *Service) askSettled(ctx context.Context, w *work) (settled bool, by string, err error) {
	s.step("ask settled")
	st, err := w.acquirer.Settle.Standing(ctx, *w.payment.TradeNo)
	if err != nil {
		return false, "", fmt.Errorf("ask whether the trade is settled: %w", err)
	}
	var all money.Fen
	for _, r := range st.Releases {
		if r.Number == w.settlement.ID.Hex() && r.Amount == w.settlement.AmountFen {
			return true, "", nil
		}
		all += r.Amount
	}
	return all == w.settlement.AmountFen, "settled by another request", nil
}

// recordSettled is the transaction after the settlement: the money in the book moves once, whoever comes first.
func (s *Service) recordSettled(ctx context.Context, w *work, by string) (*Outcome, error) {
	now := s.clock.Now()
	moved := int64(0)
	err := s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
		var err error
		done := dbsqlc.SettlementDoneParams{Reason: by, DoneAt: &now, ID: w.settlement.ID}
		if by != "" && w.split != nil { // whether it froze anything is not told; Alipay itself does not
			done.FreedAt = &now
		}
		if moved, err = q.SettlementDone(ctx, tx, done); err != nil {
			return fmt.Errorf("record the settlement: %w", err)
		}
		if moved == 0 {
			return nil
		}
		if err := s.mended(ctx, tx, w, now, w.split == nil); err != nil {
			return err
		}
		if by != "" {
			err := s.openCase(ctx, tx, w, vocabulary.CaseSettlementMismatch, fmt.Sprintf("The payment's %s yuan were "+
				"released by a request that is not this platform's, or by Alipay itself.",
				w.settlement.AmountFen.Yuan()), cases.Facts{Cause: vocabulary.CauseReleasedOutside,
				Found: cases.Fen(w.settlement.AmountFen)})
			if err != nil {
				return err
			}
		}
		mor := w.order.MerchantOfRecordID
		to := ledger.Settled(mor)
		if w.split != nil && by == "" {
			to = ledger.Frozen(mor)
		}
		return ledger.Post(
			ctx,
			tx,
			ledger.Posting{Kind: ledger.KindSettlement, Order: w.order.ID, Source: uuid.UUID(w.settlement.ID),
				From: ledger.Unsettled(mor), To: to, Amount: w.settlement.AmountFen, At: now},
		)
	})
	if err != nil {
		return nil, err
	}
	s.step("settle recorded")
	if moved == 0 { // another worker recorded an outcome: look again
		return &Outcome{State: Waiting, Wait: waitLook}, nil
	}
	w.settlement.Status, w.settlement.DoneAt = vocabulary.SettlementDone, &now
	if by != "" && w.split != nil {
		w.settlement.FreedAt = &now
	}
	return nil, nil
}

// mended closes the cases that a failure before this success had opened: of a suspended settlement, and of a refusal
// once everything is done. The first attempt has no failure before it.
func (s *Service) mended(ctx context.Context, tx db.TenantTx, w *work, now time.Time, all bool) error {
	if !w.resumed {
		return nil
	}
	kinds := []cases.Kind{vocabulary.CaseSettleSuspended}
	if all {
		kinds = append(kinds, vocabulary.CaseSplitRefused)
	}
	return cases.Mended(ctx, tx, audit.System("split_execute"), w.payment.ID, now,
		"A later attempt to settle and split the payment succeeded.", kinds...)
}

// hold keeps the settlement for another day: risk control holds the money, and a person must know. Nothing is under
// way, so a refund may come between.
func (s *Service) hold(ctx context.Context, w *work, reason string) (*Outcome, error) {
	err := s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.SettlementRefused(ctx, tx, reason, true, w.settlement.ID); err != nil {
			return fmt.Errorf("record the suspension: %w", err)
		}
		return s.openCase(ctx, tx, w, vocabulary.CaseSettleSuspended,
			"Alipay's risk control holds the settlement: "+reason,
			cases.Facts{Cause: vocabulary.CauseSettleSuspended, Said: reason})
	})
	if err != nil {
		return nil, err
	}
	s.step("suspend recorded")
	return &Outcome{State: Waiting, Wait: waitSuspended}, nil
}

// differs sorts out why the acquirer has another amount to settle than is asked for: when the buyer has got more back
// than the book knows, the settlement waits until that is booked.
func (s *Service) differs(ctx context.Context, w *work, cause error) (*Outcome, error) {
	moved, err := w.moved(ctx)
	if err != nil {
		return s.unknown(ctx, w, err)
	}
	if !moved {
		return s.unlessDone(ctx, w, cause)
	}
	err = s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.SettlementRefused(ctx, tx, acquiring.Words(cause), true, w.settlement.ID); err != nil {
			return fmt.Errorf("put the settlement off: %w", err)
		}
		return ledger.Reconcile(ctx, tx, w.payment.ID, "", s.clock.Now())
	})
	if err != nil {
		return nil, err
	}
	s.step("settlement put off")
	return &Outcome{State: Waiting, Wait: waitRefund}, nil
}

// moved asks whether the buyer has got more back than the book knows.
func (w *work) moved(ctx context.Context) (bool, error) {
	st, err := w.acquirer.Settle.Standing(ctx, *w.payment.TradeNo)
	if err != nil {
		return false, fmt.Errorf("ask how the trade stands: %w", err)
	}
	return st.Refunded > w.payment.RefundedFen, nil
}

// refuse records that Alipay said no and calls a person. Money that went back without us may be the reason: it is
// booked.
func (s *Service) refuse(ctx context.Context, w *work, reason string) (out *Outcome, err error) {
	moved, err := w.moved(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "not asked why", "operation", "split_execute", "payment", w.payment.ID, "error", err)
		moved = true // the reconciliation asks again
	}
	err = s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
		if out, err = s.refuseIn(ctx, tx, w, reason); err != nil || !moved {
			return err
		}
		return ledger.Reconcile(ctx, tx, w.payment.ID, "", s.clock.Now())
	})
	if err != nil {
		return nil, err
	}
	s.step("refusal recorded")
	return out, nil
}

// refuseIn is refuse within a transaction that has locked the payment. What is done stays done.
func (s *Service) refuseIn(ctx context.Context, tx db.TenantTx, w *work, reason string) (*Outcome, error) {
	out := &Outcome{State: Refused, Reason: reason}
	changed, err := q.SettlementRefused(ctx, tx, reason, false, w.settlement.ID)
	if err != nil {
		return nil, fmt.Errorf("record the refused settlement: %w", err)
	}
	if w.split != nil {
		n, err := q.SplitRefused(ctx, tx, reason, w.split.ID)
		if err != nil {
			return nil, fmt.Errorf("record the refused split: %w", err)
		}
		if n == 1 {
			err := events.Emit(
				ctx,
				tx,
				events.Event{Type: vocabulary.EventSplitRefused, SubjectType: vocabulary.SubjectSplit,
					SubjectID: w.split.ID, At: s.clock.Now(),
					Data: refusedEvent{OrderID: w.order.ID, PaymentID: w.payment.ID, Reason: reason}},
			)
			if err != nil {
				return nil, err
			}
		}
		changed += n
	}
	if changed == 0 { // another worker recorded an outcome: look again
		return &Outcome{State: Waiting, Wait: waitLook}, nil
	}
	return out, s.openCase(ctx, tx, w, vocabulary.CaseSplitRefused,
		"The payment could not be settled or split: "+reason,
		cases.Facts{Cause: vocabulary.CauseSplitRefused, Said: reason})
}

// The pictures of a split in events.
type (
	completedEvent struct {
		OrderID   id.Order    `json:"order_id"`
		PaymentID id.Payment  `json:"payment_id"`
		SettleNo  string      `json:"settle_no"`
		Parts     []eventPart `json:"parts"`
		KeptFen   money.Fen   `json:"kept_fen"`
	}
	eventPart struct {
		Receiver   vocabulary.SplitReceiver `json:"receiver"`
		MerchantID *id.Merchant             `json:"merchant_id,omitempty"`
		AmountFen  money.Fen                `json:"amount_fen"`
	}
	refusedEvent struct {
		OrderID   id.Order   `json:"order_id"`
		PaymentID id.Payment `json:"payment_id"`
		Reason    string     `json:"reason"`
	}
)

func eventOf(w *work, settleNo string, kept money.Fen) completedEvent {
	e := completedEvent{
		OrderID:   w.order.ID,
		PaymentID: w.payment.ID,
		SettleNo:  settleNo,
		KeptFen:   kept,
		Parts:     make([]eventPart, len(w.parts)),
	}
	for i, p := range w.parts {
		e.Parts[i] = eventPart{Receiver: p.Receiver, AmountFen: p.AmountFen}
		if !p.MerchantID.IsZero() {
			e.Parts[i].MerchantID = &p.MerchantID
		}
	}
	return e
}

// keptOf is what the merchant of record keeps of an amount after the parts.
func keptOf(amount money.Fen, parts []part) money.Fen {
	for _, p := range parts {
		amount -= p.AmountFen
	}
	return amount
}
