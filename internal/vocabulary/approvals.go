package vocabulary

// ApprovalStatus is the status of an approval.
type ApprovalStatus string

// Values of [ApprovalStatus].
const (
	ApprovalWaiting   ApprovalStatus = "waiting"
	ApprovalScheduled ApprovalStatus = "scheduled" // approved, and done later
	ApprovalApproved  ApprovalStatus = "approved"  // and done
	ApprovalRefused   ApprovalStatus = "refused"   // by a person, or because it cannot be done any more
	ApprovalExpired   ApprovalStatus = "expired"   // nobody decided in time
	ApprovalWithdrawn ApprovalStatus = "withdrawn" // by who asked, or an owner or admin
)

// ApprovalStatuses lists every status of an approval.
func ApprovalStatuses() []ApprovalStatus {
	return []ApprovalStatus{ApprovalWaiting, ApprovalScheduled, ApprovalApproved, ApprovalRefused, ApprovalExpired,
		ApprovalWithdrawn}
}

// ApprovalKind is the act that needs a second person. More may come.
type ApprovalKind string

// Values of [ApprovalKind].
const (
	ApprovalRefund         ApprovalKind = "refund"
	ApprovalReceiverChange ApprovalKind = "receiver_change"
	ApprovalRefundLimit    ApprovalKind = "refund_limit"
	ApprovalFactorReset    ApprovalKind = "factor_reset"
)

// ApprovalKinds lists every kind of approval.
func ApprovalKinds() []ApprovalKind {
	return []ApprovalKind{ApprovalRefund, ApprovalReceiverChange, ApprovalRefundLimit, ApprovalFactorReset}
}
