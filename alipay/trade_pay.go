package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// TradeCreateRequest creates a trade for a mini program or JSAPI (alipay.trade.create, field table). One of the buyer
// fields names who pays. In ZFT, SubMerchant and SettleInfo are mandatory.
type TradeCreateRequest struct {
	OutTradeNo           string          `json:"out_trade_no" rule:"required,own"`
	TotalAmount          money.Fen       `json:"total_amount" rule:"required"`
	Subject              string          `json:"subject" rule:"required,max=256"`
	ProductCode          ProductCode     `json:"product_code" rule:"max=64"`
	BuyerID              string          `json:"buyer_id" rule:"one,max=28"`
	BuyerOpenID          string          `json:"buyer_open_id" rule:"one,max=128"`
	BuyerLogonID         string          `json:"buyer_logon_id" rule:"one,max=100"`
	OpAppID              string          `json:"op_app_id" rule:"max=32"`
	OpBuyerOpenID        string          `json:"op_buyer_open_id" rule:"max=128"`
	Body                 string          `json:"body" rule:"max=128"`
	SubMerchant          *SubMerchant    `json:"sub_merchant"`
	SettleInfo           *SettleInfo     `json:"settle_info"`
	ExtendParams         *ExtendParams   `json:"extend_params"`
	BusinessParams       *BusinessParams `json:"business_params"`
	GoodsDetail          []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	ExtUserInfo          *ExtUserInfo    `json:"ext_user_info"`
	DiscountableAmount   money.Fen       `json:"discountable_amount"`
	UndiscountableAmount money.Fen       `json:"undiscountable_amount"`
	OperatorID           string          `json:"operator_id" rule:"max=28"`
	StoreID              string          `json:"store_id" rule:"max=32"`
	TerminalID           string          `json:"terminal_id" rule:"max=32"`
	MerchantOrderNo      string          `json:"merchant_order_no" rule:"max=32"`
	PassbackParams       string          `json:"passback_params" rule:"max=512"`
	EnablePayChannels    string          `json:"enable_pay_channels" rule:"max=128"`
	DisablePayChannels   string          `json:"disable_pay_channels" rule:"max=128"`
	TimeoutExpress       string          `json:"timeout_express" rule:"max=6"`
	TimeExpire           time.Time       `json:"time_expire"`
	QueryOptions         []string        `json:"query_options"`
	NotifyURL            string          `param:"notify_url" rule:"max=256"`
}

// TradeCreateResponse names the trade to hand to my.tradePay.
type TradeCreateResponse struct {
	OutTradeNo string `json:"out_trade_no"`
	TradeNo    string `json:"trade_no"`
}

// TradeCreate creates a trade (alipay.trade.create). The same number with other content is refused with
// CONTEXT_INCONSISTENT.
func (c *Client) TradeCreate(ctx context.Context, req TradeCreateRequest) (*TradeCreateResponse, error) {
	return call(ctx, c, mTradeCreate, req, func(r *TradeCreateResponse) *Error {
		if r.TradeNo == "" {
			return mismatch("trade_no")
		}
		return same("out_trade_no", req.OutTradeNo, r.OutTradeNo)
	})
}

// TradePayRequest charges the bar code a buyer shows (alipay.trade.pay, field table). Scene is bar_code or
// security_code. enable_pay_channels does not exist in this method.
type TradePayRequest struct {
	OutTradeNo           string          `json:"out_trade_no" rule:"required,own"`
	TotalAmount          money.Fen       `json:"total_amount" rule:"required"`
	Subject              string          `json:"subject" rule:"required,max=256"`
	AuthCode             string          `json:"auth_code" rule:"required,max=64"`
	Scene                string          `json:"scene" rule:"required,max=32"`
	ProductCode          ProductCode     `json:"product_code" rule:"max=64"`
	Body                 string          `json:"body" rule:"max=128"`
	SubMerchant          *SubMerchant    `json:"sub_merchant"`
	SettleInfo           *SettleInfo     `json:"settle_info"`
	ExtendParams         *ExtendParams   `json:"extend_params"`
	BusinessParams       *BusinessParams `json:"business_params"`
	GoodsDetail          []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	ExtUserInfo          *ExtUserInfo    `json:"ext_user_info"`
	DiscountableAmount   money.Fen       `json:"discountable_amount"`
	UndiscountableAmount money.Fen       `json:"undiscountable_amount"`
	OperatorID           string          `json:"operator_id" rule:"max=28"`
	StoreID              string          `json:"store_id" rule:"max=32"`
	TerminalID           string          `json:"terminal_id" rule:"max=32"`
	MerchantOrderNo      string          `json:"merchant_order_no" rule:"max=32"`
	PassbackParams       string          `json:"passback_params" rule:"max=512"`
	DisablePayChannels   string          `json:"disable_pay_channels" rule:"max=128"`
	TimeoutExpress       string          `json:"timeout_express" rule:"max=6"`
	TimeExpire           time.Time       `json:"time_expire"`
	QueryOptions         []string        `json:"query_options"`
	NotifyURL            string          `param:"notify_url" rule:"max=256"`
}

