package acquiring

import (
	"context"

	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// Settle moves money that was paid: to the merchant of record, to the receivers of a split, and back to the buyer.
// tradeNo is the acquirer's number of the payment.
type Settle interface {
	// Settle releases a payment's money to its merchant of record, frozen when a split follows. MayBeDone, HeldByRisk
	// and AmountDiffers.
	Settle(ctx context.Context, s Settlement) error
	// Standing asks where a payment's money is, whoever moved it.
	Standing(ctx context.Context, tradeNo string) (Standing, error)
	// Bind makes a receiver of splits known to the acquirer. Doing it twice is harmless.
	Bind(ctx context.Context, number string, r Receiver) error
	// Bound asks whether the acquirer knows a receiver. It may be wrong about one that it knows, never about one that
	// it does not.
	Bound(ctx context.Context, number string, r Receiver) (bool, error)
	// Split gives each receiver its part of a settled payment and frees the rest for the merchant of record: all of it
	// happens or nothing; without parts it only frees. reference is the acquirer's number of the split, or empty.
	// MayBeDone, NothingFrozen, NotSettled and ReceiverNotBound.
	Split(ctx context.Context, s Split) (reference string, err error)
	// QuerySplit asks what became of a split, by our number. No lines: the acquirer does not know the number.
	QuerySplit(ctx context.Context, number, tradeNo string) ([]Line, error)
	// Refund gives money back to the buyer, and takes the named parts back from their receivers.
	Refund(ctx context.Context, r Refund) error
	// QueryRefund asks what became of a refund, by our number. found: its money has moved.
	QueryRefund(ctx context.Context, number, tradeNo string) (r Refunded, found bool, err error)
	// Cap asks how much of a payment may be split away. number is any number of ours that was not used before.
	Cap(ctx context.Context, number string) (money.BasisPoints, error)
}

// Receiver is an account that may receive a part of a split.
type Receiver struct {
	Type    ReceiverType
	Account string
	Name    string // the receiver's real name; needed for ReceiverLogin, and checked when it is given
}

// ReceiverType says what a receiver's account is.
type ReceiverType = vocabulary.ReceiverType

// The types of account.
const (
	ReceiverAccount = vocabulary.ReceiverUserID    // the acquirer's number of the account
	ReceiverLogin   = vocabulary.ReceiverLoginName // what its owner logs in with
)

// Part is one receiver's share of a payment, or what it gives back of it.
type Part struct {
	Receiver Receiver
	Amount   money.Fen
	Service  bool // the platform's own fee
}

// Settlement is the release of a payment's money.
type Settlement struct {
	Number  string
	TradeNo string
	Amount  money.Fen // all of the payment that was not refunded
	Seller  string    // the merchant of record's number at the acquirer
	Freeze  bool      // keep it for the split that follows
	Parts   []Part    // of that split, for acquirers that are told with the release
}

// Release is money of a payment that a request moved.
type Release struct {
	Number string // the request's, ours or another's
	Amount money.Fen
}

// Standing is how a paid payment's money stands at the acquirer.
type Standing struct {
	Status   TradeStatus // of the payment
	Total    money.Fen   // of the payment
	Refunded money.Fen   // what the buyer has back in all
	Releases []Release   // what was released to the merchant of record, by each request
	Splits   []Release   // what receivers got of it, by each request
	Returned []Returning // what receivers of its split gave back
}

// Returning is what a receiver of a split gave back of its part.
type Returning struct {
	Number   string   // the refund's, ours or another's
	Accounts []string // the receiver's account, in each form that the acquirer names it
	Amount   money.Fen
}

// Split is the division of a settled payment. What the parts leave over belongs to the merchant of record.
type Split struct {
	Number  string
	TradeNo string
	Seller  string // the merchant of record's number at the acquirer
	Parts   []Part
	Note    string // for the receivers' statements; nothing about the buyer
}

// LineState is what became of one part of a split.
type LineState string

// The states of a part.
const (
	LineDone    LineState = "done"
	LineFailed  LineState = "failed"
	LineRunning LineState = "running"
)

// Line is one part of a split, as the acquirer tells it.
type Line struct {
	Amount  money.Fen
	State   LineState
	Failure string // why it failed, in the acquirer's words
}

// Refund is money to be given back. Parts are taken back from their receivers, the rest from the merchant of record.
type Refund struct {
	Number     string
	TradeNo    string
	Amount     money.Fen // to the buyer; at least the sum of the parts
	Reason     string    // for the buyer
	Seller     string    // the merchant of record's number at the acquirer
	Settlement string    // our number of the settlement that came before; empty: none of ours did
	Parts      []Part
}

// Refunded is a refund whose money has moved.
type Refunded struct {
	Amount money.Fen
	// Failed are the accounts of those parts that were not taken back although the buyer has the money.
	Failed []string
}
