package vocabulary

// TimelineKind is what an entry of an order's time line tells about. More may come.
type TimelineKind string

// Values of [TimelineKind].
const (
	TimelineOrderCreated   TimelineKind = "order_created"
	TimelineOrderDelivered TimelineKind = "order_delivered"
	TimelineOrderClosed    TimelineKind = "order_closed"
	TimelinePaymentCreated TimelineKind = "payment_created"
	TimelinePaymentPaid    TimelineKind = "payment_paid"
	TimelineNotification   TimelineKind = "notification"
	TimelineSettlement     TimelineKind = "settlement"
	TimelineSplit          TimelineKind = "split"
	TimelineSplitPart      TimelineKind = "split_part"
	TimelineRefund         TimelineKind = "refund"
	TimelineRefundPart     TimelineKind = "refund_part"
	TimelineWebhookAttempt TimelineKind = "webhook_attempt"
	TimelineCaseOpened     TimelineKind = "case_opened"
	TimelineCaseClosed     TimelineKind = "case_closed"
	TimelineReviewAsked    TimelineKind = "review_asked"
	TimelineReviewEnded    TimelineKind = "review_ended"
	TimelineCodeAsked      TimelineKind = "code_asked"
	TimelineRevealed       TimelineKind = "card_keys_revealed"
	TimelineAct            TimelineKind = "act"
)

// TimelineKinds lists every kind.
func TimelineKinds() []TimelineKind {
	return []TimelineKind{
		TimelineOrderCreated,
		TimelineOrderDelivered,
		TimelineOrderClosed,
		TimelinePaymentCreated,
		TimelinePaymentPaid,
		TimelineNotification,
		TimelineSettlement,
		TimelineSplit,
		TimelineSplitPart,
		TimelineRefund,
		TimelineRefundPart,
		TimelineWebhookAttempt,
		TimelineCaseOpened,
		TimelineCaseClosed,
		TimelineReviewAsked,
		TimelineReviewEnded,
		TimelineCodeAsked,
		TimelineRevealed,
		TimelineAct,
	}
}

// TimelineArea is what a reader of a time line filters by.
type TimelineArea string

// Values of [TimelineArea].
const (
	AreaMoney   TimelineArea = "money"   // what moved, or was to
	AreaNotices TimelineArea = "notices" // what came from Alipay, and what went to webhooks
	AreaPeople  TimelineArea = "people"  // who did what
	AreaGoods   TimelineArea = "goods"   // what the buyer got
)

// MatchedBy is what a thing was found by. More may come.
type MatchedBy string

// Values of [MatchedBy].
const (
	MatchedByID         MatchedBy = "id"
	MatchedByReference  MatchedBy = "reference"
	MatchedByTradeNo    MatchedBy = "trade_no"
	MatchedByOutTradeNo MatchedBy = "out_trade_no"
	MatchedByNumber     MatchedBy = "number" // another number at the acquirer
	MatchedByContact    MatchedBy = "buyer_contact"
	MatchedByName       MatchedBy = "name"
	MatchedBySmid       MatchedBy = "smid"
	MatchedByLast4      MatchedBy = "last4"
	MatchedByEmail      MatchedBy = "email"
	MatchedByURL        MatchedBy = "url"
	MatchedByCardKey    MatchedBy = "card_key"
)

// MatchedBys lists every way.
func MatchedBys() []MatchedBy {
	return []MatchedBy{MatchedByID, MatchedByReference, MatchedByTradeNo, MatchedByOutTradeNo, MatchedByNumber,
		MatchedByContact, MatchedByName, MatchedBySmid, MatchedByLast4, MatchedByEmail, MatchedByURL, MatchedByCardKey}
}