// TradePayResponse is a processed payment. Alipay advises to confirm it by query or notification before delivering,
// since it may be rolled back.
type TradePayResponse struct {
	TradeNo             string     `json:"trade_no"`
	OutTradeNo          string     `json:"out_trade_no"`
	BuyerLogonID        string     `json:"buyer_logon_id"` // masked
	BuyerUserID         string     `json:"buyer_user_id"`
	BuyerOpenID         string     `json:"buyer_open_id"`
	BuyerUserType       string     `json:"buyer_user_type"`
	TotalAmount         money.Fen  `json:"total_amount"`
	ReceiptAmount       money.Fen  `json:"receipt_amount"`
	BuyerPayAmount      money.Fen  `json:"buyer_pay_amount"`
	PointAmount         money.Fen  `json:"point_amount"`
	InvoiceAmount       money.Fen  `json:"invoice_amount"`
	DiscountAmount      money.Fen  `json:"discount_amount"`
	MdiscountAmount     money.Fen  `json:"mdiscount_amount"`
	GmtPayment          time.Time  `json:"gmt_payment"`
	FundBillList        []FundBill `json:"fund_bill_list"`
	VoucherDetailList   []Voucher  `json:"voucher_detail_list"`
	StoreName           string     `json:"store_name"`
	ReceiptCurrencyType string     `json:"receipt_currency_type"` // DC: digital yuan
}

// TradePay charges a bar code (alipay.trade.pay). Unknown with IsAwaitingBuyer means that the buyer enters a password:
// ask TradeQuery every 3 to 5 seconds for up to a minute, then TradeCancel. The same loop holds for every other
// unknown. An answer with another amount than asked is unknown.
func (c *Client) TradePay(ctx context.Context, req TradePayRequest) (*TradePayResponse, error) {
	return call(ctx, c, mTradePay, req, func(r *TradePayResponse) *Error {
		if r.TotalAmount != 0 && r.TotalAmount != req.TotalAmount {
			return mismatch("total_amount")
		}
		return same("out_trade_no", req.OutTradeNo, r.OutTradeNo)
	})
}

// TradeCancelRequest undoes a face-to-face payment whose result stayed unknown (alipay.trade.cancel, field table).
type TradeCancelRequest struct {
	OutTradeNo string `json:"out_trade_no" rule:"one,max=64"`
	TradeNo    string `json:"trade_no" rule:"one,max=64"`
}

// TradeCancelResponse tells what the cancellation did: Action close (it was unpaid), refund (it was paid), or empty
// (there was no trade).
type TradeCancelResponse struct {
	TradeNo      string    `json:"trade_no"`
	OutTradeNo   string    `json:"out_trade_no"`
	RetryFlag    string    `json:"retry_flag"` // always N or empty here
	Action       string    `json:"action"`
	GmtRefundPay time.Time `json:"gmt_refund_pay"`
}

// TradeCancel cancels a payment (alipay.trade.cancel). While Alipay says retry_flag=Y it is unknown: call it again.
func (c *Client) TradeCancel(ctx context.Context, req TradeCancelRequest) (*TradeCancelResponse, error) {
	return call(ctx, c, mTradeCancel, req, func(r *TradeCancelResponse) *Error {
		if r.RetryFlag == "Y" {
			return notFinal("retry_flag is Y: cancel again")
		}
		return sameTrade(req.TradeNo, req.OutTradeNo, r.TradeNo, r.OutTradeNo)
	})
}

