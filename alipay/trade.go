package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// TradePrecreateRequest asks for a QR code (alipay.trade.precreate, field table). In ZFT, SubMerchant and SettleInfo
// are mandatory. TimeExpire wins over TimeoutExpress (1m … 15d, 1c).
type TradePrecreateRequest struct {
	OutTradeNo           string          `json:"out_trade_no" rule:"required,own"`
	TotalAmount          money.Fen       `json:"total_amount" rule:"required"`
	Subject              string          `json:"subject" rule:"required,max=256"` // without / = &
	ProductCode          ProductCode     `json:"product_code" rule:"max=64"`
	Body                 string          `json:"body" rule:"max=128"`
	SellerID             string          `json:"seller_id" rule:"max=28"` // ZFT: leave empty
	SubMerchant          *SubMerchant    `json:"sub_merchant"`
	SettleInfo           *SettleInfo     `json:"settle_info"`
	ExtendParams         *ExtendParams   `json:"extend_params"`
	BusinessParams       *BusinessParams `json:"business_params"`
	GoodsDetail          []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	ExtUserInfo          *ExtUserInfo    `json:"ext_user_info"`
	BuyerLogonID         string          `json:"buyer_logon_id" rule:"max=100"`
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
	QRCodeTimeout        string          `json:"qr_code_timeout_express" rule:"max=6"` // at most 2 hours
	CodeType             string          `json:"code_type"`                            // share_code
	QueryOptions         []string        `json:"query_options"`
	NotifyURL            string          `param:"notify_url" rule:"max=256"`
}

// TradePrecreateResponse holds the content of the QR code, valid two hours.
type TradePrecreateResponse struct {
	OutTradeNo string `json:"out_trade_no"`
	QRCode     string `json:"qr_code"`
	ShareCode  string `json:"share_code"`
	PrepayID   string `json:"prepay_id"`
}

// TradePrecreate asks for a QR code the buyer scans (alipay.trade.precreate). No trade exists before the scan, so
// TradeQuery may answer TRADE_NOT_EXIST until then.
func (c *Client) TradePrecreate(ctx context.Context, req TradePrecreateRequest) (*TradePrecreateResponse, error) {
	return call(ctx, c, mTradePrecreate, req, func(r *TradePrecreateResponse) *Error {
		if r.QRCode == "" {
			return mismatch("qr_code")
		}
		return same("out_trade_no", req.OutTradeNo, r.OutTradeNo)
	})
}

// TradeQueryRequest names a trade by one or both numbers; TradeNo wins (alipay.trade.query, field table).
type TradeQueryRequest struct {
	OutTradeNo   string   `json:"out_trade_no" rule:"one,max=64"`
	TradeNo      string   `json:"trade_no" rule:"one,max=64"`
	QueryOptions []string `json:"query_options"`
}

// Query options of TradeQuery.
const (
	OptionTradeSettleInfo = "trade_settle_info"
	OptionFundBillList    = "fund_bill_list"
	OptionVoucherList     = "voucher_detail_list"
)

// TradeQueryResponse is Alipay's picture of a trade. Amounts that did not come are 0.
type TradeQueryResponse struct {
	TradeNo             string           `json:"trade_no"`
	OutTradeNo          string           `json:"out_trade_no"`
	TradeStatus         TradeStatus      `json:"trade_status"`
	AdditionalStatus    string           `json:"additional_status"` // SELLER_NOT_RECEIVED: paid, not credited yet
	TotalAmount         money.Fen        `json:"total_amount"`
	ReceiptAmount       money.Fen        `json:"receipt_amount"`
	BuyerPayAmount      money.Fen        `json:"buyer_pay_amount"`
	PointAmount         money.Fen        `json:"point_amount"`
	InvoiceAmount       money.Fen        `json:"invoice_amount"`
	DiscountAmount      money.Fen        `json:"discount_amount"`
	MdiscountAmount     money.Fen        `json:"mdiscount_amount"`
	SendPayDate         time.Time        `json:"send_pay_date"`
	BuyerLogonID        string           `json:"buyer_logon_id"` // masked
	BuyerUserID         string           `json:"buyer_user_id"`
	BuyerOpenID         string           `json:"buyer_open_id"`
	BuyerUserType       string           `json:"buyer_user_type"`
	FundBillList        []FundBill       `json:"fund_bill_list"`
	VoucherDetailList   []Voucher        `json:"voucher_detail_list"`
	PassbackParams      string           `json:"passback_params"`
	StoreID             string           `json:"store_id"`
	StoreName           string           `json:"store_name"`
	TerminalID          string           `json:"terminal_id"`
	BizSettleMode       string           `json:"biz_settle_mode"`
	PeriodScene         string           `json:"period_scene"`
	HbFqPayInfo         *HbFqPayInfo     `json:"hb_fq_pay_info"`
	ReceiptCurrencyType string           `json:"receipt_currency_type"` // DC: digital yuan was received
	TradeSettleInfo     *TradeSettleInfo `json:"trade_settle_info"`     // with OptionTradeSettleInfo
}

