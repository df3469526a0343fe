package tenants

import (
	"errors"

	"zhitong/alipay"
)

// GatewayWords is why Alipay refused, in its own words with its code, for a person. It holds nothing of the request.
func GatewayWords(err error) string {
	e, ok := errors.AsType[*alipay.Error](err)
	if !ok {
		return ""
	}
	code := e.SubCode
	if code == "" {
		code = e.Code
	}
	switch {
	case e.Message == "":
		return code
	case code == "":
		return e.Message
	default:
		return e.Message + " (" + code + ")"
	}
}
