// Package tenants is the card platform itself: who is calling on its behalf, its connection to Alipay, and how a new
// one signs up. The packages below it hold what a tenant has.
//
// Nothing here reads across tenants: an [Actor] carries the tenant that every transaction is opened for.
package tenants

import (
	"net/http"
	"time"

	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
)

var q = dbsqlc.New()

// Modes of a tenant.
const (
	ModeSandbox = vocabulary.ModeSandbox // its gateway is the simulator
	ModeLive    = vocabulary.ModeLive
)

// Statuses of a tenant.
const (
	StatusActive    = vocabulary.TenantActive
	StatusSuspended = vocabulary.TenantSuspended
	StatusClosed    = vocabulary.TenantClosed
)

// Tenant is one card platform.
type Tenant struct {
	ID        id.Tenant
	Name      string
	Mode      vocabulary.TenantMode
	Status    vocabulary.TenantStatus
	CreatedAt time.Time
	Version   int64 // counts its changes, from 1
}

// Codes of faults that more than one package below tenants returns, and of the connection to Alipay.
const (
	CodeInvalidRequest          fault.Code = "invalid_request"
	CodeMerchantNotFound        fault.Code = "merchant_not_found"
	CodeProductNotFound         fault.Code = "product_not_found"
	CodeSplitRuleNotFound       fault.Code = "split_rule_not_found"
	CodeOrderNotFound           fault.Code = "order_not_found"
	CodeAlipayConnectionMissing fault.Code = "alipay_connection_missing"
	CodeAlipayConnectionInUse   fault.Code = "alipay_connection_in_use"
	CodeAlipayKeyInvalid        fault.Code = "alipay_key_invalid"
	CodeAlipayRefused           fault.Code = "alipay_refused"
	CodeAlipayUnavailable       fault.Code = "alipay_unavailable"
	CodeSandboxUnavailable      fault.Code = "sandbox_unavailable"
	CodePreconditionFailed      fault.Code = "precondition_failed"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeInvalidRequest, Status: http.StatusBadRequest, Title: "The request is not as the contract says",
			Meaning: "A field or parameter is missing, unknown, of the wrong type or out of range; `errors` names each."},
		{Code: CodeMerchantNotFound, Status: http.StatusNotFound, Title: "No such merchant",
			Meaning: "The tenant has no merchant with this id."},
		{Code: CodeProductNotFound, Status: http.StatusNotFound, Title: "No such product",
			Meaning: "The tenant has no product with this id."},
		{Code: CodeSplitRuleNotFound, Status: http.StatusNotFound, Title: "No such split rule",
			Meaning: "The tenant has no split rule with this id."},
		{Code: CodeOrderNotFound, Status: http.StatusNotFound, Title: "No such order",
			Meaning: "The tenant has no order with this id."},
		{Code: CodeAlipayConnectionMissing, Status: http.StatusConflict, Title: "No connection to Alipay",
			Meaning: "The tenant has no Alipay app yet. Connect one with putAlipayConnection."},
		{Code: CodeAlipayConnectionInUse, Status: http.StatusConflict, Title: "The Alipay app is in use",
			Meaning: "Payments were asked for with this app: their notifications, splits and refunds belong to it. Replace its keys or certificates, not the app."},
		{
			Code:    CodeAlipayKeyInvalid,
			Status:  http.StatusUnprocessableEntity,
			Title:   "The Alipay credentials cannot be used",
			Meaning: "A key or certificate does not parse, is too short, or does not belong with the others; `errors` names it.",
		},
		{Code: CodeAlipayRefused, Status: http.StatusBadGateway, Title: "Alipay refused",
			Meaning: "Alipay answered that it did not do what was asked; `detail` has its words. Repeating the same request will not help until the cause is gone."},
		{Code: CodeAlipayUnavailable, Status: http.StatusServiceUnavailable, Title: "Alipay did not answer clearly",
			Meaning: "The outcome is unknown for a moment. Repeat the same request with the same Idempotency-Key."},
		{Code: CodePreconditionFailed, Status: http.StatusPreconditionFailed, Title: "It has been changed since",
			Meaning: "`If-Match` names another version than the one that is there, whose tag is in `ETag`. " +
				"Read it again, then repeat the change."},
		{Code: CodeSandboxUnavailable, Status: http.StatusServiceUnavailable, Title: "The sandbox gateway is away",
			Meaning: "The simulator that stands in for Alipay did not answer. Repeat the request in a moment."},
	}
}

// What is told of things that several packages look for.

// MerchantNotFound is merchant_not_found.
func MerchantNotFound() *fault.Error {
	return fault.New(CodeMerchantNotFound, "There is no such merchant.")
}

// ProductNotFound is product_not_found.
func ProductNotFound() *fault.Error {
	return fault.New(CodeProductNotFound, "There is no such product.")
}

// SplitRuleNotFound is split_rule_not_found.
func SplitRuleNotFound() *fault.Error {
	return fault.New(CodeSplitRuleNotFound, "There is no such split rule.")
}

// OrderNotFound is order_not_found.
func OrderNotFound() *fault.Error { return fault.New(CodeOrderNotFound, "There is no such order.") }
