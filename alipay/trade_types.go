package alipay

import "zhitong/internal/money"

// TradeStatus is a trade's state at Alipay. Unknown values are kept.
type TradeStatus string

// The states (Alipay documentation, alipay.trade.query trade_status). Success and Finished mean paid; Closed is unpaid,
// or paid and fully refunded.
const (
	TradeWaitBuyerPay TradeStatus = "WAIT_BUYER_PAY"
	TradeSuccess      TradeStatus = "TRADE_SUCCESS"
	TradeFinished     TradeStatus = "TRADE_FINISHED"
	TradeClosed       TradeStatus = "TRADE_CLOSED"
)

// Paid tells whether the state by itself means that the buyer has paid.
func (s TradeStatus) Paid() bool { return s == TradeSuccess || s == TradeFinished }

// ProductCode says which product sells (Alipay documentation, product_code).
type ProductCode string

// The product codes.
const (
	ProductFaceToFace   ProductCode = "FACE_TO_FACE_PAYMENT"   // 当面付
	ProductOrderCode    ProductCode = "QR_CODE_OFFLINE"        // 订单码
	ProductJSAPI        ProductCode = "JSAPI_PAY"              // mini program, JSAPI
	ProductApp          ProductCode = "QUICK_MSECURITY_PAY"    // app
	ProductWap          ProductCode = "QUICK_WAP_WAY"          // H5
	ProductPage         ProductCode = "FAST_INSTANT_TRADE_PAY" // PC page
	ProductOfflineQuick ProductCode = "OFFLINE_PAYMENT"        // 当面付快捷版
)

// SubMerchant names the secondary merchant that sells (ZFT: mandatory).
type SubMerchant struct {
	MerchantID   string `json:"merchant_id" rule:"required,max=16"` // smid
	MerchantType string `json:"merchant_type" rule:"max=32"`        // only "alipay"; may be empty
}

// TransInType says what TransIn of a settlement or royalty is.
type TransInType string

// The types (Alipay documentation, settle_detail_infos and royalty_parameters).
const (
	TransInDefaultSettle TransInType = "defaultSettle" // the account of the onboarding; no TransIn
	TransInCardAlias     TransInType = "cardAliasNo"
	TransInUserID        TransInType = "userId"    // 2088…
	TransInLoginName     TransInType = "loginName" // e-mail or phone
	TransInOpenID        TransInType = "openId"
)

// SettleInfo is where a trade's money settles (ZFT: mandatory when paying and when confirming); exactly one detail is
// supported.
type SettleInfo struct {
	Details    []SettleDetail `json:"settle_detail_infos" rule:"required,max=10"`
	PeriodTime string         `json:"settle_period_time" rule:"max=10"` // 1d … 365d, needs the account-period contract
}

// SettleDetail is one settlement target. Amount equals the trade's amount when paying, and what is left of it when
// confirming; ActualAmount settles a part (alipay.trade.settle.confirm of an account-period trade only).
type SettleDetail struct {
	TransInType      TransInType `json:"trans_in_type" rule:"required,max=64"`
	TransIn          string      `json:"trans_in" rule:"max=64"`
	Amount           money.Fen   `json:"amount"`
	ActualAmount     money.Fen   `json:"actual_amount"`
	SummaryDimension string      `json:"summary_dimension" rule:"max=64"`
	SettleEntityType string      `json:"settle_entity_type" rule:"max=32"` // SecondMerchant or Store
	SettleEntityID   string      `json:"settle_entity_id" rule:"max=64"`
}

// DefaultSettle is the settlement info of an ordinary ZFT trade: the whole amount to the account of the onboarding.
func DefaultSettle(amount money.Fen, period string) *SettleInfo {
	return &SettleInfo{Details: []SettleDetail{{TransInType: TransInDefaultSettle, Amount: amount}}, PeriodTime: period}
}

// ExtendParams are business switches of a trade.
type ExtendParams struct {
	RoyaltyFreeze        bool   `json:"royalty_freeze" rule:"text"` // freeze the money for splits after payment
	HbFqNum              string `json:"hb_fq_num" rule:"max=5"`     // 花呗分期: 3, 6, 12
	HbFqSellerPercent    string `json:"hb_fq_seller_percent" rule:"max=3"`
	SysServiceProviderID string `json:"sys_service_provider_id" rule:"max=64"`
	IndustryRefluxInfo   string `json:"industry_reflux_info" rule:"max=512"`
	CardType             string `json:"card_type" rule:"max=32"`
	SpecifiedSellerName  string `json:"specified_seller_name" rule:"max=32"`
	TradeComponentOrder  string `json:"trade_component_order_id"`
}

// GoodsDetail is one line of goods, at most 150 per trade.
type GoodsDetail struct {
	GoodsID        string    `json:"goods_id" rule:"required,max=32"`
	GoodsName      string    `json:"goods_name" rule:"required,max=256"`
	Quantity       int64     `json:"quantity" rule:"required"`
	Price          money.Fen `json:"price" rule:"zero"` // per piece
	GoodsCategory  string    `json:"goods_category" rule:"max=24"`
	CategoriesTree string    `json:"categories_tree" rule:"max=128"`
	Body           string    `json:"body" rule:"max=1000"`
	ShowURL        string    `json:"show_url" rule:"max=400"`
	OutItemID      string    `json:"out_item_id"`
	OutSkuID       string    `json:"out_sku_id"`
}

// BusinessParams are facts about the order that Alipay's risk control wants; the buyer's IP can be mandatory
// (ACQ.RISK_MERCHANT_IP_NOT_EXIST).
type BusinessParams struct {
	BuyerIP         string `json:"mc_create_trade_ip" rule:"max=128"`
	ActualOrderTime string `json:"actual_order_time"`
	BuyerMemo       string `json:"buyer_memo"`
}

// ExtUserInfo restricts who may pay.
type ExtUserInfo struct {
	Name          string `json:"name" rule:"max=16"`
	Mobile        string `json:"mobile" rule:"max=20"`
	CertType      string `json:"cert_type" rule:"max=32"`
	CertNo        string `json:"cert_no" rule:"max=64"`
	MinAge        string `json:"min_age" rule:"max=3"`
	FixBuyer      string `json:"fix_buyer"`       // T or F
	NeedCheckInfo string `json:"need_check_info"` // T or F
	IdentityHash  string `json:"identity_hash"`
}

// FundBill is one channel a payment came through. Amount is in fen.
type FundBill struct {
	Channel    string    `json:"fund_channel" alias:"fundChannel"` // ALIPAYACCOUNT, PCREDIT, DCEP_ASSET …
	Amount     money.Fen `json:"amount"`
	RealAmount money.Fen `json:"real_amount" alias:"realAmount"`
	FundType   string    `json:"fund_type" alias:"fundType"`
	BankCode   string    `json:"bank_code" alias:"bankCode"`
}

// Voucher is one discount used.
type Voucher struct {
	ID                 string    `json:"id" alias:"voucherId"`
	TemplateID         string    `json:"template_id" alias:"templateId"`
	Name               string    `json:"name"`
	Type               string    `json:"type"`
	Amount             money.Fen `json:"amount"`
	MerchantContribute money.Fen `json:"merchant_contribute" alias:"merchantContribute"`
	OtherContribute    money.Fen `json:"other_contribute" alias:"otherContribute"`
	Memo               string    `json:"memo"`
}

// HbFqPayInfo tells about 花呗 instalments.
type HbFqPayInfo struct {
	UserInstallNum string    `json:"user_install_num"`
	FqAmount       money.Fen `json:"fq_amount"`
	FqInstID       string    `json:"fq_inst_id"`
}
