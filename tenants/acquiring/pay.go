package acquiring

import (
	"context"
	"errors"
	"net/http"
	"time"

	"zhitong/internal/money"
)

// Pay asks for a buyer's money.
type Pay interface {
	// Prepare makes a payment payable and returns the address that the buyer opens: the content of a QR code, or a
	// page. It makes no call for the methods of Capability.SignedMethods. The same charge may be prepared again.
	Prepare(ctx context.Context, c Charge) (address string, err error)
	// Query asks for a payment by our number. TradeAbsent: the buyer has not come yet.
	Query(ctx context.Context, number string) (Trade, error)
	// Close ends an unpaid payment, so that nobody can pay it. TradeAbsent: nobody can. A payment that was paid before
	// is refused.
	Close(ctx context.Context, number string) error
	// Verify reads what the acquirer sent about a payment. ErrForeign: it is genuine, and for another account. Any
	// other error: it is not the acquirer's word. It makes no call.
	Verify(in Inbound) (Notification, error)
}

// ErrForeign is a message that the acquirer has signed for another account than this connection's.
var ErrForeign = errors.New("acquirer: a message for another account")

// Inbound is a message as it arrived: acquirers sign the body, headers, or both.
type Inbound struct {
	Header http.Header // may be nil
	Body   []byte
}

// Charge is a payment to be asked for.
type Charge struct {
	Number    string
	Method    Method
	Total     money.Fen
	Subject   string    // what the buyer reads; the adapter drops what its acquirer does not take
	Seller    string    // the merchant of record's number at the acquirer
	Splits    bool      // a part of it will go to others than the seller
	ExpiresAt time.Time // nobody can begin to pay after it
	ReturnURL string    // where MethodPage sends the buyer back to
}

// TradeStatus is the state of a payment at the acquirer.
type TradeStatus string

// The states. Paid and finished both mean that the buyer has paid. Any other value is none of them: nothing follows
// from it.
const (
	TradeWaiting  TradeStatus = "waiting"  // the buyer has begun
	TradePaid     TradeStatus = "paid"     //
	TradeFinished TradeStatus = "finished" // paid, and too old to be refunded
	TradeClosed   TradeStatus = "closed"   // not paid, or given back in full
)

// TradeStatuses lists the states.
func TradeStatuses() []TradeStatus {
	return []TradeStatus{TradeWaiting, TradePaid, TradeFinished, TradeClosed}
}

// Paid tells whether the buyer's money is there.
func (s TradeStatus) Paid() bool { return s == TradePaid || s == TradeFinished }

// Trade is the acquirer's picture of a payment. It was verified before it was made.
type Trade struct {
	Number   string // ours
	TradeNo  string // the acquirer's
	Status   TradeStatus
	State    string // the acquirer's own word for the status, for people and records
	Total    money.Fen
	Account  string // of a notification: the account of ours that it is for; empty in an answer
	Seller   string // may be empty; the platform's account or the merchant of record's number
	Buyer    string
	PaidAt   time.Time // zero when the acquirer does not say
	Refunded bool      // it reports a refund: never a payment
	Refund   Refunding // of that refund, as far as it says
}

// Refunding is the refund that a notification reports.
type Refunding struct {
	Number string    // the request's, ours or another's; empty: not told
	Total  money.Fen // what the buyer has back in all; zero: not told
}

// Notification is a verified message about a payment.
type Notification struct {
	ID string // the same for each repetition
	Trade
}
