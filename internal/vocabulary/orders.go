package vocabulary

// OrderStatus is the status of an order.
type OrderStatus string

// Values of [OrderStatus].
const (
	OrderAwaitingPayment OrderStatus = "awaiting_payment"
	OrderPaid            OrderStatus = "paid" // a moment of the paying transaction for goods that are delivered at once
	OrderDelivered       OrderStatus = "delivered"
	OrderClosed          OrderStatus = "closed" // unpaid, and never will be
	OrderRefunded        OrderStatus = "refunded"
	OrderNeedsReview     OrderStatus = "needs_review" // waits for manual review
)

// ReviewDecision is what is done with an order whose payment is not what was asked for.
type ReviewDecision string

// Values of [ReviewDecision].
const (
	ReviewRefund  ReviewDecision = "refund"  // give the buyer back all that came
	ReviewAccept  ReviewDecision = "accept"  // deliver for what came
	ReviewRelease ReviewDecision = "release" // close it and free what it holds: nothing is there
)

// ReviewStatus is how far a decision about an order is.
type ReviewStatus string

// Values of [ReviewStatus].
const (
	ReviewAsked     ReviewStatus = "asked" // waits for a second person
	ReviewConfirmed ReviewStatus = "confirmed"
	ReviewWithdrawn ReviewStatus = "withdrawn"
)

// PaymentChannel is how a buyer pays.
type PaymentChannel string

// Values of [PaymentChannel].
const (
	ChannelQR   PaymentChannel = "qr"   // a QR code to scan (alipay.trade.precreate)
	ChannelPage PaymentChannel = "page" // Alipay's cashier page (alipay.trade.page.pay)
)

// PaymentStatus is the status of a payment.
type PaymentStatus string

// Values of [PaymentStatus].
const (
	PaymentCreated  PaymentStatus = "created" // not known to Alipay yet
	PaymentPending  PaymentStatus = "pending" // the buyer can pay
	PaymentPaid     PaymentStatus = "paid"
	PaymentClosed   PaymentStatus = "closed"
	PaymentRefunded PaymentStatus = "refunded"
)

// NotificationKind is what Alipay sent: a change of a trade, or a message to the app's gateway.
type NotificationKind string

// Values of [NotificationKind].
const (
	NotificationTrade   NotificationKind = "trade"
	NotificationMessage NotificationKind = "message"
)

// Verdict is what became of a notification.
type Verdict string

// Values of [Verdict].
const (
	VerdictApplied Verdict = "applied"
	VerdictIgnored Verdict = "ignored" // nothing to do
	VerdictReview  Verdict = "review"  // a case was opened
	VerdictRefused Verdict = "refused" // not Alipay's word
	VerdictFailed  Verdict = "failed"  // our failure; Alipay repeats it
)
