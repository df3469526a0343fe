package alipay

import "context"

// IndirectZftCreateRequest is a full application of a secondary merchant (ant.merchant.expand.indirect.zft.create,
// field table). Lists are lists here; in IndirectZftSimplecreateRequest the same fields are single values. The
// deprecated out_biz_no is never sent.
type IndirectZftCreateRequest struct {
	ExternalID           string             `json:"external_id" rule:"required,max=32"` // our merchant number, unique per platform
	Name                 string             `json:"name" rule:"required,max=128"`       // as on the certificate
	AliasName            string             `json:"alias_name" rule:"required,max=128"` // shown to buyers
	MerchantType         MerchantType       `json:"merchant_type" rule:"required"`
	MCC                  string             `json:"mcc" rule:"required,max=10"`       // Bnnnn
	CertType             string             `json:"cert_type" rule:"required,max=20"` // 201, 218, 204, 206, 219; 100 for individuals
	CertNo               string             `json:"cert_no" rule:"required,max=20"`
	CertName             string             `json:"cert_name"`                 // 07 only: the name on the licence
	CertImage            string             `json:"cert_image" rule:"max=256"` // image id, as every image here
	CertImageBack        string             `json:"cert_image_back" rule:"max=256"`
	LegalName            string             `json:"legal_name" rule:"max=64"` // required unless 06
	LegalCertNo          string             `json:"legal_cert_no" rule:"max=18"`
	LegalCertType        string             `json:"legal_cert_type"` // 100 (default), 105, 106, 108
	LegalCertFrontImage  string             `json:"legal_cert_front_image" rule:"max=256"`
	LegalCertBackImage   string             `json:"legal_cert_back_image" rule:"max=256"`
	LicenseAuthLetter    string             `json:"license_auth_letter_image" rule:"max=256"` // when name and card holder differ
	ContactInfos         []ContactInfo      `json:"contact_infos" rule:"required"`
	ServicePhone         string             `json:"service_phone" rule:"max=20"`
	Service              []ServiceName      `json:"service" rule:"required"`
	BusinessAddress      *AddressInfo       `json:"business_address"` // required for 当面付
	OutDoorImages        []string           `json:"out_door_images"`  // required for 当面付
	InDoorImages         []string           `json:"in_door_images"`   // required for 当面付
	Sites                []SiteInfo         `json:"sites"`
	Qualifications       []Qualification    `json:"qualifications"`                                 // required for special industries
	AlipayLogonID        string             `json:"alipay_logon_id" rule:"max=64"`                  // settlement account; required when settling to Alipay
	BindingAlipayLogonID string             `json:"binding_alipay_logon_id" rule:"required,max=64"` // the account that confirms the agreement
	BizCards             []SettleCard       `json:"biz_cards" rule:"max=1"`                         // not for individuals
	DefaultSettleRule    *DefaultSettleRule `json:"default_settle_rule" rule:"required"`
	InvoiceInfo          *InvoiceInfo       `json:"invoice_info"`
	SignTimeWithISV      string             `json:"sign_time_with_isv" rule:"max=20"` // yyyy-MM-dd
	InfoSourceOpenID     string             `json:"info_source_open_id" rule:"max=128"`
	OverseaSettleOpenID  string             `json:"oversea_settle_open_id" rule:"max=128"`
}

// IndirectZftOrderResponse holds the number of an application, to be watched by IndirectZftorderQuery.
type IndirectZftOrderResponse struct {
	OrderID string `json:"order_id"`
}

func hasOrderID(r *IndirectZftOrderResponse) *Error {
	if r.OrderID == "" {
		return mismatch("order_id")
	}
	return nil
}

// IndirectZftCreate submits an application (ant.merchant.expand.indirect.zft.create). Done means received, not
// approved. There is no idempotency key: an unknown outcome is settled by IndirectZftorderQuery with the external id
// before anything is sent again.
func (c *Client) IndirectZftCreate(ctx context.Context,
	req IndirectZftCreateRequest) (*IndirectZftOrderResponse, error) {
	return call(ctx, c, mIndirectZftCreate, req, hasOrderID)
}

