// Package payments is one attempt to pay an order at Alipay and Alipay's picture of it, the trade.
//
// A payment's id in hexadecimal is its out_trade_no, so what Alipay reports is found by the primary key, and no number
// is stored twice.
package payments

import (
	"time"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// Channel is how the buyer comes to Alipay.
type Channel = vocabulary.PaymentChannel

// The channels: a QR code to scan (alipay.trade.precreate), or Alipay's cashier page (alipay.trade.page.pay).
const (
	ChannelQR   = vocabulary.ChannelQR
	ChannelPage = vocabulary.ChannelPage
)

// Statuses of a payment. A payment that was closed can still turn out paid: the buyer was faster than the close.
const (
	StatusCreated  = vocabulary.PaymentCreated  // not yet known to Alipay
	StatusPending  = vocabulary.PaymentPending  // Alipay has it; the buyer has not paid
	StatusPaid     = vocabulary.PaymentPaid     // Alipay says so, and every detail agrees
	StatusClosed   = vocabulary.PaymentClosed   // not paid in time
	StatusRefunded = vocabulary.PaymentRefunded // given back in full
)

// TradeStatus is Alipay's word for the state of a trade.
type TradeStatus string

// Alipay's trade statuses (alipay.trade.query, trade_status). Success and finished both mean paid.
const (
	TradeWaitBuyerPay TradeStatus = "WAIT_BUYER_PAY"
	TradeSuccess      TradeStatus = "TRADE_SUCCESS"
	TradeFinished     TradeStatus = "TRADE_FINISHED"
	TradeClosed       TradeStatus = "TRADE_CLOSED"
)

// Paid tells whether the buyer's money is there.
func (s TradeStatus) Paid() bool { return s == TradeSuccess || s == TradeFinished }

// Trade is what Alipay says of a payment, by notification or by query. Its signature has been verified before it is
// made.
type Trade struct {
	OutTradeNo string
	TradeNo    string
	Status     TradeStatus
	Total      money.Fen
	AppID      string // of a notification; a query's answer is by its own app
	SellerID   string // may be absent; the platform's PID or the secondary merchant
	BuyerID    string
	PaidAt     time.Time // zero when Alipay does not say
	Refunded   bool      // it reports a refund: never a payment
}

// OutTradeNo is the number that Alipay knows the payment by.
func OutTradeNo(p id.Payment) string { return p.Hex() }

// Mismatch says in which point a trade is not the one that the payment asked for, or "" when it agrees to the fen.
func Mismatch(p dbsqlc.Payment, t Trade) string {
	switch {
	case t.OutTradeNo != OutTradeNo(p.ID):
		return "out_trade_no"
	case t.AppID != "" && t.AppID != p.AppID:
		return "app_id"
	case t.Total != p.AmountFen:
		return "total_amount"
	case t.SellerID != "" && t.SellerID != p.PID && t.SellerID != p.Smid:
		return "seller_id"
	case p.TradeNo != nil && t.TradeNo != *p.TradeNo:
		return "trade_no"
	case t.TradeNo == "":
		return "trade_no"
	}
	return ""
}
