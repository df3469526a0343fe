// Package orders leads an order from its creation to its delivery and, if need be, back again. It is the conductor: it
// locks the order and its payment, looks up what may happen next in one table, and calls the packages that keep card
// keys, the book, splits, refunds and events.
//
// Atomic functions take a db.TenantTx; phased ones (Checkout, Close, Watch, ExecuteRefund) open their own short
// transactions, call Alipay only between them, and can be run again from any step.
package orders

import (
	"context"
	"log/slog"
	"maps"
	"net/http"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/stock"
	"zhitong/tenants/vault"
)

// Status of an order.
type Status = vocabulary.OrderStatus

// The life of an order. Paid is a moment of the paying transaction when every item is delivered at once; otherwise it
// lasts until the last one is. needs_review waits for a person.
const (
	StatusAwaitingPayment = vocabulary.OrderAwaitingPayment
	StatusPaid            = vocabulary.OrderPaid
	StatusDelivered       = vocabulary.OrderDelivered
	StatusClosed          = vocabulary.OrderClosed
	StatusRefunded        = vocabulary.OrderRefunded
	StatusNeedsReview     = vocabulary.OrderNeedsReview
)

// Codes that this package returns.
const (
	CodePaymentNotFound   fault.Code = "payment_not_found"
	CodeNotClosable       fault.Code = "order_not_closable"
	CodeNotDelivered      fault.Code = "order_not_delivered"
	CodeNotRefundable     fault.Code = "order_not_refundable"
	CodeMerchantNotActive fault.Code = "merchant_not_active"
	CodeAmountOutOfRange  fault.Code = "amount_out_of_range"
	CodeNotCombinable     fault.Code = "order_items_not_combinable"
	CodeTooManyUnpaid     fault.Code = "too_many_unpaid_orders"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition { return append(orderFaults(), reviewFaults()...) }

func orderFaults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodePaymentNotFound,
			Status:    http.StatusNotFound,
			Title:     "Payment not found",
			TitleZh:   "支付单不存在",
			Meaning:   "There is no such payment in this tenant.",
			MeaningZh: "租户内没有该支付单。",
		},
		{
			Code:      CodeNotClosable,
			Status:    http.StatusConflict,
			Title:     "Order cannot be closed",
			TitleZh:   "订单不能关闭",
			Meaning:   "Only an order that awaits payment can be closed; this one has been paid, closed or refunded.",
			MeaningZh: "只有待付款的订单可以关闭；该订单已付款、已关闭或已退款。",
		},
		{
			Code:      CodeNotDelivered,
			Status:    http.StatusConflict,
			Title:     "Order not delivered",
			TitleZh:   "订单尚未发货",
			Meaning:   "Card keys can be read once the order has been paid and delivered.",
			MeaningZh: "订单付款并发货后才能读取卡密。",
		},
		{
			Code:      CodeMerchantNotActive,
			Status:    http.StatusConflict,
			Title:     "Merchant cannot receive payments",
			TitleZh:   "商户不能收款",
			Meaning:   "The merchant of record has no approved application at Alipay, or is suspended.",
			MeaningZh: "收款商户的进件申请尚未通过，或已被暂停。",
		},
		{
			Code:      CodeAmountOutOfRange,
			Status:    http.StatusUnprocessableEntity,
			Title:     "Amount out of range",
			TitleZh:   "金额超出范围",
			Meaning:   "Price times quantity exceeds 100,000,000.00 yuan, the most that Alipay takes in one payment.",
			MeaningZh: "单价乘以数量超过 100,000,000.00 元，即支付宝单笔付款的上限。",
		},
		{
			Code:      CodeNotCombinable,
			Status:    http.StatusUnprocessableEntity,
			Title:     "Items cannot be combined",
			TitleZh:   "商品不能合并下单",
			Meaning:   "All items of an order are paid to one merchant of record under one split rule.",
			MeaningZh: "一个订单的全部商品须付给同一收款商户，并采用同一分账规则。",
		},
		{
			Code:    CodeTooManyUnpaid,
			Status:  http.StatusConflict,
			Title:   "Too many unpaid orders",
			TitleZh: "待付款订单过多",
			Meaning: "So many orders of this API key, contact or buyer’s address await payment, or hold card keys " +
				"of this product, as the platform takes. One that is paid or closed makes room; `updateTenant` " +
				"changes the bounds.",
			MeaningZh: "该接口密钥、联系方式或买家地址的待付款订单，或该商品被占用的卡密，已达平台上限。有订单付款或关闭后即可再下单；上限由 `updateTenant` 修改。",
		},
		{
			Code:      CodeNotRefundable,
			Status:    http.StatusConflict,
			Title:     "Order cannot be refunded",
			TitleZh:   "订单不能退款",
			Meaning:   "Only an order that was paid and not refunded yet can be refunded.",
			MeaningZh: "只有已付款且尚未退款的订单可以退款。",
		},
	}
}