// IndirectZftConsultRequest is a dry run of an application (ant.merchant.expand.indirect.zft.consult, field table).
type IndirectZftConsultRequest struct {
	ExternalID           string             `json:"external_id" rule:"required,max=32"` // our merchant number, unique per platform
	Name                 string             `json:"name" rule:"required,max=128"`       // as on the certificate
	AliasName            string             `json:"alias_name" rule:"required,max=128"` // shown to buyers
	MerchantType         MerchantType       `json:"merchant_type" rule:"required"`
	MCC                  string             `json:"mcc" rule:"required,max=10"`       // Bnnnn
	CertType             string             `json:"cert_type" rule:"required,max=20"` // 201, 218, 204, 206, 219; 100 for individuals
	CertNo               string             `json:"cert_no" rule:"required,max=20"`
	CertName             string             `json:"cert_name"`                 // 07 only: the name on the licence
	CertImage            string             `json:"cert_image" rule:"max=256"` // image id, as every image here
	CertImageBack        string             `json:"cert_image_back" rule:"max=256"`
	LegalName            string             `json:"legal_name" rule:"max=64"` // required unless 06
	LegalCertNo          string             `json:"legal_cert_no" rule:"max=18"`
	LegalCertType        string             `json:"legal_cert_type"` // 100 (default), 105, 106, 108
	LegalCertFrontImage  string             `json:"legal_cert_front_image" rule:"max=256"`
	LegalCertBackImage   string             `json:"legal_cert_back_image" rule:"max=256"`
	LicenseAuthLetter    string             `json:"license_auth_letter_image" rule:"max=256"` // when name and card holder differ
	ContactInfos         []ContactInfo      `json:"contact_infos" rule:"required"`
	ServicePhone         string             `json:"service_phone" rule:"max=20"`
	Service              []ServiceName      `json:"service" rule:"required"`
	BusinessAddress      *AddressInfo       `json:"business_address"` // required for 当面付
	OutDoorImages        []string           `json:"out_door_images"`  // required for 当面付
	InDoorImages         []string           `json:"in_door_images"`   // required for 当面付
	Sites                []SiteInfo         `json:"sites"`
	Qualifications       []Qualification    `json:"qualifications"`                                 // required for special industries
	AlipayLogonID        string             `json:"alipay_logon_id" rule:"max=64"`                  // settlement account; required when settling to Alipay
	BindingAlipayLogonID string             `json:"binding_alipay_logon_id" rule:"required,max=64"` // the account that confirms the agreement
	BizCards             []SettleCard       `json:"biz_cards" rule:"max=1"`                         // not for individuals
	DefaultSettleRule    *DefaultSettleRule `json:"default_settle_rule" rule:"required"`
	InvoiceInfo          *InvoiceInfo       `json:"invoice_info"`
	SignTimeWithISV      string             `json:"sign_time_with_isv" rule:"max=20"` // yyyy-MM-dd
	InfoSourceOpenID     string             `json:"info_source_open_id" rule:"max=128"`
	OverseaSettleOpenID  string             `json:"oversea_settle_open_id" rule:"max=128"`
	AdditionalCertType   string             `json:"additional_cert_type" rule:"max=20"`
	AdditionalCertNo     string             `json:"additional_cert_no" rule:"max=20"`
	AdditionalCertImage  string             `json:"additional_cert_image" rule:"max=256"`
	TradeScene           []string           `json:"trade_scene"` // TINY_APP, WAP, OFFLINE, APP, PC
	WithholdingInfo      *WithholdingInfo   `json:"zft_withholding_info"`
}

// IndirectZftConsultResponse tells which reviews an application would need.
type IndirectZftConsultResponse struct {
	OrderID      string `json:"order_id"`
	RiskAudit    bool   `json:"risk_audit"`
	AccountAudit bool   `json:"account_audit"`
}

