package refunds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants/acquiring"
)

// waitMin is how soon a refund is looked at again: Alipay knows of one ten seconds after it at the latest.
const waitMin = 10 * time.Second

// Attempt is one attempt to give a refund's money back.
type Attempt struct {
	Refund           Refund
	tenant           id.Tenant
	tradeNo          string
	seller           string // the merchant of record's number at the acquirer
	merchantOfRecord id.Merchant
	refunded         money.Fen // of the payment, before this refund
	plan             []planned
	settled          string // number of the settlement that the refund follows, or empty
	acquirer         acquiring.Acquirer
}

// Prepare reads what an attempt needs; it locks order and payment. nil: the refund has ended. It returns
// refund_not_found. Atomic.
func (s *Service) Prepare(ctx context.Context, tx db.TenantTx, refund id.Refund) (*Attempt, error) {
	r, err := Read(ctx, tx, refund)
	if err != nil || r.Status != StatusPending {
		return nil, err
	}
	row, err := q.OrderLockByPayment(ctx, tx, r.Payment)
	if err != nil {
		return nil, fmt.Errorf("lock the payment: %w", err)
	}
	if row.Payment.TradeNo == nil {
		return nil, fmt.Errorf("payment %s has no trade", r.Payment)
	}
	a := &Attempt{
		Refund:           r,
		tenant:           tx.Tenant(),
		tradeNo:          *row.Payment.TradeNo,
		seller:           row.Payment.Smid,
		merchantOfRecord: row.Order.MerchantOfRecordID,
		refunded:         row.Payment.RefundedFen,
	}
	if a.plan, err = s.planOf(ctx, tx, refund); err != nil {
		return nil, err
	}
	st, err := q.SettlementGet(ctx, tx, r.Payment)
	if err == nil && st.DoneAt != nil && st.Reason == "" {
		// with a reason it was settled under a number that is not ours
		a.settled = st.ID.Hex()
	} else if err != nil && !db.IsNoRows(err) {
		return nil, fmt.Errorf("read the settlement: %w", err)
	}
	a.acquirer, _, err = s.gateways.Acquirer(ctx, tx)
	return a, err
}

// planned is a part of the plan with the account that gives it back, which lies sealed in the database.
type planned struct {
	dbsqlc.RefundPartListRow
	account string
}

func (s *Service) planOf(ctx context.Context, tx db.TenantTx, refund id.Refund) ([]planned, error) {
	rows, err := q.RefundPartList(ctx, tx, refund)
	if err != nil {
		return nil, fmt.Errorf("read the refund plan: %w", err)
	}
	plan := make([]planned, len(rows))
	for i, r := range rows {
		account, err := s.vault.OpenPart(ctx, tx, r.SplitID, r.Position, r.SealedReceiver, r.ReceiverAccount)
		if err != nil {
			return nil, fmt.Errorf("open the account of part %d of refund %s: %w", r.Position, refund, err)
		}
		plan[i] = planned{r, account}
	}
	return plan, nil
}

// request is the same whenever it is made: the acquirer compares repetitions.
func (a *Attempt) request() acquiring.Refund {
	req := acquiring.Refund{
		Number:     a.Refund.ID.Hex(),
		TradeNo:    a.tradeNo,
		Amount:     a.Refund.Amount,
		Reason:     a.Refund.Reason,
		Seller:     a.seller,
		Settlement: a.settled,
	}
	for _, p := range a.plan {
		req.Parts = append(req.Parts, acquiring.Part{
			Receiver: acquiring.Receiver{Type: p.ReceiverType, Account: p.account},
			Amount:   p.AmountFen,
		})
	}
	return req
}

// Outcome is what an attempt came to, for Record.
type Outcome struct {
	// Wait is how long to wait before the next attempt; zero: this was the last one.
	Wait time.Duration

	verdict verdict
	done    []planned // the parts of the plan that came back
	failure string    // in the acquirer's words
	moved   bool      // refused, and the buyer may have more back than the book knows
}

// Decided tells whether there is something to record.
func (o Outcome) Decided() bool { return o.verdict != undecided }

// Returned are the parts of the split that came back.
func (o Outcome) Returned() []Part {
	parts := make([]Part, len(o.done))
	for i, p := range o.done {
		parts[i] = Part{p.SplitID, p.Position, p.Receiver, p.MerchantID, p.AmountFen}
	}
	return parts
}

// Give asks the acquirer to give the money back, under the refund's own number. An outcome that is not known is asked
// for, and the call repeated later under the same number. No transaction is open.
func (s *Service) Give(ctx context.Context, a *Attempt) (Outcome, error) {
	s.step("refund")
	err := a.acquirer.Settle.Refund(ctx, a.request())
	s.step("refund called")
	switch acquiring.OutcomeOf(err) {
	case acquiring.OutcomeDone:
		return Outcome{verdict: given, done: a.plan}, nil
	case acquiring.OutcomeLimited:
		return Outcome{Wait: max(acquiring.WaitOf(err), waitMin)}, nil
	case acquiring.OutcomeRefused, acquiring.OutcomeUnknown: // a refusal, too, may be of what was done before
	}
	answer, found, qerr := a.acquirer.Settle.QueryRefund(ctx, a.Refund.ID.Hex(), a.tradeNo)
	s.step("refund asked")
	switch {
	case qerr == nil && found && answer.Amount == a.Refund.Amount:
		return Outcome{verdict: given, done: withoutFailed(a.plan, answer.Failed)}, nil
	case acquiring.IsRefused(err, acquiring.Unrecognized):
		// our clock or our keys: it says nothing about the refund
	case qerr == nil && acquiring.IsRefused(err):
		return Outcome{verdict: refused, failure: acquiring.Words(err), moved: a.movedOutside(ctx)}, nil
	}
	if ctx.Err() != nil {
		return Outcome{}, context.Cause(ctx)
	}
	return s.unknown(ctx, a, errors.Join(err, qerr)), nil
}

// movedOutside tells whether the buyer may have more back than the book knows: also when that cannot be asked.
func (a *Attempt) movedOutside(ctx context.Context) bool {
	st, err := a.acquirer.Settle.Standing(ctx, a.tradeNo)
	return err != nil || st.Refunded > a.refunded
}

// unknown backs off; what has been unknown for too long is a matter for manual review.
func (s *Service) unknown(ctx context.Context, a *Attempt, cause error) Outcome {
	age := s.clock.Now().Sub(a.Refund.CreatedAt)
	s.log.WarnContext(ctx, "outcome unknown",
		"operation", "refund_execute", "tenant", a.tenant, "refund", a.Refund.ID, "age", age, "error", cause)
	wait, tooLong := acquiring.Unknown(age)
	o := Outcome{Wait: max(wait, waitMin)}
	if tooLong {
		o.verdict, o.failure = lost, acquiring.Words(cause)
	}
	return o
}

// withoutFailed is the part of the plan that was carried out.
func withoutFailed(plan []planned, failed []string) []planned {
	var done []planned
	for _, p := range plan {
		if !slices.Contains(failed, p.account) {
			done = append(done, p)
		}
	}
	return done
}
