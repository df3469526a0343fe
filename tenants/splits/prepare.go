package splits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/ledger"
	"zhitong/tenants/vault"
)

// prepare is the first transaction: it looks whether there is anything to do and writes the settlement and the parts,
// once. A non-nil outcome ends the run.
func (s *Service) prepare(ctx context.Context, w *work, payment id.Payment) (out *Outcome, err error) {
	err = s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		*w = work{tenant: w.tenant}
		row, err := q.OrderLockByPayment(ctx, tx, payment)
		if err != nil {
			return fmt.Errorf("lock the payment: %w", err)
		}
		w.order, w.payment = row.Order, row.Payment
		if out, err = s.idle(ctx, tx, w); out != nil || err != nil {
			return err
		}
		var pid string
		acq, conn, err := s.gateways.Acquirer(ctx, tx)
		if err != nil {
			return err
		}
		w.acquirer, pid = acq, conn.PID
		w.settlement, err = q.SettlementLock(ctx, tx, payment)
		switch {
		case db.IsNoRows(err):
			out, err = s.plan(ctx, tx, w, pid)
		case err == nil:
			w.resumed = true
			out, err = s.resume(ctx, tx, w, pid)
		}
		if out != nil || err != nil {
			return err
		}
		return s.findUnbound(ctx, tx, w)
	})
	return out, err
}

// idle tells when there is nothing to do, or not now.
func (s *Service) idle(ctx context.Context, tx db.TenantTx, w *work) (*Outcome, error) {
	switch w.payment.Status {
	case vocabulary.PaymentPaid:
	case vocabulary.PaymentRefunded:
		now := s.clock.Now()
		return &Outcome{State: Finished}, q.SplitCancel(ctx, tx.Later(), &now, w.payment.ID)
	case vocabulary.PaymentCreated, vocabulary.PaymentPending, vocabulary.PaymentClosed:
		return &Outcome{State: Finished}, nil
	default:
		return &Outcome{State: Finished}, nil
	}
	if w.order.Status == vocabulary.OrderNeedsReview {
		return &Outcome{State: Waiting, Wait: waitReview}, nil
	}
	pending, err := q.RefundPending(ctx, tx, w.order.ID)
	if err != nil {
		return nil, fmt.Errorf("look for a refund: %w", err)
	}
	if pending {
		return &Outcome{State: Waiting, Wait: waitRefund}, nil
	}
	return nil, nil
}

// left is what of the payment is not given back.
func (w *work) left() money.Fen { return w.payment.AmountFen - w.payment.RefundedFen }

// unclear tells that money of the payment may have gone back without us: what is left must be known before anything is
// asked for.
func unclear(ctx context.Context, tx db.TenantTx, w *work) (*Outcome, error) {
	if yes, err := ledger.Reconciling(ctx, tx, w.payment.ID); err != nil || !yes {
		return nil, err
	}
	return &Outcome{State: Waiting, Wait: waitRefund}, nil
}

// plan writes down what is to be done: amounts and receivers are computed once, from the version of the rule that the
// order was made with.
func (s *Service) plan(ctx context.Context, tx db.TenantTx, w *work, pid string) (*Outcome, error) {
	if out, err := unclear(ctx, tx, w); out != nil || err != nil {
		return out, err
	}
	now := s.clock.Now()
	w.settlement = dbsqlc.Settlement{
		ID: id.New[id.Settlement](), PaymentID: w.payment.ID, OrderID: w.order.ID,
		AmountFen: w.left(),
		Status:    vocabulary.SettlementPending, CreatedAt: now,
	}
	split := dbsqlc.Split{
		ID:        id.New[id.Split](),
		PaymentID: w.payment.ID,
		OrderID:   w.order.ID,
		Status:    vocabulary.SplitPending,
		CreatedAt: now,
	}
	var err error
	w.parts, err = s.partsOf(ctx, tx, w, pid, split.ID)
	refusal := fault.CodeOf(err)
	if err != nil && refusal == "" {
		return nil, err
	}
	if len(w.parts) > 0 || refusal != "" {
		w.split = &split
		w.settlement.RoyaltyFreeze = true
	}
	if err := s.writePlan(ctx, tx, w); err != nil {
		return nil, err
	}
	if refusal != "" {
		return s.refuseIn(ctx, tx, w, string(refusal))
	}
	return nil, nil
}

