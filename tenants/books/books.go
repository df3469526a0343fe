// Package books compares what the platform's book says about payments with the acquirer's. Money can move without us,
// and the notice of it can be lost, so every paid payment is asked about some time after it was paid, although nobody
// reported anything.
//
// A difference that a refund explains goes to the reconciliation, which books it; every other is a case for a person.
package books

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/cases"
)

var q = dbsqlc.New()

// Kind is in what the two books differ.
type Kind string

// The kinds of difference.
const (
	Amount   Kind = "amount"   // the payment is of another amount
	Refunded Kind = "refunded" // the buyer has more or less back
	Settled  Kind = "settled"  // other money was released to the merchant of record
	Split    Kind = "split"    // other money went to receivers, or came back from them
	Closed   Kind = "closed"   // paid in one book and not in the other
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Amount, Refunded, Settled, Split, Closed} }

// caseOf is the case that a difference opens. A refund that we do not know is booked instead.
func (k Kind) caseOf() vocabulary.CaseKind {
	switch k {
	case Amount:
		return vocabulary.CaseAmountMismatch
	case Refunded:
		return vocabulary.CaseRefundMismatch
	case Settled:
		return vocabulary.CaseSettlementMismatch
	case Split:
		return vocabulary.CaseSplitMismatch
	case Closed:
	}
	return vocabulary.CaseCloseMismatch
}

// Difference is one point in which the books differ.
type Difference struct {
	Kind   Kind
	Detail string // for a person, with amounts in yuan
	Facts  cases.Facts
	AtRisk money.Fen // how much is in question
	// Bookable: the buyer has more back than the book knows.
	Bookable bool
}

// Entry is what our book says about a payment. Amounts are fen.
type Entry struct {
	Payment   id.Payment
	Order     id.Order
	PID       string // the platform's account at the acquirer that it was made with
	TradeNo   string // empty: not paid
	Status    vocabulary.PaymentStatus
	Amount    money.Fen
	Refunded  money.Fen
	Refunding bool      // a refund of ours is under way
	Settling  bool      // the settlement is
	Settled   money.Fen // by the settlement, when it is done
	Releases  []string  // numbers at the acquirer that are ours; nil: it was made by another request
	Splitting bool      // the split is to be made
	Split     money.Fen // sum of the parts, when it is completed
	Returned  money.Fen
	Splits    []string // numbers at the acquirer that are ours
}

func entryOf(r dbsqlc.BookListRow) Entry {
	p := r.Payment
	e := Entry{
		Payment: p.ID, Order: p.OrderID, PID: p.PID, Status: p.Status, Amount: p.AmountFen, Refunded: p.RefundedFen,
		Refunding: r.Refunding, Settling: r.Settling, Settled: money.Fen(r.Settled),
		Splitting: r.Splitting, Split: money.Fen(r.Parts), Returned: money.Fen(r.Returned),
	}
	if p.TradeNo != nil {
		e.TradeNo = *p.TradeNo
	}
	if r.SettledBy == "" {
		e.Releases = []string{hex(r.SettlementNo)}
	}
	for _, n := range []string{hex(r.SplitNo), r.RequestNo, r.SettleNo} {
		if n != "" {
			e.Splits = append(e.Splits, n)
		}
	}
	return e
}

func hex(u uuid.UUID) string { return id.Payment(u).Hex() }

// paid tells whether our book has the payment's money.
func (e Entry) paid() bool {
	return e.Status == vocabulary.PaymentPaid || e.Status == vocabulary.PaymentRefunded
}

// Compare lists the differences of the two books about one payment. What is under way at the acquirer is left out: its
// own job asks about it. absent: the acquirer does not know the payment.
func Compare(e Entry, st acquiring.Standing, absent bool) []Difference {
	if !e.paid() {
		if !absent && st.Status.Paid() { // what came and went back whole moves nothing
			return []Difference{{Kind: Closed, Detail: fmt.Sprintf("The payment is %s in the book. Alipay has %s yuan "+
				"for it, of which %s are given back.", e.Status, st.Total.Yuan(), st.Refunded.Yuan()),
				Facts: cases.Facts{Cause: vocabulary.CausePaidThere, State: string(e.Status),
					Found: cases.Fen(st.Total), Returned: cases.Fen(st.Refunded)}, AtRisk: st.Total}}
		}
		return nil
	}
	if absent || !st.Status.Paid() && st.Refunded == 0 {
		state, told := string(st.Status), string(st.Status)
		if absent {
			state, told = "not known", ""
		}
		return []Difference{{Kind: Closed, Detail: fmt.Sprintf("The payment of %s yuan is paid in the book. At Alipay "+
			"it is %s.", e.Amount.Yuan(), state), Facts: cases.Facts{Cause: vocabulary.CausePaidHere, State: told,
			Expected: cases.Fen(e.Amount)}, AtRisk: e.Amount}}
	}
	var out []Difference
	differ := func(k Kind, field, what, number string, here, there money.Fen) {
		out = append(out, Difference{Kind: k, Bookable: k == Refunded && there > here, Detail: fmt.Sprintf(
			"%s: %s yuan in the book, %s at Alipay.", what, here.Yuan(), there.Yuan()),
			Facts: cases.Facts{Cause: vocabulary.CauseBooksDiffer, Field: field, Number: number,
				Expected: &here, Found: &there}, AtRisk: max(here-there, there-here)})
	}
	if st.Total != e.Amount {
		differ(Amount, "amount", "The payment's amount", "", e.Amount, st.Total)
	}
	if st.Refunded != e.Refunded && !e.Refunding {
		differ(Refunded, "refunded", "Given back to the buyer", "", e.Refunded, st.Refunded)
	}
	if e.Settling {
		return out
	}
	if there := sum(st.Releases); there != e.Settled {
		said, number := others(st.Releases, e.Releases)
		differ(Settled, "settled", "Released to the merchant of record"+said, number, e.Settled, there)
	}
	if e.Splitting {
		return out
	}
	if there := sum(st.Splits); there != e.Split {
		said, number := others(st.Splits, e.Splits)
		differ(Split, "split", "Split to receivers"+said, number, e.Split, there)
	}
	var back money.Fen
	for _, r := range st.Returned {
		back += r.Amount
	}
	if back != e.Returned && st.Refunded == e.Refunded && !e.Refunding {
		differ(Split, "returned", "Given back by receivers", "", e.Returned, back)
	}
	return out
}

func sum(all []acquiring.Release) (fen money.Fen) {
	for _, r := range all {
		fen += r.Amount
	}
	return fen
}

// others names what was not asked for by us, and its number.
func others(all []acquiring.Release, ours []string) (text, number string) {
	for _, r := range all {
		if !slices.Contains(ours, r.Number) {
			text = fmt.Sprintf(" (%s yuan by request %.64q, which is not this platform's)", r.Amount.Yuan(), r.Number)
			number = r.Number
		}
	}
	return text, number
}

// ages are how long after a payment was made it is asked about. A payment is made at most a day before it is paid, so
// the first time is one to two days after that: what went wrong with its notices, settlement or split has then had its
// retries, and the day's bill is out. The second is after the thirty days for which Alipay keeps money frozen, within
// which nearly all complaints come. The last is two weeks before the end of the twelve months in which Alipay gives
// back: later nothing moves. Source: Alipay, alipay.trade.refund and alipay.trade.order.settle.
func ages() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{2 * day, 31 * day, 351 * day}
}

// oldest is how old a payment may be that is still asked about: the acquirer forgets.
const oldest = 365 * 24 * time.Hour
