package access

import (
	"encoding/base64"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
)

// certificateMethods serve clients in certificate mode.
func certificateMethods() []gateway.Method {
	return []gateway.Method{{Name: "alipay.open.app.alipaycert.download",
		Fields: []protocol.Field{{Name: "alipay_cert_sn", Required: true, Max: 64}}, Handle: certDownload}}
}

// certDownload is alipay.open.app.alipaycert.download: base64 of the PEM of Alipay's certificate with that number.
func certDownload(c *gateway.Call) (any, error) {
	ca := c.State.Keys.Authority()
	if ca == nil || ca.AlipaySN() != c.Biz.Str("alipay_cert_sn") {
		return nil, protocol.Invalid("isv.alipay-cert-not-exist", "支付宝公钥证书不存在")
	}
	return struct {
		Content string `json:"alipay_cert_content"`
	}{base64.StdEncoding.EncodeToString([]byte(protocol.PEMCertificate(ca.Alipay)))}, nil
}
