package alipay

import "context"

// IndirectZftSimplecreateRequest is an application whose subject is taken from the real-name data of the binding
// account (ant.merchant.expand.indirect.zft.simplecreate, field table). Contact, site, card and shop images are single
// values in this method.
type IndirectZftSimplecreateRequest struct {
	ExternalID           string             `json:"external_id" rule:"required,max=32"`       // our merchant number, unique per platform
	Name                 string             `json:"name" rule:"max=128"`                      // as on the certificate
	AliasName            string             `json:"alias_name" rule:"required,max=512"`       // shown to buyers
	MCC                  string             `json:"mcc" rule:"required,max=10"`               // Bnnnn
	LicenseAuthLetter    string             `json:"license_auth_letter_image" rule:"max=256"` // when name and card holder differ
	ContactInfos         *ContactInfo       `json:"contact_infos" rule:"required"`
	ServicePhone         string             `json:"service_phone" rule:"max=20"`
	Service              []ServiceName      `json:"service" rule:"required"`
	BusinessAddress      *AddressInfo       `json:"business_address"`               // required for 当面付
	OutDoorImages        string             `json:"out_door_images" rule:"max=256"` // required for 当面付
	InDoorImages         string             `json:"in_door_images" rule:"max=256"`  // required for 当面付
	Sites                *SiteInfo          `json:"sites"`
	Qualifications       []Qualification    `json:"qualifications"`                                  // required for special industries
	AlipayLogonID        string             `json:"alipay_logon_id" rule:"max=64"`                   // settlement account; required when settling to Alipay
	BindingAlipayLogonID string             `json:"binding_alipay_logon_id" rule:"required,max=100"` // the account that confirms the agreement
	BizCards             *SettleCard        `json:"biz_cards"`                                       // not for individuals
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
	NeedSendTodoNotify   bool               `json:"need_send_todo_notify"` // ask the merchant to confirm by a to-do in Alipay
}

// IndirectZftSimplecreate submits a standard application (ant.merchant.expand.indirect.zft.simplecreate).
func (c *Client) IndirectZftSimplecreate(ctx context.Context,
	req IndirectZftSimplecreateRequest) (*IndirectZftOrderResponse, error) {
	return call(ctx, c, mIndirectZftSimplecreate, req, hasOrderID)
}

// IndirectZftQuickcreateRequest is an application the merchant confirms by itself with a QR code
// (ant.merchant.expand.indirect.zft.quickcreate, field table); lists are lists, as in IndirectZftCreateRequest.
type IndirectZftQuickcreateRequest struct {
	ExternalID           string             `json:"external_id" rule:"required,max=32"`       // our merchant number, unique per platform
	Name                 string             `json:"name" rule:"max=128"`                      // as on the certificate
	AliasName            string             `json:"alias_name" rule:"required,max=512"`       // shown to buyers
	MCC                  string             `json:"mcc" rule:"required,max=10"`               // Bnnnn
	LicenseAuthLetter    string             `json:"license_auth_letter_image" rule:"max=256"` // when name and card holder differ
	ContactInfos         []ContactInfo      `json:"contact_infos" rule:"required"`
	ServicePhone         string             `json:"service_phone" rule:"max=20"`
	Service              []ServiceName      `json:"service" rule:"required"`
	BusinessAddress      *AddressInfo       `json:"business_address"` // required for 当面付
	OutDoorImages        []string           `json:"out_door_images"`  // required for 当面付
	InDoorImages         []string           `json:"in_door_images"`   // required for 当面付
	Sites                []SiteInfo         `json:"sites"`
	Qualifications       []Qualification    `json:"qualifications"`                                  // required for special industries
	AlipayLogonID        string             `json:"alipay_logon_id" rule:"max=64"`                   // settlement account; required when settling to Alipay
	BindingAlipayLogonID string             `json:"binding_alipay_logon_id" rule:"required,max=100"` // the account that confirms the agreement
	BizCards             []SettleCard       `json:"biz_cards" rule:"max=1"`                          // not for individuals
	DefaultSettleRule    *DefaultSettleRule `json:"default_settle_rule" rule:"required"`
	InvoiceInfo          *InvoiceInfo       `json:"invoice_info"`
	SignTimeWithISV      string             `json:"sign_time_with_isv" rule:"max=20"` // yyyy-MM-dd
	InfoSourceOpenID     string             `json:"info_source_open_id" rule:"max=128"`
	OverseaSettleOpenID  string             `json:"oversea_settle_open_id" rule:"max=128"`
	AdditionalCertType   string             `json:"additional_cert_type" rule:"max=20"`
	AdditionalCertNo     string             `json:"additional_cert_no" rule:"max=20"`
	AdditionalCertImage  string             `json:"additional_cert_image" rule:"max=256"`
}