// IndirectZftConsult validates an application without submitting it (ant.merchant.expand.indirect.zft.consult).
func (c *Client) IndirectZftConsult(ctx context.Context,
	req IndirectZftConsultRequest) (*IndirectZftConsultResponse, error) {
	return call[IndirectZftConsultResponse](ctx, c, mIndirectZftConsult, req, nil)
}

// IndirectZftModifyRequest changes a secondary merchant, named by smid or external id
// (ant.merchant.expand.indirect.zft.modify, field table). Whether omitted fields are kept is not documented, so all
// current data is sent.
type IndirectZftModifyRequest struct {
	SMID                 string             `json:"smid" rule:"one"`
	ExternalID           string             `json:"external_id" rule:"one,max=32"`      // our merchant number, unique per platform
	Name                 string             `json:"name" rule:"required,max=128"`       // as on the certificate
	AliasName            string             `json:"alias_name" rule:"required,max=128"` // shown to buyers
	MerchantType         MerchantType       `json:"merchant_type" rule:"required"`
	MCC                  string             `json:"mcc" rule:"required,max=10"` // Bnnnn
	CertType             string             `json:"cert_type" rule:"max=20"`    // 201, 218, 204, 206, 219; 100 for individuals
	CertImage            string             `json:"cert_image" rule:"max=256"`  // image id, as every image here
	CertImageBack        string             `json:"cert_image_back" rule:"max=256"`
	LegalName            string             `json:"legal_name" rule:"max=64"` // required unless 06
	LegalCertNo          string             `json:"legal_cert_no" rule:"max=18"`
	LegalCertType        string             `json:"legal_cert_type"` // 100 (default), 105, 106, 108
	LegalCertFrontImage  string             `json:"legal_cert_front_image" rule:"max=256"`
	LegalCertBackImage   string             `json:"legal_cert_back_image" rule:"max=256"`
	LicenseAuthLetter    string             `json:"license_auth_letter_image" rule:"max=256"` // when name and card holder differ
	ContactInfos         []ContactInfo      `json:"contact_infos" rule:"required"`
	ServicePhone         string             `json:"service_phone" rule:"max=20"`
	Service              []ServiceName      `json:"service" rule:"required"`
	BusinessAddress      *AddressInfo       `json:"business_address"` // required for 当面付
	OutDoorImages        []string           `json:"out_door_images"`  // required for 当面付
	InDoorImages         []string           `json:"in_door_images"`   // required for 当面付
	Sites                []SiteInfo         `json:"sites"`
	Qualifications       []Qualification    `json:"qualifications"`                                 // required for special industries
	AlipayLogonID        string             `json:"alipay_logon_id" rule:"max=64"`                  // settlement account; required when settling to Alipay
	BindingAlipayLogonID string             `json:"binding_alipay_logon_id" rule:"required,max=64"` // the account that confirms the agreement
	BizCards             []SettleCard       `json:"biz_cards" rule:"max=1"`                         // not for individuals
	DefaultSettleRule    *DefaultSettleRule `json:"default_settle_rule" rule:"required"`
	InvoiceInfo          *InvoiceInfo       `json:"invoice_info"`
	SignTimeWithISV      string             `json:"sign_time_with_isv" rule:"max=20"` // yyyy-MM-dd
	InfoSourceOpenID     string             `json:"info_source_open_id" rule:"max=128"`
	OverseaSettleOpenID  string             `json:"oversea_settle_open_id" rule:"max=128"`
	AdditionalCertType   string             `json:"additional_cert_type" rule:"max=20"`
	AdditionalCertNo     string             `json:"additional_cert_no" rule:"max=20"`
	AdditionalCertImage  string             `json:"additional_cert_image" rule:"max=256"`
	TradeScene           []string           `json:"trade_scene"` // TINY_APP, WAP, OFFLINE, APP, PC
}

// IndirectZftModify submits a change; it goes through the same reviews (ant.merchant.expand.indirect.zft.modify).
func (c *Client) IndirectZftModify(ctx context.Context,
	req IndirectZftModifyRequest) (*IndirectZftOrderResponse, error) {
	return call(ctx, c, mIndirectZftModify, req, hasOrderID)
}