// partsOf computes the parts of what is left by the version of the rule that the order was made with; their receivers
// are those of this moment. It returns split_rule_above_cap and receiver_missing.
func (s *Service) partsOf(
	ctx context.Context,
	tx db.TenantTx,
	w *work,
	pid string,
	split id.Split,
) ([]part, error) {
	version, err := q.SplitRuleVersionGet(ctx, tx, w.order.SplitRuleVersionID)
	if err != nil {
		return nil, fmt.Errorf("read the version of the split rule: %w", err)
	}
	rows, err := q.SplitRulePartList(ctx, tx, []uuid.UUID{uuid.UUID(version.ID)})
	if err != nil {
		return nil, fmt.Errorf("read the parts of the split rule: %w", err)
	}
	rule := make([]PartRule, len(rows))
	for i, r := range rows {
		rule[i] = partFromRow(r)
	}
	known, err := s.receivers(ctx, tx, rule)
	if err != nil {
		return nil, err
	}
	amounts, _, err := Compute(sharesOf(rule), w.left(), version.MaxSplitBps)
	if err != nil {
		return nil, err
	}
	return resolve(rule, amounts, known, pid, w, split)
}

// resolve finds the account of each receiver. Parts of nothing are left out, and so is one for the merchant of record,
// who has the money already.
func resolve(
	rule []PartRule,
	amounts []money.Fen,
	known map[id.Merchant]receiver,
	pid string,
	w *work,
	split id.Split,
) ([]part, error) {
	var parts []part
	for i, r := range rule {
		if amounts[i] == 0 || (r.Receiver == ReceiverMerchant && r.Merchant == w.order.MerchantOfRecordID) {
			continue
		}
		p := part{SplitPart: dbsqlc.SplitPart{
			SplitID:            split,
			Position:           int16(i + 1),
			Receiver:           r.Receiver,
			MerchantID:         r.Merchant,
			AmountFen:          amounts[i],
			MerchantOfRecordID: w.order.MerchantOfRecordID,
		}}
		if r.Receiver == ReceiverPlatform {
			p.ReceiverType, p.account = acquiring.ReceiverAccount, pid
		} else {
			m := known[r.Merchant]
			if m.account == "" {
				return nil, fault.New(CodeReceiverMissing, "A merchant that is to receive a part has no receiver "+
					"account.")
			}
			p.ReceiverType, p.account = *m.ReceiverType, m.account
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func (s *Service) writePlan(ctx context.Context, tx db.TenantTx, w *work) error {
	later := tx.Later()
	st := w.settlement
	err := q.SettlementInsert(ctx, later, dbsqlc.SettlementInsertParams{
		ID: st.ID, PaymentID: st.PaymentID, OrderID: st.OrderID, AmountFen: st.AmountFen,
		RoyaltyFreeze: st.RoyaltyFreeze, MerchantOfRecordID: w.order.MerchantOfRecordID, CreatedAt: st.CreatedAt,
	})
	if err != nil {
		return fmt.Errorf("write the settlement: %w", err)
	}
	if w.split == nil {
		return nil
	}
	err = q.SplitInsert(ctx, later, dbsqlc.SplitInsertParams{
		ID:                 w.split.ID,
		PaymentID:          w.split.PaymentID,
		OrderID:            w.split.OrderID,
		MerchantOfRecordID: w.order.MerchantOfRecordID,
		ReceiverIds:        receiverIDs(w.parts),
		CreatedAt:          w.split.CreatedAt,
	})
	if err != nil {
		return fmt.Errorf("write the split: %w", err)
	}
	for _, p := range w.parts {
		if err := s.insertPart(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// receiverIDs are the merchants that have a part, each of which may see the split.
func receiverIDs(parts []part) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, p := range parts {
		if !p.MerchantID.IsZero() {
			ids = append(ids, uuid.UUID(p.MerchantID))
		}
	}
	return ids
}

// resume reads what an earlier run wrote.
func (s *Service) resume(ctx context.Context, tx db.TenantTx, w *work, pid string) (*Outcome, error) {
	split, err := q.SplitLock(ctx, tx, w.payment.ID)
	switch {
	case err == nil:
		w.split = &split
		if w.parts, err = partsOfSplit(ctx, tx, s.vault, split.ID); err != nil {
			return nil, err
		}
	case !db.IsNoRows(err):
		return nil, fmt.Errorf("lock the split: %w", err)
	}
	if err := s.endFreeze(ctx, tx, w); err != nil {
		return nil, err
	}
	if w.split != nil && w.split.Status != vocabulary.SplitPending {
		if w.split.Status == vocabulary.SplitRefused {
			return &Outcome{State: Refused, Reason: w.split.Reason}, nil
		}
		return &Outcome{State: Finished}, nil
	}
	switch w.settlement.Status {
	case vocabulary.SettlementDone:
		if w.split == nil {
			return &Outcome{State: Finished}, nil
		}
	case vocabulary.SettlementPending:
	case vocabulary.SettlementRefused:
		if !w.settlement.Held {
			return &Outcome{State: Refused, Reason: w.settlement.Reason}, nil
		}
		if out, err := unclear(ctx, tx, w); out != nil || err != nil {
			return out, err
		}
		return nil, s.reopenSettlement(ctx, tx, w, pid)
	}
	return nil, nil
}

// reopenSettlement takes up again a settlement that was not made: for what is left of the payment, with the parts that
// the rule gives of that.
func (s *Service) reopenSettlement(ctx context.Context, tx db.TenantTx, w *work, pid string) error {
	st := &w.settlement
	if w.split != nil && st.AmountFen != w.left() {
		if err := s.replan(ctx, tx, w, pid); err != nil {
			return err
		}
	}
	st.AmountFen, st.RoyaltyFreeze = w.left(), w.split != nil
	if _, err := q.SettlementReopen(ctx, tx, st.AmountFen, st.RoyaltyFreeze, st.ID); err != nil {
		return fmt.Errorf("take the settlement up again: %w", err)
	}
	st.Status, st.Reason, st.Held = vocabulary.SettlementPending, "", false
	return nil
}

// replan writes the parts of a split, none of which was made, anew. When too little is left for any, nothing is split:
// money that is frozen for it is freed by a split without parts.
func (s *Service) replan(ctx context.Context, tx db.TenantTx, w *work, pid string) (err error) {
	later := tx.Later()
	if w.parts, err = s.partsOf(ctx, tx, w, pid, w.split.ID); err != nil {
		return err
	}
	if err := q.SplitPartClear(ctx, later, w.split.ID); err != nil {
		return err
	}
	for _, p := range w.parts {
		if err := s.insertPart(ctx, tx, p); err != nil {
			return err
		}
	}
	if err := q.SplitSetReceivers(ctx, later, receiverIDs(w.parts), w.split.ID); err != nil {
		return err
	}
	frozen := w.settlement.Status == vocabulary.SettlementDone && w.settlement.RoyaltyFreeze &&
		w.settlement.FreedAt == nil
	if len(w.parts) > 0 || frozen {
		return nil
	}
	w.split = nil
	return q.SplitCancel(ctx, later, nil, w.payment.ID)
}

func (s *Service) insertPart(ctx context.Context, tx db.TenantTx, p part) error {
	sealed, err := vault.PartReceiver.SealText(ctx, tx, s.vault, vault.PartRow(p.SplitID, p.Position), p.account)
	if err != nil {
		return err
	}
	err = q.SplitPartInsert(ctx, tx.Later(), dbsqlc.SplitPartInsertParams{
		SplitID: p.SplitID, Position: p.Position, Receiver: p.Receiver, MerchantID: p.MerchantID,
		ReceiverType: p.ReceiverType, SealedReceiver: sealed, AmountFen: p.AmountFen,
		MerchantOfRecordID: p.MerchantOfRecordID,
	})
	if err != nil {
		return fmt.Errorf("write part %d of the split: %w", p.Position, err)
	}
	return nil
}

// findUnbound collects the parts whose account is not marked as bound. The platform is a receiver by default.
func (s *Service) findUnbound(ctx context.Context, tx db.TenantTx, w *work) error {
	var rule []PartRule
	for _, p := range w.parts {
		if p.Receiver == ReceiverMerchant {
			rule = append(rule, PartRule{Receiver: p.Receiver, Merchant: p.MerchantID})
		}
	}
	known, err := s.receivers(ctx, tx, rule)
	if err != nil {
		return err
	}
	w.names = map[id.Merchant]string{}
	for i, p := range w.parts {
		if p.Receiver != ReceiverMerchant {
			continue
		}
		m := known[p.MerchantID]
		w.names[p.MerchantID] = m.Name
		if m.is(p.ReceiverType, p.account) {
			w.parts[i].now = &m
		}
		if w.parts[i].now == nil || m.ReceiverBoundAt == nil {
			w.unbound = append(w.unbound, w.parts[i])
		}
	}
	return nil
}

// bindNo is the same number for the same merchant and account, so that a repetition is one for the acquirer too.
func bindNo(p part) string {
	h := sha256.Sum256([]byte(p.MerchantID.Hex() + "|" + string(p.ReceiverType) + "|" + p.account))
	return hex.EncodeToString(h[:16])
}

// receiverOf is the account of a part and its owner's name.
func receiverOf(p part, names map[id.Merchant]string) acquiring.Receiver {
	return acquiring.Receiver{
		Type:    p.ReceiverType,
		Account: p.account,
		Name:    names[p.MerchantID],
	}
}

// partsFor are the parts in the acquirer's terms.
func partsFor(w *work) []acquiring.Part {
	out := make([]acquiring.Part, len(w.parts))
	for i, p := range w.parts {
		out[i] = acquiring.Part{
			Receiver: receiverOf(p, w.names),
			Amount:   p.AmountFen,
			Service:  p.Receiver == ReceiverPlatform,
		}
	}
	return out
}
