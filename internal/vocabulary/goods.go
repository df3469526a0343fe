package vocabulary

// ProductStatus is the status of a product.
type ProductStatus string

// Values of [ProductStatus].
const (
	ProductActive   ProductStatus = "active"
	ProductArchived ProductStatus = "archived" // not for sale any more
)

// CardKeyStatus is the status of a card key. Delivered never goes back to available.
type CardKeyStatus string

// Values of [CardKeyStatus].
const (
	CardKeyAvailable CardKeyStatus = "available"
	CardKeyReserved  CardKeyStatus = "reserved" // for an unpaid order
	CardKeyDelivered CardKeyStatus = "delivered"
	CardKeyVoid      CardKeyStatus = "void" // of a refunded order
)
