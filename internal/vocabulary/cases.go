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

// CaseCause is what a case says happened. A case of one kind may have several; which facts go with each, Cause tells in
// the contract.
type CaseCause string

// Values of [CaseCause].
const (
	CauseTradeDiffers     CaseCause = "trade_differs"       // paid otherwise than was asked for
	CauseForeignTrade     CaseCause = "foreign_trade"       // Alipay tells of a trade that nobody here asked for
	CauseForeignApp       CaseCause = "foreign_app"         // Alipay tells another app's news at this address
	CausePaidAfterClose   CaseCause = "paid_after_close"    // given back by itself
	CauseSplitRefused     CaseCause = "split_refused"       // in Alipay's words
	CauseSettleSuspended  CaseCause = "settle_suspended"    // in Alipay's words
	CauseSplitUnknown     CaseCause = "split_unknown"       // for a day
	CauseReleasedOutside  CaseCause = "released_outside"    // the settlement was another's
	CauseFrozenFreed      CaseCause = "frozen_freed"        // for the merchant of record, instead of being split
	CauseRefundRefused    CaseCause = "refund_refused"      // in Alipay's words
	CauseRefundUnknown    CaseCause = "refund_unknown"      // for a day
	CauseRefundIncomplete CaseCause = "refund_incomplete"   // receivers kept their parts
	CauseOutsideRefund    CaseCause = "outside_refund"      // made at Alipay
	CauseSmidTaken        CaseCause = "smid_taken"          // by another merchant
	CauseEndpointDisabled CaseCause = "endpoint_disabled"   // nobody took events there
	CauseRouteFailing     CaseCause = "route_failing"       // notices do not get through
	CauseBooksDiffer      CaseCause = "books_differ"        // in one sum, which Field names
	CausePaidThere        CaseCause = "paid_only_at_alipay" // and not in the book
	CausePaidHere         CaseCause = "paid_only_here"      // and not at Alipay
)
