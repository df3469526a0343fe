package protocol

// BizError is a refusal in Alipay's words: it becomes the answer's node. Code 40004 unless a gateway-level code fits
// better.
type BizError struct {
	Code, Msg, SubCode, SubMsg string
	// Stray marks the refusal of a request without a sign, which comes unsigned and in error_response (seen live:
	// alipay-sdk-nodejs-all, test/alipay.exec.test.ts). Every other refusal is signed once the application is known.
	Stray bool
}

// Error implements error.
func (e *BizError) Error() string { return e.Code + " " + e.SubCode + ": " + e.SubMsg }

// Refuse is a business refusal: 40004 with the sub_code exactly as given (with its "ACQ." where the method has one).
func Refuse(subCode, subMsg string) *BizError {
	return &BizError{Code: "40004", Msg: "Business Failed", SubCode: subCode, SubMsg: subMsg}
}

// ACQ is a business refusal of the trade family: refuse("ACQ."+code).
func ACQ(code, subMsg string) *BizError { return Refuse("ACQ."+code, subMsg) }

// Missing is 40001 (common return codes): a required common parameter is absent.
func Missing(subCode, subMsg string) *BizError {
	return &BizError{Code: "40001", Msg: "Missing Required Arguments", SubCode: subCode, SubMsg: subMsg}
}

// Invalid is 40002 (common return codes): a common parameter is wrong.
func Invalid(subCode, subMsg string) *BizError {
	return &BizError{Code: "40002", Msg: "Invalid Arguments", SubCode: subCode, SubMsg: subMsg}
}

// Undecryptable is 40003: encrypted content that cannot be opened. It is signed and not encrypted (seen live:
// alipay-sdk-nodejs-all, test/alipay.exec.test.ts).
func Undecryptable() *BizError {
	return &BizError{Code: "40003", Msg: "Insufficient Conditions", SubCode: "isv.decryption-error-unknown",
		SubMsg: "解密出错, 未知错误"}
}

// NoPermission is 40006: the product is not signed, or the application may not call this.
func NoPermission(subCode, subMsg string) *BizError {
	return &BizError{Code: "40006", Msg: "Insufficient Permissions", SubCode: subCode, SubMsg: subMsg}
}

// BadToken is 20001: the authorisation token is unknown, expired or not good for this.
func BadToken(subCode, subMsg string) *BizError {
	return &BizError{Code: "20001", Msg: "Insufficient Token Permissions", SubCode: subCode, SubMsg: subMsg}
}

// Unavailable is 20000: outcome unknown.
func Unavailable() *BizError {
	return &BizError{Code: "20000", Msg: "Service Currently Unavailable", SubCode: "isp.unknow-error", SubMsg: "系统繁忙"}
}
