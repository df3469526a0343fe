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
	"zhitong/tenants/acquiring"
)

// Channel is how the buyer comes to Alipay. The values are stored.
type Channel = acquiring.Method

// The channels: a QR code to scan, or Alipay's cashier page.
const (
	ChannelQR   = acquiring.MethodQR
	ChannelPage = acquiring.MethodPage
)

// Statuses of a payment. A payment that was closed can still turn out paid: the buyer was faster than the close.
const (
	StatusCreated  = vocabulary.PaymentCreated  // not yet known to Alipay
	StatusPending  = vocabulary.PaymentPending  // Alipay has it; the buyer has not paid
	StatusPaid     = vocabulary.PaymentPaid     // Alipay says so, and every detail agrees
	StatusClosed   = vocabulary.PaymentClosed   // not paid in time
	StatusRefunded = vocabulary.PaymentRefunded // given back in full
)

// Payment is one attempt to pay an order.
type Payment struct {
	ID        id.Payment
	Order     id.Order
	Channel   Channel
	Status    vocabulary.PaymentStatus
	Amount    money.Fen
	Refunded  money.Fen
	AppID     string // the app of the connection that asked for it
	PID       string // and its partner
	Smid      string // of the merchant of record
	PayURL    string // what the buyer opens, or the text of the code; empty until Alipay has told it
	TradeNo   string // Alipay's number; empty until it is paid
	CreatedAt time.Time
	PaidAt    *time.Time
}

// Of is the payment of a row.
func Of(r dbsqlc.Payment) Payment {
	p := Payment{
		ID:        r.ID,
		Order:     r.OrderID,
		Channel:   r.Channel,
		Status:    r.Status,
		Amount:    r.AmountFen,
		Refunded:  r.RefundedFen,
		AppID:     r.AppID,
		PID:       r.PID,
		Smid:      r.Smid,
		PayURL:    r.PayURL,
		CreatedAt: r.CreatedAt,
		PaidAt:    r.PaidAt,
	}
	if r.TradeNo != nil {
		p.TradeNo = *r.TradeNo
	}
	return p
}

// Left is what of a paid payment is not given back.
func (p Payment) Left() money.Fen { return p.Amount - p.Refunded }

// OutTradeNo is the number that Alipay knows the payment by.
func OutTradeNo(p id.Payment) string { return p.Hex() }

// Mismatch says in which point a trade is not the one that the payment asked for, or "" when it agrees to the fen.
func Mismatch(p Payment, t acquiring.Trade) string {
	switch {
	case t.Number != OutTradeNo(p.ID):
		return "out_trade_no"
	case t.Account != "" && t.Account != p.AppID:
		return "app_id"
	case t.Total != p.Amount:
		return "total_amount"
	case t.Seller != "" && t.Seller != p.PID && t.Seller != p.Smid:
		return "seller_id"
	case p.TradeNo != "" && t.TradeNo != p.TradeNo:
		return "trade_no"
	case t.TradeNo == "":
		return "trade_no"
	}
	return ""
}
