package alipay

// TransferStatus is the state of a transfer. Unknown values are kept.
type TransferStatus string

// The states (alipay.fund.trans.uni.transfer and alipay.fund.trans.common.query, status).
const (
	TransferSuccess TransferStatus = "SUCCESS"
	TransferFail    TransferStatus = "FAIL"
	TransferDealing TransferStatus = "DEALING"
	TransferRefund  TransferStatus = "REFUND" // the bank sent it back
	TransferWaitPay TransferStatus = "WAIT_PAY"
	TransferClosed  TransferStatus = "CLOSED"
)
