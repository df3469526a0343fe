package acquiring

import (
	"errors"
	"slices"
	"time"
)

// Outcome is how a call ended, as far as we know.
type Outcome int

// The outcomes. Unknown is the zero value on purpose: what was not decided is not known.
const (
	OutcomeUnknown Outcome = iota // it may or may not have taken effect: ask before repeating
	OutcomeDone                   // it took effect
	OutcomeRefused                // it did not take effect, and repeating it is useless until something changes
	OutcomeLimited                // it did not take effect: too many calls; repeat later with the same number
)

// String names the outcome as in logs.
func (o Outcome) String() string {
	switch o {
	case OutcomeDone:
		return "done"
	case OutcomeRefused:
		return "refused"
	case OutcomeLimited:
		return "limited"
	case OutcomeUnknown:
	}
	return "unknown"
}

// Condition is a refusal that the domain acts on. Everything else is refused without a condition.
type Condition string

// The conditions.
const (
	// TradeAbsent: there is no such payment (yet): nobody has scanned its code.
	TradeAbsent Condition = "trade_absent"
	// MayBeDone: what is asked for, or something else under its number, was done before. Ask before believing it.
	MayBeDone Condition = "may_be_done"
	// NothingFrozen: what was kept for the split is kept no more. A split of the same number, another, or the acquirer
	// itself has freed it: ask before believing that the split was not made.
	NothingFrozen Condition = "nothing_frozen"
	// NotSettled: a split comes before the settlement of its money has taken effect.
	NotSettled Condition = "not_settled"
	// ReceiverNotBound: a receiver of the split is not known to the acquirer.
	ReceiverNotBound Condition = "receiver_not_bound"
	// AmountDiffers: another amount can be settled than is asked for.
	AmountDiffers Condition = "amount_differs"
	// HeldByRisk: risk control holds the money. The same call may succeed another day.
	HeldByRisk Condition = "held_by_risk"
	// UnderWay: another request for the same matter is being processed.
	UnderWay Condition = "under_way"
	// Unrecognized: refused for who asks or when: a key, a certificate, an account or our clock. It says nothing about
	// what was asked, and the same call is right once that is put right.
	Unrecognized Condition = "unrecognized"
	// NotLookedAt: refused before what was asked was looked at: a product that is not signed, a missing right. It says
	// nothing about what an earlier call did.
	NotLookedAt Condition = "not_looked_at"
)

// Error is a call that is not done: refused, limited or unknown, and never two of them. It is made by Refused, Limited
// and NotKnown only; the zero Error is unknown.
type Error struct {
	outcome   Outcome
	condition Condition
	words     string
	field     string
	wait      time.Duration
	cause     error
}

// Refused makes the error of a call that was refused. words are the acquirer's own, with its code, for a person; field
// names the field that it is about, when it says so.
func Refused(condition Condition, words, field string, cause error) *Error {
	return &Error{outcome: OutcomeRefused, condition: condition, words: words, field: field, cause: cause}
}

// Limited makes the error of a call that was turned away by a rate limit. wait is when the next one makes sense.
func Limited(wait time.Duration, words string, cause error) *Error {
	return &Error{outcome: OutcomeLimited, wait: wait, words: words, cause: cause}
}

// NotKnown makes the error of a call whose outcome is not known.
func NotKnown(words string, cause error) *Error { return &Error{words: words, cause: cause} }

// Error implements error. It holds nothing of the request.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.cause.Error()
	}
	return "acquirer: " + e.outcome.String() + " " + e.words
}

// Unwrap gives the adapter's own error.
func (e *Error) Unwrap() error { return e.cause }

// OutcomeOf says how the call that returned err ended. An error that is no Error says nothing about the call: unknown.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return OutcomeDone
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.outcome
	}
	return OutcomeUnknown
}

// IsRefused tells whether the call was refused: for one of the conditions, or for any reason when none is given.
func IsRefused(err error, conditions ...Condition) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.outcome == OutcomeRefused && (len(conditions) == 0 || slices.Contains(conditions, e.condition))
}

// WaitOf is how long to wait before a limited call is repeated; 0 for every other.
func WaitOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.wait
	}
	return 0
}

// Words is what the acquirer said, in its own words with its code, for a person; "" when it said nothing. It holds
// nothing of the request.
func Words(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.words
	}
	return ""
}

// Field is the field of the request that a refusal is about, in the acquirer's name for it; "" when it does not say.
func Field(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.field
	}
	return ""
}

// Backoff of an unknown outcome.
const (
	unknownPart = 8 // of how long it has lasted, so that the end of an outage is soon noticed
	unknownMin  = 2 * time.Second
	unknownMax  = 10 * time.Minute
	unknownLong = 24 * time.Hour
)

// Unknown says how long to wait before an outcome that has been unknown for age is asked for again: an eighth of the
// age, from 2 seconds to 10 minutes. tooLong: it has been unknown for a day, which is a matter for manual review.
func Unknown(age time.Duration) (wait time.Duration, tooLong bool) {
	return min(max(age/unknownPart, unknownMin), unknownMax), age > unknownLong
}