// IndirectZftQuickcreateResponse holds the links to send to the merchant.
type IndirectZftQuickcreateResponse struct {
	OrderID           string `json:"order_id"`
	SignQRCodeURL     string `json:"sign_qr_code_url"`
	SignShortChainURL string `json:"sign_short_chain_url"`
}

// IndirectZftQuickcreate submits a quick application (ant.merchant.expand.indirect.zft.quickcreate).
func (c *Client) IndirectZftQuickcreate(ctx context.Context,
	req IndirectZftQuickcreateRequest) (*IndirectZftQuickcreateResponse, error) {
	return call(ctx, c, mIndirectZftQuickcreate, req, func(r *IndirectZftQuickcreateResponse) *Error {
		return hasOrderID(&IndirectZftOrderResponse{OrderID: r.OrderID})
	})
}

// IndirectZftUpgradeRequest adds a licence to an individual merchant, which lifts the limit of 当面付
// (ant.merchant.expand.indirect.zft.upgrade).
type IndirectZftUpgradeRequest struct {
	SMID                string `json:"smid" rule:"required"`
	AdditionalCertType  string `json:"additional_cert_type" rule:"required,max=20"` // 201, 204, 206, 218, 219
	AdditionalCertNo    string `json:"additional_cert_no" rule:"required,max=20"`
	AdditionalCertImage string `json:"additional_cert_image" rule:"required,max=256"`
}

// IndirectZftUpgrade submits an upgrade (ant.merchant.expand.indirect.zft.upgrade).
func (c *Client) IndirectZftUpgrade(ctx context.Context,
	req IndirectZftUpgradeRequest) (*IndirectZftOrderResponse, error) {
	return call(ctx, c, mIndirectZftUpgrade, req, hasOrderID)
}

// IndirectZftSettlementmodifyRequest changes only the settlement account
// (ant.merchant.expand.indirect.zft.settlementmodify); the card is a single value.
type IndirectZftSettlementmodifyRequest struct {
	SMID              string             `json:"smid" rule:"required"`
	AlipayLogonID     string             `json:"alipay_logon_id" rule:"max=64"`
	BizCards          *SettleCard        `json:"biz_cards"`
	DefaultSettleRule *DefaultSettleRule `json:"default_settle_rule" rule:"required"`
	LicenseAuthLetter string             `json:"license_auth_letter_image" rule:"max=256"`
}

// IndirectZftSettlementmodify submits a change of the settlement account
// (ant.merchant.expand.indirect.zft.settlementmodify).
func (c *Client) IndirectZftSettlementmodify(ctx context.Context,
	req IndirectZftSettlementmodifyRequest) (*IndirectZftOrderResponse, error) {
	return call(ctx, c, mIndirectZftSettlementmod, req, hasOrderID)
}

// IndirectZftDeleteRequest removes a secondary merchant (ant.merchant.expand.indirect.zft.delete). What happens to
// unsettled money is not documented: settle everything first.
type IndirectZftDeleteRequest struct {
	SMID string `json:"smid" rule:"required,max=99"`
}

// IndirectZftDeleteResponse is empty.
type IndirectZftDeleteResponse struct{}

// IndirectZftDelete removes a secondary merchant (ant.merchant.expand.indirect.zft.delete).
func (c *Client) IndirectZftDelete(ctx context.Context,
	req IndirectZftDeleteRequest) (*IndirectZftDeleteResponse, error) {
	return call[IndirectZftDeleteResponse](ctx, c, mIndirectZftDelete, req, nil)
}
