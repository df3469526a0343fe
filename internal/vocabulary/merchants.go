package vocabulary

// MerchantKind is what a merchant does.
type MerchantKind string

// Values of [MerchantKind].
const (
	MerchantDistributor MerchantKind = "distributor" // 分销商
	MerchantSupplier    MerchantKind = "supplier"    // 供货商
)

// MerchantStatus is the status of a merchant.
type MerchantStatus string

// Values of [MerchantStatus].
const (
	MerchantPending   MerchantStatus = "pending"   // not approved by Alipay yet
	MerchantActive    MerchantStatus = "active"    // approved; can receive payments
	MerchantSuspended MerchantStatus = "suspended" // approved, but kept from selling
)

// ReceiverType is how Alipay finds the account of a receiver, in Alipay's spelling.
type ReceiverType string

// Values of [ReceiverType].
const (
	ReceiverUserID    ReceiverType = "userId"
	ReceiverLoginName ReceiverType = "loginName"
)

// ApplicationStatus is the status of a merchant application.
type ApplicationStatus string

// Decided tells whether the application has ended.
func (s ApplicationStatus) Decided() bool {
	return s == ApplicationApproved || s == ApplicationRejected
}

// Values of [ApplicationStatus].
const (
	ApplicationDraft             ApplicationStatus = "draft"
	ApplicationSubmitted         ApplicationStatus = "submitted" // on its way to Alipay
	ApplicationInReview          ApplicationStatus = "in_review"
	ApplicationAwaitingSignature ApplicationStatus = "awaiting_signature"
	ApplicationApproved          ApplicationStatus = "approved"
	ApplicationRejected          ApplicationStatus = "rejected"
)
