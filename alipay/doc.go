// Package alipay is the one door to Alipay's open platform: typed requests, verified answers, verified notifications.
// It is the only package that imports gopay, from which it takes the text to sign, RSA signing and certificate numbers;
// the request, the transport and the check of every answer are its own, because gopay does not verify answers in
// public-key mode, does not check TLS by default and cannot reach another address.
//
// # What a call promises
//
// Each method of Client is one Alipay method and has exactly three endings:
//
//   - done: (response, nil). The answer was verified on its exact bytes with the pinned key and says that the call took
//     effect.
//   - refused: an *Error with OutcomeRefused. Alipay says that nothing happened, and why (Code, SubCode, Message,
//     Field).
//   - unknown: an *Error with OutcomeUnknown. Timeout, broken or unsigned answer, bad signature, HTTP error, 20000,
//     *SYSTEM_ERROR. It is never success and never failure: ask the method's resolving query (see Methods and Rule),
//     or repeat with the same number.
//
// An *Error with Limited was not executed because of a rate limit; it counts as unknown for whoever does not look
// closer, since repeating later with the same number is right for both.
//
// A Client is immutable and belongs to one connection of one tenant; Pool keeps one per connection and drops it when
// its credentials change. Amounts are money.Fen and become yuan only on the wire. Times on the wire are Beijing time
// without a zone; in Go they carry one.
//
// # Grades
//
// Facts are restated from Alipay's documentation and official SDKs. Methods names for each method how well its fields
// are known.
package alipay
