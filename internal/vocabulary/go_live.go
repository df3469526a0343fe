package vocabulary

// GoLiveStep is something that a platform needs before it earns. More may come.
type GoLiveStep string

// Values of [GoLiveStep].
const (
	GoLiveConnection      GoLiveStep = "connection"       // an app of Alipay's
	GoLiveConnectionCheck GoLiveStep = "connection_check" // examined, and nothing is wrong
	GoLiveMerchant        GoLiveStep = "merchant_active"
	GoLiveProduct         GoLiveStep = "product_on_sale"
	GoLiveEndpoint        GoLiveStep = "webhook_endpoint" // enabled, and takes what is sent
	GoLiveOrder           GoLiveStep = "order_delivered"
	GoLivePeople          GoLiveStep = "two_people" // owners or admins who have signed in
	GoLiveTenant          GoLiveStep = "live_tenant"
)

// GoLiveSteps lists every step, in the order in which they are done.
func GoLiveSteps() []GoLiveStep {
	return []GoLiveStep{GoLiveConnection, GoLiveConnectionCheck, GoLiveMerchant, GoLiveProduct, GoLiveEndpoint,
		GoLiveOrder, GoLivePeople, GoLiveTenant}
}

// GoLiveState is how far a step is.
type GoLiveState string

// Values of [GoLiveState].
const (
	GoLiveOpen   GoLiveState = "open"
	GoLiveDone   GoLiveState = "done"
	GoLiveFailed GoLiveState = "failed" // it was tried, and something is wrong
)

// GoLiveStates lists every state of a step.
func GoLiveStates() []GoLiveState { return []GoLiveState{GoLiveOpen, GoLiveDone, GoLiveFailed} }
