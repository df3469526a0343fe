package vocabulary

// FigureSpan is how long a time is that figures are summed over.
type FigureSpan string

// Values of [FigureSpan].
const (
	SpanHour FigureSpan = "hour"
	SpanDay  FigureSpan = "day" // of China
)

// MoneyStage is where money is.
type MoneyStage string

// Values of [MoneyStage].
const (
	StageUnsettled  MoneyStage = "unsettled"  // with Alipay, until it is settled
	StageFrozen     MoneyStage = "frozen"     // settled, until it is split
	StageSettled    MoneyStage = "settled"    // with the merchant of record
	StageCommission MoneyStage = "commission" // with the platform
	StageOthers     MoneyStage = "others"     // with another merchant, split to it
)
