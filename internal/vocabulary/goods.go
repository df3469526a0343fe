package vocabulary

// ProductStatus is the status of a product.
type ProductStatus string

// Values of [ProductStatus].
const (
	ProductActive   ProductStatus = "active"
	ProductArchived ProductStatus = "archived" // not for sale any more
)

// SplitRuleStatus is the status of a split rule.
type SplitRuleStatus string

// Values of [SplitRuleStatus].
const (
	SplitRuleActive   SplitRuleStatus = "active"
	SplitRuleArchived SplitRuleStatus = "archived" // not for products any more
)

// CardKeyStatus is the status of a card key. Delivered never goes back to available.
type CardKeyStatus string

// Values of [CardKeyStatus].
const (
	CardKeyAvailable CardKeyStatus = "available"
	CardKeyReserved  CardKeyStatus = "reserved" // for an unpaid order
	CardKeyDelivered CardKeyStatus = "delivered"
	CardKeyVoid      CardKeyStatus = "void" // of a refunded order, or voided by hand
)

// CardKeyStatuses lists them in the order of a key's life.
func CardKeyStatuses() []CardKeyStatus {
	return []CardKeyStatus{CardKeyAvailable, CardKeyReserved, CardKeyDelivered, CardKeyVoid}
}

// FulfilmentKind is how a product comes to its buyer. More may come.
type FulfilmentKind string

// Values of [FulfilmentKind].
const (
	FulfilCardKey FulfilmentKind = "card_key" // texts in stock
)

// DeliveryState is how far an order item is on its way. Delivered never goes back to reserved: the buyer has what was
// sold.
type DeliveryState string

// Values of [DeliveryState].
const (
	DeliveryReserved  DeliveryState = "reserved" // set aside for an order that awaits its payment
	DeliveryQueued    DeliveryState = "queued"   // paid, and being delivered
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryReleased  DeliveryState = "released" // the order was not paid: what was set aside is free again
	DeliveryVoid      DeliveryState = "void"     // the money was given back: what was delivered is worthless
)

// DeliveryStates lists every state.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{DeliveryReserved, DeliveryQueued, DeliveryDelivered, DeliveryReleased, DeliveryVoid}
}
