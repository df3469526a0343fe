package splits

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
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

// divide splits the frozen money and frees the rest, in one synchronous request: all of it happens or nothing.
func (s *Service) divide(ctx context.Context, w *work) (*Outcome, error) {
	if w.split == nil {
		return nil, nil
	}
	if w.resumed {
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
			return &Outcome{State: Waiting, Wait: waitLimited}, nil
		}
	}
	answer, err := s.callSplit(ctx, w)
	if alipay.IsRefused(err, "ROYALTY_RECEIVER_INVALID") { // unbound behind our back: bind again, once
		for _, p := range w.parts {
			if p.Receiver == ReceiverMerchant {
				w.unbound = append(w.unbound, p)
			}
		}
		if out, err := s.bind(ctx, w); out != nil || err != nil {
			return out, err
		}
		answer, err = s.callSplit(ctx, w)
	}
	switch {
	case err == nil:
		return s.recordSplit(ctx, w, answer.SettleNo)
	case alipay.IsRefused(err, "ALLOC_REFUSE_BEFORE_SETTLE") && w.settlement.DoneAt != nil && s.Clock.Now().Sub(*w.settlement.DoneAt) < settlingMax:
		return &Outcome{State: Waiting, Wait: waitSettling}, nil
	case alipay.IsLimited(err),
		alipay.IsRefused(err) && !alipay.IsRefused(err, "DUP_OUT_REQUEST_NO", "DISCORDANT_REPEAT_REQUEST", "ALREADY_FINISH_ALLOC"):
		return s.unlessDone(ctx, w, err)
	}
	v, reason, qerr := s.askSplit(ctx, w)
	switch {
	case qerr != nil:
		return s.unknown(ctx, w, qerr)
	case v == verdictDone:
		return s.recordSplit(ctx, w, "")
	case v == verdictFailed, v == verdictPartly:
		return s.refuse(ctx, w, reason)
	}
	return s.unlessDone(ctx, w, err)
}

func (s *Service) callSplit(ctx context.Context, w *work) (*alipay.TradeOrderSettleResponse, error) {
	lines := make([]alipay.RoyaltyParameter, len(w.parts))
	for i, p := range w.parts {
		lines[i] = alipay.RoyaltyParameter{
			RoyaltyType: alipay.RoyaltyTransfer, TransInType: alipay.TransInType(p.ReceiverType), TransIn: p.ReceiverAccount, Amount: p.AmountFen,
			Desc: "order " + w.order.ID.Hex(),
		}
		if p.Receiver == ReceiverPlatform {
			lines[i].RoyaltyScene = "平台服务费"
		}
	}
	s.Step("split")
	answer, err := w.client.TradeOrderSettle(ctx, alipay.TradeOrderSettleRequest{
		OutRequestNo: requestNo(
			w.split,
		), TradeNo: *w.payment.TradeNo, Royalties: lines, RoyaltyMode: alipay.RoyaltySync,
		ExtendParams: &alipay.SettleExtendParams{RoyaltyFinish: true},
	})
	s.Step("split done")
	return answer, err
}

// requestNo is the number that the split is asked for by: the first attempt's is the split's id, a later attempt has
// one of its own.
func requestNo(s *dbsqlc.Split) string {
	if s.RequestNo != "" {
		return s.RequestNo
	}
	return s.ID.Hex()
}

// askSplit asks what became of the split. A number that Alipay does not know is refused or has no lines.
func (s *Service) askSplit(ctx context.Context, w *work) (verdict, string, error) {
	s.Step("ask split")
	answer, err := w.client.TradeOrderSettleQuery(ctx,
		alipay.TradeOrderSettleQueryRequest{OutRequestNo: requestNo(w.split), TradeNo: *w.payment.TradeNo})
	if alipay.IsRefused(err) && !alipay.IsTurnedAway(err) {
		return verdictAbsent, "", nil
	}
	if err != nil {
		return verdictAbsent, "", fmt.Errorf("ask what became of the split: %w", err)
	}
	v, reason := verdictOf(answer.Details, w.settlement.AmountFen-keptOf(w.settlement.AmountFen, w.parts))
	return v, reason, nil
}

// verdictOf is what the lines of a split say together; want is what its parts add up to.
func verdictOf(lines []alipay.RoyaltyDetail, want money.Fen) (v verdict, reason string) {
	var done money.Fen
	n, running, failure := 0, false, ""
	for _, d := range lines {
		if d.OperationType != alipay.OperationTransfer {
			continue
		}
		n++
		switch d.State {
		case alipay.RoyaltySuccess:
			done += d.Amount
		case alipay.RoyaltyFail:
			failure = d.ErrorCode + " " + d.ErrorDesc
		default:
			running = true
		}
	}
	switch {
	case n == 0:
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
	now := s.now()
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
		kept := keptOf(w.settlement.AmountFen, w.parts)
		if err := postSplit(ctx, tx, w, kept, ledger.Posting{Order: w.order.ID, Source: uuid.UUID(w.split.ID), At: now}); err != nil {
			return err
		}
		return events.Emit(
			ctx,
			tx,
			events.Event{Type: vocabulary.EventSplitCompleted, SubjectType: vocabulary.SubjectSplit, SubjectID: w.split.ID, At: now,
				Data: eventOf(w, settleNo, kept)},
		)
	})
	if err != nil {
		return nil, err
	}
	s.Step("split recorded")
	return &Outcome{State: Finished}, nil
}

// postSplit empties the frozen money of the order: each part to its receiver, the rest to the merchant of record.
func postSplit(ctx context.Context, tx db.TenantTx, w *work, kept money.Fen, p ledger.Posting) error {
	mor := w.order.MerchantOfRecordID
	p.From = ledger.Frozen(mor)
	for _, part := range w.parts {
		p.Kind, p.To, p.Amount = ledger.KindSplit, AccountOf(part), part.AmountFen
		if err := ledger.Post(ctx, tx, p); err != nil {
			return err
		}
	}
	if kept == 0 {
		return nil
	}
	p.Kind, p.To, p.Amount = ledger.KindRelease, ledger.Settled(mor), kept
	return ledger.Post(ctx, tx, p)
}

// AccountOf is the account in the book that a part goes to.
func AccountOf(p dbsqlc.SplitPart) ledger.Account {
	if p.Receiver == ReceiverPlatform {
		return ledger.Commission()
	}
	return ledger.Settled(p.MerchantID)
}
