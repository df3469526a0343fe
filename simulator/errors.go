package simulator

// bizError is a refusal in Alipay's words: it becomes the answer's node. Code 40004 unless a gateway-level code fits better.
type bizError struct {
	Code, Msg, SubCode, SubMsg string
	// Unsigned marks refusals that Alipay's gateway gives before it knows the caller; they carry no sign.
	Unsigned bool
}

// Error implements error.
func (e *bizError) Error() string { return e.Code + " " + e.SubCode + ": " + e.SubMsg }

// refuse is a business refusal: 40004 with the sub_code exactly as given (with its "ACQ." where the method has one).
func refuse(subCode, subMsg string) *bizError {
	return &bizError{Code: "40004", Msg: "Business Failed", SubCode: subCode, SubMsg: subMsg}
}

// acq is a business refusal of the trade family: refuse("ACQ."+code).
func acq(code, subMsg string) *bizError { return refuse("ACQ."+code, subMsg) }

// missing is 40001 (common return codes): a required common parameter is absent. Unsigned.
func missing(subCode, subMsg string) *bizError {
	return &bizError{Code: "40001", Msg: "Missing Required Arguments", SubCode: subCode, SubMsg: subMsg, Unsigned: true}
}

// invalid is 40002 (common return codes): a common parameter is wrong. Unsigned.
func invalid(subCode, subMsg string) *bizError {
	return &bizError{Code: "40002", Msg: "Invalid Arguments", SubCode: subCode, SubMsg: subMsg, Unsigned: true}
}

// noPermission is 40006: the product is not signed, or the application may not call this.
func noPermission(subCode, subMsg string) *bizError {
	return &bizError{Code: "40006", Msg: "Insufficient Permissions", SubCode: subCode, SubMsg: subMsg}
}

// badToken is 20001: the authorisation token is unknown, expired or not good for this.
func badToken(subCode, subMsg string) *bizError {
	return &bizError{Code: "20001", Msg: "Insufficient Token Permissions", SubCode: subCode, SubMsg: subMsg}
}

// unavailable is 20000: outcome unknown.
func unavailable() *bizError {
	return &bizError{Code: "20000", Msg: "Service Currently Unavailable", SubCode: "isp.unknow-error", SubMsg: "系统繁忙", Unsigned: true}
}
