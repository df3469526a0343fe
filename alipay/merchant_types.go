package alipay

// MerchantType is the legal form of a secondary merchant (Alipay documentation, merchant_type).
type MerchantType string

// The legal forms. Beware: 07, not 03, is the sole proprietor.
const (
	MerchantEnterprise        MerchantType = "01" // 企业
	MerchantPublicInstitution MerchantType = "02" // 事业单位
	MerchantPrivateNonProfit  MerchantType = "03" // 民办非企业组织
	MerchantSocialGroup       MerchantType = "04" // 社会团体
	MerchantGovernment        MerchantType = "05" // 党政及国家机关
	MerchantIndividual        MerchantType = "06" // 个人商户: settles to Alipay only
	MerchantSoleProprietor    MerchantType = "07" // 个体工商户
)

// ServiceName is a product a secondary merchant may use, in Alipay's Chinese words.
type ServiceName string

// The services.
const (
	ServiceFaceToFace  ServiceName = "当面付" // needs address and shop images
	ServiceJSAPI       ServiceName = "jsapi支付"
	ServiceApp         ServiceName = "app支付"
	ServiceWap         ServiceName = "wap支付"
	ServicePage        ServiceName = "电脑支付"
	ServicePreAuth     ServiceName = "预授权支付"
	ServiceWithholding ServiceName = "商户代扣"
	ServiceMiniProgram ServiceName = "小程序支付"
	ServiceOrderCode   ServiceName = "订单码支付"
)

// ContactInfo is a person of the merchant; name and mobile are required in ZFT.
type ContactInfo struct {
	Name     string   `json:"name" rule:"required,max=85"`
	Mobile   string   `json:"mobile" rule:"required,max=20"`
	Phone    string   `json:"phone" rule:"max=20"`
	Email    string   `json:"email" rule:"max=128"`
	IDCardNo string   `json:"id_card_no" rule:"max=32"`
	Type     string   `json:"type"` // LEGAL_PERSON, CONTROLLER, AGENT, OTHER
	Tag      []string `json:"tag"`  // 02, 06, 08, 11
}

// DefaultSettleRule is where payments settle by default: Type bankCard or alipayAccount; Target the card number or the
// login id.
type DefaultSettleRule struct {
	Type   string `json:"default_settle_type" rule:"required,max=64"`
	Target string `json:"default_settle_target" rule:"required,max=64"`
}

// The types of a default settlement rule.
const (
	SettleToBankCard      = "bankCard"
	SettleToAlipayAccount = "alipayAccount"
)

// SettleCard is a settlement bank card.
type SettleCard struct {
	HolderName string `json:"account_holder_name" rule:"required,max=64"`
	No         string `json:"account_no" rule:"required,max=20"`
	Province   string `json:"account_inst_province" rule:"required,max=10"` // Chinese names, as in the bank directory
	City       string `json:"account_inst_city" rule:"required,max=10"`
	Branch     string `json:"account_branch_name" rule:"required,max=64"`
	Usage      string `json:"usage_type" rule:"required"`   // 01 corporate, 02 private
	Kind       string `json:"account_type" rule:"required"` // DC debit, CC credit
	BankName   string `json:"account_inst_name" rule:"required,max=20"`
	BankID     string `json:"account_inst_id" rule:"required,max=10"`
	BankCode   string `json:"bank_code" rule:"max=64"` // 联行号
}

// AddressInfo is an address with six-digit administrative division codes.
type AddressInfo struct {
	ProvinceCode string `json:"province_code" rule:"required,max=10"`
	CityCode     string `json:"city_code" rule:"required,max=10"`
	DistrictCode string `json:"district_code" rule:"required,max=10"`
	Address      string `json:"address" rule:"required,max=256"`
	PoiID        string `json:"poiid" rule:"max=16"`
	Longitude    string `json:"longitude" rule:"max=11"`
	Latitude     string `json:"latitude" rule:"max=10"`
	Type         string `json:"type" rule:"max=64"`
}

// SiteInfo is where the merchant sells: 01 website, 02 app, 05 other, 06 mini program, 07 H5.
type SiteInfo struct {
	SiteType        string `json:"site_type" rule:"required,max=10"`
	SiteURL         string `json:"site_url" rule:"max=256"`
	SiteName        string `json:"site_name" rule:"max=128"`
	TinyAppID       string `json:"tiny_app_id" rule:"max=64"`
	ScreenshotImage string `json:"screenshot_image" rule:"max=256"`
	Account         string `json:"account" rule:"max=64"`
	Password        string `json:"password" rule:"max=128"`
	Status          string `json:"status" rule:"max=20"`
	SiteDomain      string `json:"site_domain" rule:"max=256"`
	ICPNo           string `json:"icp_no" rule:"max=64"`
	ICPOrgName      string `json:"icp_org_name" rule:"max=256"`
	ICPServiceName  string `json:"icp_service_name" rule:"max=128"`
	AuthLetterImage string `json:"auth_letter_image" rule:"max=256"`
	Remark          string `json:"remark" rule:"max=512"`
	RemarkImage     string `json:"remark_image" rule:"max=256"`
	Download        string `json:"download" rule:"max=256"`
	Market          string `json:"market" rule:"max=128"`
}

// Qualification is an industry licence, required for special industries. Image is an image id.
type Qualification struct {
	Type  string `json:"industry_qualification_type" rule:"required,max=6"`
	Image string `json:"industry_qualification_image" rule:"required,max=256"`
}

// InvoiceInfo is what Alipay needs to send invoices; all of it when any.
type InvoiceInfo struct {
	AutoInvoice           bool         `json:"auto_invoice" rule:"zero"`
	AcceptElectronic      bool         `json:"accept_electronic" rule:"zero"`
	TaxPayerQualification string       `json:"tax_payer_qualification" rule:"required,max=10"` // 01 general, 02 small
	Title                 string       `json:"title" rule:"required"`
	TaxNo                 string       `json:"tax_no" rule:"required,max=64"`
	TaxPayerValid         string       `json:"tax_payer_valid" rule:"required,max=8"` // yyyyMMdd
	Address               string       `json:"address" rule:"required,max=64"`
	Telephone             string       `json:"telephone" rule:"required,max=12"`
	BankAccount           string       `json:"bank_account" rule:"required,max=32"`
	BankName              string       `json:"bank_name" rule:"required,max=64"`
	MailName              string       `json:"mail_name" rule:"required,max=64"`
	MailAddress           *AddressInfo `json:"mail_address" rule:"required"`
	MailTelephone         string       `json:"mail_telephone" rule:"required,max=64"`
}

// WithholdingInfo is for merchants that withhold (商户代扣) only.
type WithholdingInfo struct {
	FeatureName string `json:"withholding_service_feature_name"`
	SignScene   string `json:"sign_scene" rule:"max=64"`
}
