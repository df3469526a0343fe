// Package acquiring is what the domain asks of an acquirer, the institution that takes a buyer's money: three narrow
// ports (Pay, Settle, Onboard), how a call can end, and what an acquirer is able to do. It holds types only; each
// acquirer has an adapter in a package below it, and package tenants finds the one of a tenant's connection.
//
// Amounts are integer fen, rates basis points, times UTC. Numbers of ours have 32 characters of [0-9a-f] and are the
// idempotency key of what they name: the same number with the same content may be sent any number of times. A port does
// not repeat anything by itself; every call is bounded by the adapter's own time limit and by its context.
package acquiring

import (
	"slices"

	"zhitong/internal/vocabulary"
)

// Acquirer is a connection to an acquirer. A port that the acquirer does not offer is nil.
type Acquirer struct {
	Pay        Pay
	Settle     Settle
	Onboard    Onboard
	Capability *Capability // never changed
}

// Method is how a buyer comes to the acquirer.
type Method = vocabulary.PaymentChannel

// The methods: a QR code that the buyer scans, or the acquirer's cashier page in a browser.
const (
	MethodQR   = vocabulary.ChannelQR
	MethodPage = vocabulary.ChannelPage
)

// Capability is what an acquirer can do, as far as the domain has to know before it asks. A field comes with its first
// reader.
type Capability struct {
	// Methods that it offers, and those among them whose address is made here, by a signature: Prepare makes no call.
	Methods, SignedMethods []Method
}

// Offers tells whether the method can be used.
func (c *Capability) Offers(m Method) bool { return slices.Contains(c.Methods, m) }

// Calls tells whether Prepare asks the acquirer; otherwise it only signs, and may run inside a transaction.
func (c *Capability) Calls(m Method) bool { return !slices.Contains(c.SignedMethods, m) }

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	SeverityOK      Severity = "ok"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

// Finding is one thing that was looked at in a connection.
type Finding struct {
	Code     string // stable, snake_case
	Severity Severity
	Detail   string // what was found; no secrets
	Action   string // what to do; empty when it is well
}
