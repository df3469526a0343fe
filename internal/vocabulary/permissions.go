package vocabulary

import "slices"

// Resource is a part of the API that a key can be kept out of. Each operation belongs to one.
type Resource string

// Values of [Resource]: the tags of the contract, and the card keys of orders.
const (
	ResourceTenants    Resource = "tenants"
	ResourceAccess     Resource = "access"
	ResourceMerchants  Resource = "merchants"
	ResourceOnboarding Resource = "onboarding"
	ResourceSplitRules Resource = "split_rules"
	ResourceCatalog    Resource = "catalog"
	ResourceStock      Resource = "stock"
	ResourceOrders     Resource = "orders"
	ResourceCardKeys   Resource = "card_keys" // of orders, and the addresses that lead to them
	ResourceRefunds    Resource = "refunds"
	ResourceEvents     Resource = "events"
	ResourceWebhooks   Resource = "webhooks"
	ResourceCases      Resource = "cases"
	ResourceTasks      Resource = "tasks" // and what they make of the lists that the key may read
	ResourceFiles      Resource = "files"
	ResourceApprovals  Resource = "approvals" // beside the resource of the act itself
)

// Resources lists every resource.
func Resources() []Resource {
	return []Resource{ResourceTenants, ResourceAccess, ResourceMerchants, ResourceOnboarding, ResourceSplitRules,
		ResourceCatalog, ResourceStock, ResourceOrders, ResourceCardKeys, ResourceRefunds, ResourceEvents,
		ResourceWebhooks, ResourceCases, ResourceTasks, ResourceFiles, ResourceApprovals}
}

// Valid tells whether the resource exists.
func (r Resource) Valid() bool { return slices.Contains(Resources(), r) }

// Level is how much of a resource a key may do.
type Level string

// Values of [Level], each with the ones before.
const (
	LevelNone  Level = "none"
	LevelRead  Level = "read"  // what changes nothing
	LevelWrite Level = "write" // everything
)

// Levels lists every level, the least first.
func Levels() []Level { return []Level{LevelNone, LevelRead, LevelWrite} }

// Valid tells whether the level exists.
func (l Level) Valid() bool { return slices.Contains(Levels(), l) }

// Allows tells whether whoever has the level may do what asks for the other. A level that does not exist is none.
func (l Level) Allows(asked Level) bool {
	return max(0, slices.Index(Levels(), l)) >= slices.Index(Levels(), asked)
}
