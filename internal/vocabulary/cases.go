package vocabulary

// CaseStatus is the status of a case.
type CaseStatus string

// Values of [CaseStatus].
const (
	CaseOpen   CaseStatus = "open"
	CaseClosed CaseStatus = "closed"
)

// CaseKind is why a case was opened. More may come.
type CaseKind string

// Values of [CaseKind].
const (
	CaseAmountMismatch   CaseKind = "amount_mismatch"      // Alipay reports another amount than was asked for
	CaseSellerMismatch   CaseKind = "seller_mismatch"      // Alipay reports another app, seller or secondary merchant
	CaseForeignNotice    CaseKind = "foreign_notice"       // a validly signed notification about nothing of ours
	CasePaidAfterClose   CaseKind = "paid_after_close"     // money came after the order was closed
	CaseUndeliverable    CaseKind = "undeliverable"        // paid, and there are no card keys
	CaseSplitRefused     CaseKind = "split_refused"        // Alipay refused to settle or to split a payment
	CaseSettleSuspended  CaseKind = "settle_suspended"     // Alipay's risk control holds a settlement
	CaseRefundRefused    CaseKind = "refund_refused"       // Alipay refused to give money back
	CaseRefundIncomplete CaseKind = "refund_incomplete"    // the buyer's money is back, but not all of the split
	CaseUnknownTooLong   CaseKind = "unknown_too_long"     // a call's outcome could not be learned
	CaseSmidTaken        CaseKind = "smid_taken"           // Alipay approved a merchant under a number that another has
	CaseWebhookDisabled  CaseKind = "webhook_disabled"     // a webhook endpoint was switched off
	CaseNoticeFailing    CaseKind = "notice_route_failing" // people are no longer told of what happens
	CaseOutsideRefund    CaseKind = "outside_refund"       // money was given back at Alipay without us

	// What a comparison of the book with Alipay's found, although nobody reported it.
	CaseRefundMismatch     CaseKind = "refund_mismatch"     // Alipay has given the buyer less back than is booked
	CaseSettlementMismatch CaseKind = "settlement_mismatch" // other money was released to the merchant of record
	CaseSplitMismatch      CaseKind = "split_mismatch"      // other money went to receivers, or came back
	CaseCloseMismatch      CaseKind = "close_mismatch"      // paid in one book and not in the other
)