// TradeSettleInfo tells what of a trade is settled and split.
type TradeSettleInfo struct {
	UnsettledAmount *money.Fen          `json:"trade_unsettled_amount"` // account-period trades only; nil when it did not come
	Details         []TradeSettleDetail `json:"trade_settle_detail_list"`
}

// TradeSettleDetail is one settlement or royalty of a trade. SerialNo is the caller's out_request_no.
type TradeSettleDetail struct {
	OperationType SettleOperation `json:"operation_type"`
	SerialNo      string          `json:"operation_serial_no"`
	OperationTime time.Time       `json:"operation_dt"`
	TransOut      string          `json:"trans_out"`
	TransIn       string          `json:"trans_in"`
	Amount        money.Fen       `json:"amount"`
	OriTransOut   string          `json:"ori_trans_out"`
	OriTransIn    string          `json:"ori_trans_in"`
}

// SettleOperation is a kind of movement of a trade's money.
type SettleOperation string

// The operations (alipay.trade.query, operation_type).
const (
	OperationOnSettle        SettleOperation = "on_settle"
	OperationSettle          SettleOperation = "settle"
	OperationSettleRefund    SettleOperation = "settle_refund"
	OperationTransfer        SettleOperation = "transfer"
	OperationTransferRefund  SettleOperation = "transfer_refund"
	OperationReplenish       SettleOperation = "replenish"
	OperationReplenishRefund SettleOperation = "replenish_refund"
)

// TradeQuery asks for a trade (alipay.trade.query). It is refused with TRADE_NOT_EXIST when there is none (yet).
func (c *Client) TradeQuery(ctx context.Context, req TradeQueryRequest) (*TradeQueryResponse, error) {
	return call(ctx, c, mTradeQuery, req, func(r *TradeQueryResponse) *Error {
		if r.TradeStatus == "" {
			return mismatch("trade_status")
		}
		return sameTrade(req.TradeNo, req.OutTradeNo, r.TradeNo, r.OutTradeNo)
	})
}

// TradeCloseRequest names the unpaid trade to close (alipay.trade.close, field table).
type TradeCloseRequest struct {
	OutTradeNo string `json:"out_trade_no" rule:"one,max=64"`
	TradeNo    string `json:"trade_no" rule:"one,max=64"`
	OperatorID string `json:"operator_id" rule:"max=28"`
	NotifyURL  string `param:"notify_url" rule:"max=256"`
}

// TradeCloseResponse names the closed trade.
type TradeCloseResponse struct {
	TradeNo    string `json:"trade_no"`
	OutTradeNo string `json:"out_trade_no"`
}

// TradeClose closes an unpaid trade (alipay.trade.close). A trade nobody scanned is refused with TRADE_NOT_EXIST, a
// paid or closed one with TRADE_STATUS_ERROR or REASON_TRADE_STATUS_INVALID.
func (c *Client) TradeClose(ctx context.Context, req TradeCloseRequest) (*TradeCloseResponse, error) {
	return call(ctx, c, mTradeClose, req, func(r *TradeCloseResponse) *Error {
		return sameTrade(req.TradeNo, req.OutTradeNo, r.TradeNo, r.OutTradeNo)
	})
}