// Mailer sends mails; *mail.Sender is the one of production.
type Mailer interface {
	// Send returns once the mail server has taken the message. An error that wraps mail.ErrRefused is for good.
	Send(ctx context.Context, m mail.Message) error
}

// Config is what a Service needs.
type Config struct {
	DB        *db.DB
	Vault     *vault.Vault // whose MAC checkout addresses are made with
	Gateways  *tenants.Gateways
	Stock     *stock.Service
	Refunds   *refunds.Service
	Kinds     fulfilment.Kinds // of goods that are sold besides card keys, which Stock delivers
	Clock     clock.Clock
	Log       *slog.Logger
	PublicURL string // address of the checkout pages, without a slash at the end
	// Mails sends one-time codes to buyers; nil: none are offered.
	Mails Mailer
	// OnChange hears of every committed change of an order, at once and in this process only. It must not block.
	OnChange func(id.Tenant, id.Order)
	// Step, for tests of crashes, is called before and after each commit and gateway call of a phased function; it may
	// end the program there.
	Step func(name string)
}

// Service carries the use cases of orders.
type Service struct {
	db        *db.DB
	vault     *vault.Vault
	gateways  *tenants.Gateways
	stock     *stock.Service
	refunds   *refunds.Service
	kinds     fulfilment.Kinds
	clock     clock.Clock
	log       *slog.Logger
	publicURL string
	mails     Mailer
	onChange  func(id.Tenant, id.Order)
	step      func(name string)
}

// New makes the service.
func New(c Config) *Service {
	if c.OnChange == nil {
		c.OnChange = func(id.Tenant, id.Order) {}
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	kinds := fulfilment.Kinds{vocabulary.FulfilCardKey: c.Stock}
	maps.Copy(kinds, c.Kinds)
	return &Service{
		db:        c.DB,
		vault:     c.Vault,
		gateways:  c.Gateways,
		stock:     c.Stock,
		refunds:   c.Refunds,
		kinds:     kinds,
		clock:     c.Clock,
		log:       c.Log,
		publicURL: c.PublicURL,
		mails:     c.Mails,
		onChange:  c.OnChange,
		step:      c.Step,
	}
}

// action is what is done to an order when Alipay reports a trade.
type action int

const (
	ignore      action = iota // nothing to do; recorded
	deliver                   // paid: deliver, or queue the delivery, in this transaction
	shut                      // not paid and never will be: close, give the card keys back
	returnMoney               // paid after it was closed: the money goes back
	wasReturned               // paid, and given back before we heard of it: book the payment, then compare
	compare                   // money of it may have gone back without us: compare the book with Alipay's
)

// transitions is the whole life of an order under Alipay's reports. A pair that is missing is ignored, which a test
// holds to this list.
var transitions = map[Status]map[acquiring.TradeStatus]action{
	StatusAwaitingPayment: {
		acquiring.TradePaid:     deliver,
		acquiring.TradeFinished: deliver,
		acquiring.TradeClosed:   shut,
	},
	StatusNeedsReview: {
		acquiring.TradePaid:     deliver,
		acquiring.TradeFinished: deliver,
		acquiring.TradeClosed:   shut,
	},
	StatusClosed:    {acquiring.TradePaid: returnMoney, acquiring.TradeFinished: returnMoney},
	StatusPaid:      {acquiring.TradeClosed: compare},
	StatusDelivered: {acquiring.TradeClosed: compare},
	StatusRefunded:  {},
}

// decide looks up what a trade does to an order. A report of a refund is never a payment, whatever status it carries.
// An order in review whose payment is booked is there for another reason. What was closed after it was paid went back.
func decide(o Status, paymentStatus vocabulary.PaymentStatus, t acquiring.Trade) action {
	booked := paymentStatus == payments.StatusPaid || paymentStatus == payments.StatusRefunded
	closed := t.Status == acquiring.TradeClosed
	switch {
	case o == StatusRefunded:
		return ignore
	case t.Refunded, o == StatusNeedsReview && booked && closed:
		return compare
	case o == StatusNeedsReview && booked:
		return ignore
	case closed && !booked && !t.PaidAt.IsZero():
		return wasReturned
	}
	return transitions[o][t.Status]
}