// TradeWapPayRequest sends a phone's browser to Alipay (alipay.trade.wap.pay, field table). ProductCode is ProductWap.
type TradeWapPayRequest struct {
	OutTradeNo         string          `json:"out_trade_no" rule:"required,own"`
	TotalAmount        money.Fen       `json:"total_amount" rule:"required"`
	Subject            string          `json:"subject" rule:"required,max=256"`
	ProductCode        ProductCode     `json:"product_code" rule:"required,max=64"`
	Body               string          `json:"body" rule:"max=128"`
	SubMerchant        *SubMerchant    `json:"sub_merchant"`
	SettleInfo         *SettleInfo     `json:"settle_info"`
	ExtendParams       *ExtendParams   `json:"extend_params"`
	BusinessParams     *BusinessParams `json:"business_params" rule:"json,max=512"`
	GoodsDetail        []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	GoodsType          string          `json:"goods_type" rule:"max=2"` // 0 virtual, 1 physical
	ExtUserInfo        *ExtUserInfo    `json:"ext_user_info"`
	PassbackParams     string          `json:"passback_params" rule:"max=512"`
	StoreID            string          `json:"store_id" rule:"max=32"`
	MerchantOrderNo    string          `json:"merchant_order_no" rule:"max=32"`
	EnablePayChannels  string          `json:"enable_pay_channels" rule:"max=128"`
	DisablePayChannels string          `json:"disable_pay_channels" rule:"max=128"`
	SpecifiedChannel   string          `json:"specified_channel" rule:"max=128"` // only pcredit
	QuitURL            string          `json:"quit_url" rule:"max=400"`
	TimeoutExpress     string          `json:"timeout_express" rule:"max=6"`
	TimeExpire         time.Time       `json:"time_expire"`
	NotifyURL          string          `param:"notify_url" rule:"max=256"`
	ReturnURL          string          `param:"return_url" rule:"max=256"`
}

// TradeWapPay makes the URL to send the buyer's phone to (alipay.trade.wap.pay).
func (c *Client) TradeWapPay(ctx context.Context, req TradeWapPayRequest) (string, error) {
	return c.pageURL(ctx, mTradeWapPay, req)
}

// TradeAppPayRequest opens Alipay from an app (alipay.trade.app.pay, field table). ProductCode is ProductApp.
type TradeAppPayRequest struct {
	OutTradeNo         string          `json:"out_trade_no" rule:"required,own"`
	TotalAmount        money.Fen       `json:"total_amount" rule:"required"`
	Subject            string          `json:"subject" rule:"required,max=256"`
	ProductCode        ProductCode     `json:"product_code" rule:"required,max=64"`
	Body               string          `json:"body" rule:"max=128"`
	SubMerchant        *SubMerchant    `json:"sub_merchant"`
	SettleInfo         *SettleInfo     `json:"settle_info"`
	ExtendParams       *ExtendParams   `json:"extend_params"`
	BusinessParams     *BusinessParams `json:"business_params" rule:"json,max=512"`
	GoodsDetail        []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	GoodsType          string          `json:"goods_type" rule:"max=2"`
	ExtUserInfo        *ExtUserInfo    `json:"ext_user_info"`
	PassbackParams     string          `json:"passback_params" rule:"max=512"`
	StoreID            string          `json:"store_id" rule:"max=32"`
	MerchantOrderNo    string          `json:"merchant_order_no" rule:"max=32"`
	EnablePayChannels  string          `json:"enable_pay_channels" rule:"max=128"`
	DisablePayChannels string          `json:"disable_pay_channels" rule:"max=128"`
	SpecifiedChannel   string          `json:"specified_channel" rule:"max=128"`
	TimeoutExpress     string          `json:"timeout_express" rule:"max=6"`
	TimeExpire         time.Time       `json:"time_expire"`
	NotifyURL          string          `param:"notify_url" rule:"max=256"`
}

// TradeAppPay makes the order string the app hands to Alipay's SDK (alipay.trade.app.pay). No trade exists before the
// buyer opens the cashier.
func (c *Client) TradeAppPay(ctx context.Context, req TradeAppPayRequest) (string, error) {
	return c.orderString(ctx, mTradeAppPay, req)
}
