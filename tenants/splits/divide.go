package splits

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/events"
	"zhitong/tenants/ledger"
)

// verdict is what Alipay says of a split that was asked for.
type verdict int

const (
	verdictAbsent  verdict = iota // never received
	verdictRunning                // not decided yet
	verdictDone
	verdictFailed
	verdictPartly // failed, but some of the money has moved: never to be repeated
)

// divide splits the frozen money and frees the rest, in one request: all of it happens or nothing. A split without
// parts frees all of it.
func (s *Service) divide(ctx context.Context, w *work) (*Outcome, error) {
	if w.split == nil {
		return nil, nil
	}
	if w.resumed {
		if out, err := s.earlierSplit(ctx, w); out != nil || err != nil {
			return out, err
		}
	}
	reference, err := s.callSplit(ctx, w)
	if acquiring.IsRefused(err, acquiring.ReceiverNotBound) { // unbound behind our back: bind again, once
		if out, err := s.bindAgain(ctx, w); out != nil || err != nil {
			return out, err
		}
		reference, err = s.callSplit(ctx, w)
	}
	if err != nil {
		return s.notSplit(ctx, w, err)
	}
	return s.recordSplit(ctx, w, reference)
}

// earlierSplit asks what an earlier run has done. nil, nil: nothing, so the split is to be asked for.
func (s *Service) earlierSplit(ctx context.Context, w *work) (*Outcome, error) {
	v, reason, err := s.askSplit(ctx, w)
	if err != nil {
		return s.unknown(ctx, w, err)
	}
	switch v {
	case verdictDone:
		return s.recordSplit(ctx, w, "")
	case verdictFailed, verdictPartly:
		return s.refuse(ctx, w, reason)
	case verdictRunning:
		return &Outcome{State: Waiting, Wait: waitRunning}, nil
	case verdictAbsent:
	}
	return nil, nil
}

// bindAgain binds all receivers of the split.
func (s *Service) bindAgain(ctx context.Context, w *work) (*Outcome, error) {
	for _, p := range w.parts {
		if p.Receiver == ReceiverMerchant {
			w.unbound = append(w.unbound, p)
		}
	}
	return s.bind(ctx, w)
}

// notSplit sorts out why the split was not done. Where it may have been after all, the acquirer is asked first.
func (s *Service) notSplit(ctx context.Context, w *work, cause error) (*Outcome, error) {
	if acquiring.IsRefused(cause, acquiring.NotSettled) && w.settlement.DoneAt != nil &&
		s.clock.Now().Sub(*w.settlement.DoneAt) < settlingMax {
		return &Outcome{State: Waiting, Wait: waitSettling}, nil
	}
	if len(w.parts) == 0 && acquiring.IsRefused(cause, acquiring.MayBeDone, acquiring.NothingFrozen) {
		return s.recordSplit(ctx, w, "") // nothing is frozen any more, which is all that was asked for
	}
	if believed(cause) {
		return s.unlessDone(ctx, w, cause)
	}
	v, reason, err := s.askSplit(ctx, w)
	if err != nil {
		return s.unknown(ctx, w, err)
	}
	switch v {
	case verdictDone:
		return s.recordSplit(ctx, w, "")
	case verdictFailed, verdictPartly:
		return s.refuse(ctx, w, reason)
	case verdictAbsent:
		if acquiring.IsRefused(cause, acquiring.NothingFrozen) {
			return s.refuseFreed(ctx, w, acquiring.Words(cause))
		}
	case verdictRunning:
	}
	return s.unlessDone(ctx, w, cause)
}

func (s *Service) callSplit(ctx context.Context, w *work) (reference string, err error) {
	s.step("split")
	reference, err = w.acquirer.Settle.Split(ctx, acquiring.Split{
		Number:  requestNo(w.split),
		TradeNo: *w.payment.TradeNo,
		Seller:  w.payment.Smid,
		Parts:   partsFor(w),
		Note:    "order " + w.order.ID.Hex(),
	})
	s.step("split done")
	return reference, err
}

