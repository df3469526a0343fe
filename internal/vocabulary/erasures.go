package vocabulary

// ErasureSubject is whose contact is erased.
type ErasureSubject string

// Values of [ErasureSubject].
const (
	ErasureOfBuyer    ErasureSubject = "buyer"
	ErasureOfMerchant ErasureSubject = "merchant"
)

// ErasureStatus is how far an erasure is.
type ErasureStatus string

// Values of [ErasureStatus].
const (
	ErasurePending ErasureStatus = "pending"
	ErasureWaiting ErasureStatus = "waiting" // for orders that are not final
	ErasureDone    ErasureStatus = "done"
)
