package alipay

import (
	"context"
	"encoding/base64"
)

// AlipaycertDownloadRequest names the certificate to download (alipay.open.app.alipaycert.download).
type AlipaycertDownloadRequest struct {
	AlipayCertSN string `json:"alipay_cert_sn" rule:"required,max=64"`
}

// AlipaycertDownloadResponse is the certificate. It is trusted only after it chains to the pinned root, which this call
// does not check.
type AlipaycertDownloadResponse struct {
	Content string `json:"alipay_cert_content"` // Base64 of PEM
	PEM     string `json:"-"`
}

// AlipaycertDownload downloads one of Alipay's certificates. The client does it by itself when an answer names a
// certificate it does not know.
func (c *Client) AlipaycertDownload(ctx context.Context,
	req AlipaycertDownloadRequest) (*AlipaycertDownloadResponse, error) {
	return call(ctx, c, mAlipaycertDownload, req, func(r *AlipaycertDownloadResponse) *Error {
		text, err := base64.StdEncoding.DecodeString(r.Content)
		if err != nil {
			return mismatch("alipay_cert_content")
		}
		r.PEM = string(text)
		return nil
	})
}
