package vocabulary

// SandboxChannel is what a buyer pays with at the simulator.
type SandboxChannel string

// Values of [SandboxChannel].
const (
	SandboxBalance  SandboxChannel = "balance"
	SandboxHuabei   SandboxChannel = "huabei"
	SandboxBankCard SandboxChannel = "bank_card"
)

// SandboxFailure is why a buyer cannot pay at the simulator.
type SandboxFailure string

// Values of [SandboxFailure].
const (
	FailureBalance SandboxFailure = "balance_not_enough"
	FailureLimit   SandboxFailure = "day_limit_exceeded"
	FailureBlocked SandboxFailure = "account_blocked"
	FailureRisk    SandboxFailure = "risk"
)

// SandboxTradeStatus is how a payment stands at the simulator.
type SandboxTradeStatus string

// Values of [SandboxTradeStatus].
const (
	SandboxTradeAwaiting SandboxTradeStatus = "awaiting_payment"
	SandboxTradePaid     SandboxTradeStatus = "paid"
	SandboxTradeClosed   SandboxTradeStatus = "closed"
)

// SandboxStep is a step of an application at the simulator.
type SandboxStep string

// Values of [SandboxStep].
const (
	StepRisk      SandboxStep = "risk"
	StepMaterials SandboxStep = "materials"
	StepSignature SandboxStep = "signature"
)

// SandboxRefundOutcome is what becomes of a refund at the simulator.
type SandboxRefundOutcome string

// Values of [SandboxRefundOutcome].
const (
	RefundSucceeds  SandboxRefundOutcome = "succeeds"
	RefundIsRefused SandboxRefundOutcome = "refused"
	RefundIsDelayed SandboxRefundOutcome = "delayed"
)
