package simulator

import "encoding/base64"

// certificateMethods serve clients in certificate mode.
func certificateMethods() []method {
	return []method{{Name: "alipay.open.app.alipaycert.download", Fields: []field{{Name: "alipay_cert_sn", Required: true, Max: 64}}, Handle: certDownload}}
}

// certDownload is alipay.open.app.alipaycert.download: base64 of the PEM of Alipay's certificate with that number.
func certDownload(c *call) (any, error) {
	ca := c.sim.keys.current()
	if ca == nil || ca.alipaySN() != c.biz.str("alipay_cert_sn") {
		return nil, invalid("isv.alipay-cert-not-exist", "支付宝公钥证书不存在")
	}
	return struct {
		Content string `json:"alipay_cert_content"`
	}{base64.StdEncoding.EncodeToString([]byte(pemCert(ca.Alipay)))}, nil
}
