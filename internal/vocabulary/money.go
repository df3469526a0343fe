package vocabulary

// PostingKind is why a posting was made.
type PostingKind string

// Values of [PostingKind].
const (
	PostingPayment     PostingKind = "payment"
	PostingSettlement  PostingKind = "settlement"
	PostingSplit       PostingKind = "split"
	PostingRelease     PostingKind = "release" // what was frozen for a split and is not split
	PostingSplitReturn PostingKind = "split_return"
	PostingRefund      PostingKind = "refund"
)

// AccountName is the name of an account of the ledger; merchants have one of some names each.
type AccountName string

// Values of [AccountName].
const (
	AccountBuyer      AccountName = "buyer"
	AccountUnsettled  AccountName = "unsettled"  // at Alipay, of a merchant
	AccountFrozen     AccountName = "frozen"     // at Alipay, kept for the split
	AccountSettled    AccountName = "settled"    // a merchant's own
	AccountCommission AccountName = "commission" // the platform's own
)

// SettlementStatus is the status of a settlement.
type SettlementStatus string

// Values of [SettlementStatus].
const (
	SettlementPending SettlementStatus = "pending"
	SettlementDone    SettlementStatus = "done"
	SettlementRefused SettlementStatus = "refused"
)

// SplitStatus is the status of a split.
type SplitStatus string

// Values of [SplitStatus].
const (
	SplitPending   SplitStatus = "pending"
	SplitCompleted SplitStatus = "completed"
	SplitRefused   SplitStatus = "refused"
	SplitCanceled  SplitStatus = "canceled" // the payment was refunded before
)

// SplitReceiver is who gets a part of a split.
type SplitReceiver string

// Values of [SplitReceiver].
const (
	ToPlatform SplitReceiver = "platform" // the tenant's own Alipay account
	ToMerchant SplitReceiver = "merchant" // a merchant's receiver account
)

// RefundStatus is the status of a refund.
type RefundStatus string

// Values of [RefundStatus].
const (
	RefundPending   RefundStatus = "pending"
	RefundSucceeded RefundStatus = "succeeded"
	RefundRefused   RefundStatus = "refused"
)

// RefundOrigin is who gave money back.
type RefundOrigin string

// Values of [RefundOrigin].
const (
	RefundPlatform RefundOrigin = "platform" // the platform, by an operation of the API
	RefundOutside  RefundOrigin = "outside"  // someone else at Alipay: its console, a complaint, another program
)
