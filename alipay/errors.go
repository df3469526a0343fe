package alipay

import (
	"errors"
	"fmt"
	"strings"
)

// Outcome is how a call ended, as far as we know.
type Outcome int

// The three outcomes. Unknown is the zero value on purpose: what was not decided is not known.
const (
	OutcomeUnknown Outcome = iota // it may or may not have taken effect
	OutcomeDone                   // verified: it took effect
	OutcomeRefused                // verified or gateway-level: it did not take effect
)

// String names the outcome as in metrics and logs.
func (o Outcome) String() string {
	switch o {
	case OutcomeDone:
		return "done"
	case OutcomeRefused:
		return "refused"
	case OutcomeUnknown:
	}
	return "unknown"
}

// SubCodes of our own, for what Alipay did not say. They never collide with Alipay's, which have no LOCAL prefix.
const (
	SubCodeInvalidRequest = "LOCAL.INVALID_REQUEST" // refused before it was sent: Field says where
	SubCodeTransport      = "LOCAL.TRANSPORT"       // no answer: timeout, reset, refused connection, cancelled context
	SubCodeHTTPStatus     = "LOCAL.HTTP_STATUS"     // an answer that is not HTTP 200
	SubCodeBrokenAnswer   = "LOCAL.BROKEN_ANSWER"   // not the envelope, cut off, too large, or undecodable
	SubCodeBadSignature   = "LOCAL.BAD_SIGNATURE"   // signed by somebody else, or altered
	SubCodeUnsigned       = "LOCAL.UNSIGNED_ANSWER" // a success without a signature
	SubCodeMismatch       = "LOCAL.ANSWER_MISMATCH" // verified, but about another trade or amount than asked
	SubCodeNotFinal       = "LOCAL.NOT_FINAL"       // verified and accepted, but Alipay has not decided yet
	SubCodeResultFail     = "LOCAL.RESULT_FAIL"     // code 10000 with a business result of FAIL
)

// Error is a call that is not done.
type Error struct {
	Outcome Outcome
	Method  string // Alipay's name, for example alipay.trade.refund
	Code    string // Alipay's code, for example 40004; empty when there was no readable answer
	SubCode string // for example ACQ.TRADE_NOT_EXIST, or a LOCAL code
	Message string // Alipay's text (often Chinese), or ours
	Field   string // the request field it is about, when Alipay or our check names one
	Limited bool   // class L: not executed, repeat later with the same number
	Resolve string // the Alipay method that tells the truth, when there is one
	signed  bool   // the answer was signed and verified, which unsigned gateway errors are not
	cause   error
}

// Error implements error. It holds no request content.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Method, e.Outcome)
	if e.Limited {
		b.WriteString(" (limited)")
	}
	for _, s := range []string{e.Code, e.SubCode, e.Message} {
		if s != "" {
			b.WriteString(" " + s)
		}
	}
	if e.Field != "" {
		b.WriteString(" [" + e.Field + "]")
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause, for example context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.cause }

// IsUnknown tells whether the outcome is not known. A limited call counts too: it is not final either, and repeating it
// later is right.
func IsUnknown(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Outcome == OutcomeUnknown || e.Limited)
}

// IsRefused tells whether the call was finally refused: with any of the sub codes, or with any at all when none is
// given. Sub codes are compared without their family, so "TRADE_NOT_EXIST" matches "ACQ.TRADE_NOT_EXIST" and the
// reverse. A limited call is not a refusal.
func IsRefused(err error, subCodes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Outcome != OutcomeRefused || e.Limited {
		return false
	}
	if len(subCodes) == 0 {
		return true
	}
	for _, s := range subCodes {
		if bareSubCode(s) == bareSubCode(e.SubCode) {
			return true
		}
	}
	return false
}

// IsLimited tells whether the call was turned away by a rate limit, without effect.
func IsLimited(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Limited
}

// IsTurnedAway tells whether the gateway turned the call away before it looked at what was asked (any code but 40004).
// That says nothing about the operation: not, when it is a query, whether an earlier call took effect.
func IsTurnedAway(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Outcome == OutcomeRefused && !e.Limited && turnsAway(e.Code)
}

// IsUnrecognized tells whether the call was turned away for who sent it or when: a clock that is wrong, a signature,
// app or token that is not accepted. It had no effect, and the same call is right once that is put right.
func IsUnrecognized(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || !IsTurnedAway(err) {
		return false
	}
	for _, word := range []string{"timestamp", "signature", "app-id", "auth-token"} {
		if strings.Contains(e.SubCode, word) {
			return true
		}
	}
	return false
}

// IsAwaitingBuyer tells whether alipay.trade.pay was accepted but the buyer has to confirm (code 10003): ask
// alipay.trade.query every few seconds.
func IsAwaitingBuyer(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == codeAwaitingBuyer
}

// bareSubCode drops the family that the documentation prints on some sub codes and not on others: ACQ., and AQC. as
// cancel spells it.
func bareSubCode(s string) string {
	s = strings.TrimPrefix(s, "ACQ.")
	return strings.TrimPrefix(s, "AQC.")
}

func localRefusal(method, field, message string) *Error {
	return &Error{Outcome: OutcomeRefused, Method: method, SubCode: SubCodeInvalidRequest, Field: field,
		Message: message}
}

func unknown(method, subCode, message string, cause error) *Error {
	return &Error{Outcome: OutcomeUnknown, Method: method, SubCode: subCode, Message: message, cause: cause}
}
