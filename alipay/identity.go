package alipay

import "context"

// UserCertifyOpenInitializeRequest begins a real-name verification (alipay.user.certify.open.initialize). BizCode:
// FACE, CERT_PHOTO, CERT_PHOTO_FACE, SMART_FACE.
type UserCertifyOpenInitializeRequest struct {
	OuterOrderNo   string         `json:"outer_order_no" rule:"required,own"`
	BizCode        string         `json:"biz_code" rule:"required"`
	IdentityParam  *IdentityParam `json:"identity_param" rule:"required"`
	MerchantConfig *CertifyConfig `json:"merchant_config" rule:"required"`
	FaceContrast   string         `json:"face_contrast_picture"`
}

// IdentityParam is who shall be verified. IdentityType CERT_INFO, CertType IDENTITY_CARD for a resident.
type IdentityParam struct {
	IdentityType string `json:"identity_type" rule:"required"`
	CertType     string `json:"cert_type" rule:"required"`
	CertName     string `json:"cert_name" rule:"required"`
	CertNo       string `json:"cert_no" rule:"required"`
	PhoneNo      string `json:"phone_no"`
	UserID       string `json:"user_id"`
	OpenID       string `json:"open_id"`
}

// CertifyConfig says where the person returns to.
type CertifyConfig struct {
	ReturnURL           string `json:"return_url" rule:"required"`
	FaceReserveStrategy string `json:"face_reserve_strategy"`
}

// UserCertifyOpenInitializeResponse holds the number of the verification.
type UserCertifyOpenInitializeResponse struct {
	CertifyID string `json:"certify_id"`
}

// UserCertifyOpenInitialize begins a real-name verification (alipay.user.certify.open.initialize).
func (c *Client) UserCertifyOpenInitialize(ctx context.Context,
	req UserCertifyOpenInitializeRequest) (*UserCertifyOpenInitializeResponse, error) {
	return call(ctx, c, mCertifyInitialize, req, func(r *UserCertifyOpenInitializeResponse) *Error {
		if r.CertifyID == "" {
			return mismatch("certify_id")
		}
		return nil
	})
}

// UserCertifyOpenCertifyRequest is the page where the person proves who they are (alipay.user.certify.open.certify).
type UserCertifyOpenCertifyRequest struct {
	CertifyID string `json:"certify_id" rule:"required"`
}

// UserCertifyOpenCertify makes the URL the person opens (alipay.user.certify.open.certify).
func (c *Client) UserCertifyOpenCertify(ctx context.Context, req UserCertifyOpenCertifyRequest) (string, error) {
	return c.pageURL(ctx, mCertifyCertify, req)
}

// UserCertifyOpenQueryRequest asks for the result (alipay.user.certify.open.query).
type UserCertifyOpenQueryRequest struct {
	CertifyID string `json:"certify_id" rule:"required"`
}

// UserCertifyOpenQueryResponse is the result. Identity and material are JSON texts of Alipay's.
type UserCertifyOpenQueryResponse struct {
	Passed       bool   `json:"passed"`
	FailReason   string `json:"fail_reason"`
	IdentityInfo string `json:"identity_info"`
	MaterialInfo string `json:"material_info"`
}

// UserCertifyOpenQuery asks for the result of a verification (alipay.user.certify.open.query).
func (c *Client) UserCertifyOpenQuery(ctx context.Context,
	req UserCertifyOpenQueryRequest) (*UserCertifyOpenQueryResponse, error) {
	return call[UserCertifyOpenQueryResponse](ctx, c, mCertifyQuery, req, nil)
}