// requestNo is the number that the split is asked for by: the first attempt's is the split's id, a later attempt has
// one of its own.
func requestNo(s *dbsqlc.Split) string {
	if s.RequestNo != "" {
		return s.RequestNo
	}
	return s.ID.Hex()
}

// askSplit asks what became of the split.
func (s *Service) askSplit(ctx context.Context, w *work) (verdict, string, error) {
	s.step("ask split")
	lines, err := w.acquirer.Settle.QuerySplit(ctx, requestNo(w.split), *w.payment.TradeNo)
	if err != nil {
		return verdictAbsent, "", fmt.Errorf("ask what became of the split: %w", err)
	}
	v, reason := verdictOf(lines, w.settlement.AmountFen-keptOf(w.settlement.AmountFen, w.parts))
	return v, reason, nil
}

// verdictOf is what the lines of a split say together; want is what its parts add up to.
func verdictOf(lines []acquiring.Line, want money.Fen) (v verdict, reason string) {
	var done money.Fen
	running, failure := false, ""
	for _, l := range lines {
		switch l.State {
		case acquiring.LineDone:
			done += l.Amount
		case acquiring.LineFailed:
			failure = l.Failure
		case acquiring.LineRunning:
			running = true
		}
	}
	switch {
	case len(lines) == 0:
		return verdictAbsent, ""
	case running:
		return verdictRunning, ""
	case done == 0:
		return verdictFailed, failure
	case done != want || failure != "":
		return verdictPartly, strings.TrimSpace(
			fmt.Sprintf("Alipay split %d fen under our number, not %d. %s", done, want, failure),
		)
	}
	return verdictDone, ""
}

// recordSplit is the transaction after the split: book, state and event move once, whoever comes first.
func (s *Service) recordSplit(ctx context.Context, w *work, settleNo string) (*Outcome, error) {
	now := s.clock.Now()
	err := s.inTx(ctx, w, func(ctx context.Context, tx db.TenantTx) error {
		moved, err := q.SplitCompleted(ctx, tx, settleNo, &now, w.split.ID)
		if err != nil {
			return fmt.Errorf("record the split: %w", err)
		}
		if moved == 0 {
			return nil // another worker did
		}
		if err := s.mended(ctx, tx, w, now, true); err != nil {
			return err
		}
		kept := keptOf(w.left(), w.parts) // a refund since the settlement came out of the frozen money
		if err := postSplit(ctx, tx, w, kept,
			ledger.Posting{Order: w.order.ID, Source: uuid.UUID(w.split.ID), At: now}); err != nil {
			return err
		}
		return events.Emit(
			ctx,
			tx,
			events.Event{Type: vocabulary.EventSplitCompleted, SubjectType: vocabulary.SubjectSplit,
				SubjectID: w.split.ID, At: now,
				Data: eventOf(w, settleNo, kept)},
		)
	})
	if err != nil {
		return nil, err
	}
	s.step("split recorded")
	return &Outcome{State: Finished}, nil
}

// postSplit empties the frozen money of the order: each part to its receiver, the rest to the merchant of record. What
// was freed before is the merchant of record's already.
func postSplit(ctx context.Context, tx db.TenantTx, w *work, kept money.Fen, p ledger.Posting) error {
	mor := w.order.MerchantOfRecordID
	freed := w.settlement.FreedAt != nil
	if p.From = ledger.Frozen(mor); freed {
		p.From = ledger.Settled(mor)
	}
	for _, part := range w.parts {
		p.Kind, p.To = ledger.KindSplit, ledger.OfReceiver(part.Receiver, part.MerchantID)
		p.Amount = part.AmountFen
		if err := ledger.Post(ctx, tx, p); err != nil {
			return err
		}
	}
	if kept == 0 || freed {
		return nil
	}
	p.Kind, p.To, p.Amount = ledger.KindRelease, ledger.Settled(mor), kept
	return ledger.Post(ctx, tx, p)
}
