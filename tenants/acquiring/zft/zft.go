// Package zft is the adapter to Alipay 直付通 (ZFT): the three ports of package acquiring, carried out by the client of
// package alipay. Nothing else in tenants and api knows Alipay's requests, statuses and sub codes.
//
// ZFT settles a payment to a secondary merchant, frozen for thirty days at most, and splits it afterwards; a refund
// names what is taken back from whom. The adapter decides nothing: it translates.
package zft

import (
	"errors"
	"fmt"
	"time"

	"zhitong/alipay"
	"zhitong/tenants/acquiring"
)

// limitWait is how long to wait after a rate limit. Several royalty requests on one trade also stand 3 seconds apart.
const limitWait = 3 * time.Second

var capability = acquiring.Capability{
	Methods:       []acquiring.Method{acquiring.MethodQR, acquiring.MethodPage},
	SignedMethods: []acquiring.Method{acquiring.MethodPage},
}

// adapter is one pointer wide, so that it goes into an interface without an allocation.
type adapter struct{ c *alipay.Client }

// New makes the acquirer of a client.
func New(c *alipay.Client) acquiring.Acquirer {
	a := adapter{c}
	return acquiring.Acquirer{Pay: a, Settle: a, Onboard: a, Capability: &capability}
}

// conditions are Alipay's sub codes that the domain acts on, without their family.
var conditions = []struct {
	is    acquiring.Condition
	codes []string
}{
	{acquiring.TradeAbsent, []string{"TRADE_NOT_EXIST"}},
	{acquiring.MayBeDone, []string{"ALREADY_CONFIRM_SETTLE", "DUP_OUT_REQUEST_NO", "DISCORDANT_REPEAT_REQUEST"}},
	{acquiring.NothingFrozen, []string{"ALREADY_FINISH_ALLOC"}},
	{acquiring.NotSettled, []string{"ALLOC_REFUSE_BEFORE_SETTLE"}},
	{acquiring.ReceiverNotBound, []string{"ROYALTY_RECEIVER_INVALID"}},
	{acquiring.AmountDiffers, []string{"INVALID_SETTLE_AMOUNT_PARAMETER"}},
	{acquiring.HeldByRisk, []string{"RISK_SETTLE_SUSPEND"}},
	{acquiring.UnderWay, []string{"MERCHANT_ORDER_EXECUTE_CONFLICT"}},
}

// failure translates the error of a call; nil stays nil.
func failure(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*alipay.Error](err)
	switch {
	case !ok:
		return acquiring.NotKnown("", err)
	case e.Limited:
		return acquiring.Limited(limitWait, words(e), err)
	case e.Outcome != alipay.OutcomeRefused:
		return acquiring.NotKnown(words(e), err)
	}
	return acquiring.Refused(conditionOf(err), words(e), e.Field, err)
}

func conditionOf(err error) acquiring.Condition {
	switch {
	case alipay.IsUnrecognized(err):
		return acquiring.Unrecognized
	case alipay.IsTurnedAway(err):
		return acquiring.NotLookedAt
	}
	for _, c := range conditions {
		if alipay.IsRefused(err, c.codes...) {
			return c.is
		}
	}
	return ""
}

// notFound tells that a query was refused because there is no such thing; a query that was not even looked at says
// nothing.
func notFound(err error) bool { return alipay.IsRefused(err) && !alipay.IsTurnedAway(err) }

// words is what Alipay said, with its code.
func words(e *alipay.Error) string {
	code := e.SubCode
	if code == "" {
		code = e.Code
	}
	switch {
	case e.Message == "":
		return code
	case code == "":
		return e.Message
	default:
		return e.Message + " (" + code + ")"
	}
}

// genuine marks a message for another app; every other error of reading one stays as it is.
func genuine(err error) error {
	if errors.Is(err, alipay.ErrForeignApp) {
		return fmt.Errorf("%w: %w", acquiring.ErrForeign, err)
	}
	return err
}
